// What every view of a node is and is given. Views decide only how a node looks; what it is was decided in scene/.

import type { Group } from 'three'
import type { Colours } from './colours.js'
import type { Resources } from './resources.js'

/** Back to front (look.md 3.3). DOM is above all of it. */
export const orders = {
  ticks: 0,
  placeShadow: 1,
  place: 2,
  cable: 10,
  footprint: 20,
  windowShadow: 30,
  card: 40,
} as const

export interface ViewContext {
  readonly root: Group
  readonly resources: Resources
  readonly colours: Colours
}

/** The three acts of a view; mounting is its making. */
export interface SceneView<T> {
  update(node: T, previous: T): void
  dispose(): void
}
