// Programs of wasmCloud v1 as processes: found in the folder `TLOS_REAL_PEERS` or on the PATH, started against the server of a bench, ended with it.
// What is not there is a skipped test that says so. How to get them: docs/wasmcloud.md.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { TestContext } from 'vitest'
import type { Bench } from '../blackbox/bench.js'
import { until } from '../blackbox/peer.js'
import { stateFrom } from '../blackbox/wadm-side.js'

const run = promisify(execFile)

/** Ends of programs run in debug builds on a busy machine; no proof rests on them. */
export const patience = { timeout: 120_000, interval: 100 }

/** The first of these programs that is there; without any the test is skipped with that reason. */
export function findPeer(context: TestContext, ...names: readonly string[]): string {
  const folders = [process.env['TLOS_REAL_PEERS'] ?? '', ...(process.env['PATH'] ?? '').split(path.delimiter)]
  for (const folder of folders) {
    for (const name of names) {
      const file = path.join(folder, name)
      if (folder === '' || !existsSync(file)) continue
      console.log(`runs against ${describe(file)}`)
      return file
    }
  }
  return context.skip(`${names.join(' or ')} is neither in TLOS_REAL_PEERS nor on the PATH`)
}

/**
 * With `TLOS_REAL_PEERS_RECORD` (a file): everything that goes over the bus, a line of JSON for each message, to take goldens from
 * (test/vectors/real-peers.json). A subscriber of everything also hides that nobody listens, so it is off otherwise.
 */
export async function record(bench: Bench): Promise<void> {
  const file = process.env['TLOS_REAL_PEERS_RECORD']
  if (file === undefined || file === '') return
  bench.peer.connection.subscribe('>', {
    callback: (_error, { subject, reply, headers, data }) => {
      const told =
        headers === undefined ? {} : Object.fromEntries([...headers].map(([key, values]) => [key, values[0]]))
      const line = { subject, reply, headers: told, hex: Buffer.from(data).toString('hex') }
      appendFileSync(file, `${JSON.stringify(line)}\n`)
    },
  })
  await bench.peer.connection.flush()
}

const described = new Map<string, string>()

/** Which build it is: not every one of them tells a version. */
function describe(file: string): string {
  const known = described.get(file)
  if (known !== undefined) return known
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12)
  const text = `${file} (sha256 ${digest})`
  described.set(file, text)
  return text
}

export interface RealPeers {
  /** Runs `wash` with these words; resolves to what it wrote, rejects with that when it fails. */
  wash(file: string, ...args: readonly string[]): Promise<string>
  /** Resolves to the id of the host when it said that it started. */
  startHost(file: string, env?: Readonly<Record<string, string>>): Promise<string>
  startWadm(file: string): void
  /** What the programs wrote on stderr, for whoever looks why a test failed. */
  readonly said: () => string
  close(): Promise<void>
}

export function openRealPeers(bench: Bench, env: Readonly<Record<string, string>> = {}): RealPeers {
  const { port } = new URL(bench.server.tcpUrl)
  const children: ChildProcess[] = []
  let said = ''
  const home = bench.folder('home')
  const connection = {
    HOME: home,
    WASMCLOUD_LATTICE: 'default',
    ...Object.fromEntries(['CTL', 'RPC', 'NATS'].map((kind) => [`WASMCLOUD_${kind}_HOST`, '127.0.0.1'])),
    ...Object.fromEntries(['CTL', 'RPC', 'NATS'].map((kind) => [`WASMCLOUD_${kind}_PORT`, port])),
    // Of `wash`: also how long it gathers answers, each time.
    WASMCLOUD_CTL_TIMEOUT_MS: '5000',
    WASMCLOUD_RPC_TIMEOUT_MS: '20000',
    ...env,
  }

  function start(file: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): void {
    const child = spawn(file, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...connection, ...more },
    })
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-100_000)))
    children.push(child)
  }

  return {
    said: () => said,
    async wash(file, ...args) {
      await mkdir(home, { recursive: true })
      try {
        const { stdout } = await run(file, [...args, '--output', 'json'], {
          env: { ...process.env, ...connection },
          timeout: 120_000,
        })
        return stdout
      } catch (error) {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string } // of execFile
        throw new Error(`wash ${args.join(' ')}: ${stdout} ${stderr}`, { cause: error })
      }
    },
    async startHost(file, more = {}) {
      const before = new Set(stateFrom(bench.peer.everything).keys())
      start(file, [], { WASMCLOUD_HEARTBEAT_INTERVAL: '1', WASMCLOUD_ALLOW_FILE_LOAD: 'true', ...more })
      const found = (): string | undefined => [...stateFrom(bench.peer.everything).keys()].find((id) => !before.has(id))
      await until(
        () => found() !== undefined,
        () => `${file} to say that it started: ${said}`,
      )
      return found() ?? ''
    },
    startWadm: (file) => start(file, ['--nats-server', `127.0.0.1:${port}`]),
    async close() {
      await Promise.all(
        children.splice(0).map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return
          const gone = new Promise((resolve) => child.once('exit', resolve))
          child.kill('SIGKILL')
          await gone
        }),
      )
    },
  }
}
