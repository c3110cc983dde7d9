// A port of this machine on which HTTP is served to whoever answers, by node:http; on loopback unless it is said otherwise.
// Bodies are gathered whole, within limits; requests for another host than this machine are refused, so that a web page cannot
// reach it by a name of its own.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { TlosError } from '../failure.js'
import type { HttpHeader, HttpRequest, HttpResponse } from '../wasm/runtime.js'

const maxBodyBytes = 16 * 1024 * 1024
/** Requests that wait for the actor or are in it; more are told to come later. */
const maxWaiting = 64
const headersMs = 10_000
const requestMs = 60_000

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
  let waiting = 0

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      if (!isOurs(incoming.headers.host ?? '')) throw new HttpRefusal(421, 'This is served to this machine only.')
      if (waiting >= maxWaiting) throw new HttpRefusal(503, 'Too many requests are waiting.')
      waiting += 1
      try {
        send(outgoing, await handle(await readRequest(incoming)), incoming.method === 'HEAD')
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

async function readRequest(incoming: IncomingMessage): Promise<HttpRequest> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of incoming) {
    const bytes = piece as Buffer // no encoding was set
    size += bytes.length
    if (size > maxBodyBytes) throw new HttpRefusal(413, `A body has at most ${maxBodyBytes} bytes.`)
    pieces.push(bytes)
  }
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
    body: new Uint8Array(Buffer.concat(pieces)),
  }
}

function send(outgoing: ServerResponse, response: HttpResponse, isHead: boolean): void {
  const headers: Record<string, string[]> = {}
  for (const [name, value] of response.headers) {
    const key = name.toLowerCase()
    if (ours.has(key)) continue
    headers[key] = [...(Object.hasOwn(headers, key) ? (headers[key] ?? []) : []), Buffer.from(value).toString('latin1')]
  }
  const hasBody = response.status >= 200 && response.status !== 204 && response.status !== 304
  outgoing.writeHead(response.status, {
    ...headers,
    ...(hasBody ? { 'content-length': String(response.body.length) } : {}),
  })
  outgoing.end(hasBody && !isHead ? response.body : undefined)
}

function sendTrouble(outgoing: ServerResponse, error: unknown): void {
  if (outgoing.headersSent) {
    outgoing.destroy()
    return
  }
  const isSlow = error instanceof TlosError && error.code === 'timed-out'
  const status = error instanceof HttpRefusal ? error.status : isSlow ? 504 : 502
  const words = error instanceof Error ? error.message : String(error)
  outgoing.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  outgoing.end(`${words}\n`)
}
