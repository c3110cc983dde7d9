// Handles of the resources that an actor has given out, over all its instances: which one holds what, when it was used
// last, and what became of those that are no more. Knows nothing of calls.

import { TlosError } from '../failure.js'
import type { GivenHandle } from '../wasm/types.js'

/** An instance as far as handles go. */
export interface Holder {
  readonly instance: { readonly given: ReadonlyMap<string, GivenHandle> }
}

/** Ended ones that are remembered, to say what became of them. */
const rememberedEnds = 4_096

const ends = {
  back: 'was given back',
  idle: 'was not used for so long that it was dropped',
  lost: 'is lost: the instance that held it has ended',
} as const

/** One that was not given out here, as far as is known; another node may have. */
export class UnknownHandle extends TlosError {
  /** In hex. */
  readonly key: string

  constructor(about: string, key: string) {
    const why = 'is not known here: it never was given out, or is gone'
    super('not-found', `a resource of ${about} cannot be used: its handle ${why}`, { about })
    this.key = key
  }
}

export class HandleBook {
  readonly #usedAtMs = new Map<string, number>()
  readonly #ended = new Map<string, keyof typeof ends>()

  /** The one of them that holds all of these. Throws `UnknownHandle` or `not-found` for a handle of none, `refused` for several's. */
  holderOf<T extends Holder>(about: string, holders: readonly T[], keys: readonly string[]): T {
    let found: T | undefined
    for (const key of keys) {
      const holder = holders.find(({ instance }) => instance.given.has(key))
      if (holder === undefined) {
        const end = this.#ended.get(key)
        if (end === undefined) throw new UnknownHandle(about, key)
        const why = ends[end]
        throw new TlosError('not-found', `a resource of ${about} cannot be used: its handle ${why}`, { about })
      }
      if (found !== undefined && holder !== found) {
        const message = `${about} cannot use these resources in one call: they are held by different instances of it`
        throw new TlosError('refused', message, { about })
      }
      found = holder
    }
    if (found === undefined) throw new TlosError('internal', `${about}: no handles`, { about })
    return found
  }

  touch(keys: readonly string[], nowMs: number): void {
    for (const key of keys) this.#usedAtMs.set(key, nowMs)
  }

  note(keys: Iterable<string>, end: keyof typeof ends): void {
    for (const key of keys) {
      this.#usedAtMs.delete(key)
      this.#ended.delete(key)
      this.#ended.set(key, end)
      if (this.#ended.size <= rememberedEnds) continue
      const oldest = this.#ended.keys().next().value
      if (oldest !== undefined) this.#ended.delete(oldest)
    }
  }

  /** Those that nobody used since `beforeMs`. One that is seen here for the first time was used just now. */
  findIdle<T extends Holder>(holders: readonly T[], beforeMs: number, nowMs: number): (readonly [T, GivenHandle])[] {
    const idle: (readonly [T, GivenHandle])[] = []
    let count = 0
    for (const holder of holders) {
      count += holder.instance.given.size
      for (const [key, given] of holder.instance.given) {
        const usedAtMs = this.#usedAtMs.get(key)
        if (usedAtMs === undefined) this.#usedAtMs.set(key, nowMs)
        else if (usedAtMs <= beforeMs) idle.push([holder, given])
      }
    }
    if (this.#usedAtMs.size > count) this.#forgetOthers(holders)
    return idle
  }

  #forgetOthers(holders: readonly Holder[]): void {
    for (const key of [...this.#usedAtMs.keys()]) {
      if (!holders.some(({ instance }) => instance.given.has(key))) this.#usedAtMs.delete(key)
    }
  }
}
