// What an actor's calls have to do with the resources that it has given out: which instance a call must go to, whether more
// may be given, what a call used and ended. Stands on the book of handles and on the types of the component.

import { TlosError } from '../failure.js'
import type { HandleReader } from '../wasm/runtime.js'
import type { GivenHandle } from '../wasm/types.js'
import { HandleBook, type Holder } from './handle-book.js'

export interface GivenParts {
  readonly componentId: string
  readonly now: () => number
  readonly reader: () => HandleReader
  /** Why it gives out no resources now, as the end of a sentence; undefined: it does. */
  readonly givesNone: () => string | undefined
}

interface Call {
  readonly instance: string
  readonly functionName: string
  readonly params: readonly unknown[]
}

export const countGiven = (holders: readonly Holder[]): number =>
  holders.reduce((sum, { instance }) => sum + instance.given.size, 0)

export class GivenResources {
  readonly #parts: GivenParts
  readonly #book = new HandleBook()

  constructor(parts: GivenParts) {
    this.#parts = parts
  }

  /** Who holds the handles that the call brings; undefined: it brings none. Throws when it must not run. */
  holderOf<T extends Holder>(holders: readonly T[], call: Call, most: number): T | undefined {
    const { componentId, now, givesNone } = this.#parts
    const reader = this.#parts.reader()
    const keys = reader.brought(call.instance, call.functionName, call.params)
    if (reader.gives(call.instance, call.functionName)) {
      const why = givesNone()
      if (why !== undefined) {
        throw new TlosError('refused', `${componentId} gives out no resources now: ${why}`, { about: componentId })
      }
      const count = countGiven(holders)
      // What it brings may be given back with it.
      if (keys.length === 0 && count >= most) throw this.tooMany(count)
    }
    if (keys.length === 0) return undefined
    const holder = this.#book.holderOf(componentId, holders, keys)
    this.#book.touch(keys, now())
    return holder
  }

  /** The call is done: what it gave. */
  settle(holder: Holder, { instance, functionName, params }: Call, value: unknown): readonly GivenHandle[] {
    const reader = this.#parts.reader()
    const brought = reader.brought(instance, functionName, params)
    const isGone = (key: string): boolean => !holder.instance.given.has(key)
    if (brought.length > 0) {
      this.#book.note(brought.filter(isGone), 'back')
      this.#book.touch(
        brought.filter((key) => !isGone(key)),
        this.#parts.now(),
      )
    }
    if (!reader.gives(instance, functionName)) return []
    const given = reader.given(instance, functionName, value)
    this.#book.touch(
      given.map(({ handle }) => handle),
      this.#parts.now(),
    )
    return given
  }

  tooMany(count: number): TlosError {
    const { componentId } = this.#parts
    const message = `${componentId} has given out ${count} resources, and no more may be out: give some back first`
    return new TlosError('refused', message, { about: componentId })
  }

  note(...args: Parameters<HandleBook['note']>): void {
    this.#book.note(...args)
  }

  findIdle<T extends Holder>(holders: readonly T[], beforeMs: number): (readonly [T, GivenHandle])[] {
    return this.#book.findIdle(holders, beforeMs, this.#parts.now())
  }
}
