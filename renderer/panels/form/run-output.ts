// What a run of a command component wrote and how it ended, from the log and from the answer to the call. Pure.

import type { CallResult } from '../../../preload/contract.js'

export type LogLines = CallResult<'component.log'>

/** Lines that came after `before` was read: the log is a ring, so its length says nothing. */
export function linesSince(before: LogLines, now: LogLines): LogLines {
  const last = before.at(-1)
  if (last === undefined) return now
  const at = now.map(({ atMs, text }) => atMs === last.atMs && text === last.text).lastIndexOf(true)
  return at < 0 ? now.filter(({ atMs }) => atMs >= last.atMs) : now.slice(at + 1)
}

/**
 * The exit code in the answer of `wasi:cli/run.run`. Over the bus only its `result` comes: then an error is 1, as WASI has
 * it.
 */
export function exitCodeOf(answer: unknown): number {
  if (typeof answer === 'number') return answer
  const { tag, exitCode } = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>
  if (typeof exitCode === 'number') return exitCode
  return tag === 'ok' ? 0 : 1
}
