// Host objects that can be made again elsewhere: whoever gives a guest an object says how another host makes its like.
// An object without a recipe keeps its guest where it is. One per instance; knows no interface by name.

import { SnapshotRefusal } from './refusal.js'

/** A kind and plain data. It comes from another node: a maker believes nothing of it. */
export type Recipe = [kind: string, ...data: (string | number)[]]

export interface Recipes {
  /** `describe` is asked when a copy is taken, so that it can tell the state of that moment. */
  add(made: object, describe: () => Recipe): void
  /** For all objects of a class, which guests make themselves. */
  addClass<T extends object>(type: new (...args: never[]) => T, describe: (made: T) => Recipe): void
  /** The same for what may not be there any more when it is asked for again, as a file. */
  addLoose(made: object, describe: () => Recipe): void
  /** What a person calls this object, which has no recipe. */
  name(made: object, words: string): void
  wordsFor(made: object): string | undefined
  isLoose(made: object): boolean
  /** Makes an object of this kind; undefined when the data does not say one. */
  onMake(kind: string, make: (data: readonly (string | number)[]) => object | undefined): void
  describe(made: object): Recipe | undefined
  /** Fails with a `SnapshotRefusal` for what cannot be made here. */
  make(recipe: Recipe): object
  /** The guest's monotonic clock, ns: it must not go back when the guest moves. Absent: it has none. */
  clock: GuestClock | undefined
}

export interface GuestClock {
  now(): bigint
  /** From here on `now` goes on from `ns`. */
  set(ns: bigint): void
}

export function createRecipes(): Recipes {
  const described = new WeakMap<object, () => Recipe>()
  const makers = new Map<string, (data: readonly (string | number)[]) => object | undefined>()
  const loose = new WeakSet<object>()
  const classes: ((made: object) => Recipe | undefined)[] = []
  const names = new WeakMap<object, string>()
  return {
    clock: undefined,
    addLoose(made, describe) {
      loose.add(made)
      described.set(made, describe)
    },
    name: (made, words) => void names.set(made, words),
    wordsFor: (made) => names.get(made),
    isLoose: (made) => loose.has(made),
    add: (made, describe) => void described.set(made, describe),
    onMake: (kind, make) => void makers.set(kind, make),
    addClass(type, describe) {
      classes.push((made) => (made instanceof type ? describe(made) : undefined))
    },
    describe(made) {
      const own = described.get(made)
      if (own !== undefined) return own()
      for (const describe of classes) {
        const recipe = describe(made)
        if (recipe !== undefined) return recipe
      }
      return undefined
    },
    make([kind, ...data]) {
      const made = makers.get(kind)?.(data)
      if (made === undefined) throw new SnapshotRefusal('refused', `a ${kind} that it holds cannot be made here`)
      return made
    },
  }
}
