// Resources of the guest that its host holds as JavaScript objects: written as the host's own name for each with its
// handle, and made again as jco makes them.

import type { Description } from './image.js'
import { SnapshotRefusal } from './refusal.js'
import type { Tap } from './tap.js'

type HeldImage = Description['held']

/** `held`: the objects by a number of the host's choice. */
export function readHeld(tap: Tap, held: ReadonlyMap<number, object>): HeldImage {
  return [...held].map(([key, object]) => {
    const kind = tap.held.find(({ type }) => object instanceof type)
    const handle: unknown = tap.handleSymbol === undefined ? undefined : Reflect.get(object, tap.handleSymbol)
    if (kind === undefined || typeof handle !== 'number') {
      throw new SnapshotRefusal(
        'refused',
        `its host holds a resource of it (${object.constructor.name}) that is unknown`,
      )
    }
    return [key, kind.table, handle]
  })
}

/** From checked data. */
export function holdAgain(tap: Tap, held: HeldImage): ReadonlyMap<number, object> {
  const objects = new Map<number, object>()
  for (const [key, table, handle] of held) {
    const kind = tap.held.find((each) => each.table === table)
    const { handleSymbol, disposeSymbol } = tap
    if (kind === undefined || handleSymbol === undefined || disposeSymbol === undefined) continue
    const { type, registry, drop } = kind
    // The class's own constructor would make a new resource in the guest.
    const object = Object.create(type.prototype as object) as object
    Object.defineProperty(object, handleSymbol, { writable: true, value: handle })
    registry.register(object, handle, object)
    Object.defineProperty(object, disposeSymbol, {
      writable: true,
      value() {
        registry.unregister(object)
        drop(handle)
        Object.defineProperty(object, disposeSymbol, { writable: true, value() {} })
        Object.defineProperty(object, handleSymbol, { writable: true, value: undefined })
      },
    })
    objects.set(key, object)
  }
  return objects
}
