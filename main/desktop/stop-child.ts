// Ends a child process: asks, waits, then forces. Nothing else.

import type { ChildProcess } from 'node:child_process'

/** After SIGKILL the kernel still has to clear up; longer than this only a broken disk takes. */
const forceMs = 2_000

export const isOver = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null

/** How it ended, for a sentence: `was ended by SIGKILL`, `ended with exit code 1`. */
export const formatEnd = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal === null ? `ended with exit code ${code ?? '?'}` : `was ended by ${signal}`

function over(child: ChildProcess, ms: number): Promise<boolean> {
  if (isOver(child)) return Promise.resolve(true)
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      child.off('exit', done)
      resolve(false)
    }, ms)
    const done = (): void => {
      clearTimeout(timer)
      resolve(true)
    }
    child.once('exit', done)
  })
}

/** SIGTERM, after `graceMs` SIGKILL. Resolves when it is gone; false if even force did not help within 2 s. */
export async function stopChild(child: ChildProcess, graceMs: number): Promise<boolean> {
  if (isOver(child)) return true
  child.kill('SIGTERM')
  if (await over(child, graceMs)) return true
  child.kill('SIGKILL')
  return over(child, forceMs)
}
