// Two descriptions to a patch. `describe` keeps the identity of what did not change, so `===` decides. Pure.

import type { CableNode, FootprintNode, PlaceNode, SceneDescription, WindowNode } from './types.js'

export type SceneNode = PlaceNode | WindowNode | CableNode | FootprintNode
export type NodeKind = SceneNode['kind']

/** What has to happen to the views for the new picture; removals come first, so that an id may change its kind. */
export type PatchStep =
  | { readonly act: 'remove'; readonly kind: NodeKind; readonly id: string }
  | { readonly act: 'add'; readonly id: string; readonly node: SceneNode }
  | { readonly act: 'update'; readonly id: string; readonly node: SceneNode; readonly previous: SceneNode }

export type ScenePatch = readonly PatchStep[]

type Table = Exclude<keyof SceneDescription, never>
const tables: readonly (readonly [Table, NodeKind])[] = [
  ['places', 'place'],
  ['windows', 'window'],
  ['cables', 'cable'],
  ['footprints', 'footprint'],
]

export const emptyScene: SceneDescription = {
  places: new Map(),
  windows: new Map(),
  cables: new Map(),
  footprints: new Map(),
}

/** The patch from one description to the next; empty when nothing changed. */
export function reconcile(previous: SceneDescription, next: SceneDescription): ScenePatch {
  const removed: PatchStep[] = []
  const rest: PatchStep[] = []
  for (const [table, kind] of tables) {
    const before: ReadonlyMap<string, SceneNode> = previous[table]
    const after: ReadonlyMap<string, SceneNode> = next[table]
    if (before === after) continue
    for (const id of before.keys()) if (!after.has(id)) removed.push({ act: 'remove', kind, id })
    for (const [id, node] of after) {
      const old = before.get(id)
      if (old === undefined) rest.push({ act: 'add', id, node })
      else if (old !== node) rest.push({ act: 'update', id, node, previous: old })
    }
  }
  return [...removed, ...rest]
}
