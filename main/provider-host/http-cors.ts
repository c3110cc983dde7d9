// Cross-origin requests to the builtin HTTP server, as its configuration allows them (the fetch standard's CORS protocol): the
// question that a browser asks first, and the headers of the answer. Pure.

import type { HttpHeader, HttpRequest, HttpResponse } from '../wasm/runtime.js'
import type { CorsSettings } from './http-settings.js'

const encoder = new TextEncoder()
const header = (name: string, value: string): HttpHeader => [name, encoder.encode(value)]

function read(request: HttpRequest, name: string): string | undefined {
  const value = request.headers.find(([key]) => key === name)?.[1]
  return value === undefined ? undefined : Buffer.from(value).toString('latin1')
}

function originHeaders({ origins }: CorsSettings, request: HttpRequest): readonly HttpHeader[] {
  const origin = read(request, 'origin')
  if (origin === undefined) return []
  if (origins.includes('*')) return [header('access-control-allow-origin', '*')]
  const vary = header('vary', 'origin')
  return origins.includes(origin) ? [header('access-control-allow-origin', origin), vary] : [vary]
}

/** The answer to a browser's question before a request; undefined when this is not one. */
export function answerPreflight(cors: CorsSettings, request: HttpRequest): HttpResponse | undefined {
  if (request.method !== 'OPTIONS' || read(request, 'access-control-request-method') === undefined) return undefined
  return {
    status: 200,
    body: new Uint8Array(0),
    headers: [
      ...originHeaders(cors, request),
      header('access-control-allow-methods', cors.methods.join(',')),
      header('access-control-allow-headers', cors.headers.join(',')),
      header('access-control-max-age', String(cors.maxAgeSeconds)),
    ],
  }
}

/** What the component answered, without its own word on who may read it. */
export function withCors(cors: CorsSettings, request: HttpRequest, response: HttpResponse): HttpResponse {
  const exposed = cors.exposed.length === 0 ? [] : [header('access-control-expose-headers', cors.exposed.join(','))]
  return {
    ...response,
    headers: [
      ...response.headers.filter(([name]) => !name.toLowerCase().startsWith('access-control-')),
      ...originHeaders(cors, request),
      ...exposed,
    ],
  }
}
