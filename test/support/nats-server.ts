// A real nats-server of a test's own: JetStream and WebSocket on free loopback ports, its files in a folder of its own.
// Ports stay the same over a restart, so that clients find it again.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface NatsServerOptions {
  readonly user?: string
  readonly password?: string
  /** Default: with it. */
  readonly jetStream?: boolean
  readonly jsDomain?: string
  readonly maxPayload?: number
  /** Lines put into the `permissions` of the user. */
  readonly permissions?: string
  /** With the certificate of `test/fixtures/tls`; `mutual`: clients have to show theirs. */
  readonly tls?: 'server' | 'mutual'
  /** Further lines of the configuration. */
  readonly lines?: readonly string[]
}

export interface NatsServer {
  /** `nats://…` and `ws://…`, without credentials. */
  readonly tcpUrl: string
  readonly wsUrl: string
  /** Ends it, as an orderly stop does, and starts it again on the same ports with the same files. */
  restart(): Promise<void>
  /** Ends it at once and leaves it ended. */
  kill(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

const startLimitMs = 15_000

/** A certificate or key of the tests. */
export const tlsFile = (name: string): string => join(import.meta.dirname, '../fixtures/tls', name)

export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tlos-nats-'))
  const [tcpPort, wsPort] = await freePorts()
  const config = join(folder, 'server.conf')
  await writeFile(config, describeConfig(options, tcpPort, wsPort, join(folder, 'store')))
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    child = await launch(config)
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill(signal)
    await gone
  }

  await start()
  return {
    tcpUrl: `nats://127.0.0.1:${tcpPort}`,
    wsUrl: `${options.tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${wsPort}`,
    start,
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM')
      await start()
    },
    async close() {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function describeConfig(options: NatsServerOptions, tcpPort: number, wsPort: number, store: string): string {
  const tls =
    options.tls === undefined
      ? undefined
      : [
          `cert_file: "${tlsFile('server.pem')}"`,
          `key_file: "${tlsFile('server-key.pem')}"`,
          ...(options.tls === 'mutual' ? [`ca_file: "${tlsFile('ca.pem')}"`, 'verify: true'] : []),
        ].join(', ')
  const permissions = options.permissions === undefined ? '' : `, permissions: { ${options.permissions} }`
  return [
    `listen: "127.0.0.1:${tcpPort}"`,
    `websocket { listen: "127.0.0.1:${wsPort}", ${tls === undefined ? 'no_tls: true' : `tls { ${tls} }`} }`,
    tls === undefined ? '' : `tls { ${tls} }`,
    options.jetStream === false
      ? ''
      : `jetstream { store_dir: "${store}"${options.jsDomain === undefined ? '' : `, domain: ${options.jsDomain}`} }`,
    options.maxPayload === undefined ? '' : `max_payload: ${options.maxPayload}`,
    options.user === undefined
      ? ''
      : `authorization { users: [{ user: "${options.user}", password: "${options.password ?? ''}"${permissions} }] }`,
    ...(options.lines ?? []),
  ].join('\n')
}

/** Resolves once the server says that it takes clients. */
async function launch(config: string): Promise<ChildProcess> {
  const child = spawn(findNatsServer(), ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let output = ''
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => fail('it was not ready in time'), startLimitMs)
    function fail(why: string): void {
      clearTimeout(timer)
      child.kill('SIGKILL')
      reject(new Error(`nats-server: ${why}\n${output}`))
    }
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code) => fail(`it ended with ${code}`))
    child.stderr.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-10_000)
      if (!output.includes('Server is ready')) return
      clearTimeout(timer)
      child.removeAllListeners('exit')
      resolve()
    })
  })
  return child
}

function findNatsServer(): string {
  const named = process.env['TLOS_NATS_SERVER']
  const places = [
    ...(named === undefined ? [] : [named]),
    ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'nats-server')),
    '/usr/sbin/nats-server',
  ]
  const found = places.find((place) => existsSync(place))
  if (found === undefined) throw new Error('nats-server was not found: install it, or name it in TLOS_NATS_SERVER')
  return found
}

/** Two at once, so that they differ. */
export async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()]
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject)
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return [ports[0]!, ports[1]!]
}
