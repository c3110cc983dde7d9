// An HTTP request and its answer as wRPC carries them (lattice.md 5.3, `wrpc:http@0.1.0`): types, and values from and to what
// a person types and reads. Pure.

import type { HttpAnswer, HttpRequest } from '../../../preload/lattice-calls.js'
import type { WitFunction, WitType } from '../../../preload/wit.js'

export const incomingHandler = 'wrpc:http/incoming-handler@0.1.0'

const text: WitType = { kind: 'string' }
const bytes: WitType = { kind: 'list', element: { kind: 'u8' } }
const option = (inner: WitType): WitType => ({ kind: 'option', inner })
const fields: WitType = {
  kind: 'list',
  element: { kind: 'tuple', elements: [text, { kind: 'list', element: bytes }] },
}
const body: WitType = { kind: 'stream', element: { kind: 'u8' } }
const trailers: WitType = { kind: 'future', inner: option(fields) }
const fieldSize: WitType = {
  kind: 'record',
  fields: [
    { name: 'field-name', type: option(text) },
    { name: 'field-size', type: option({ kind: 'u32' }) },
  ],
}
const size32 = option({ kind: 'u32' })
const size64 = option({ kind: 'u64' })

const method: WitType = {
  kind: 'variant',
  cases: [
    ...['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'].map((name) => ({ name })),
    { name: 'other', type: text },
  ],
}
const scheme: WitType = { kind: 'variant', cases: [{ name: 'HTTP' }, { name: 'HTTPS' }, { name: 'other', type: text }] }

/** `wasi:http/types@0.2.0`, in its order: on the wire a case is its number. */
const errorCode: WitType = {
  kind: 'variant',
  cases: [
    { name: 'DNS-timeout' },
    {
      name: 'DNS-error',
      type: {
        kind: 'record',
        fields: [
          { name: 'rcode', type: option(text) },
          { name: 'info-code', type: option({ kind: 'u16' }) },
        ],
      },
    },
    { name: 'destination-not-found' },
    { name: 'destination-unavailable' },
    { name: 'destination-IP-prohibited' },
    { name: 'destination-IP-unroutable' },
    { name: 'connection-refused' },
    { name: 'connection-terminated' },
    { name: 'connection-timeout' },
    { name: 'connection-read-timeout' },
    { name: 'connection-write-timeout' },
    { name: 'connection-limit-reached' },
    { name: 'TLS-protocol-error' },
    { name: 'TLS-certificate-error' },
    {
      name: 'TLS-alert-received',
      type: {
        kind: 'record',
        fields: [
          { name: 'alert-id', type: option({ kind: 'u8' }) },
          { name: 'alert-message', type: option(text) },
        ],
      },
    },
    { name: 'HTTP-request-denied' },
    { name: 'HTTP-request-length-required' },
    { name: 'HTTP-request-body-size', type: size64 },
    { name: 'HTTP-request-method-invalid' },
    { name: 'HTTP-request-URI-invalid' },
    { name: 'HTTP-request-URI-too-long' },
    { name: 'HTTP-request-header-section-size', type: size32 },
    { name: 'HTTP-request-header-size', type: option(fieldSize) },
    { name: 'HTTP-request-trailer-section-size', type: size32 },
    { name: 'HTTP-request-trailer-size', type: fieldSize },
    { name: 'HTTP-response-incomplete' },
    { name: 'HTTP-response-header-section-size', type: size32 },
    { name: 'HTTP-response-header-size', type: fieldSize },
    { name: 'HTTP-response-body-size', type: size64 },
    { name: 'HTTP-response-trailer-section-size', type: size32 },
    { name: 'HTTP-response-trailer-size', type: fieldSize },
    { name: 'HTTP-response-transfer-coding', type: option(text) },
    { name: 'HTTP-response-content-coding', type: option(text) },
    { name: 'HTTP-response-timeout' },
    { name: 'HTTP-upgrade-failed' },
    { name: 'HTTP-protocol-error' },
    { name: 'loop-detected' },
    { name: 'configuration-error' },
    { name: 'internal-error', type: option(text) },
  ],
}

export const handleHttp: WitFunction = {
  name: 'handle',
  params: [
    {
      name: 'request',
      type: {
        kind: 'record',
        fields: [
          { name: 'body', type: body },
          { name: 'trailers', type: trailers },
          { name: 'method', type: method },
          { name: 'path-with-query', type: option(text) },
          { name: 'scheme', type: option(scheme) },
          { name: 'authority', type: option(text) },
          { name: 'headers', type: fields },
        ],
      },
    },
  ],
  result: {
    kind: 'result',
    ok: {
      kind: 'record',
      fields: [
        { name: 'body', type: body },
        { name: 'trailers', type: trailers },
        { name: 'status', type: { kind: 'u16' } },
        { name: 'headers', type: fields },
      ],
    },
    err: errorCode,
  },
}

const utf8 = new TextEncoder()
const fromUtf8 = new TextDecoder()

/** The one parameter of `handle`. */
export function requestValue(request: HttpRequest): unknown {
  const name = request.method.toLowerCase()
  const isKnown = method.kind === 'variant' && method.cases.some((one) => one.name === name && one.type === undefined)
  return {
    body: utf8.encode(request.body),
    trailers: undefined,
    method: isKnown ? { tag: name } : { tag: 'other', val: request.method },
    pathWithQuery: request.path,
    scheme: { tag: 'HTTP' },
    authority: request.authority,
    headers: Object.entries(request.headers).map(([key, value]) => [key, [utf8.encode(value)]]),
  }
}

/** What `handle` gave, decoded by its type: the answer, or the word of the error. */
export function answerOf(value: unknown): HttpAnswer | { readonly error: string } {
  // Decoded by the type above.
  const result = value as
    | {
        tag: 'ok'
        val: { body: Uint8Array; status: number; headers: [string, Uint8Array[]][] }
      }
    | { tag: 'err'; val: { tag: string; val?: unknown } }
  if (result.tag === 'err') {
    const more = typeof result.val.val === 'string' ? `: ${result.val.val}` : ''
    return { error: `${result.val.tag}${more}` }
  }
  const { status, headers, body: content } = result.val
  return {
    status,
    headers: headers.flatMap(([key, values]) => values.map((each) => [key, fromUtf8.decode(each)] as [string, string])),
    body: fromUtf8.decode(content),
  }
}
