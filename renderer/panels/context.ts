// What the panels are given: the stores, the way to ask for something, the bridge, and the overlay that keeps DOM
// elements over the drawn plane. Types only; the overlay is implemented by the view, which the panels never import.

import type { StoreApi } from 'zustand/vanilla'
import type { Shell } from '../../preload/contract.js'
import type { Perform } from '../input/intents.js'
import type { SceneDescription } from '../scene/types.js'
import type { InteractionStore } from '../state/interaction.js'
import type { LatticeStore } from '../state/lattice.js'
import type { Worlds } from '../state/worlds.js'
import type { WorkspaceStore } from '../state/workspace.js'

/**
 * What an element over the plane stands for, and with it its key:
 * `window` and `fixture` by `OnHostKey`, `lip` and `place` by host id, `badge` by `LinkKey`, `footprint` by its own key.
 */
export type OverlayKind = 'window' | 'lip' | 'fixture' | 'badge' | 'place' | 'footprint'

/**
 * Keeps elements over what is drawn. The elements are `position: absolute` at 0, 0 of a layer that covers the page, with
 * `transform-origin: 0 0`; at each drawn frame the view sets their transform, size, z-index and `data-level`
 * (`live`, `card`, `tag` or `hidden`).
 */
export interface Overlay {
  /** Hands an element over to the view; the returned function takes it back. */
  attach(kind: OverlayKind, key: string, element: HTMLElement): () => void
  /** The host whose place is under a point of the page (CSS px), if any: what a dropped file is dropped on. */
  hostAt(clientX: number, clientY: number): string | undefined
}

/** The three stores, written by the feed and by intents; panels only read. */
export interface Stores {
  readonly lattice: LatticeStore
  readonly workspace: WorkspaceStore
  readonly interaction: InteractionStore
}

/** All that the panels know of the rest of the shell. */
export interface PanelsContext {
  readonly stores: Stores
  readonly perform: Perform
  readonly overlay: Overlay
  readonly scene: StoreApi<SceneDescription>
  readonly shell: Shell
  readonly worlds: Worlds
}
