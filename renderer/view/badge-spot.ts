// Where the badge of a cable goes: on the middle of its longest run that is seen over empty plane, else nowhere (it is
// then shown on hover by the panels).

import { project, rectOfPlace, rectOfWindow, type Projection, type Rect } from '../scene/projection.js'
import type { SceneDescription } from '../scene/types.js'

/** Room that a badge takes at most, in px. */
const size = { width: 124, height: 20 }

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

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
  let best: { readonly x: number; readonly y: number; readonly length: number } | undefined
  for (let at = 1; at < cable.points.length; at += 1) {
    const [from, to] = [cable.points[at - 1], cable.points[at]]
    if (from === undefined || to === undefined) continue
    const [a, b] = [project(projection, from), project(projection, to)]
    if (a === undefined || b === undefined) continue
    const length = Math.hypot(b.x - a.x, b.y - a.y)
    const isAcross = Math.abs(b.x - a.x) > Math.abs(b.y - a.y)
    if (length < (isAcross ? size.width + 24 : size.height * 3) || length <= (best?.length ?? 0)) continue
    for (const part of [0.5, 0.25, 0.75]) {
      const x = a.x + (b.x - a.x) * part - size.width / 2
      const y = a.y + (b.y - a.y) * part - size.height / 2
      if (taken.some((rect) => overlap(rect, { x, y, ...size }))) continue
      best = { x, y, length }
      break
    }
  }
  return best
}
