// What the person arranged: saved by main through the bridge, restored at the next start. Written by intents only.
// Positions are world units of the plane (x to the right, y away from the viewer).

import { createStore } from 'zustand/vanilla'
import type { OnHostKey } from '../../preload/records.js'

/** Front edge's left end of a slab, and its size where the person or its windows made it larger. */
export interface PlaceArrangement {
  readonly x: number
  readonly y: number
  readonly width?: number | undefined
  readonly depth?: number | undefined
}

/** Foot of a window relative to its slab's front-left corner, so that it travels with the slab. */
export interface WindowArrangement {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly isMinimised?: boolean | undefined
}

/** Where the person looks: the world point in the middle of the view, pitch in degrees (90: flat), zoom (1: a unit is a pixel). */
export interface Viewpoint {
  readonly x: number
  readonly y: number
  readonly pitch: number
  readonly zoom: number
}

export type Theme = 'system' | 'dark' | 'light' | 'contrast-dark' | 'contrast-light'

export interface WorkspaceState {
  readonly version: 1
  readonly places: Readonly<Record<string, PlaceArrangement>>
  /** By component id: a window keeps its size when its actor moves; by `OnHostKey` when it runs on several nodes. */
  readonly windows: Readonly<Record<string, WindowArrangement>>
  /** Bottom to top. */
  readonly order: readonly OnHostKey[]
  readonly viewpoint: Viewpoint | undefined
  readonly viewpoints: Readonly<Record<string, Viewpoint>>
  /** Gone hosts the person dismissed. */
  readonly forgotten: readonly string[]
  readonly theme: Theme
  readonly locale: 'en' | 'ru'
  readonly hasSeenHint: boolean
}

export const defaultWorkspace: WorkspaceState = {
  version: 1,
  places: {},
  windows: {},
  order: [],
  viewpoint: undefined,
  viewpoints: {},
  forgotten: [],
  theme: 'system',
  locale: 'en',
  hasSeenHint: false,
}

export type WorkspaceStore = ReturnType<typeof createWorkspaceStore>

export function createWorkspaceStore() {
  return createStore<WorkspaceState>()(() => defaultWorkspace)
}
