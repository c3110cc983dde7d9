// The eye: where the person looks now, and the flight to where they want to look. The viewpoint it holds is the one that
// is drawn; whoever decides where to look calls `go`. Knows the arithmetic of projection, not what is looked at.

import { Matrix4, PerspectiveCamera } from 'three'
import { focal, type Projection } from '../scene/projection.js'

export type Viewpoint = Projection['viewpoint']

export interface Eye {
  /** What is drawn now: on the way, while it flies. */
  readonly viewpoint: Viewpoint
  /** Where it is going, or is. */
  readonly goal: Viewpoint
  /** Flies there in `ms`; 0 is a cut. A second call takes over from wherever the first one is. */
  go(goal: Viewpoint, ms: number): void
  /** Moves on to a time of the frame clock; true while it still flies. */
  step(nowMs: number): boolean
}

/** y of cubic-bezier(x1, y1, x2, y2) at x, both 0 to 1. */
export function ease(x1: number, y1: number, x2: number, y2: number, x: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const at = (a: number, b: number, t: number): number => 3 * a * t * (1 - t) ** 2 + 3 * b * t * t * (1 - t) + t ** 3
  let low = 0
  let high = 1
  for (let i = 0; i < 24; i += 1) {
    const middle = (low + high) / 2
    if (at(x1, x2, middle) < x) low = middle
    else high = middle
  }
  return at(y1, y2, (low + high) / 2)
}

/** Between two viewpoints; zoom goes evenly in steps of the same ratio. */
export function between(from: Viewpoint, to: Viewpoint, share: number): Viewpoint {
  const mix = (a: number, b: number): number => a + (b - a) * share
  return {
    x: mix(from.x, to.x),
    y: mix(from.y, to.y),
    pitch: mix(from.pitch, to.pitch),
    zoom: from.zoom * (to.zoom / from.zoom) ** share,
  }
}

export function createEye(first: Viewpoint): Eye {
  let viewpoint = first
  let flight: { readonly from: Viewpoint; readonly ms: number; startedMs: number | undefined } | undefined
  let goal = first
  return {
    get viewpoint() {
      return viewpoint
    },
    get goal() {
      return goal
    },
    go(to, ms) {
      goal = to
      flight = ms > 0 ? { from: viewpoint, ms, startedMs: undefined } : undefined
      if (flight === undefined) viewpoint = to
    },
    step(nowMs) {
      if (flight === undefined) return false
      flight.startedMs ??= nowMs
      const share = (nowMs - flight.startedMs) / flight.ms
      viewpoint = share >= 1 ? goal : between(flight.from, goal, ease(0.3, 0, 0.1, 1, share))
      if (share >= 1) flight = undefined
      return flight !== undefined
    },
  }
}

const degrees = 180 / Math.PI

/** Sets a camera of WebGL to what the projection says; plane x, y are x, y of the world and its z points up from the plane. */
export function aimCamera(camera: PerspectiveCamera, projection: Projection): void {
  const { viewport, viewpoint, distance, sin, cos, centreX } = projection
  const width = Math.max(1, viewport.width)
  const height = Math.max(1, viewport.height)
  camera.position.set(viewpoint.x, viewpoint.y - distance * cos, distance * sin)
  camera.rotation.set(Math.PI / 2 - Math.asin(Math.min(1, sin)), 0, 0)
  camera.fov = 2 * Math.atan(height / (2 * focal)) * degrees
  camera.aspect = width / height
  camera.near = Math.max(1, distance * 0.02)
  camera.far = distance * 40
  camera.updateProjectionMatrix()
  // The middle of view is the middle of what panels leave free.
  const shift: Matrix4 = camera.projectionMatrix
  shift.elements[8] = -((centreX - width / 2) * 2) / width
  camera.projectionMatrixInverse.copy(camera.projectionMatrix).invert()
  camera.updateMatrixWorld()
}
