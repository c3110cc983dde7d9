// The description of the picture: plain data keyed by id, with everything decided that a view (WebGL or DOM) needs.
// `describe.ts` makes it; `view/` draws slabs, cables and shadows from it; `panels/` draws nameplates, fixtures and
// windows from it. World units: 1 unit is 1 CSS px at zoom 1 in the middle of the view; x right, y away from the viewer.

import type { OnHostKey, Traffic } from '../../preload/records.js'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface PlaceVerdict {
  readonly kind: 'asking' | 'accepts' | 'but' | 'refuses'
  readonly summary: string
}

/** A provider on the rail of a place. `x` is the left end of its pill from the slab's left edge at scale 1. */
export interface FixtureNode {
  readonly key: OnHostKey
  readonly providerId: string
  readonly name: string
  readonly glyph: string
  readonly x: number
  readonly width: number
  readonly isInUse: boolean
  readonly state: 'running' | 'failed' | 'unknown'
}

/** A slab. (x, y) is the left end of its front edge; it reaches `width` to the right and `depth` away. */
export interface PlaceNode {
  readonly kind: 'place'
  readonly id: string
  readonly name: string
  readonly hostKind: 'desktop' | 'tlos' | 'wasmcloud' | 'wasmcloud-v2'
  /** What a wasmCloud v2 host counts instead of naming it. */
  readonly counts?: { readonly workloads: number; readonly components: number } | undefined
  readonly version: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly depth: number
  readonly state: 'fresh' | 'stale' | 'gone' | 'cordoned'
  readonly heardAtMs: number
  readonly reason: string | undefined
  readonly load: number | undefined
  readonly actorCount: number
  readonly failedCount: number
  readonly fixtures: readonly FixtureNode[]
  readonly hiddenFixtures: number
  readonly verdict: PlaceVerdict | undefined
  readonly note: { readonly text: string; readonly tone: 'bad' | 'warn' | 'good' } | undefined
  readonly isSelected: boolean
  readonly isDropTarget: boolean
}

/** A window-object standing on its foot (world point of the middle of its bottom edge). Size in world units. */
export interface WindowNode {
  readonly kind: 'window'
  readonly key: OnHostKey
  readonly componentId: string
  readonly hostId: string
  readonly hostName: string
  readonly foot: Point
  readonly width: number
  readonly height: number
  readonly title: string
  readonly version: string | undefined
  readonly instances: number
  readonly digest: string | undefined
  readonly state: 'starting' | 'running' | 'busy' | 'moving' | 'failed' | 'stopped' | 'not-heard'
  readonly problem: string | undefined
  readonly hasWindow: boolean
  /** 0 to 1: the fullest budget. */
  readonly rim: number
  readonly isFocused: boolean
  readonly isSelected: boolean
  readonly isMinimised: boolean
  readonly isDragged: boolean
  /** Stacking: larger is in front. */
  readonly rank: number
}

export interface CableNode {
  readonly kind: 'cable'
  readonly key: string
  readonly sourceId: string
  readonly target: string
  readonly label: string
  readonly interfaces: readonly string[]
  readonly transport: 'in-process' | 'worker' | 'lattice'
  readonly state: 'idle' | 'flowing' | 'stale' | 'broken'
  readonly traffic: Traffic | undefined
  /** Right-angled corners on the plane, source first. */
  readonly points: readonly Point[]
  readonly isSelected: boolean
}

/** Where a dragged window would stand, and the outline at its home. */
export interface FootprintNode {
  readonly kind: 'footprint'
  readonly key: string
  readonly role: 'home' | 'target'
  readonly hostId: string
  readonly foot: Point
  readonly width: number
  readonly depth: number
  readonly verdict: PlaceVerdict['kind'] | undefined
}

export interface SceneDescription {
  readonly places: ReadonlyMap<string, PlaceNode>
  readonly windows: ReadonlyMap<OnHostKey, WindowNode>
  readonly cables: ReadonlyMap<string, CableNode>
  readonly footprints: ReadonlyMap<string, FootprintNode>
}
