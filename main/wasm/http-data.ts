// HTTP messages as data: what a component's `wasi:http/incoming-handler` is given and gives. A short body is bytes, a long one
// comes in pieces.

import { TlosError } from '../failure.js'
import { withoutVersion } from './wit-names.js'

export const isIncomingHandler = (instance: string): boolean =>
  withoutVersion(instance) === 'wasi:http/incoming-handler'

export type HttpHeader = readonly [name: string, value: Uint8Array]

/** A body in pieces, read once. Whoever leaves its loop early gives it up, and whoever wrote it is told. */
export interface HttpStream extends AsyncIterable<Uint8Array> {
  /** Empty until all of it was read. */
  readonly trailers: readonly HttpHeader[]
}

export type HttpBody = Uint8Array | HttpStream

export interface HttpHead {
  readonly status: number
  readonly headers: readonly HttpHeader[]
}

interface RequestHead {
  /** In capitals. */
  readonly method: string
  readonly scheme: string
  readonly authority: string
  /** With the query. */
  readonly path: string
  readonly headers: readonly HttpHeader[]
}

export interface HttpRequest extends RequestHead {
  readonly body: HttpBody
  /**
   * Takes a response whose body is still being written. Without it a response is whole when it comes, and no longer than a
   * body may be that is kept in memory.
   */
  readonly onResponse?: (response: HttpResponse) => void
}

export interface HttpResponse extends HttpHead {
  readonly body: HttpBody
}

/** With its body in memory: as it goes over the lattice. */
export type WholeRequest = RequestHead & { readonly body: Uint8Array }
export type WholeResponse = HttpHead & { readonly body: Uint8Array }

/**
 * `handle` takes resources, which nobody outside of the worker has: here it is called with one `HttpRequest`, and its answer
 * is this. `err` is an `error-code` of wasi:http. `flowed`: `onResponse` has it.
 */
export type HttpAnswer = { readonly ok: WholeResponse } | { readonly err: unknown } | { readonly flowed: true }

/** A request as it is sent to a pool process, and on to a worker. */
export interface SentRequest extends RequestHead {
  /** Undefined: it flows. */
  readonly body: Uint8Array | undefined
  /** May the response flow? */
  readonly mayFlow: boolean
  /** Of the pool process, where its bodies flow. */
  readonly channel?: number
}

function takeHeader(value: unknown): HttpHeader | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined
  const [name, bytes] = value as readonly unknown[]
  return typeof name === 'string' && bytes instanceof Uint8Array ? [name, bytes] : undefined
}

const isStream = (body: unknown): body is HttpStream =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body

/** Arguments as the one request that they must be, a plain copy; else the trouble as a sentence's end. */
export function takeRequest(
  args: readonly unknown[],
): { readonly ok: true; readonly value: HttpRequest } | { readonly ok: false; readonly trouble: string } {
  const no = (trouble: string) => ({ ok: false, trouble }) as const
  const [request, ...more] = args
  if (more.length > 0 || typeof request !== 'object' || request === null) return no('it takes one request')
  const { method, scheme, authority, path, headers, body, onResponse } = request as Record<string, unknown> // each is checked
  const isText = (value: unknown): value is string => typeof value === 'string'
  if (!isText(method) || !isText(scheme) || !isText(authority) || !isText(path)) {
    return no('a request has a method, scheme, authority and path')
  }
  if (!(body instanceof Uint8Array) && !isStream(body)) return no('the body of a request is bytes')
  const pairs = Array.isArray(headers) ? headers.map(takeHeader) : [undefined]
  const good = pairs.filter((pair) => pair !== undefined)
  if (good.length < pairs.length) return no('headers are pairs of a name and bytes')
  const plain = { method, scheme, authority, path, headers: good, body }
  if (typeof onResponse !== 'function') return { ok: true, value: plain }
  // Of this process: nothing that came from elsewhere is a function.
  return { ok: true, value: { ...plain, onResponse: onResponse as NonNullable<HttpRequest['onResponse']> } }
}

/** All of a body. Rejects with `too-large` when it is longer than `most`. */
export async function gatherBody(body: HttpBody, most: number): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > most) throw new TlosError('too-large', `a body that does not flow has at most ${most} bytes`)
    pieces.push(piece)
  }
  return new Uint8Array(Buffer.concat(pieces))
}
