// Where each resource of a finished component is at home: the interface that defines it, which is the one with its
// functions, not one that only uses it. Pure.

import { resolve } from './component-resources.js'
import type { Entity, InstanceEntry } from './component-types.js'

interface Sides {
  readonly imports: ReadonlyMap<string, Entity>
  readonly exports: ReadonlyMap<string, Entity>
}

/** Names of resources by the interface that defines them. */
export interface PlacedResources {
  readonly imports: ReadonlyMap<string, readonly string[]>
  readonly exports: ReadonlyMap<string, readonly string[]>
}

/** Imports first: what is passed on is not one's own. */
export function placeResources({ imports, exports }: Sides): PlacedResources {
  return { imports: placeSide(imports, true), exports: placeSide(exports, false) }
}

function placeSide(side: ReadonlyMap<string, Entity>, isImported: boolean): ReadonlyMap<string, readonly string[]> {
  const instances = [...side].flatMap(([name, entity]) =>
    entity.sort === 'instance' ? [{ instance: name, type: entity.type, defined: withFunctions(entity.type) }] : [],
  )
  if (isImported) refuseShared(instances.map(({ type }) => type))
  const placed = new Map<string, string[]>()
  const place = (hasFunctions: boolean): void => {
    for (const { instance, type, defined } of instances) {
      for (const [name, member] of type.exports) {
        if (member.sort !== 'type' || member.type.kind !== 'resource') continue
        const identity = resolve(member.type.identity)
        if (identity.home !== undefined || identity.isAmbiguous) continue
        if (hasFunctions && !defined.has(name)) continue
        identity.home = { instance, name, isImported }
        placed.set(instance, [...(placed.get(instance) ?? []), name])
      }
    }
  }
  place(true)
  place(false)
  return placed
}

/** Two imports of one and the same type have resources of their own, which their types do not tell apart. */
function refuseShared(instances: readonly InstanceEntry[]): void {
  const seen = new Set<InstanceEntry>()
  for (const type of instances) {
    if (seen.has(type)) {
      for (const member of type.exports.values()) {
        if (member.sort === 'type' && member.type.kind === 'resource') resolve(member.type.identity).isAmbiguous = true
      }
    }
    seen.add(type)
  }
}

/** Resources that have functions in this interface. */
function withFunctions({ exports }: InstanceEntry): ReadonlySet<string> {
  const names = [...exports.keys()].map((name) => /^\[(?:constructor|method|static)\]([^.]+)/.exec(name)?.[1] ?? '')
  return new Set(names)
}
