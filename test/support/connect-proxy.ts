// A small HTTP proxy for tests: tunnels by CONNECT, fetches whole URLs over plain HTTP, knows by itself where names are, and wants
// credentials when told so.

import { createServer, request as httpRequest } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'

export interface ConnectProxy {
  readonly port: number
  /** What it was asked for: `CONNECT host:port`, or `GET` with the URL. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

export interface ConnectProxyOptions {
  /** Ports on this machine by `host:port`; everything else it does not know. */
  readonly places: Readonly<Record<string, number>>
  /** `name:password`. */
  readonly login?: string
}

export async function openConnectProxy({ places, login }: ConnectProxyOptions): Promise<ConnectProxy> {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const wanted = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`)
    const url = new URL(request.url ?? '')
    const port = places[url.host]
    if (port === undefined) {
      response.writeHead(502).end()
      return
    }
    const { 'proxy-authorization': _mine, ...headers } = request.headers
    const onward = httpRequest({ host: '127.0.0.1', port, path: `${url.pathname}${url.search}`, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.end()
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('connect', (request, client: Socket, head: Buffer) => {
    asked.push(`CONNECT ${request.url ?? ''}`)
    const end = (line: string): unknown => client.end(`HTTP/1.1 ${line}\r\n\r\n`)
    if (wanted !== undefined && request.headers['proxy-authorization'] !== wanted) {
      end('407 Proxy Authentication Required')
      return
    }
    const port = places[request.url ?? '']
    if (port === undefined) {
      end('502 Bad Gateway')
      return
    }
    const onward = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.write(head)
      onward.pipe(client).pipe(onward)
    })
    for (const [one, other] of [
      [client, onward],
      [onward, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.once('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
