// What carrying out intents stands on: the three stores, the bridge, the eye, and the picture that is on the screen. Types
// only; index.tsx hands it over, so that every deed can be tried without a window.

import type { Shell } from '../../preload/contract.js'
import type { Projection } from '../scene/projection.js'
import type { Standing } from '../scene/layout.js'
import type { OnHostKey } from '../../preload/records.js'
import type { SceneDescription } from '../scene/types.js'
import type { InteractionStore } from '../state/interaction.js'
import type { LatticeStore } from '../state/lattice.js'
import type { Worlds } from '../state/worlds.js'
import type { Viewpoint, WorkspaceStore } from '../state/workspace.js'
import type { Notices } from './notices.js'

/** Where the person looks, and the way to look elsewhere. */
export interface Eye {
  readonly viewpoint: Viewpoint
  /** Where a flight goes, or where the eye is. */
  readonly destination: Viewpoint
  readonly projection: Projection
  /** The projection that a viewpoint would have in this page. */
  projectionAt(viewpoint: Viewpoint): Projection
  /** At once; the hand is still at it while not `isFinal`. */
  set(viewpoint: Viewpoint, isFinal: boolean): void
  /** With the easing of a flight; a cut for who asked for less motion. */
  fly(viewpoint: Viewpoint, ms: number): void
}

export interface Stores {
  readonly lattice: LatticeStore
  readonly workspace: WorkspaceStore
  readonly interaction: InteractionStore
}

export interface Ground {
  readonly stores: Stores
  readonly shell: Shell
  readonly worlds: Worlds
  readonly eye: Eye
  /** The newest picture. */
  scene(): SceneDescription
  /** Where each window stands on its slab, also while it is in the hand. */
  homes(): ReadonlyMap<OnHostKey, Standing>
  readonly notices: Notices
  /** Wall clock, ms. */
  now(): number
  /** Runs once after some ms; the returned function takes it back. */
  later(ms: number, deed: () => void): () => void
}
