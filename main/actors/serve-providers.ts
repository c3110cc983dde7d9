// Puts this node's providers on the bus under `{lattice}.{provider id}`, in the queue group all nodes with that provider
// share, as a v1 provider does.

import { TlosError } from '../failure.js'
import { rpcPrefix } from '../lattice/protocol/subjects.js'
import type { Rpc } from '../lattice/rpc-types.js'
import type { Provider } from '../providers/types.js'

/** Returns the function that takes them off again. */
export function serveProviders(rpc: Rpc, lattice: string, providers: readonly Provider[]): () => void {
  const services = providers.map((provider) => {
    const prefix = rpcPrefix(lattice, provider.id)
    return rpc.serve({
      prefix,
      queue: prefix,
      exports: provider.exports,
      handle: (call) => {
        const sourceId = call.headers['source-id']
        // Whose data it is hangs on this header: without it nothing can be kept apart.
        if (sourceId === undefined) throw new TlosError('refused', 'a call without source-id')
        return provider.handle({
          instance: call.instance,
          functionName: call.fn.name,
          params: call.params,
          sourceId,
          linkName: call.headers['link-name'] ?? 'default',
        })
      },
    })
  })
  return () => {
    for (const service of services) service.close()
  }
}
