// What every view of a node of the scene is: mounted once, updated with each new node, told of each frame and theme,
// disposed of. Types only.

import type { Object3D, PerspectiveCamera } from 'three'
import type { Projection } from '../scene/projection.js'
import type { Palette } from './palette.js'

/** What a view may use of the world it is in. */
export interface Ground {
  readonly root: Object3D
  readonly camera: PerspectiveCamera
  palette(): Palette
  requestDraw(afterMs?: number): void
}

/** `update` and `restyle` change what is drawn and leave it to the world to ask for the frame. */
export interface View<Node> {
  update(node: Node): void
  restyle(): void
  /** Before each frame, for what is parallel to the screen or sized in px. */
  frame?(projection: Projection): void
  dispose(): void
}

export type Mount<Node> = (node: Node, ground: Ground) => View<Node>
