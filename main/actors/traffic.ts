// Counts real calls over a sliding window of ten seconds: rate, errors, p50 and p99. Time is an argument.

import type { Traffic } from '../../preload/records.js'

const windowMs = 10_000
/** Samples kept for the percentiles; beyond it the oldest go first, the rates stay exact. */
const sampleLimit = 512

interface Second {
  second: number
  calls: number
  errors: number
}

/** One meter: for an actor, or for a link. */
export class TrafficMeter {
  #seconds: Second[] = []
  #samples: { atMs: number; ms: number }[] = []
  #total = 0
  #errors = 0

  /** Calls since the start. */
  get total(): number {
    return this.#total
  }

  /** Of them, those that failed. */
  get errors(): number {
    return this.#errors
  }

  record(atMs: number, durationMs: number, isError: boolean): void {
    this.#total += 1
    const second = Math.floor(atMs / 1000)
    let last = this.#seconds.at(-1)
    if (last === undefined || last.second !== second) {
      last = { second, calls: 0, errors: 0 }
      this.#seconds.push(last)
      if (this.#seconds.length > 12) this.#seconds.shift()
    }
    last.calls += 1
    if (isError) {
      last.errors += 1
      this.#errors += 1
    }
    this.#samples.push({ atMs, ms: durationMs })
    if (this.#samples.length > sampleLimit) this.#samples.shift()
  }

  /** Of the last calls, however long ago. */
  latency(): { readonly p50Ms: number | undefined; readonly p99Ms: number | undefined } {
    return percentiles(this.#samples.map((s) => s.ms))
  }

  /** Undefined when nothing was called in the window. */
  read(nowMs: number): Traffic | undefined {
    const since = Math.floor((nowMs - windowMs) / 1000)
    const recent = this.#seconds.filter((s) => s.second > since)
    const calls = recent.reduce((sum, s) => sum + s.calls, 0)
    if (calls === 0) return undefined
    const errors = recent.reduce((sum, s) => sum + s.errors, 0)
    const inWindow = this.#samples.filter((s) => s.atMs > nowMs - windowMs).map((s) => s.ms)
    const seconds = windowMs / 1000
    return {
      perSecond: calls / seconds,
      errorsPerSecond: errors / seconds,
      ...percentiles(inWindow),
    }
  }
}

function percentiles(samples: readonly number[]): { p50Ms: number | undefined; p99Ms: number | undefined } {
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (q: number): number | undefined => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}
