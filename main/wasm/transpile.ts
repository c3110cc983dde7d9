// Runs the transpiler in a process of its own, with a limit on time, and gives its answer. Knows the child's protocol,
// not the cache.

import { fork } from 'node:child_process'
import { TlosError } from '../failure.js'
import { asNode } from './pool-process.js'
import type { TranspileReply, TranspileRequest } from './prepared-format.js'

/**
 * 100 MB take about 10 s. Seldom the engine of the child sleeps for ever (seen in Electron 25: every thread waits, none works) or
 * is ended from outside, so one that is not done after the first of these, or was killed, has another one try once more.
 */
const usualTriesMs: readonly number[] = [45_000, 120_000]
/** Of the child's JavaScript heap, MiB. */
const heapMiB = 2_048
const maxStderr = 4_000
/** How long one that was killed may take to be gone, ms. */
const longestEndMs = 10_000
/** Signals of somebody else or of a fault in the engine. A heap that is full ends with others: that is the component's doing. */
const notOurs: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGSEGV', 'SIGBUS'])

export interface TranspileOptions {
  readonly signal?: AbortSignal | undefined
  /** How long each try may take, ms; for tests. */
  readonly triesMs?: readonly number[] | undefined
}

/** Nothing was said of the component: another process may do better. */
class LostChild extends TlosError {}

/** Fills `request.folder`. Rejects with `invalid` or `too-large` (the component's fault), `timed-out`, `unavailable`. */
export async function transpile(
  entry: string,
  request: TranspileRequest,
  { signal, triesMs = usualTriesMs }: TranspileOptions = {},
): Promise<void> {
  for (const [index, limitMs] of triesMs.entries()) {
    try {
      return await transpileOnce(entry, request, limitMs, signal)
    } catch (error) {
      const isLast = index === triesMs.length - 1
      if (isLast || !(error instanceof LostChild)) throw error
    }
  }
}

function transpileOnce(
  entry: string,
  request: TranspileRequest,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new TlosError('cancelled', 'preparing the component was cancelled'))
      return
    }
    const child = fork(entry, [], {
      execArgv: [`--max-old-space-size=${heapMiB}`],
      env: { ...process.env, ...asNode },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let stderr = ''
    let isSettled = false
    const settle = (error?: TlosError): void => {
      if (isSettled) return
      isSettled = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      child.kill('SIGKILL')
      if (error === undefined) resolve()
      else if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) reject(error)
      else {
        // It writes into the folder as long as it is there, and the folder goes to the next try, or away.
        child.once('exit', () => reject(error))
        setTimeout(() => reject(error), longestEndMs).unref()
      }
    }
    const timer = setTimeout(() => {
      settle(new LostChild('timed-out', `preparing the component took longer than ${limitMs / 1_000} s`))
    }, limitMs)
    const onAbort = (): void => {
      settle(new TlosError('cancelled', 'preparing the component was cancelled'))
    }
    signal?.addEventListener('abort', onAbort)

    child.stderr?.on('data', (chunk: Buffer) => {
      if (stderr.length < maxStderr) stderr += chunk.toString('utf8').slice(0, maxStderr)
    })
    child.on('message', (message) => {
      // The child is our own bundle; what it may have got wrong about a hostile component is in `ok`.
      const reply = message as TranspileReply
      settle(reply.ok ? undefined : new TlosError(reply.code, `This component cannot be prepared: ${reply.reason}`))
    })
    child.on('error', (cause) => {
      settle(new TlosError('unavailable', `the transpiler could not be started: ${cause.message}`, { cause }))
    })
    child.on('exit', (code, how) => {
      const last = stderr.trim().split('\n').at(-1) ?? ''
      const why = last === '' ? '' : `: ${last}`
      settle(
        how !== null && notOurs.has(how)
          ? new LostChild('unavailable', `the transpiler was ended by the system (${how})${why}`)
          : new TlosError(
              'invalid',
              `This component cannot be prepared: the transpiler died (${how ?? code ?? '?'})${why}`,
            ),
      )
    })
    child.send(request)
  })
}
