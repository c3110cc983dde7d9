// Says over HTTP whether the node lives and is ready, for whoever supervises it (lattice.md 2.4, `--http-admin`): `/livez` and
// `/readyz` as v1 hosts have them. Knows nothing else of the node.

import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TlosError } from './failure.js'
import type { HttpAdminAddress } from './host-options.js'

/** A supervisor asks and goes. */
const requestMs = 5_000

export interface HttpAdmin {
  readonly port: number
  close(): Promise<void>
}

/** Fails with `unavailable` when the address is not to be had. */
export async function openHttpAdmin(address: HttpAdminAddress, isReady: () => boolean): Promise<HttpAdmin> {
  const server = createServer((request, response) => {
    request.resume()
    // Not as a URL: whoever asks may have sent what is none.
    const [path = ''] = (request.url ?? '/').split('?')
    if (path !== '/livez' && path !== '/readyz') return answer(response, 404, `unknown endpoint \`${path}\``)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return answer(response, 405, `method \`${request.method ?? ''}\` not supported for path \`${path}\``)
    }
    const isWell = path === '/livez' || isReady()
    response.setHeader('content-type', 'application/json')
    answer(response, isWell ? 200 : 500, JSON.stringify({ status: isWell ? 'ok' : 'failure' }))
  })
  server.requestTimeout = requestMs
  server.headersTimeout = requestMs
  server.keepAliveTimeout = requestMs
  server.maxConnections = 64
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const where = `${address.host}:${address.port}`
      reject(new TlosError('unavailable', `--http-admin ${where} cannot be used`, { about: where, cause: error }))
    })
    server.listen(address.port, address.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port, // of a server that listens on TCP
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

/** Node leaves the body out when it was asked for with HEAD. */
function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status).end(body)
}
