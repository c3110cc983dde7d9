// wRPC over one transport: calls and serves. The face of the two halves; see `rpc-types.ts` for what it promises and
// `main/wrpc/SPEC.md` for subjects and bytes.

import type { Transport } from '../nats/transport.js'

import { RpcClient } from './rpc-client.js'
import { defaultFlowTimes, type FlowTimes } from './rpc-limits.js'
import { RpcServer } from './rpc-server.js'
import type { Rpc } from './rpc-types.js'

export interface RpcOptions {
  /** Why an invocation that came in could not be answered, once per reason. */
  readonly onTrouble?: ((text: string) => void) | undefined
  /** Most bytes of parameters that all invocations served here may hold together (default 256 MiB). */
  readonly mostHeldBytes?: number | undefined
  /** Instead of the usual ones. */
  readonly flowTimes?: Partial<FlowTimes> | undefined
}

export function openRpc(transport: Transport, options: RpcOptions = {}): Rpc {
  const times = { ...defaultFlowTimes, ...options.flowTimes }
  const client = new RpcClient(transport, times)
  const server = new RpcServer(transport, options.onTrouble ?? (() => undefined), times, options.mostHeldBytes)
  return {
    call: (call) => client.call(call),
    serve: (serveOptions) => server.serve(serveOptions),
    close() {
      client.close()
      server.close()
    },
  }
}
