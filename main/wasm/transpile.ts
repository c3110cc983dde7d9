// Runs the transpiler in a process of its own, with a limit on time, and gives its answer. Knows the child's protocol,
// not the cache.

import { fork } from 'node:child_process'
import { TlosError } from '../failure.js'
import { asNode } from './pool-process.js'
import type { TranspileReply, TranspileRequest } from './prepared-format.js'

/**
 * 100 MB take about 10 s. Seldom the engine of the child sleeps for ever (seen in Electron 25: every thread waits, none works),
 * so one that is not done after the first of these is ended and another one tries.
 */
const triesMs = [45_000, 120_000]
/** Of the child's JavaScript heap, MiB. */
const heapMiB = 2_048
const maxStderr = 4_000

/** Fills `request.folder`. Rejects with `invalid` or `too-large` (the component's fault), `timed-out`, `unavailable`. */
export async function transpile(entry: string, request: TranspileRequest, signal?: AbortSignal): Promise<void> {
  for (const [index, limitMs] of triesMs.entries()) {
    try {
      return await transpileOnce(entry, request, limitMs, signal)
    } catch (error) {
      const isLast = index === triesMs.length - 1
      if (isLast || !(error instanceof TlosError) || error.code !== 'timed-out') throw error
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
      else reject(error)
    }
    const timer = setTimeout(() => {
      settle(new TlosError('timed-out', `preparing the component took longer than ${limitMs / 1_000} s`))
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
        new TlosError(
          'invalid',
          `This component cannot be prepared: the transpiler died (${how ?? code ?? '?'})${why}`,
        ),
      )
    })
    child.send(request)
  })
}
