// What crosses a copy of an instance on both sides of its border: handles that it has given out, which stay good, and
// handles of others that it holds, of which its new host must know. Lives in the worker.

import { SnapshotRefusal } from '../snapshot/refusal.js'
import type { Tap } from '../snapshot/tap.js'
import type { Outside } from '../snapshot/worker-copies.js'
import { toPascal } from '../wit-names.js'
import type { FarResources } from './far.js'
import type { GivenHandles } from './given.js'

/** A handle of somebody else, as the host keeps it. */
export interface FarHandle {
  readonly instance: string
  readonly name: string
  readonly handle: Uint8Array
}

/** The class of a resource that the guest defines. */
function classOf(root: Readonly<Record<string, unknown>>, instance: string, name: string): unknown {
  const holder = Object.hasOwn(root, instance) ? root[instance] : undefined
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, toPascal(name)) : undefined
}

export function createOutside(
  root: Readonly<Record<string, unknown>>,
  given: GivenHandles,
  far: FarResources,
  tap: Tap | undefined,
): Outside {
  return {
    describe() {
      const all = [...given.all()]
      return {
        held: new Map(all.map(([, , object], at) => [at + 1, object])),
        given: all.map(([key, { instance, name }], at) => [at + 1, key, instance, name]),
      }
    },
    restore(restored) {
      for (const [number, key, instance, name] of restored.given) {
        const object = restored.held.get(number)
        const type = classOf(root, instance, name)
        // An object under the name of another class would be taken for what it is not.
        if (object === undefined || typeof type !== 'function' || !(object instanceof type)) {
          throw new SnapshotRefusal('invalid', `a ${name} that it gave out is none`)
        }
        given.restore(key, { instance, name, isImported: false }, object)
      }
      const captured = tap?.captures.flatMap(({ map }) => [...map.values()]) ?? []
      return captured.flatMap((object): FarHandle[] => far.describe(object) ?? [])
    },
  }
}
