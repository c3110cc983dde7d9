// What one actor said last and what it asked for in vain, within bounds: for a person who wonders. Told by the actor, read by
// whoever shows it.

import type { Lack } from '../../preload/grants.js'
import type { LogLevel } from '../wasm/types.js'

export interface LogEntry {
  readonly atMs: number
  readonly level: LogLevel
  readonly text: string
  /** Absent: the component's own words. */
  readonly by?: 'node' | undefined
}

/** Longest log kept, lines. */
const logLines = 500
const longestLine = 4_096
/** What it asked for last without getting it; the rest is much the same. */
const mostLacks = 8

export class ActorLog {
  readonly #now: () => number
  readonly #lines: LogEntry[] = []
  #lacks: readonly Lack[] = []

  constructor(now: () => number) {
    this.#now = now
  }

  get lines(): readonly LogEntry[] {
    return this.#lines
  }

  get lacks(): readonly Lack[] {
    return this.#lacks
  }

  write({ text, ...line }: Omit<LogEntry, 'atMs'>): void {
    this.#lines.push({ atMs: this.#now(), text: text.slice(0, longestLine), ...line })
    if (this.#lines.length > logLines) this.#lines.splice(0, this.#lines.length - logLines)
  }

  /** False when it is known already. */
  addLack(lack: Lack): boolean {
    const isKnown = this.#lacks.some((each) => JSON.stringify(each) === JSON.stringify(lack))
    if (!isKnown) this.#lacks = [...this.#lacks, lack].slice(-mostLacks)
    return !isKnown
  }

  forgetLacks(): void {
    this.#lacks = []
  }
}
