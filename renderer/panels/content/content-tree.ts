// The retained tree of an actor's window: frames (preload/frame.ts) to a tree that holds together. Pure. The schema has
// bounded each frame already; what is checked here is that nodes belong together: parents there, no cycle, no orphan.

import type { ContentNode, Frame } from '../../../preload/frame.js'

/** At most this many nodes in a window, and this deep. */
export const nodeLimit = 2_000
export const depthLimit = 32

/** Where nodes without a parent hang; 0 is nobody's id, for it stands for the window in events. */
export const windowNode = 0

export interface ContentTree {
  readonly revision: bigint
  readonly nodes: ReadonlyMap<number, ContentNode>
  /** Ids of the children in drawing order; `windowNode`: directly in the window. */
  readonly children: ReadonlyMap<number, readonly number[]>
}

export type Applied =
  | { readonly kind: 'applied'; readonly tree: ContentTree }
  /** A change of somebody else was missed: open again. */
  | { readonly kind: 'gap' }
  | { readonly kind: 'broken'; readonly reason: string }

export const emptyTree: ContentTree = { revision: 0n, nodes: new Map(), children: new Map() }

/** The tree after a frame. A broken frame changes nothing. */
export function applyFrame(tree: ContentTree, frame: Frame): Applied {
  if (!frame.whole && frame.revision !== tree.revision && frame.revision !== tree.revision + 1n) return { kind: 'gap' }
  if (frame.patches.length === 0 && !frame.whole) {
    return { kind: 'applied', tree: frame.revision === tree.revision ? tree : { ...tree, revision: frame.revision } }
  }
  const nodes = new Map(frame.whole ? [] : tree.nodes)
  for (const patch of frame.patches) {
    const reason = patch.tag === 'put' ? put(nodes, patch.val) : remove(nodes, patch.val)
    if (reason !== undefined) return { kind: 'broken', reason }
  }
  const reason = orphanOf(nodes)
  if (reason !== undefined) return { kind: 'broken', reason }
  return { kind: 'applied', tree: { revision: frame.revision, nodes, children: childrenOf(nodes, tree.children) } }
}

const canHold = (node: ContentNode): boolean =>
  node.content.tag === 'column' || node.content.tag === 'row' || node.content.tag === 'entries'

function put(nodes: Map<number, ContentNode>, node: ContentNode): string | undefined {
  if (!Number.isInteger(node.id) || node.id <= windowNode) return `node ${node.id}: an id is a whole number above 0`
  if (!nodes.has(node.id) && nodes.size >= nodeLimit) return `more than ${nodeLimit} nodes`
  if (node.parent !== undefined) {
    const parent = nodes.get(node.parent)
    if (parent === undefined) return `node ${node.id}: its parent ${node.parent} is not there`
    if (!canHold(parent)) return `node ${node.id}: its parent ${node.parent} is a ${parent.content.tag}`
    let above: ContentNode | undefined = parent
    for (let depth = 1; above !== undefined; depth += 1) {
      if (above.id === node.id) return `node ${node.id}: it would be inside itself`
      if (depth >= depthLimit) return `node ${node.id}: deeper than ${depthLimit}`
      above = above.parent === undefined ? undefined : nodes.get(above.parent)
    }
  }
  nodes.set(node.id, node)
  return undefined
}

function remove(nodes: Map<number, ContentNode>, id: number): undefined {
  const below = new Set([id])
  // Children may stand before their parents in the map after a parent was put again, so until nothing more is found.
  for (let before = 0; before !== below.size;) {
    before = below.size
    for (const node of nodes.values()) if (node.parent !== undefined && below.has(node.parent)) below.add(node.id)
  }
  for (const gone of below) nodes.delete(gone)
  return undefined
}

/** A container replaced by something that holds nothing leaves its children without a place. Also checks the depth. */
function orphanOf(nodes: ReadonlyMap<number, ContentNode>): string | undefined {
  const depths = new Map<number, number>()
  const depthOf = (node: ContentNode, guard: number): number => {
    if (guard > depthLimit + 1) return guard
    const known = depths.get(node.id)
    if (known !== undefined) return known
    const parent = node.parent === undefined ? undefined : nodes.get(node.parent)
    const depth = parent === undefined ? 1 : 1 + depthOf(parent, guard + 1)
    depths.set(node.id, depth)
    return depth
  }
  for (const node of nodes.values()) {
    if (depthOf(node, 0) > depthLimit) return `node ${node.id}: deeper than ${depthLimit}`
    if (node.parent === undefined) continue
    const parent = nodes.get(node.parent)
    if (parent === undefined) return `node ${node.id}: its parent ${node.parent} is not there`
    if (!canHold(parent)) return `node ${node.id}: its parent ${node.parent} is a ${parent.content.tag}`
  }
  return undefined
}

/** Lists that did not change keep their identity. */
function childrenOf(
  nodes: ReadonlyMap<number, ContentNode>,
  before: ReadonlyMap<number, readonly number[]>,
): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<number, ContentNode[]>()
  for (const node of nodes.values()) {
    const group = groups.get(node.parent ?? windowNode)
    if (group === undefined) groups.set(node.parent ?? windowNode, [node])
    else group.push(node)
  }
  const lists = new Map<number, readonly number[]>()
  for (const [parent, group] of groups) {
    const list = group.sort((a, b) => a.order - b.order || a.id - b.id).map((node) => node.id)
    const old = before.get(parent)
    const isSame = old !== undefined && old.length === list.length && old.every((id, index) => id === list[index])
    lists.set(parent, isSame ? old : list)
  }
  return lists
}
