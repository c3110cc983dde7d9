// Configuration of the embedded server: ports on loopback that are free, and its configuration file as text.

import net from 'node:net'
import * as v from 'valibot'

const Port = v.pipe(v.number(), v.integer(), v.minValue(1_024), v.maxValue(65_535))
export const Ports = v.pipe(
  v.object({ nats: Port, webSocket: Port }),
  v.check((ports) => ports.nats !== ports.webSocket, 'both ports are the same'),
)
export type Ports = v.InferOutput<typeof Ports>

export const loopback = '127.0.0.1'

/** Holds a port (0: any free one) until released; undefined when it is taken. */
function hold(port: number): Promise<{ port: number; release: () => Promise<void> } | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ host: loopback, port, exclusive: true }, () => {
      const address = server.address()
      const release = (): Promise<void> => new Promise((done) => server.close(() => done()))
      resolve({ port: typeof address === 'object' && address !== null ? address.port : port, release })
    })
  })
}

/** The ports of last time if both are free, else two new ones. Another process may still be faster than the server. */
export async function choosePorts(last: Ports | undefined): Promise<Ports> {
  for (const wanted of [last, undefined]) {
    const nats = await hold(wanted?.nats ?? 0)
    const webSocket = await hold(wanted?.webSocket ?? 0)
    await Promise.all([nats?.release(), webSocket?.release()])
    if (nats !== undefined && webSocket !== undefined) return { nats: nats.port, webSocket: webSocket.port }
  }
  throw new Error(`no free port on ${loopback}`)
}

export interface NatsConfig {
  readonly ports: Ports
  readonly serverName: string
  readonly storeDir: string
  readonly pidFile: string
}

/** Strings of the server's configuration language take JSON's escapes for quotes, backslashes and line ends. */
const quote = (text: string): string => JSON.stringify(text)

/**
 * `same_origin`: any page that a browser of this machine shows may open a WebSocket to loopback, and would be on the lattice.
 * Browsers say where a page comes from; programs do not, and are let in.
 */
export function formatConfig(config: NatsConfig): string {
  return `# Written by tLOS at each start; changes are lost.
listen: ${quote(`${loopback}:${config.ports.nats}`)}
server_name: ${quote(config.serverName)}
pid_file: ${quote(config.pidFile)}
jetstream { store_dir: ${quote(config.storeDir)} }
websocket { listen: ${quote(`${loopback}:${config.ports.webSocket}`)}, no_tls: true, same_origin: true }
`
}
