// Where the eye is and how it gets there. Flights ease; the hand moves it at once; where it came to rest is told, so that
// it can be kept. Three's camera is only set from it, and never asked.

import { PerspectiveCamera } from 'three'
import { focal, projectionOf, type Projection, type Viewport } from '../scene/projection.js'

type Viewpoint = Projection['viewpoint']

interface Flight {
  readonly from: Viewpoint
  readonly to: Viewpoint
  readonly startedAtMs: number
  readonly ms: number
}

/** cubic-bezier(.3, 0, .1, 1), solved for y by bisection. */
function easeFlight(t: number): number {
  const bezier = (a: number, b: number, s: number): number =>
    3 * (1 - s) * (1 - s) * s * a + 3 * (1 - s) * s * s * b + s * s * s
  let low = 0
  let high = 1
  for (let i = 0; i < 20; i += 1) {
    const middle = (low + high) / 2
    if (bezier(0.3, 0.1, middle) < t) low = middle
    else high = middle
  }
  return bezier(0, 1, (low + high) / 2)
}

/** Fast first, then slower: the hand lets go of things. */
export function easeOut(t: number): number {
  return 1 - (1 - t) ** 3
}

const isSame = (a: Viewpoint, b: Viewpoint): boolean =>
  a.x === b.x && a.y === b.y && a.pitch === b.pitch && a.zoom === b.zoom

export class Camera {
  readonly three = new PerspectiveCamera()
  #viewpoint: Viewpoint
  #viewport: Viewport
  #flight: Flight | undefined
  #isRestTold = true
  readonly #onChange: () => void
  readonly #onRest: (viewpoint: Viewpoint) => void

  constructor(
    viewpoint: Viewpoint,
    viewport: Viewport,
    told: { readonly onChange: () => void; readonly onRest: (viewpoint: Viewpoint) => void },
  ) {
    this.#viewpoint = viewpoint
    this.#viewport = viewport
    this.#onChange = told.onChange
    this.#onRest = told.onRest
    this.three.matrixAutoUpdate = false
  }

  get viewpoint(): Viewpoint {
    return this.#viewpoint
  }

  /** Where a flight goes, or where the eye is. */
  get destination(): Viewpoint {
    return this.#flight?.to ?? this.#viewpoint
  }

  get viewport(): Viewport {
    return this.#viewport
  }

  get projection(): Projection {
    return projectionOf(this.#viewpoint, this.#viewport)
  }

  get isMoving(): boolean {
    return this.#flight !== undefined
  }

  resize(viewport: Viewport): void {
    this.#viewport = viewport
    this.#onChange()
  }

  /** At once, as the hand does it; `isFinal` when the hand lets go. */
  set(viewpoint: Viewpoint, isFinal = true): void {
    this.#flight = undefined
    const isMoved = !isSame(viewpoint, this.#viewpoint)
    this.#viewpoint = viewpoint
    if (isMoved) {
      this.#isRestTold = false
      this.#onChange()
    }
    if (isFinal) this.#rest()
  }

  /** With an easing; `ms` 0 cuts. */
  fly(to: Viewpoint, nowMs: number, ms: number): void {
    if (isSame(to, this.destination)) return
    if (ms <= 0) {
      this.set(to)
      return
    }
    this.#flight = { from: this.#viewpoint, to, startedAtMs: nowMs, ms }
    this.#onChange()
  }

  /** One step of the flight; whether there is another. */
  step(nowMs: number): boolean {
    const flight = this.#flight
    if (flight === undefined) return false
    const t = Math.min(1, Math.max(0, (nowMs - flight.startedAtMs) / flight.ms))
    if (t >= 1) {
      this.#flight = undefined
      this.#viewpoint = flight.to
      this.#isRestTold = false
      this.#rest()
      return false
    }
    const part = easeFlight(t)
    const { from, to } = flight
    this.#viewpoint = {
      x: from.x + (to.x - from.x) * part,
      y: from.y + (to.y - from.y) * part,
      pitch: from.pitch + (to.pitch - from.pitch) * part,
      // Equal steps of zoom are equal ratios.
      zoom: from.zoom * (to.zoom / from.zoom) ** part,
    }
    return true
  }

  /** Sets Three's camera to what the projection says. */
  aim(): void {
    const { viewpoint, viewport, sin, cos, distance, centreX } = this.projection
    const { three } = this
    three.fov = (2 * Math.atan(viewport.height / (2 * focal)) * 180) / Math.PI
    three.aspect = viewport.width / viewport.height
    three.near = distance / 20
    three.far = distance * 20
    const aside = viewport.width / 2 - centreX
    three.setViewOffset(viewport.width, viewport.height, aside, 0, viewport.width, viewport.height)
    three.position.set(viewpoint.x, viewpoint.y - distance * cos, distance * sin)
    three.rotation.set(((90 - viewpoint.pitch) * Math.PI) / 180, 0, 0)
    three.updateMatrix()
    three.updateMatrixWorld(true)
  }

  #rest(): void {
    if (this.#isRestTold) return
    this.#isRestTold = true
    this.#onRest(this.#viewpoint)
  }
}
