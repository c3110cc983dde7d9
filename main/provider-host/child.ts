// One run of a provider's executable (lattice.md 6.1): environment cleared, one line on its standard input, its output in our
// log. It leads a process group of its own, so that what it started ends with it.

import { type ChildProcess, spawn } from 'node:child_process'
import { TlosError } from '../failure.js'
import { logLines } from './output.js'

export interface ProviderChild {
  readonly pid: number
  /** Why it ended, as the end of a sentence. */
  readonly ended: Promise<string>
  readonly hasEnded: boolean
  /** Ends it and what it started, at once. */
  kill(): void
}

export interface ChildOptions {
  readonly executable: string
  readonly folder: string
  /** Without its line's end. */
  readonly line: string
  readonly log: (line: string) => void
}

/** A file that was just written may still be open for writing in a process that another thread is starting. */
const busyTries = 20
const busyMs = 50

/** Resolves when the process runs. Fails with `unavailable` when it cannot be executed (another machine's, for example). */
export async function startChild(options: ChildOptions): Promise<ProviderChild> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await spawnOnce(options)
    } catch (error) {
      const isBusy = (error as NodeJS.ErrnoException).code === 'ETXTBSY'
      if (!isBusy || attempt >= busyTries) {
        throw new TlosError('unavailable', 'the provider’s executable cannot be started on this machine', {
          cause: error,
        })
      }
      await new Promise((resolve) => setTimeout(resolve, busyMs))
    }
  }
}

async function spawnOnce({ executable, folder, line, log }: ChildOptions): Promise<ProviderChild> {
  const child = spawn(executable, [], {
    cwd: folder,
    env: passedOn(process.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  let hasEnded = false
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      hasEnded = true
      resolve(signal === null ? `ended with code ${code ?? 'unknown'}` : `was ended by ${signal}`)
    })
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  child.on('error', (error) => log(`(${error.message})`))
  const nowMs = (): number => performance.now()
  logLines(child.stdout, { write: log, nowMs })
  logLines(child.stderr, { write: log, nowMs })
  // One that does not read it is its own affair, and the pipe breaks when it ends.
  child.stdin.on('error', () => undefined)
  child.stdin.end(`${line}\r\n`)
  return {
    pid: child.pid ?? 0,
    ended,
    get hasEnded() {
      return hasEnded
    },
    kill: () => killGroup(child),
  }
}

/** Of our environment a provider gets only what v1 hosts hand on: how to log and trace, and what Windows needs to run. */
function passedOn(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isPassedOn = (name: string): boolean =>
    name === 'RUST_LOG' || name.startsWith('OTEL_') || (process.platform === 'win32' && name === 'SYSTEMROOT')
  return Object.fromEntries(Object.entries(environment).filter(([name]) => isPassedOn(name)))
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  } catch {
    // It is gone, with all of its group.
    child.kill('SIGKILL')
  }
}
