// The nodes beside the desktop: headless nodes as processes of their own, so that there is another machine to drag to at
// first start. Starts and stops them and says when one is gone; one that died is started again only when asked, since a
// lattice has to live with nodes that die. Knows nothing of what a node does.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import * as v from 'valibot'
import { formatChain, TlosError } from '../failure.js'
import type { Children } from './children.js'
import { formatEnd, isOver, stopChild } from './stop-child.js'

/** The line a node prints when it answers on the lattice. */
const Ready = v.object({ ready: v.literal(true), hostId: v.string() })

export interface LocalNodesOptions {
  /** What runs a node: program, first arguments (the bundle), environment. */
  readonly command: {
    readonly file: string
    readonly args: readonly string[]
    readonly env: Readonly<Record<string, string | undefined>>
  }
  readonly lattice: string
  readonly natsUrl: string
  /** One folder in it for each node, by name. */
  readonly folder: string
  /** Further arguments of each node. */
  readonly extra?: readonly string[] | undefined
  /** Arguments of one node alone. */
  readonly argsOf?: ((name: string) => readonly string[]) | undefined
  readonly children: Pick<Children, 'track' | 'forget'>
  /** Lines of a node's stderr. */
  readonly onLine?: ((name: string, line: string) => void) | undefined
  /** It ended without being asked to, after it was ready. */
  readonly onGone?: ((name: string, hostId: string, why: string) => void) | undefined
  /** To the ready line, ms. */
  readonly readyMs?: number | undefined
}

export interface LocalNode {
  readonly name: string
  readonly hostId: string
  readonly pid: number
}

export interface LocalNodes {
  /** Resolves when it is ready, at once when it is. Rejects with `invalid`, `timed-out` or `unavailable`. */
  start(name: string): Promise<LocalNode>
  stop(name: string): Promise<void>
  /** Those that are ready, by name: the order they came in says nothing. */
  list(): readonly LocalNode[]
  close(): Promise<void>
}

const usualReadyMs = 30_000
const graceMs = 5_000
const tailLines = 12
const maxLine = 65_536

function readReady(line: string): string | undefined {
  if (line.length > maxLine || !line.startsWith('{')) return undefined
  try {
    const parsed = v.safeParse(Ready, JSON.parse(line))
    return parsed.success ? parsed.output.hostId : undefined
  } catch {
    // Some other line.
    return undefined
  }
}

interface Run {
  readonly child: ChildProcess
  readonly ready: Promise<LocalNode>
  node: LocalNode | undefined
  /** We asked it to end. */
  isStopping: boolean
}

export function openLocalNodes(options: LocalNodesOptions): LocalNodes {
  const { command, children } = options
  const runs = new Map<string, Run>()
  let isClosed = false

  async function launch(name: string): Promise<Run> {
    const stateDir = path.join(options.folder, name)
    await mkdir(stateDir, { recursive: true, mode: 0o700 })
    const args = ['--nats', options.natsUrl, '--lattice', options.lattice, '--name', name, '--state-dir', stateDir]
    const more = [...(options.extra ?? []), ...(options.argsOf?.(name) ?? [])]
    const child = spawn(command.file, [...command.args, ...args, ...more], {
      // The channel tells the node that we are gone, also after kill -9 (`main/parent-watch.ts`).
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...command.env },
      detached: process.platform !== 'win32',
      windowsHide: true,
    })
    const run: Run = { child, ready: follow(name, child, stateDir), node: undefined, isStopping: false }
    return run
  }

  function follow(name: string, child: ChildProcess, marker: string): Promise<LocalNode> {
    const tail: string[] = []
    const limitMs = options.readyMs ?? usualReadyMs
    if (child.pid !== undefined) void children.track(child.pid, marker)
    // Whatever the node sends on the channel is not asked for.
    child.on('message', () => undefined)
    if (child.stderr !== null) {
      createInterface({ input: child.stderr }).on('line', (line) => {
        tail.push(line)
        if (tail.length > tailLines) tail.shift()
        options.onLine?.(name, line)
      })
    }
    return new Promise((resolve, reject) => {
      const fail = (code: 'timed-out' | 'unavailable', what: string): void => {
        clearTimeout(timer)
        reject(new TlosError(code, `node ${name} ${what}\n${tail.join('\n')}`.trim(), { about: name }))
      }
      const timer = setTimeout(() => {
        fail('timed-out', `was not ready within ${limitMs / 1_000} s`)
        void stopChild(child, graceMs)
      }, limitMs)
      if (child.stdout !== null) {
        createInterface({ input: child.stdout }).on('line', (line) => {
          const run = runs.get(name)
          const hostId = readReady(line)
          if (hostId === undefined || run?.child !== child || run.node !== undefined || child.pid === undefined) return
          clearTimeout(timer)
          run.node = { name, hostId, pid: child.pid }
          resolve(run.node)
        })
      }
      child.on('error', (error) => {
        if (child.pid === undefined) runs.delete(name)
        fail('unavailable', `did not start: ${error.message}`)
      })
      // `close`: by then its last words have been read.
      child.on('close', (code, signal) => {
        if (child.pid !== undefined) void children.forget(child.pid)
        const how = formatEnd(code, signal)
        const run = runs.get(name)
        if (run?.child === child) {
          runs.delete(name)
          if (run.node !== undefined && !run.isStopping) options.onGone?.(name, run.node.hostId, how)
        }
        fail('unavailable', how)
      })
    })
  }

  /** Starts of one name that are being prepared, so that two at once are one. */
  const launching = new Map<string, Promise<LocalNode>>()

  async function start(name: string): Promise<LocalNode> {
    const present = runs.get(name)
    if (present !== undefined && !present.isStopping) return present.ready
    // The old one has the folder until it is gone.
    if (present !== undefined) await stopChild(present.child, graceMs)
    const run = await launch(name).catch((error: unknown) => {
      throw new TlosError('unavailable', `node ${name} cannot be started: ${formatChain(error)}`, { cause: error })
    })
    runs.set(name, run)
    // Closed while we prepared it.
    if (isClosed) await stop(name)
    return run.ready
  }

  async function stop(name: string): Promise<void> {
    const run = runs.get(name)
    if (run === undefined) return
    run.isStopping = true
    // Nobody may be waiting for it any more.
    run.ready.catch(() => undefined)
    await stopChild(run.child, graceMs)
    if (run.child.pid !== undefined) await children.forget(run.child.pid)
  }

  return {
    start(name) {
      if (isClosed) return Promise.reject(new TlosError('cancelled', 'the shell is closing'))
      // It becomes the name of a folder.
      if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
        return Promise.reject(new TlosError('invalid', `"${name}" is no name for a local node`))
      }
      const under = launching.get(name)
      if (under !== undefined) return under
      const starting = start(name).finally(() => launching.delete(name))
      launching.set(name, starting)
      return starting
    },
    stop,
    list: () =>
      [...runs.values()]
        .flatMap((run) => (run.node !== undefined && !isOver(run.child) ? [run.node] : []))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    async close() {
      isClosed = true
      await Promise.all([...runs.keys()].map(stop))
      // Those that were still being prepared see `isClosed` and stop themselves.
      await Promise.allSettled(launching.values())
    },
  }
}
