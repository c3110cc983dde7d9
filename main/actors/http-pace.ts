// How long a client may keep a component waiting: each time, and in all for as much as it sends or takes. Without the second a
// client that moves a byte now and then would have an instance to itself.

import { TlosError } from '../failure.js'

export interface Pace {
  /** Longest that it may send or take nothing, ms. */
  readonly stallMs: number
  /** How long it may be waited for in all, ms, whatever it sends or takes... */
  readonly graceMs: number
  /** ...and so much longer as these would take. */
  readonly bytesPerS: number
}

export const usualPace: Pace = { stallMs: 30_000, graceMs: 30_000, bytesPerS: 1_024 }

/** The client is at fault: `timed-out`. */
export class SlowClient extends TlosError {
  constructor(words: string) {
    super('timed-out', words)
  }
}

/** Of one body. Only time in `wait` counts: what the component or this machine takes is not the client's. */
export class Patience {
  readonly #pace: Pace
  readonly #verb: 'sent' | 'took'
  #waitedMs = 0
  #bytes = 0

  constructor(pace: Pace, verb: 'sent' | 'took') {
    this.#pace = pace
    this.#verb = verb
  }

  /** The client did so much of its part. */
  moved(bytes: number): void {
    this.#bytes += bytes
  }

  /** What the promise gives; rejects with `SlowClient` when the client takes too long. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    const { stallMs, graceMs, bytesPerS } = this.#pace
    const leftMs = Math.max(0, graceMs + (this.#bytes * 1_000) / bytesPerS - this.#waitedMs)
    const isStall = stallMs <= leftMs
    const startedAt = performance.now()
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<never>((_, reject) => {
      const words = isStall ? `nothing for ${stallMs} ms` : `fewer than ${bytesPerS} bytes a second`
      timer = setTimeout(
        () => reject(new SlowClient(`the client ${this.#verb} ${words}`)),
        isStall ? stallMs : Math.ceil(leftMs),
      )
    })
    try {
      return await Promise.race([promise, limit])
    } finally {
      clearTimeout(timer)
      this.#waitedMs += performance.now() - startedAt
    }
  }
}
