// wrpc:http as v1 hosts and providers speak it (wrpc.md 5.5): its types, and messages as data into its records and back. On the
// wire bodies are streams and trailers futures, here too when they flow; a body that is whole has no trailers. Pure.

import type { WitFunction, WitInterface, WitType } from '../../preload/wit.js'
import type { HttpBody, HttpHeader, HttpRequest, HttpResponse, HttpStream } from './http-data.js'

export const incomingInstance = 'wrpc:http/incoming-handler@0.1.0'
export const outgoingInstance = 'wrpc:http/outgoing-handler@0.1.0'

const string: WitType = { kind: 'string' }
const bytes: WitType = { kind: 'list', element: { kind: 'u8' } }
const optional = (inner: WitType): WitType => ({ kind: 'option', inner })
const record = (fields: Readonly<Record<string, WitType>>): WitType => ({
  kind: 'record',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
})

/** One entry for each name, with all its values. */
const fields: WitType = {
  kind: 'list',
  element: { kind: 'tuple', elements: [string, { kind: 'list', element: bytes }] },
}
const body: WitType = { kind: 'stream', element: { kind: 'u8' } }
const trailers: WitType = { kind: 'future', inner: optional(fields) }
const methods = ['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'] as const
const method: WitType = {
  kind: 'variant',
  cases: [...methods.map((name) => ({ name })), { name: 'other', type: string }],
}
const scheme: WitType = {
  kind: 'variant',
  cases: [{ name: 'HTTP' }, { name: 'HTTPS' }, { name: 'other', type: string }],
}

const fieldSize = record({ 'field-name': optional(string), 'field-size': optional({ kind: 'u32' }) })
const size = optional({ kind: 'u32' })
/** In the order of their numbers (wrpc.md, appendix A). */
const errorCases: readonly (string | readonly [string, WitType])[] = [
  'DNS-timeout',
  ['DNS-error', record({ rcode: optional(string), 'info-code': optional({ kind: 'u16' }) })],
  'destination-not-found',
  'destination-unavailable',
  'destination-IP-prohibited',
  'destination-IP-unroutable',
  'connection-refused',
  'connection-terminated',
  'connection-timeout',
  'connection-read-timeout',
  'connection-write-timeout',
  'connection-limit-reached',
  'TLS-protocol-error',
  'TLS-certificate-error',
  ['TLS-alert-received', record({ 'alert-id': optional({ kind: 'u8' }), 'alert-message': optional(string) })],
  'HTTP-request-denied',
  'HTTP-request-length-required',
  ['HTTP-request-body-size', optional({ kind: 'u64' })],
  'HTTP-request-method-invalid',
  'HTTP-request-URI-invalid',
  'HTTP-request-URI-too-long',
  ['HTTP-request-header-section-size', size],
  ['HTTP-request-header-size', optional(fieldSize)],
  ['HTTP-request-trailer-section-size', size],
  ['HTTP-request-trailer-size', fieldSize],
  'HTTP-response-incomplete',
  ['HTTP-response-header-section-size', size],
  ['HTTP-response-header-size', fieldSize],
  ['HTTP-response-body-size', optional({ kind: 'u64' })],
  ['HTTP-response-trailer-section-size', size],
  ['HTTP-response-trailer-size', fieldSize],
  ['HTTP-response-transfer-coding', optional(string)],
  ['HTTP-response-content-coding', optional(string)],
  'HTTP-response-timeout',
  'HTTP-upgrade-failed',
  'HTTP-protocol-error',
  'loop-detected',
  'configuration-error',
  ['internal-error', optional(string)],
]
const errorCode: WitType = {
  kind: 'variant',
  name: 'error-code',
  cases: errorCases.map((each) => (typeof each === 'string' ? { name: each } : { name: each[0], type: each[1] })),
}

const request = record({
  body,
  trailers,
  method,
  'path-with-query': optional(string),
  scheme: optional(scheme),
  authority: optional(string),
  headers: fields,
})
const response = record({ body, trailers, status: { kind: 'u16' }, headers: fields })
/** Nanoseconds. */
const duration = optional({ kind: 'u64' })
const requestOptions = record({
  'connect-timeout': duration,
  'first-byte-timeout': duration,
  'between-bytes-timeout': duration,
})

export const handleIncoming: WitFunction = {
  name: 'handle',
  params: [{ name: 'request', type: request }],
  result: { kind: 'result', ok: response, err: errorCode },
}
const handleOutgoing: WitFunction = {
  name: 'handle',
  params: [
    { name: 'request', type: request },
    { name: 'options', type: optional(requestOptions) },
  ],
  result: { kind: 'result', ok: response, err: errorCode },
}

export const incomingExport: WitInterface = { name: incomingInstance, functions: [handleIncoming] }
export const outgoingExport: WitInterface = { name: outgoingInstance, functions: [handleOutgoing] }

type Fields = readonly (readonly [string, readonly Uint8Array[]])[]
type Case = { readonly tag: string; readonly val?: unknown }

/** Bytes and nothing, or what comes (rpc-types.ts, `isFlowing`). */
interface WireBody {
  readonly body: Uint8Array | AsyncIterable<Uint8Array>
  readonly trailers: Fields | undefined | PromiseLike<Fields | undefined>
}

interface WireRequest extends WireBody {
  readonly method: Case
  readonly pathWithQuery: string | undefined
  readonly scheme: Case | undefined
  readonly authority: string | undefined
  readonly headers: Fields
}

/** A name once, with all its values: two entries of one name make a Rust peer fail the message. */
function toFields(headers: readonly HttpHeader[]): Fields {
  const byName = new Map<string, Uint8Array[]>()
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    byName.set(key, [...(byName.get(key) ?? []), value])
  }
  return [...byName]
}

const fromFields = (given: Fields): HttpHeader[] =>
  given.flatMap(([name, values]) => values.map((value): HttpHeader => [name.toLowerCase(), value]))

/** Trailers come when whoever sends the body is through with it, and then always: a Rust peer waits for them. */
function toWireBody(body: HttpBody): WireBody {
  if (body instanceof Uint8Array) return { body, trailers: undefined }
  let settle: (trailers: Fields | undefined) => void = () => undefined
  const trailers = new Promise<Fields | undefined>((resolve) => (settle = resolve))
  const reader = body[Symbol.asyncIterator]()
  let isWhole = false
  const source: AsyncIterator<Uint8Array> = {
    async next() {
      const next = await reader.next()
      isWhole = next.done === true
      return next
    },
    async return() {
      settle(isWhole && body.trailers.length > 0 ? toFields(body.trailers) : undefined)
      await reader.return?.()
      return { done: true, value: undefined }
    },
  }
  return { body: { [Symbol.asyncIterator]: () => source }, trailers }
}

function fromWireBody({ body, trailers }: WireBody): HttpBody {
  if (body instanceof Uint8Array) return body
  const reader = body[Symbol.asyncIterator]()
  let received: readonly HttpHeader[] = []
  const source: AsyncIterator<Uint8Array, undefined> = {
    async next() {
      const next = await reader.next()
      if (next.done !== true) return next
      received = fromFields((await trailers) ?? [])
      return { done: true, value: undefined }
    },
    async return() {
      await reader.return?.()
      return { done: true, value: undefined }
    },
  }
  const stream: HttpStream = {
    [Symbol.asyncIterator]: () => source,
    get trailers() {
      return received
    },
  }
  return stream
}

export function toWireRequest(given: Omit<HttpRequest, 'onResponse'>): WireRequest {
  const name = given.method.toLowerCase()
  const isKnown = (methods as readonly string[]).includes(name)
  const scheme = given.scheme.toUpperCase()
  return {
    ...toWireBody(given.body),
    method: isKnown ? { tag: name } : { tag: 'other', val: given.method },
    pathWithQuery: given.path,
    scheme: scheme === 'HTTP' || scheme === 'HTTPS' ? { tag: scheme } : { tag: 'other', val: given.scheme },
    authority: given.authority,
    headers: toFields(given.headers),
  }
}

/** `value` was decoded by `handleIncoming` or goes to it. */
export function fromWireRequest(value: unknown): HttpRequest {
  const given = value as WireRequest // of that function's type
  const { tag, val } = given.method
  const scheme = given.scheme ?? { tag: 'HTTP' }
  return {
    method: tag === 'other' ? String(val) : tag.toUpperCase(),
    scheme: scheme.tag === 'other' ? String(scheme.val) : scheme.tag.toLowerCase(),
    authority: given.authority ?? '',
    path: given.pathWithQuery ?? '/',
    headers: fromFields(given.headers),
    body: fromWireBody(given),
  }
}

export function toWireResponse({ body, status, headers }: HttpResponse): unknown {
  return { ...toWireBody(body), status, headers: toFields(headers) }
}

/** `value` was decoded by this function's type. */
export function fromWireResponse(value: unknown): HttpResponse {
  const given = value as WireBody & { readonly status: number; readonly headers: Fields }
  return { status: given.status, headers: fromFields(given.headers), body: fromWireBody(given) }
}
