// One run of the server: starts it, waits until it answers, and tells why it did not. Knows nothing of restarts.

import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Children } from './children.js'
import { formatConfig, type Ports } from './nats-config.js'
import { awaitServer } from './nats-greeting.js'
import { formatEnd, isOver, stopChild } from './stop-child.js'

export interface NatsProcess {
  readonly pid: number
  readonly startedAt: number
  /** Last lines of its log. */
  tail(): string
  /** All lines up to the moment it answered. */
  readonly startLines: readonly string[]
  /** Once, with the way it ended. */
  onExit(listener: (how: string) => void): void
  stop(): Promise<void>
}

export type Started =
  | { readonly kind: 'running'; readonly server: NatsProcess }
  /** `port`: taken by another process. `store`: JetStream cannot use its folder. */
  | { readonly kind: 'failed'; readonly cause: 'port' | 'store' | 'other'; readonly why: string }

export interface NatsProcessOptions {
  readonly program: string
  readonly folder: string
  readonly storeDir: string
  readonly ports: Ports
  readonly children: Pick<Children, 'track' | 'forget'>
  readonly onLine: (line: string) => void
  readonly startMs: number
  /** The shell closes: no use in waiting for it to answer. */
  readonly isCancelled: () => boolean
}

const graceMs = 3_000
const tailLines = 12
/** A store with a great many streams says a line or two for each. */
const maxStartLines = 5_000

function causeOf(lines: readonly string[]): 'port' | 'store' | 'other' {
  const fatal = lines.filter((line) => line.includes('[FTL]')).join('\n')
  if (/address already in use/i.test(fatal)) return 'port'
  return /jetstream|storage directory/i.test(fatal) ? 'store' : 'other'
}

function follow(child: ChildProcess, onLine: (line: string) => void): { lines: string[]; startLines: string[] } {
  const lines: string[] = []
  const startLines: string[] = []
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line)
      if (lines.length > tailLines) lines.shift()
      if (startLines.length < maxStartLines) startLines.push(line)
      onLine(line)
    })
  }
  return { lines, startLines }
}

/** What the server is started with, and where it writes its own id. */
export const natsFiles = (folder: string): { readonly configFile: string; readonly pidFile: string } => ({
  configFile: path.join(folder, 'nats-server.conf'),
  pidFile: path.join(folder, 'nats-server.pid'),
})

/** Never rejects for what the server does; rejects when its folder cannot be written. */
export async function startNats(options: NatsProcessOptions): Promise<Started> {
  const { folder, ports } = options
  const { configFile, pidFile } = natsFiles(folder)
  // New for each run, so that what answers is this very run.
  const serverName = `tlos-${randomBytes(6).toString('hex')}`
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(configFile, formatConfig({ ports, serverName, storeDir: options.storeDir, pidFile }), { mode: 0o600 })

  const child = spawn(options.program, ['-c', configFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Not in the terminal's group: Ctrl+C is for the shell, which ends the server last.
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  const { lines, startLines } = follow(child, options.onLine)
  let how: string | undefined
  const listeners = new Set<(how: string) => void>()
  const ended = (text: string): void => {
    if (how !== undefined) return
    how = text
    if (child.pid !== undefined) void options.children.forget(child.pid)
    for (const listener of listeners) listener(text)
  }
  child.on('error', (error) => ended(`did not start: ${error.message}`))
  // `close`, not `exit`: by then its last words have been read.
  child.on('close', (code, signal) => ended(formatEnd(code, signal)))
  const { pid } = child
  if (pid !== undefined) await options.children.track(pid, configFile)

  const answers = await awaitServer(
    ports,
    serverName,
    options.startMs,
    () => how !== undefined || isOver(child) || options.isCancelled(),
  )
  if (!answers || pid === undefined) {
    const wasAlive = !isOver(child)
    await stopChild(child, graceMs)
    // Its last words may still be on their way.
    await new Promise((resolve) => setTimeout(resolve, 50))
    // Nothing is written any more when whoever closes goes on.
    if (pid !== undefined) await options.children.forget(pid)
    const what = wasAlive ? `did not answer within ${options.startMs / 1_000} s` : (how ?? 'ended at once')
    return { kind: 'failed', cause: causeOf(lines), why: `nats-server ${what}\n${lines.join('\n')}`.trim() }
  }
  const server: NatsProcess = {
    pid,
    startedAt: performance.now(),
    tail: () => lines.join('\n'),
    startLines: [...startLines],
    onExit(listener) {
      if (how === undefined) listeners.add(listener)
      else listener(how)
    },
    async stop() {
      await stopChild(child, graceMs)
      await options.children.forget(pid)
    },
  }
  return { kind: 'running', server }
}
