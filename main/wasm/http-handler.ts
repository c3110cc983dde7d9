// Serves a request from memory by a component's `wasi:http/incoming-handler`: request in, response out, no socket anywhere.
// Stands on whatever calls the component: an instance, or an actor through its gate.

import type { WitWorld } from '../../preload/wit.js'
import { TlosError } from '../failure.js'
import { type HttpAnswer, type HttpRequest, type HttpResponse, isIncomingHandler } from './http-data.js'

export type { HttpAnswer, HttpHeader, HttpRequest, HttpResponse } from './http-data.js'

/** Name with version under which this component serves HTTP; undefined when it does not. */
export const incomingHandlerOf = (world: WitWorld): string | undefined =>
  world.exports.find(({ name }) => isIncomingHandler(name))?.name

/**
 * One request to its end. Rejects with what the call rejects with (trap, deadline), and with `refused` when the component
 * answers with an error instead of a response.
 */
export async function handleHttp(
  call: (instance: string, functionName: string, args: readonly unknown[]) => Promise<unknown>,
  handlerName: string,
  request: HttpRequest,
): Promise<HttpResponse> {
  // The worker makes this value for this function (worker.ts).
  const answer = (await call(handlerName, 'handle', [request])) as HttpAnswer
  if ('ok' in answer) return answer.ok
  throw new TlosError('refused', `the component answered with an error: ${describe(answer.err)}`)
}

function describe(error: unknown): string {
  const { tag, val } = (typeof error === 'object' && error !== null ? error : {}) as { tag?: unknown; val?: unknown }
  const name = typeof tag === 'string' ? tag : 'unknown'
  return typeof val === 'string' ? `${name}, ${val}` : name
}
