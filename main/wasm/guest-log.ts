// A guest's log with bounds: lines of stdout, stderr and wasi:logging, so many bytes a second. What is over is counted
// and told, not kept.

import type { LogLevel } from './types.js'

const bytesPerSecond = 64 * 1024
const maxLine = 4 * 1024
/** What a line costs besides its text on the way to the person: an empty one is not free. */
const lineCost = 64

export interface GuestLog {
  write(level: LogLevel, text: string): void
  /** A sink for a stream of bytes, cut into lines. */
  stream(level: LogLevel): (bytes: Uint8Array) => void
  /** Tells what was left out and writes lines that were not ended. */
  flush(): void
}

/** `now` in ms. */
export function createGuestLog(send: (level: LogLevel, text: string) => void, now: () => number): GuestLog {
  let windowStart = now()
  let used = 0
  let left = 0
  const tails: (() => void)[] = []

  function renew(): void {
    if (now() - windowStart < 1_000) return
    windowStart = now()
    used = 0
    if (left > 0) send('warn', `${left} bytes of log were left out: more than ${bytesPerSecond} in a second`)
    left = 0
  }

  function write(level: LogLevel, text: string): void {
    renew()
    const line = text.length > maxLine ? `${text.slice(0, maxLine)}…` : text
    if (used + line.length + lineCost > bytesPerSecond) {
      left += text.length + lineCost
      return
    }
    used += line.length + lineCost
    send(level, line)
  }

  return {
    write,
    stream(level) {
      const decoder = new TextDecoder()
      let tail = ''
      tails.push(() => {
        if (tail !== '') write(level, tail)
        tail = ''
      })
      return (bytes) => {
        const lines = (tail + decoder.decode(bytes, { stream: true })).split('\n')
        tail = lines.pop() ?? ''
        for (const line of lines) if (line.trim() !== '') write(level, line.trimEnd())
        // A line without an end must not grow without one.
        if (tail.length > maxLine) {
          write(level, tail)
          tail = ''
        }
      }
    },
    flush() {
      for (const flushTail of tails) flushTail()
      if (left > 0) send('warn', `${left} bytes of log were left out: more than ${bytesPerSecond} in a second`)
      left = 0
    },
  }
}
