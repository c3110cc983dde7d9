// Starts the shell or the empty app as a process of its own, without a driver, and takes the time to its first frame. The
// shell writes a line into its log when the page has drawn; the empty app prints one.

import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { openPageSession, type PageSession } from './page-session.js'
import { processTree } from './process-tree.js'

/** What the runner found (`build/setup.mjs`). */
export interface BenchContext {
  readonly setup: {
    readonly electron: { readonly file: string }
    readonly display?: unknown
    readonly env: Readonly<Record<string, string | undefined>>
  }
  readonly root: string
  /** As long as the aim says, not as long as a usual run has time. */
  readonly isWhole: boolean
  readonly say: (text: string) => void
  readonly signal: AbortSignal
  readonly emptyApp: () => Promise<string>
}

export interface OpenedApp {
  readonly pid: number
  /** From the start of the process, ms. */
  readonly firstFrameMs: number
  /** Wall clock of the start. */
  readonly spawnedAtMs: number
  session(): Promise<PageSession>
  /** Ends it as a session of a desktop does, with SIGTERM, and waits for all its processes. */
  close(): Promise<void>
}

const frameMs = 60_000
const closeMs = 20_000
const pollMs = 20

interface Spawned {
  readonly child: ChildProcess
  readonly spawnedAtMs: number
  /** The first match of this in stdout or stderr. */
  heard(pattern: RegExp): Promise<string>
}

function start(context: BenchContext, args: readonly string[]): Spawned {
  const isRoot = process.getuid?.() === 0
  // As `npm start` has them, and a debugging port, which whatever is compared has, too.
  const flags = [
    ...(isRoot ? ['--no-sandbox'] : []),
    ...(context.setup.display === undefined ? [] : ['--use-gl=angle', '--use-angle=swiftshader']),
    '--remote-debugging-port=0',
  ]
  const spawnedAtMs = Date.now()
  const child = spawn(context.setup.electron.file, [...flags, ...args], {
    env: { ...process.env, ...context.setup.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // An entry that runs out of its time, or out of its process, leaves no app behind.
  const stop = (): void => void child.kill('SIGTERM')
  context.signal.addEventListener('abort', stop)
  process.on('exit', stop)
  child.once('exit', () => {
    context.signal.removeEventListener('abort', stop)
    process.removeListener('exit', stop)
  })
  let output = ''
  const listeners = new Set<() => void>()
  const hear = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-100_000)
    for (const listener of [...listeners]) listener()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const heard = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`${why}\n${output.slice(-4_000)}`))
      const timer = setTimeout(() => fail(`${String(pattern)} was not said within ${frameMs / 1_000} s`), frameMs)
      const look = (): void => {
        const found = pattern.exec(output)?.[1]
        if (found === undefined) return
        clearTimeout(timer)
        listeners.delete(look)
        resolve(found)
      }
      child.once('exit', (code) => {
        clearTimeout(timer)
        fail(`it ended with ${String(code)}`)
      })
      listeners.add(look)
      look()
    })
  return { child, spawnedAtMs, heard }
}

function openedOf({ child, spawnedAtMs, heard }: Spawned, firstFrameAtMs: number): OpenedApp {
  const pid = child.pid ?? 0
  const browserUrl = heard(/DevTools listening on (ws:\S+)/)
  browserUrl.catch(() => undefined)
  let session: Promise<PageSession> | undefined
  return {
    pid,
    spawnedAtMs,
    firstFrameMs: firstFrameAtMs - spawnedAtMs,
    session: () => (session ??= browserUrl.then((url) => openPageSession(url, frameMs))),
    async close() {
      await session?.then(
        (opened) => opened.close(),
        () => undefined,
      )
      await end(child)
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const below = await processTree(child.pid ?? 0)
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), closeMs)
  await gone
  clearTimeout(timer)
  // What is measured next must not share the machine with its last processes.
  const until = performance.now() + closeMs
  const isThere = (pid: number): boolean => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  while (below.some(({ pid }) => isThere(pid)) && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The empty Electron + Three.js window. */
export async function openEmpty(context: BenchContext, userDataDir: string): Promise<OpenedApp> {
  const folder = await context.emptyApp()
  const spawned = start(context, [folder, `--user-data-dir=${userDataDir}`])
  try {
    return openedOf(spawned, Number(await spawned.heard(/"firstFrameAt":(\d+)/)))
  } catch (error) {
    spawned.child.kill('SIGKILL')
    throw error
  }
}

/** The built shell on this user data. */
export async function openShell(context: BenchContext, userDataDir: string): Promise<OpenedApp> {
  const spawned = start(context, [context.root, '--user-data-dir', userDataDir])
  try {
    return openedOf(spawned, await readFirstFrame(userDataDir, spawned))
  } catch (error) {
    spawned.child.kill('SIGKILL')
    throw error
  }
}

/** Wall clock of the line `first frame drawn` in the shell's log, of this start. */
async function readFirstFrame(userDataDir: string, { child, spawnedAtMs }: Spawned): Promise<number> {
  const file = path.join(userDataDir, 'logs', 'shell.log')
  const until = performance.now() + frameMs
  while (performance.now() < until && child.exitCode === null) {
    const lines = (await readFile(file, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-50)
    for (const line of lines) {
      if (!line.includes('first frame drawn')) continue
      const at = Date.parse((JSON.parse(line) as { at: string }).at)
      if (at >= spawnedAtMs) return at
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  throw new Error('the shell drew no frame')
}
