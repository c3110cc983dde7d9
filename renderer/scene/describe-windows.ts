// Components to windows on their feet. What a host that is not heard from last said of its components stays, as such. Pure.

import type { Component, LatticeState, OnHostKey } from '../../preload/records.js'
import type { InteractionState, MoveState } from '../state/interaction.js'
import type { WorkspaceState } from '../state/workspace.js'
import type { ArrangedPlace } from './arrange.js'
import type { Point, SceneDescription, WindowNode } from './types.js'

const rimOf = (component: Component): number => {
  const { memoryBytes, memoryLimitBytes } = component
  if (memoryBytes === undefined || memoryLimitBytes === undefined || memoryLimitBytes <= 0) return 0
  // In steps of a hundredth: a rim that moves by less than can be seen is the same picture.
  return Math.round(Math.min(1, memoryBytes / memoryLimitBytes) * 100) / 100
}

/** Where a window that moves was dropped: it stays there, so that it does not go home first to leave it again. */
function droppedAt(
  move: MoveState | undefined,
  hostId: string,
  workspace: WorkspaceState,
  arranged: ReadonlyMap<string, ArrangedPlace>,
): Point | undefined {
  if (move?.from !== hostId) return undefined
  const slab = arranged.get(move.to)?.slab
  const wish = workspace.windows[`${move.to}/${move.componentId}`]
  return slab === undefined || wish === undefined ? undefined : { x: slab.x + wish.x, y: slab.y + wish.y }
}

/** The windows of a picture. During a move the window is the giver's until the lattice says it left. */
export function describeWindows(
  lattice: LatticeState,
  workspace: WorkspaceState,
  interaction: InteractionState,
  arranged: ReadonlyMap<string, ArrangedPlace>,
  previous: SceneDescription,
): Map<OnHostKey, WindowNode> {
  const windows = new Map<OnHostKey, WindowNode>()
  const rankOf = new Map(workspace.order.map((key, index) => [key, index + 1]))
  const moves = Object.values(interaction.moves)
  const { selection, drag, focused } = interaction
  for (const [hostId, place] of arranged) {
    for (const [key, standing] of place.windows) {
      const component = lattice.components[key]
      const old = previous.windows.get(key)
      const componentId = component?.id ?? old?.componentId
      if (componentId === undefined) continue
      const move = moves.find((one) => one.componentId === componentId)
      if (move?.to === hostId && `${move.from}/${componentId}` in lattice.components) continue
      const isDragged = drag?.key === key
      const isHeard = place.host.liveness === 'fresh' && component !== undefined
      windows.set(key, {
        kind: 'window',
        key,
        componentId,
        hostId,
        hostName: place.host.friendlyName,
        foot: isDragged
          ? drag.foot
          : (droppedAt(move, hostId, workspace, arranged) ?? {
              x: place.slab.x + standing.x,
              y: place.slab.y + standing.y,
            }),
        width: standing.width,
        height: standing.height,
        title: component?.name ?? old?.title ?? componentId,
        version: component?.version ?? old?.version,
        instances: component?.maxInstances ?? old?.instances ?? 1,
        digest: component?.digest ?? old?.digest,
        state: !isHeard ? 'not-heard' : move?.from === hostId ? 'moving' : component.state,
        problem: component?.problem,
        hasWindow: component?.hasWindow ?? old?.hasWindow ?? false,
        rim: component === undefined ? 0 : rimOf(component),
        isFocused: focused === key,
        isSelected: selection?.kind === 'window' && selection.id === key,
        isMinimised: standing.isMinimised,
        isDragged,
        rank: rankOf.get(key) ?? 0,
      })
    }
  }
  return windows
}
