// Lines of a guest's log on their way out of its worker: single ones at once, a flood in batches, since each message
// costs everybody in the process it arrives in. Never keeps a line for long: the worker can be ended at any moment.

import type { LogLevel } from './types.js'

export interface LogLine {
  readonly level: LogLevel
  readonly text: string
}

/** Lines sent one by one within a window; those after them are collected. */
const singleLines = 16
const windowMs = 50
const batchChars = 8 * 1024

export interface LogBatch {
  add(level: LogLevel, text: string): void
  /** Sends what was collected. */
  flush(): void
}

/** `now` in ms. */
export function createLogBatch(send: (lines: readonly LogLine[]) => void, now: () => number): LogBatch {
  let windowStart = -Infinity
  let sent = 0
  let lines: LogLine[] = []
  let chars = 0

  function flush(): void {
    if (lines.length > 0) send(lines)
    lines = []
    chars = 0
  }

  return {
    add(level, text) {
      const at = now()
      if (at - windowStart > windowMs) {
        windowStart = at
        sent = 0
        flush()
      }
      if (sent < singleLines) {
        sent += 1
        send([{ level, text }])
        return
      }
      lines.push({ level, text })
      chars += text.length
      if (chars >= batchChars) flush()
    },
    flush,
  }
}
