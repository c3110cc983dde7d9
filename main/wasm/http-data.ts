// HTTP messages as data: what a component's `wasi:http/incoming-handler` is given and gives. Pure; bodies are whole.

import { withoutVersion } from './wit-names.js'

export const isIncomingHandler = (instance: string): boolean =>
  withoutVersion(instance) === 'wasi:http/incoming-handler'

export type HttpHeader = readonly [name: string, value: Uint8Array]

export interface HttpRequest {
  /** In capitals. */
  readonly method: string
  readonly scheme: string
  readonly authority: string
  /** With the query. */
  readonly path: string
  readonly headers: readonly HttpHeader[]
  readonly body: Uint8Array
}

export interface HttpResponse {
  readonly status: number
  readonly headers: readonly HttpHeader[]
  readonly body: Uint8Array
}

/**
 * `handle` takes resources, which nobody outside of the worker has: here it is called with one `HttpRequest`, and its answer
 * is this. `err` is an `error-code` of wasi:http.
 */
export type HttpAnswer = { readonly ok: HttpResponse } | { readonly err: unknown }

function takeHeader(value: unknown): HttpHeader | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined
  const [name, bytes] = value as readonly unknown[]
  return typeof name === 'string' && bytes instanceof Uint8Array ? [name, bytes] : undefined
}

/** Arguments as the one request that they must be, a plain copy; else the trouble as a sentence's end. */
export function takeRequest(
  args: readonly unknown[],
): { readonly ok: true; readonly value: readonly [HttpRequest] } | { readonly ok: false; readonly trouble: string } {
  const no = (trouble: string) => ({ ok: false, trouble }) as const
  const [request, ...more] = args
  if (more.length > 0 || typeof request !== 'object' || request === null) return no('it takes one request')
  const { method, scheme, authority, path, headers, body } = request as Record<string, unknown> // each is checked
  const isText = (value: unknown): value is string => typeof value === 'string'
  if (!isText(method) || !isText(scheme) || !isText(authority) || !isText(path)) {
    return no('a request has a method, scheme, authority and path')
  }
  if (!(body instanceof Uint8Array)) return no('the body of a request is bytes')
  const pairs = Array.isArray(headers) ? headers.map(takeHeader) : [undefined]
  const good = pairs.filter((pair) => pair !== undefined)
  if (good.length < pairs.length) return no('headers are pairs of a name and bytes')
  return { ok: true, value: [{ method, scheme, authority, path, headers: good, body }] }
}
