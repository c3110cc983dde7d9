// Where a window in the hand, or one that moves, would stand, and the outline at its home. Pure.

import type { OnHostKey } from '../../preload/records.js'
import type { InteractionState } from '../state/interaction.js'
import type { WorkspaceState } from '../state/workspace.js'
import type { ArrangedPlace } from './arrange.js'
import { clampFoot, defaultWindow, footFront, footSide, snapFoot, type Standing } from './layout.js'
import type { FootprintNode, PlaceNode, Point } from './types.js'

/** A footprint is as deep as the window is seen to lean back, as far as the slab goes. */
function depthOf(height: number, foot: Point, place: PlaceNode): number {
  return Math.max(40, Math.min(height * 0.6, place.y + place.depth - footSide / 2 - foot.y))
}

/** The footprints of a picture: of the drag, and of every move under way. */
export function describeFootprints(
  workspace: WorkspaceState,
  interaction: InteractionState,
  places: ReadonlyMap<string, PlaceNode>,
  arranged: ReadonlyMap<string, ArrangedPlace>,
): Map<string, FootprintNode> {
  const footprints = new Map<string, FootprintNode>()
  const add = (
    key: string,
    role: FootprintNode['role'],
    hostId: string,
    relative: Point,
    size: { readonly width: number; readonly height: number },
    verdict: FootprintNode['verdict'],
  ): void => {
    const place = places.get(hostId)
    if (place === undefined) return
    const foot = { x: place.x + relative.x, y: place.y + relative.y }
    const { width } = size
    footprints.set(key, {
      kind: 'footprint',
      key,
      role,
      hostId,
      foot,
      width,
      depth: depthOf(size.height, foot, place),
      verdict,
    })
  }
  const standingOf = (hostId: string, key: OnHostKey): Standing | undefined => arranged.get(hostId)?.windows.get(key)

  const { drag } = interaction
  if (drag !== undefined) {
    const home = standingOf(drag.fromHostId, drag.key)
    if (home !== undefined) {
      add(`home ${drag.key}`, 'home', drag.fromHostId, home, home, undefined)
      const over = drag.overHostId === undefined ? undefined : places.get(drag.overHostId)
      if (over !== undefined) {
        const foot = snapFoot({ x: drag.foot.x - over.x, y: drag.foot.y - over.y }, home.width, over)
        const verdict = over.id === drag.fromHostId ? 'accepts' : (over.verdict?.kind ?? 'asking')
        add(`target ${drag.key}`, 'target', over.id, foot, home, verdict)
      }
    }
  }
  for (const move of Object.values(interaction.moves)) {
    const from = `${move.from}/${move.componentId}` as OnHostKey // the one spelling of the key, see records.ts
    const to = `${move.to}/${move.componentId}` as OnHostKey
    const home = standingOf(move.from, from)
    const target = places.get(move.to)
    if (home !== undefined) add(`home ${from}`, 'home', move.from, home, home, undefined)
    if (target === undefined) continue
    const size = home ?? standingOf(move.to, to) ?? defaultWindow
    const wish = workspace.windows[to] ?? { x: target.width / 2, y: footFront }
    add(`target ${from}`, 'target', move.to, clampFoot(wish, size.width, target), size, 'accepts')
  }
  return footprints
}
