// What every view of a node is and is given. Views decide only how a node looks; what it is was decided in scene/.

import { Vector2, type Group } from 'three'
import type { Colours } from './colours.js'
import type { Resources } from './resources.js'

/** Back to front (look.md 3.3). DOM is above all of it. */
export const orders = {
  ticks: 0,
  placeShadow: 1,
  lip: 2,
  place: 3,
  cable: 10,
  footprint: 20,
  windowShadow: 30,
  card: 40,
} as const

/** Values that all cables share and the stage sets before it draws: how far beads are (px), pitch, size of the page. */
export interface CableClock {
  readonly phase: { value: number }
  readonly sinPitch: { value: number }
  readonly viewport: { readonly value: Vector2 }
}

export function createCableClock(): CableClock {
  return { phase: { value: 0 }, sinPitch: { value: 1 }, viewport: { value: new Vector2(1, 1) } }
}

export interface ViewContext {
  readonly root: Group
  readonly resources: Resources
  readonly colours: Colours
  readonly clock: CableClock
}

/** The three acts of a view; mounting is its making. */
export interface SceneView<T> {
  update(node: T, previous: T): void
  dispose(): void
}
