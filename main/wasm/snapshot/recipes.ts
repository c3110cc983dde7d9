// Host objects that can be made again elsewhere: whoever gives a guest an object says how another host makes its like.
// An object without a recipe keeps its guest where it is. One per instance; knows no interface by name.

import { SnapshotRefusal } from './refusal.js'

/** A kind and plain data. It comes from another node: a maker believes nothing of it. */
export type Recipe = [kind: string, ...data: (string | number)[]]

export interface Recipes {
  /** `describe` is asked when a copy is taken, so that it can tell the state of that moment. */
  add(made: object, describe: () => Recipe): void
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
  return {
    clock: undefined,
    add: (made, describe) => void described.set(made, describe),
    onMake: (kind, make) => void makers.set(kind, make),
    describe: (made) => described.get(made)?.(),
    make([kind, ...data]) {
      const made = makers.get(kind)?.(data)
      if (made === undefined) throw new SnapshotRefusal('refused', `a ${kind} that it holds cannot be made here`)
      return made
    },
  }
}
