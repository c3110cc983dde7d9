// A headless node as a process of its own: the built `out/main/node.cjs` under plain Node, as `npm run node` starts it.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

const entry = path.resolve(import.meta.dirname, '../../out/main/node.cjs')
const readyMs = 30_000

export interface NodeProcess {
  readonly hostId: string
  readonly name: string
  readonly pid: number
  /** Nobody reads what it writes any more, as when the shell that started it was killed. */
  leaveOutput(): void
  /** Everything it wrote to stdout, and to stderr. */
  stdout(): string
  stderr(): string
  /** Resolves to the exit code, or the signal that ended it, when it ended by itself or was stopped. */
  readonly exited: Promise<number | string | null>
  /** Resolves as `exited`. */
  stop(signal?: 'SIGTERM' | 'SIGKILL' | 'SIGHUP'): Promise<number | string | null>
}

export interface NodeProcessOptions {
  readonly natsUrl: string
  readonly name: string
  readonly lattice?: string
  readonly stateDir?: string
  readonly heartbeatMs?: number
  readonly labels?: Readonly<Record<string, string>>
  /** As on the command line: `ID:KIND=VALUE`. */
  readonly grants?: readonly string[]
  /** Further options of its command line, and of its environment. */
  readonly extra?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Resolves at the ready line. */
export async function startNodeProcess(options: NodeProcessOptions): Promise<NodeProcess> {
  if (!existsSync(entry))
    throw new Error(`${entry} is not built: run the tests with \`npm test\`, or \`npm run build\` first`)
  const args = ['--nats', options.natsUrl, '--lattice', options.lattice ?? 'default', '--name', options.name]
  if (options.stateDir !== undefined) args.push('--state-dir', options.stateDir)
  if (options.heartbeatMs !== undefined) args.push('--heartbeat-ms', String(options.heartbeatMs))
  for (const [key, value] of Object.entries(options.labels ?? {})) args.push('--label', `${key}=${value}`)
  for (const grant of options.grants ?? []) args.push('--grant', grant)
  args.push(...(options.extra ?? []))
  const child: ChildProcess = spawn(process.execPath, [entry, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  })
  let out = ''
  let err = ''
  const exited = new Promise<number | string | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const ready = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`node ${options.name} is not ready\n${err}`)), readyMs)
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      const line = out.split('\n')[0]
      if (!out.includes('\n') || line === undefined) return
      clearTimeout(timer)
      resolve(line)
    })
    void exited.then((code) => {
      clearTimeout(timer)
      reject(new Error(`node ${options.name} ended with ${String(code)}\n${err}`))
    })
  })
  const line = JSON.parse(await ready) as { ready: boolean; hostId: string }
  return {
    hostId: line.hostId,
    name: options.name,
    pid: child.pid ?? 0,
    leaveOutput() {
      child.stdout?.destroy()
      child.stderr?.destroy()
    },
    stdout: () => out,
    stderr: () => err,
    exited,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      return await exited
    },
  }
}
