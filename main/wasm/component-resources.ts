// Which resource a handle type means: names alone do not tell, since interfaces rename what they use and several may have a
// `canvas`. Each declaration is an identity; instantiating joins what a component is given with what it asked for. Where
// two could be meant, none is: a handle of one must never be taken for a handle of another. Pure.

import type { WitResource } from '../../preload/wit.js'

export interface ResourceIdentity {
  /** The one that this stands for. */
  same: ResourceIdentity | undefined
  home: WitResource | undefined
  /** Stands for more than one resource of the finished component. */
  isAmbiguous: boolean
}

/** A handle type as it is read; its home is known when the whole component is. */
export interface HandleType {
  readonly kind: 'own' | 'borrow'
  readonly resource: string
  home?: WitResource
}

export const newIdentity = (): ResourceIdentity => ({ same: undefined, home: undefined, isAmbiguous: false })

export function resolve(identity: ResourceIdentity): ResourceIdentity {
  let end = identity
  while (end.same !== undefined) end = end.same
  // Chains stay short, however often they are walked.
  for (let at = identity; at.same !== undefined && at !== end;) {
    const next: ResourceIdentity = at.same
    at.same = end
    at = next
  }
  return end
}

/** `asked` stands for `given` from now on. */
export function join(asked: ResourceIdentity, given: ResourceIdentity): void {
  const from = resolve(asked)
  const to = resolve(given)
  if (from === to) return
  to.isAmbiguous ||= from.isAmbiguous
  // Joined before, with something else: the same declaration is used twice.
  if (asked.same !== undefined) {
    from.isAmbiguous = true
    to.isAmbiguous = true
    return
  }
  from.same = to
}

/** Handle types of a decode with what they point at. */
export class Handles {
  readonly #all: [HandleType, ResourceIdentity][] = []

  make(kind: HandleType['kind'], resource: string, identity: ResourceIdentity): HandleType {
    const type: HandleType = { kind, resource }
    this.#all.push([type, identity])
    return type
  }

  /** Writes the homes into the types. */
  finish(): void {
    for (const [type, identity] of this.#all) {
      const { home, isAmbiguous } = resolve(identity)
      if (home !== undefined && !isAmbiguous) type.home = home
    }
  }
}
