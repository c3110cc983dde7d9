// What crosses a copy of an instance on both sides of its border: handles that it has given out, which stay good, and
// handles of others that it holds, of which its new host must know. Lives in the worker.

import type { WitInterface } from '../../../preload/wit.js'
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
  /** Of the link that it came along; absent: `default`. */
  readonly linkName?: string | undefined
}

/** The class of a resource that the guest defines. */
function classOf(root: Readonly<Record<string, unknown>>, instance: string, name: string): unknown {
  const holder = Object.hasOwn(root, instance) ? root[instance] : undefined
  const key = toPascal(name)
  return typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key)
    ? Reflect.get(holder, key)
    : undefined
}

/** Whether an object of the glue is of this resource. One without functions has a class that the glue keeps to itself. */
function isOf(
  root: Readonly<Record<string, unknown>>,
  exports: readonly WitInterface[],
  object: object,
  instance: string,
  name: string,
): boolean {
  const declared = exports.flatMap((each) => (each.resources ?? []).map((resource) => ({ of: each.name, resource })))
  if (!declared.some(({ of, resource }) => of === instance && resource === name)) return false
  const isInstance = (type: unknown): boolean => typeof type === 'function' && object instanceof type
  const type = classOf(root, instance, name)
  if (type !== undefined) return isInstance(type)
  return !declared.some(({ of, resource }) => isInstance(classOf(root, of, resource)))
}

export function createOutside(
  root: Readonly<Record<string, unknown>>,
  exports: readonly WitInterface[],
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
        // An object under the name of another class would be taken for what it is not.
        if (object === undefined || !isOf(root, exports, object, instance, name)) {
          throw new SnapshotRefusal('invalid', `a ${name} that it gave out is none`)
        }
        given.restore(key, { instance, name, isImported: false }, object)
      }
      const captured = tap?.captures.flatMap(({ map }) => [...map.values()]) ?? []
      return captured.flatMap((object): FarHandle[] => far.describe(object) ?? [])
    },
  }
}
