// Which slab a dragged window would stand on, and where. The foot chooses, as the eye sees it; but a pointer that was
// brought onto a slab means that slab, wherever the foot under it would be. Pure: positions in, position out.

import { isOnPlace, project, unproject, type Projection } from '../scene/projection.js'
import { clampFoot } from '../scene/layout.js'
import type { PlaceNode, Point, WindowNode } from '../scene/types.js'

/** A window as it was taken hold of. */
export interface Grip {
  /** From the pointer to the foot, px. */
  readonly toFoot: Point
  readonly width: number
  /** What was under the pointer when it took hold. */
  readonly startedOver: string | undefined
  /** The pointer was somewhere else since: what is under it now was chosen. */
  readonly hasChosen: boolean
}

export interface Held {
  readonly grip: Grip
  /** World point where the window would stand. */
  readonly foot: Point
  readonly hostId: string | undefined
}

type Places = ReadonlyMap<string, PlaceNode>

/** The place under a point of the page, the nearest to the viewer first. */
export function placeAt(projection: Projection, places: Places, at: Point): PlaceNode | undefined {
  const nearFirst = [...places.values()].sort((a, b) => a.y - b.y)
  return nearFirst.find((place) => isOnPlace(projection, place, at.x, at.y))
}

function placeUnder(places: Places, foot: Point): PlaceNode | undefined {
  return [...places.values()].find(
    (place) =>
      foot.x >= place.x && foot.x <= place.x + place.width && foot.y >= place.y && foot.y <= place.y + place.depth,
  )
}

/** Takes hold of a window; undefined when its foot is behind the eye. */
export function takeHold(
  projection: Projection,
  places: Places,
  window: Pick<WindowNode, 'foot' | 'width'>,
  pointer: Point,
): Grip | undefined {
  const foot = project(projection, window.foot)
  if (foot === undefined) return undefined
  return {
    toFoot: { x: foot.x - pointer.x, y: foot.y - pointer.y },
    width: window.width,
    startedOver: placeAt(projection, places, pointer)?.id,
    hasChosen: false,
  }
}

/** Where the window is now that the pointer is there. */
export function dragTo(projection: Projection, places: Places, grip: Grip, pointer: Point): Held | undefined {
  const pointed = placeAt(projection, places, pointer)
  const hasChosen = grip.hasChosen || pointed?.id !== grip.startedOver
  const free = unproject(projection, pointer.x + grip.toFoot.x, pointer.y + grip.toFoot.y)
  const foot = free ?? unproject(projection, pointer.x, pointer.y)
  if (foot === undefined) return undefined
  const target = (hasChosen ? pointed : undefined) ?? placeUnder(places, foot)
  const next = hasChosen === grip.hasChosen ? grip : { ...grip, hasChosen }
  if (target === undefined) return { grip: next, foot, hostId: undefined }
  const inside = clampFoot({ x: foot.x - target.x, y: foot.y - target.y }, grip.width, target)
  return { grip: next, foot: { x: target.x + inside.x, y: target.y + inside.y }, hostId: target.id }
}

/** The next place in a direction of the screen from another one: the nearest, those straight ahead first. */
export function placeToward(places: Places, fromId: string | undefined, toward: Point): PlaceNode | undefined {
  const from = fromId === undefined ? undefined : places.get(fromId)
  const all = [...places.values()]
  if (from === undefined) return all[0]
  const middle = (place: PlaceNode): Point => ({ x: place.x + place.width / 2, y: place.y + place.depth / 2 })
  const start = middle(from)
  let best: { readonly place: PlaceNode; readonly cost: number } | undefined
  for (const place of all) {
    const { x, y } = middle(place)
    const ahead = (x - start.x) * toward.x + (y - start.y) * toward.y
    const aside = Math.abs((x - start.x) * toward.y) + Math.abs((y - start.y) * toward.x)
    if (place.id === from.id || ahead <= 0 || aside > 3 * ahead) continue
    const cost = ahead + 2 * aside
    if (best === undefined || cost < best.cost) best = { place, cost }
  }
  return best?.place
}
