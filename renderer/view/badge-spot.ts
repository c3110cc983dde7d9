// Where the badge of a cable goes: on its longest run that is seen over empty plane, where the line runs into both sides of
// it and it covers nothing else; a run up the screen only where there is no other. Screen arithmetic only.

import { project, rectOfPlace, rectOfWindow, type Projection, type Rect } from '../scene/projection.js'
import type { SceneDescription } from '../scene/types.js'

/** Room that a badge takes at most, in px. */
const size = { width: 124, height: 20 }
/** From the edge of what bars and panels leave free. */
const margin = 8
/** A run across the screen is worth this many times one up the screen. */
const acrossWorth = 2.5

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

/** Where along a run it may stand, the best first. */
const parts = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]

/** The top-left corner of the badge's room in px. */
export function badgeSpot(
  projection: Projection,
  scene: SceneDescription,
  key: string,
): { readonly x: number; readonly y: number } | undefined {
  const cable = scene.cables.get(key)
  if (cable === undefined) return undefined
  const taken: Rect[] = []
  for (const place of scene.places.values()) {
    const rect = rectOfPlace(projection, place)
    if (rect !== undefined) taken.push(rect)
  }
  for (const window of scene.windows.values()) {
    const rect = rectOfWindow(projection, window)
    if (rect !== undefined) taken.push(rect)
  }
  const { viewport } = projection
  const isSeen = (x: number, y: number): boolean =>
    x >= viewport.left + margin &&
    y >= viewport.top + margin &&
    x + size.width <= viewport.width - viewport.right - margin &&
    y + size.height <= viewport.height - viewport.bottom - margin
  let best: { readonly x: number; readonly y: number; readonly worth: number } | undefined
  for (let at = 1; at < cable.points.length; at += 1) {
    const [from, to] = [cable.points[at - 1], cable.points[at]]
    if (from === undefined || to === undefined) continue
    const [a, b] = [project(projection, from), project(projection, to)]
    if (a === undefined || b === undefined) continue
    const length = Math.hypot(b.x - a.x, b.y - a.y)
    const isAcross = Math.abs(b.x - a.x) > Math.abs(b.y - a.y)
    const worth = length * (isAcross ? acrossWorth : 1)
    if (length < (isAcross ? size.width + 24 : size.height * 3) || worth <= (best?.worth ?? 0)) continue
    for (const part of parts) {
      const x = a.x + (b.x - a.x) * part - size.width / 2
      const y = a.y + (b.y - a.y) * part - size.height / 2
      if (!isSeen(x, y) || taken.some((rect) => overlap(rect, { x, y, ...size }))) continue
      best = { x, y, worth }
      break
    }
  }
  return best
}
