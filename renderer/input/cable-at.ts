// Which cable is under the pointer: the one nearest to it on the screen, within a finger's width of a mouse. Pure.

import { project, type Projection } from '../scene/projection.js'
import type { CableNode, Point } from '../scene/types.js'

/** px */
const reach = 7

function distanceTo(a: Point, b: Point, at: Point): number {
  const dx = b.x - a.x
  const dy = b.y - a.y
  const length = dx * dx + dy * dy
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((at.x - a.x) * dx + (at.y - a.y) * dy) / length))
  return Math.hypot(a.x + share * dx - at.x, a.y + share * dy - at.y)
}

/** The key of the cable within reach of a point of the page. */
export function cableAt(
  projection: Projection,
  cables: ReadonlyMap<string, Pick<CableNode, 'key' | 'points'>>,
  at: Point,
): string | undefined {
  let best: { readonly key: string; readonly distance: number } | undefined
  for (const cable of cables.values()) {
    for (const [index, from] of cable.points.entries()) {
      const to = cable.points[index + 1]
      const a = project(projection, from)
      const b = to === undefined ? undefined : project(projection, to)
      if (a === undefined || b === undefined) continue
      const distance = distanceTo(a, b, at)
      if (distance <= reach && (best === undefined || distance < best.distance)) best = { key: cable.key, distance }
    }
  }
  return best?.key
}
