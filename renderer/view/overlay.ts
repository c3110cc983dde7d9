// Keeps DOM elements over what is drawn: windows, nameplates, fixtures, badges. It writes transform, size, z-index and
// `data-level` straight to the elements, so that a moving camera renders no panel. It works without WebGL.

import {
  isOnPlace,
  farLipScale,
  project,
  rectOfLip,
  rectOfPlace,
  rectOfTitle,
  rectOfWindow,
  wordFloor,
  type Projection,
  type Rect,
} from '../scene/projection.js'
import { emptyScene } from '../scene/reconcile.js'
import type { SceneDescription, WindowNode } from '../scene/types.js'
import { badgeSpot } from './badge-spot.js'
import { decideLevels, type Level } from './levels.js'
import { Settling } from './settling.js'

type Kind = 'window' | 'lip' | 'fixture' | 'badge' | 'place' | 'footprint'

/** z-index within the overlay, back to front. Windows take the numbers between by depth. */
const layers = { place: 0, footprint: 0, lip: 1, fixture: 2, window: 10, badge: 5000, dragged: 9000 } as const
const lift = { px: 30, scale: 0.9 }
/** px between the bar at the top and a window in the hand. */
const heldMargin = 6
/** Scale of what is text is rounded to this at rest, so that it is sharp. */
const scaleSteps = 32
/** Slabs narrower than this have no lip. */
const leastLip = 64
const pill = { depth: 28, height: 22 }
/** Px on the screen under which a pill has no room for its name. */
const leastPill = 56

interface Spot {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly scale: number
  readonly z: number
  readonly level: Level | 'hidden'
}

export class Overlay {
  readonly #elements = new Map<string, Set<HTMLElement>>()
  readonly #written = new WeakMap<HTMLElement, string>()
  readonly #onAttach: () => void
  #projection: Projection | undefined
  #scene: SceneDescription = emptyScene
  #levels: ReadonlyMap<string, Level> = new Map()
  readonly #settling = new Settling()
  #ratio = 1
  #nowMs = 0
  #isStill = false
  #isAtRest = true

  constructor(onAttach: () => void) {
    this.#onAttach = onAttach
  }

  /** Elements over the plane now. */
  get count(): number {
    return this.#elements.size
  }

  get levels(): ReadonlyMap<string, Level> {
    return this.#levels
  }

  attach(kind: Kind, key: string, element: HTMLElement): () => void {
    const name = `${kind} ${key}`
    const known = this.#elements.get(name) ?? new Set()
    this.#elements.set(name, known)
    known.add(element)
    this.#place(kind, key, element, this.#depthOrder())
    this.#onAttach()
    return () => {
      known.delete(element)
      if (known.size === 0 && this.#elements.get(name) === known) this.#elements.delete(name)
    }
  }

  /** The host whose slab or lip is under a point of the page. */
  hostAt(x: number, y: number): string | undefined {
    const projection = this.#projection
    if (projection === undefined) return undefined
    const nearFirst = [...this.#scene.places.values()].sort((a, b) => a.y - b.y)
    return nearFirst.find((place) => isOnPlace(projection, place, x, y))?.id
  }

  /** Where a window's title bar, or a place, is on the screen. */
  locate(kind: 'window' | 'place', key: string): Rect | undefined {
    const projection = this.#projection
    if (projection === undefined) return undefined
    if (kind === 'place') {
      const place = this.#scene.places.get(key)
      return place === undefined ? undefined : rectOfPlace(projection, place)
    }
    const node = this.#scene.windows.get(key as WindowNode['key']) // keys come from the scene or find nothing
    return node === undefined ? undefined : rectOfTitle(projection, node)
  }

  /** Moves everything to where it is in this picture. */
  place(
    projection: Projection,
    scene: SceneDescription,
    view: {
      readonly ratio: number
      readonly isAtRest: boolean
      /** Frame clock; `isStill`: nothing is eased, for who asked for less motion. */
      readonly nowMs: number
      readonly isStill: boolean
    },
  ): void {
    this.#projection = projection
    this.#scene = scene
    this.#ratio = view.ratio
    this.#isAtRest = view.isAtRest
    this.#nowMs = view.nowMs
    this.#isStill = view.isStill
    this.#settling.begin(scene.windows)
    this.#levels = decideLevels(projection, scene, this.#levels)
    const order = this.#depthOrder()
    for (const [name, elements] of this.#elements) {
      const space = name.indexOf(' ')
      for (const element of elements) this.#place(name.slice(0, space) as Kind, name.slice(space + 1), element, order)
    }
  }

  /** A window is still being lifted or set down: there has to be another frame. */
  get isSettling(): boolean {
    return this.#settling.isMoving
  }

  /** Windows from far to near; of the same depth, the last focused in front. */
  #depthOrder(): ReadonlyMap<string, number> {
    const windows = [...this.#scene.windows.values()]
    windows.sort((a, b) => b.foot.y - a.foot.y || a.rank - b.rank || (a.key < b.key ? -1 : 1))
    return new Map(windows.map((node, index) => [node.key, index]))
  }

  #place(kind: Kind, key: string, element: HTMLElement, order: ReadonlyMap<string, number>): void {
    const projection = this.#projection
    const spot = projection === undefined ? undefined : this.#spot(projection, kind, key, order)
    const { style } = element
    const written = spot === undefined ? 'hidden' : Object.values(spot).join(' ')
    if (this.#written.get(element) === written) return
    this.#written.set(element, written)
    if (spot === undefined) {
      element.dataset['level'] = 'hidden'
      return
    }
    style.transform = `translate(${String(spot.x)}px, ${String(spot.y)}px) scale(${String(spot.scale)})`
    // A badge is as large as its words.
    if (kind !== 'badge') {
      style.width = `${String(spot.width)}px`
      style.height = `${String(spot.height)}px`
    }
    style.zIndex = String(spot.z)
    element.dataset['level'] = spot.level
    if (kind !== 'window') return
    const isDrawnElsewhere = spot.level === 'tag' || spot.level === 'cell'
    // Not hidden: what a far window is stays in the accessibility tree, and only its picture is WebGL's.
    style.opacity = isDrawnElsewhere ? '0' : ''
    // As good as the picture: it can be taken hold of and chosen, whoever draws it.
    style.pointerEvents = spot.level === 'cell' ? 'none' : ''
  }

  #spot(projection: Projection, kind: Kind, key: string, order: ReadonlyMap<string, number>): Spot | undefined {
    switch (kind) {
      case 'window':
        return this.#windowSpot(projection, key as WindowNode['key'], order) // what panels attach has a node's key
      case 'lip':
      case 'place':
        return this.#placeSpot(projection, kind, key)
      case 'fixture':
        return this.#fixtureSpot(projection, key)
      case 'footprint':
        return this.#footprintSpot(projection, key)
      case 'badge': {
        const spot = badgeSpot(projection, this.#scene, key)
        return spot === undefined
          ? undefined
          : {
              x: this.#pixel(spot.x),
              y: this.#pixel(spot.y),
              width: 0,
              height: 0,
              scale: 1,
              z: layers.badge,
              level: 'live',
            }
      }
    }
  }

  #windowSpot(projection: Projection, key: WindowNode['key'], order: ReadonlyMap<string, number>): Spot | undefined {
    const node = this.#scene.windows.get(key)
    const rect = node === undefined ? undefined : rectOfWindow(projection, node)
    const at = node === undefined ? undefined : project(projection, node.foot)
    if (node === undefined || rect === undefined || at === undefined) return undefined
    const { isDragged } = node
    const [nowMs, isStill] = [this.#nowMs, this.#isStill]
    const lifted = isDragged ? this.#settling.lifted(key, nowMs, isStill) : 0
    const exact = at.scale * (1 + (lift.scale - 1) * lifted)
    const scale = this.#isAtRest && !isDragged ? Math.round(exact * scaleSteps) / scaleSteps || exact : exact
    const height = rect.height / at.scale
    const y = at.y - height * scale - lift.px * lifted
    const goal = {
      x: this.#pixel(at.x - (node.width * scale) / 2),
      // What is in the hand shows its name, also over the farthest slab.
      y: this.#pixel(isDragged ? Math.max(y, projection.viewport.top + heldMargin) : y),
      scale,
    }
    return {
      ...this.#settling.draw(key, isDragged, goal, nowMs, isStill),
      width: node.width,
      height,
      z: isDragged ? layers.dragged : layers.window + (order.get(key) ?? 0),
      level: this.#levels.get(key) ?? 'live',
    }
  }

  #placeSpot(projection: Projection, kind: 'lip' | 'place', id: string): Spot | undefined {
    const node = this.#scene.places.get(id)
    if (node === undefined) return undefined
    const rect = kind === 'lip' ? rectOfLip(projection, node) : rectOfPlace(projection, node)
    const at = project(projection, node)
    if (rect === undefined || at === undefined) return undefined
    const level = rect.width < leastLip ? 'hidden' : at.scale < farLipScale ? 'tag' : 'live'
    const scale = kind === 'place' || level !== 'live' ? 1 : Math.max(at.scale, wordFloor)
    const x = this.#pixel(rect.x)
    return {
      x,
      y: this.#pixel(rect.y),
      width: (this.#pixel(rect.x + rect.width) - x) / scale,
      height: rect.height / scale,
      scale,
      z: layers[kind],
      level,
    }
  }

  #fixtureSpot(projection: Projection, key: string): Spot | undefined {
    const node = this.#scene.places.get(key.slice(0, key.indexOf('/')))
    const fixture = node?.fixtures.find((one) => one.key === key)
    if (node === undefined || fixture === undefined) return undefined
    const at = project(projection, { x: node.x + fixture.x, y: node.y + pill.depth })
    if (at === undefined) return undefined
    const scale = Math.max(at.scale, wordFloor)
    const width = fixture.width * at.scale
    return {
      x: this.#pixel(at.x),
      y: this.#pixel(at.y - (pill.height * scale) / 2),
      width: width / scale,
      height: pill.height,
      scale,
      z: layers.fixture,
      // Without room for a word: the sign alone (look.md 4.3).
      level: at.scale < farLipScale ? 'hidden' : width < leastPill ? 'tag' : 'live',
    }
  }

  /** Words stand upright on the outline, as wide as its front edge is. */
  #footprintSpot(projection: Projection, key: string): Spot | undefined {
    const node = this.#scene.footprints.get(key)
    const front = node === undefined ? undefined : project(projection, node.foot)
    const back = node === undefined ? undefined : project(projection, { x: node.foot.x, y: node.foot.y + node.depth })
    if (node === undefined || front === undefined || back === undefined) return undefined
    const scale = Math.max(front.scale, wordFloor)
    return {
      x: this.#pixel(front.x - (node.width * front.scale) / 2),
      y: this.#pixel(back.y),
      width: (node.width * front.scale) / scale,
      height: (front.y - back.y) / scale,
      scale,
      z: layers.footprint,
      level: front.scale < farLipScale ? 'hidden' : 'live',
    }
  }

  /** The nearest device pixel. */
  #pixel(value: number): number {
    return this.#isAtRest ? Math.round(value * this.#ratio) / this.#ratio : value
  }
}
