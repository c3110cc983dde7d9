// HTTP requests to components, wherever they run: to one of this node without leaving the process, to another by wrpc:http, as
// v1 hosts and providers call it. Bodies flow either way.

import { TlosError } from '../failure.js'
import { rpcPrefix } from '../lattice/protocol/subjects.js'
import type { Rpc } from '../lattice/rpc-types.js'
import {
  askHttp,
  fromWireResponse,
  handleIncoming,
  type HttpOutcome,
  type CallExport,
  type HttpRequest,
  incomingHandlerOf,
  incomingInstance,
  toWireRequest,
} from '../wasm/runtime.js'
import type { Actors } from './actors.js'
import { gatherShort } from './http-short.js'

export interface HttpCallParts {
  readonly rpc: Rpc
  readonly lattice: string
  readonly actors: () => Pick<Actors, 'resident' | 'callLocal'>
}

/** As whom, to which component, what. Rejects with a `TlosError` when it does not answer; an error of the component's is `err`. */
export type CallHttp = (
  sourceId: string,
  componentId: string,
  request: HttpRequest,
  limits: { readonly timeoutMs: number },
) => Promise<HttpOutcome>

export function createHttpCall({ rpc, lattice, actors }: HttpCallParts): CallHttp {
  return async (sourceId, componentId, request, { timeoutMs }) => {
    const resident = actors().resident(componentId)
    if (resident?.served === undefined) {
      return await callWireHttp(rpc, rpcPrefix(lattice, componentId), request, {
        headers: { 'source-id': sourceId, 'target-id': componentId },
        timeoutMs,
      })
    }
    const handler = incomingHandlerOf(resident.actor.prepared.world)
    if (handler === undefined) {
      throw new TlosError('not-found', `${componentId} does not serve HTTP`, { about: componentId })
    }
    const call = async (...asked: Parameters<CallExport>): Promise<unknown> =>
      await actors().callLocal(componentId, ...asked)
    return await askHttp(call, handler, request)
  }
}

export async function callWireHttp(
  rpc: Rpc,
  prefix: string,
  request: HttpRequest,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly timeoutMs?: number } = {},
): Promise<HttpOutcome> {
  const answer = await rpc.call({
    prefix,
    instance: incomingInstance,
    fn: handleIncoming,
    params: [toWireRequest(request)],
    isFlowing: true,
    ...options,
  })
  const { tag, val } = answer as { readonly tag: 'ok' | 'err'; readonly val: unknown } // decoded by that type
  if (tag === 'err') return { err: val }
  const response = fromWireResponse(val)
  return { ok: { ...response, body: await gatherShort(response.body) } }
}
