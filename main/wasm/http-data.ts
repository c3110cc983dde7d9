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

const isHeader = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && value[1] instanceof Uint8Array

/** `undefined` when the arguments are one request, else the trouble as a sentence's end. */
export function findBadRequest(args: readonly unknown[]): string | undefined {
  const [request, ...more] = args
  if (more.length > 0 || typeof request !== 'object' || request === null) return 'it takes one request'
  const { method, scheme, authority, path, headers, body } = request as Record<string, unknown> // each is checked
  if (![method, scheme, authority, path].every((each) => typeof each === 'string')) return 'a request has four texts'
  if (!(body instanceof Uint8Array)) return 'the body of a request is bytes'
  return Array.isArray(headers) && headers.every(isHeader) ? undefined : 'headers are pairs of a name and bytes'
}
