// Serves a request from memory by a component's `wasi:http/incoming-handler`: request in, response out, no socket anywhere.
// Stands on whatever calls the component: an instance, or an actor through its gate.

import type { WitWorld } from '../../preload/wit.js'
import { TlosError } from '../failure.js'
import { type HttpAnswer, type HttpRequest, type HttpResponse, isIncomingHandler } from './http-data.js'

export type {
  HttpAnswer,
  HttpBody,
  HttpHeader,
  HttpRequest,
  HttpResponse,
  HttpStream,
  WholeResponse,
} from './http-data.js'
export { gatherBody } from './http-data.js'

export type HttpOutcome = { readonly ok: HttpResponse } | { readonly err: unknown }

/** Name with version under which this component serves HTTP; undefined when it does not. */
export const incomingHandlerOf = (world: WitWorld): string | undefined =>
  world.exports.find(({ name }) => isIncomingHandler(name))?.name

export type CallExport = (instance: string, functionName: string, args: readonly unknown[]) => Promise<unknown>

/** The component's response, as soon as it has begun; or its own error. Rejects with what the call rejects with (trap, deadline). */
export function askHttp(call: CallExport, handlerName: string, request: HttpRequest): Promise<HttpOutcome> {
  return new Promise((resolve, reject) => {
    const onResponse = (response: HttpResponse): void => resolve({ ok: response })
    call(handlerName, 'handle', [{ ...request, onResponse }]).then((value) => {
      const answer = value as HttpAnswer // The worker makes this value for this function (worker.ts).
      // One that flowed was told of before.
      if ('flowed' in answer) reject(new TlosError('internal', 'a response has ended that never began'))
      else resolve(answer)
    }, reject)
  })
}

/** As `askHttp`; rejects with `refused` when the component answers with an error instead of a response. */
export async function handleHttp(call: CallExport, handlerName: string, request: HttpRequest): Promise<HttpResponse> {
  const outcome = await askHttp(call, handlerName, request)
  if ('ok' in outcome) return outcome.ok
  throw new TlosError('refused', `the component answered with an error: ${describe(outcome.err)}`)
}

function describe(error: unknown): string {
  const { tag, val } = (typeof error === 'object' && error !== null ? error : {}) as { tag?: unknown; val?: unknown }
  const name = typeof tag === 'string' ? tag : 'unknown'
  return typeof val === 'string' ? `${name}, ${val}` : name
}
