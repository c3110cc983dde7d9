// Where the badge of a cable goes: on a straight run of it over empty plane, as long as possible, where it covers nothing
// but the cable. Screen arithmetic only.

import { project, type Projection, type Rect } from '../scene/projection.js'
import type { CableNode, Point } from '../scene/types.js'

export const badgeSize = { width: 132, height: 20 }

function overlaps(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/** The middle of the badge in px, and whether it covers nothing but plane there; undefined off the screen. */
export function badgeSpot(
  projection: Projection,
  cable: Pick<CableNode, 'points'>,
  taken: readonly Rect[],
): { readonly at: Point; readonly isFree: boolean } | undefined {
  let best: { at: Point; isFree: boolean; length: number } | undefined
  const { left, right, top, bottom, width, height } = projection.viewport
  for (const [index, from] of cable.points.entries()) {
    const to = cable.points[index + 1]
    const a = project(projection, from)
    const b = to === undefined ? undefined : project(projection, to)
    if (a === undefined || b === undefined) continue
    const at = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
    const rect = {
      x: at.x - badgeSize.width / 2,
      y: at.y - badgeSize.height / 2,
      width: badgeSize.width,
      height: badgeSize.height,
    }
    const isSeen =
      rect.x >= left && rect.x + rect.width <= width - right && rect.y >= top && rect.y + rect.height <= height - bottom
    if (!isSeen) continue
    // A run along the badge shows on both sides of it; one across it is hidden over its height only.
    const isAcross = Math.abs(b.y - a.y) > Math.abs(b.x - a.x)
    const length = Math.hypot(b.x - a.x, b.y - a.y) - (isAcross ? badgeSize.height : badgeSize.width)
    const isFree = length > 16 && !taken.some((other) => overlaps(rect, other))
    if (best === undefined || (isFree && !best.isFree) || (isFree === best.isFree && length > best.length))
      best = { at, isFree, length }
  }
  return best
}
