// Calls of one instance that wait for the one before them, in order of arrival, each for so long and no longer. One
// timer for all: calls come by thousands, and those that begin in time cost nothing.

import type { CallMessage, CopyMessage } from './pool-protocol.js'

export type Queued = CallMessage | CopyMessage

export interface CallQueue {
  push(message: Queued): void
  /** The next to begin, if one waits. */
  shift(): Queued | undefined
  readonly length: number
  close(): void
}

/** `onLate` gets each that waited for its `waitMs`; it is not in the queue any more. */
export function createCallQueue(onLate: (message: Queued) => void): CallQueue {
  let waiting: { readonly message: Queued; readonly untilMs: number }[] = []
  let timer: NodeJS.Timeout | undefined
  let timerAtMs = Infinity

  function wakeAt(untilMs: number): void {
    if (untilMs >= timerAtMs) return
    clearTimeout(timer)
    timerAtMs = untilMs
    timer = setTimeout(sweep, Math.max(1, untilMs - performance.now()))
  }

  function sweep(): void {
    timerAtMs = Infinity
    const now = performance.now()
    const late = waiting.filter(({ untilMs }) => untilMs <= now)
    if (late.length > 0) waiting = waiting.filter(({ untilMs }) => untilMs > now)
    for (const { message } of late) onLate(message)
    if (waiting.length > 0) wakeAt(waiting.reduce((least, { untilMs }) => Math.min(least, untilMs), Infinity))
  }

  return {
    push(message) {
      const untilMs = performance.now() + message.waitMs
      waiting.push({ message, untilMs })
      wakeAt(untilMs)
    },
    shift: () => waiting.shift()?.message,
    get length() {
      return waiting.length
    },
    close() {
      clearTimeout(timer)
      waiting = []
    },
  }
}
