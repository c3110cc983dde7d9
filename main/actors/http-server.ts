// A port of this machine on which HTTP is served to whoever answers, by node:http; on loopback unless it is said otherwise.
// Short bodies are gathered, long ones flow (http-streams.ts); requests for another host than this machine are refused, so that a
// web page cannot reach it by a name of its own.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { TlosError } from '../failure.js'
import type { HttpBody, HttpHeader, HttpRequest, HttpResponse } from '../wasm/runtime.js'
import { type Pace, SlowClient, usualPace } from './http-pace.js'
import { readBody, writeBody } from './http-streams.js'

/** A request of a known length up to this is given to the actor when all of it is here. */
const gatheredBytes = 64 * 1024
/** As a body that flows may have (wasm/http-flow.ts). */
const maxBodyBytes = 1024 * 1024 * 1024
/** Requests that wait for the actor or are in it; more are told to come later. */
const maxWaiting = 64
const headersMs = 10_000
const requestMs = 600_000

export interface HttpServer {
  readonly port: number
  /** Ends what is under way, too. */
  close(): Promise<void>
}

export interface HttpServerParts {
  /** 0: any free one. */
  readonly port: number
  /** Where to listen; 127.0.0.1 when absent. */
  readonly address?: string | undefined
  /** Is a request with this `host` header meant for us? Absent: only names of this machine are. */
  readonly isOurs?: ((host: string) => boolean) | undefined
  readonly handle: (request: HttpRequest) => Promise<HttpResponse>
  /** Instead of the usual one, in part. */
  readonly pace?: Partial<Pace> | undefined
}

/** Thrown by `handle`: an answer of ours in plain words. */
export class HttpRefusal extends Error {
  readonly status: number

  constructor(status: number, words: string) {
    super(words)
    this.status = status
  }
}

/** Names of this machine, for whoever runs on it. */
export const localHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i
/** Of the connection, which is the server's. */
const ours = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'upgrade', 'trailer', 'te'])

/** Rejects with `conflict` when the port is taken, `unavailable` when it cannot be had. */
export async function serveHttp(parts: HttpServerParts): Promise<HttpServer> {
  const { port, handle, address: listensOn = '127.0.0.1', isOurs = (host) => localHost.test(host) } = parts
  const pace = { ...usualPace, ...parts.pace }
  let waiting = 0

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      if (!isOurs(incoming.headers.host ?? '')) throw new HttpRefusal(421, 'This is served to this machine only.')
      if (waiting >= maxWaiting) throw new HttpRefusal(503, 'Too many requests are waiting.')
      waiting += 1
      try {
        const request = await readRequest(incoming, pace)
        await send(incoming, outgoing, await handle(request), pace)
      } finally {
        waiting -= 1
      }
    } catch (error) {
      sendTrouble(outgoing, error)
    }
  }

  const server = createServer({ maxHeaderSize: 64 * 1024 }, (incoming, outgoing) => void answer(incoming, outgoing))
  server.headersTimeout = headersMs
  server.requestTimeout = requestMs
  server.maxConnections = 256
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE'
      const why = isTaken ? `port ${port} of this machine is taken` : `port ${port} cannot be had: ${error.message}`
      reject(new TlosError(isTaken ? 'conflict' : 'unavailable', why))
    })
    server.listen(port, listensOn, resolve)
  })
  // From here on errors of the server are those of single connections, which it closes by itself.
  server.on('error', () => undefined)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readRequest(incoming: IncomingMessage, pace: Pace): Promise<HttpRequest> {
  const body = await takeBody(incoming, pace)
  const raw = incoming.rawHeaders
  const headers = raw.flatMap((name, index): HttpHeader[] =>
    index % 2 === 0 ? [[name.toLowerCase(), new Uint8Array(Buffer.from(raw[index + 1] ?? '', 'latin1'))]] : [],
  )
  return {
    method: incoming.method ?? 'GET',
    scheme: 'http',
    authority: incoming.headers.host ?? '',
    path: incoming.url ?? '/',
    headers: headers.filter(([name]) => !ours.has(name) && name !== 'host'),
    body,
  }
}

async function takeBody(incoming: IncomingMessage, pace: Pace): Promise<HttpBody> {
  const isChunked = incoming.headers['transfer-encoding'] !== undefined
  const length = Number(incoming.headers['content-length'] ?? 0)
  if (length > maxBodyBytes) throw new HttpRefusal(413, `A body has at most ${maxBodyBytes} bytes.`)
  if (isChunked || length > gatheredBytes) return readBody(incoming, pace)
  const pieces: Uint8Array[] = []
  if (length > 0) for await (const piece of readBody(incoming, pace)) pieces.push(piece)
  return new Uint8Array(Buffer.concat(pieces))
}

async function send(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status, headers: given, body }: HttpResponse,
  pace: Pace,
): Promise<void> {
  const headers: Record<string, string[]> = {}
  for (const [name, value] of given) {
    const key = name.toLowerCase()
    if (ours.has(key)) continue
    headers[key] = [...(Object.hasOwn(headers, key) ? (headers[key] ?? []) : []), Buffer.from(value).toString('latin1')]
  }
  const hasBody = status >= 200 && status !== 204 && status !== 304
  const length = body instanceof Uint8Array ? body.length : declaredLength(given)
  // What is not read of a request would stand before the next one.
  if (!incoming.complete) outgoing.shouldKeepAlive = false
  outgoing.writeHead(status, {
    ...headers,
    ...(hasBody && length !== undefined ? { 'content-length': String(length) } : {}),
  })
  const isSent = hasBody && incoming.method !== 'HEAD'
  if (body instanceof Uint8Array) outgoing.end(isSent ? body : undefined)
  else await writeBody(outgoing, body, isSent, pace)
}

/** Of a body that flows, as the component said it (the guest is held to it). */
function declaredLength(headers: readonly HttpHeader[]): number | undefined {
  const value = headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1]
  const text = value === undefined ? '' : Buffer.from(value).toString('latin1').trim()
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function sendTrouble(outgoing: ServerResponse, error: unknown): void {
  if (outgoing.headersSent) {
    outgoing.destroy()
    return
  }
  const status = error instanceof HttpRefusal ? error.status : statusOf(error)
  const words = error instanceof Error ? error.message : String(error)
  outgoing.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  outgoing.end(`${words}\n`)
}

/** The client was too slow, or the component, or something else went wrong with it. */
function statusOf(error: unknown): number {
  if (error instanceof SlowClient) return 408
  return error instanceof TlosError && error.code === 'timed-out' ? 504 : 502
}
