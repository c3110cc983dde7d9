// The camera of the space as arithmetic: plane to screen and back, rectangles of what stands on the plane, zoom about a
// point, fit. The formula is part of the look (tilted: pitch 52 degrees; yaw and roll never change), so that a window's
// DOM, its card and its `locate()` rectangle are one and the same rectangle. Pure; view and input both stand on it.

import type { Viewpoint } from '../state/workspace.js'
import type { PlaceNode, Point, WindowNode } from './types.js'

/** Distance of the eye from the centre of view at zoom 1, in units: there one unit is one CSS pixel. */
export const focal = 3011
export const tiltedPitch = 52
export const flatPitch = 90
const minPitch = 35
const minZoom = 0.02
const maxZoom = 2
const zoomSteps: readonly number[] = [0.1, 0.25, 0.37, 0.5, 0.66, 0.83, 1, 1.25, 1.5, 2]

/** CSS px of the page, and what bars and panels cover at its edges; the middle of view is the middle of what is left in x. */
export interface Viewport {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A viewpoint in a viewport, with what every projection needs worked out once. */
export interface Projection {
  readonly viewpoint: Viewpoint
  readonly viewport: Viewport
  readonly sin: number
  readonly cos: number
  readonly distance: number
  readonly centreX: number
  readonly centreY: number
}

export function projectionOf(viewpoint: Viewpoint, viewport: Viewport): Projection {
  const pitch = (viewpoint.pitch * Math.PI) / 180
  return {
    viewpoint,
    viewport,
    sin: Math.sin(pitch),
    cos: viewpoint.pitch === flatPitch ? 0 : Math.cos(pitch),
    distance: focal / viewpoint.zoom,
    centreX: (viewport.width + viewport.left - viewport.right) / 2,
    centreY: viewport.height / 2,
  }
}

/** A point of the plane on the screen, with the scale of what stands there; undefined behind or beside the eye. */
export interface Projected {
  readonly x: number
  readonly y: number
  readonly scale: number
}

/** Depth under which a point counts as behind the eye. */
const nearest = 1

export function project(projection: Projection, point: Point): Projected | undefined {
  const dx = point.x - projection.viewpoint.x
  const dy = point.y - projection.viewpoint.y
  const depth = projection.distance + dy * projection.cos
  if (depth < nearest) return undefined
  const scale = focal / depth
  return {
    x: projection.centreX + dx * scale,
    y: projection.centreY - dy * projection.sin * scale,
    scale,
  }
}

/** The point of the plane under a point of the screen; undefined above the horizon. */
export function unproject(projection: Projection, x: number, y: number): Point | undefined {
  const up = projection.centreY - y
  // up = focal * dy * sin / (D + dy * cos), solved for dy.
  const below = focal * projection.sin - up * projection.cos
  if (below <= 1e-6) return undefined
  const dy = (up * projection.distance) / below
  const depth = projection.distance + dy * projection.cos
  if (depth < nearest) return undefined
  const dx = ((x - projection.centreX) * depth) / focal
  return { x: projection.viewpoint.x + dx, y: projection.viewpoint.y + dy }
}

/** Height of a title bar, of a lip, and of a lip in the far view, where only name and failures are left on it. */
const titleHeight = 30
export const lipHeight = 38
export const farLipHeight = 16
/** Words of 12 px are never drawn under 11 px: lips and fixtures stop scaling here. */
export const wordFloor = 11 / 12
/** Under this scale a lip keeps only its name. */
export const farLipScale = 0.5

/** Height in px of the lip of a slab whose front edge has this scale. */
function lipHeightAt(scale: number): number {
  return scale < farLipScale ? farLipHeight : lipHeight * Math.max(scale, wordFloor)
}

/** The screen rectangle of a window: screen-parallel, the middle of its bottom edge at its foot. */
export function rectOfWindow(
  projection: Projection,
  node: Pick<WindowNode, 'foot' | 'width' | 'height' | 'isMinimised'>,
): Rect | undefined {
  const at = project(projection, node.foot)
  if (at === undefined) return undefined
  const width = node.width * at.scale
  const height = (node.isMinimised ? titleHeight : node.height) * at.scale
  return { x: at.x - width / 2, y: at.y - height, width, height }
}

/** The part of a window's rectangle by which it is dragged. */
export function rectOfTitle(
  projection: Projection,
  node: Pick<WindowNode, 'foot' | 'width' | 'height' | 'isMinimised'>,
): Rect | undefined {
  const rect = rectOfWindow(projection, node)
  const at = project(projection, node.foot)
  return rect === undefined || at === undefined
    ? undefined
    : { ...rect, height: Math.min(rect.height, titleHeight * at.scale) }
}

type Slab = Pick<PlaceNode, 'x' | 'y' | 'width' | 'depth'>

/** Corners of a slab on the screen: front left, front right, back right, back left. */
function cornersOfPlace(projection: Projection, place: Slab): readonly Projected[] | undefined {
  const corners = [
    project(projection, { x: place.x, y: place.y }),
    project(projection, { x: place.x + place.width, y: place.y }),
    project(projection, { x: place.x + place.width, y: place.y + place.depth }),
    project(projection, { x: place.x, y: place.y + place.depth }),
  ].filter((corner) => corner !== undefined)
  return corners.length === 4 ? corners : undefined
}

/** The screen-parallel strip under the front edge that carries the name. */
export function rectOfLip(projection: Projection, place: Slab): Rect | undefined {
  const left = project(projection, place)
  const right = project(projection, { x: place.x + place.width, y: place.y })
  if (left === undefined || right === undefined) return undefined
  return { x: left.x, y: left.y, width: right.x - left.x, height: lipHeightAt(left.scale) }
}

/** The bounding rectangle of a slab and its lip. */
export function rectOfPlace(projection: Projection, place: Slab): Rect | undefined {
  const corners = cornersOfPlace(projection, place)
  const lip = rectOfLip(projection, place)
  if (corners === undefined || lip === undefined) return undefined
  const xs = corners.map((corner) => corner.x)
  const top = Math.min(...corners.map((corner) => corner.y))
  const x = Math.min(...xs)
  return { x, y: top, width: Math.max(...xs) - x, height: lip.y + lip.height - top }
}

/** Whether a point of the screen is on a slab or its lip. */
export function isOnPlace(projection: Projection, place: Slab, x: number, y: number): boolean {
  const lip = rectOfLip(projection, place)
  if (lip !== undefined && x >= lip.x && x <= lip.x + lip.width && y >= lip.y && y <= lip.y + lip.height) return true
  const point = unproject(projection, x, y)
  return (
    point !== undefined &&
    point.x >= place.x &&
    point.x <= place.x + place.width &&
    point.y >= place.y &&
    point.y <= place.y + place.depth
  )
}

function clampZoom(zoom: number): number {
  return Math.min(maxZoom, Math.max(minZoom, zoom))
}

/** The viewpoint with other zoom or pitch in which the point of the plane under (x, y) is still under it. */
export function aboutPoint(
  projection: Projection,
  x: number,
  y: number,
  change: { readonly zoom?: number; readonly pitch?: number },
): Viewpoint {
  const before = projection.viewpoint
  const next = {
    ...before,
    zoom: clampZoom(change.zoom ?? before.zoom),
    pitch: Math.min(flatPitch, Math.max(minPitch, change.pitch ?? before.pitch)),
  }
  const held = unproject(projection, x, y)
  const moved = unproject(projectionOf(next, projection.viewport), x, y)
  if (held === undefined || moved === undefined) return next
  return { ...next, x: next.x + held.x - moved.x, y: next.y + held.y - moved.y }
}

/** The next of the keyboard's zoom steps. */
export function zoomStepped(zoom: number, steps: number): number {
  let at = zoom
  for (let i = 0; i < Math.abs(steps); i += 1) {
    const next =
      steps > 0 ? zoomSteps.find((step) => step > at * 1.01) : [...zoomSteps].reverse().find((step) => step < at * 0.99)
    at = next ?? at
  }
  return at
}

/** What the eye should see: places with their lips, and windows. */
export interface Content {
  readonly places: readonly Slab[]
  readonly windows: readonly Pick<WindowNode, 'foot' | 'width' | 'height' | 'isMinimised'>[]
}

const fitMargin = 24

function boundsOf(projection: Projection, content: Content): Rect | undefined {
  let left = Infinity
  let top = Infinity
  let right = -Infinity
  let bottom = -Infinity
  const add = (rect: Rect | undefined): void => {
    if (rect === undefined) return
    left = Math.min(left, rect.x)
    top = Math.min(top, rect.y)
    right = Math.max(right, rect.x + rect.width)
    bottom = Math.max(bottom, rect.y + rect.height)
  }
  for (const place of content.places) add(rectOfPlace(projection, place))
  for (const window of content.windows) add(rectOfWindow(projection, window))
  return right < left ? undefined : { x: left, y: top, width: right - left, height: bottom - top }
}

/** The viewpoint at a pitch from which all of the content is in the free part of the viewport, at most at `most` zoom. */
export function fit(viewport: Viewport, content: Content, pitch: number, most = 1): Viewpoint | undefined {
  const free = {
    x: viewport.left + fitMargin,
    y: viewport.top + fitMargin,
    width: Math.max(1, viewport.width - viewport.left - viewport.right - 2 * fitMargin),
    height: Math.max(1, viewport.height - viewport.top - viewport.bottom - 2 * fitMargin),
  }
  let viewpoint: Viewpoint = { x: 0, y: 0, pitch, zoom: minZoom }
  const first = content.places[0]
  if (first !== undefined) viewpoint = { ...viewpoint, x: first.x, y: first.y }
  // The picture is nearly linear in the viewpoint, so that a few steps towards it arrive.
  for (let step = 0; step < 12; step += 1) {
    const projection = projectionOf(viewpoint, viewport)
    const bounds = boundsOf(projection, content)
    if (bounds === undefined) return undefined
    const ratio = Math.min(free.width / bounds.width, free.height / bounds.height)
    const middle = unproject(projection, bounds.x + bounds.width / 2, bounds.y + bounds.height / 2)
    if (middle === undefined) return undefined
    const zoom = Math.min(most, clampZoom(viewpoint.zoom * ratio))
    const centred = projectionOf({ x: middle.x, y: middle.y, pitch, zoom }, viewport)
    const aside = unproject(
      centred,
      2 * centred.centreX - (free.x + free.width / 2),
      2 * centred.centreY - (free.y + free.height / 2),
    )
    viewpoint = { ...centred.viewpoint, ...(aside ?? middle) }
  }
  return viewpoint
}
