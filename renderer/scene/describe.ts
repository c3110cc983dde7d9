// The three states and the previous picture to the next picture. What did not change keeps its identity, so that
// `reconcile` and the panels compare with `===` and a still world costs little. Pure.

import type { LatticeState, OnHostKey } from '../../preload/records.js'
import type { InteractionState } from '../state/interaction.js'
import type { WorkspaceState } from '../state/workspace.js'
import { arrange } from './arrange.js'
import { describeCables, type Routing } from './describe-cables.js'
import { describeFootprints } from './describe-footprints.js'
import { describePlaces } from './describe-places.js'
import { describeWindows } from './describe-windows.js'
import { keepIdentity } from './identity.js'
import type { Standing } from './layout.js'
import { emptyScene } from './reconcile.js'
import type { SceneDescription } from './types.js'

/** A picture, and what is needed to make the next one like it. */
export interface Described {
  readonly scene: SceneDescription
  /** Where each window stands on its slab, also while it is in the hand. */
  readonly homes: ReadonlyMap<OnHostKey, Standing>
  readonly routing: Routing | undefined
}

export interface DescribeInput {
  readonly lattice: LatticeState
  readonly workspace: WorkspaceState
  readonly interaction: InteractionState
}

export const nothingDescribed: Described = { scene: emptyScene, homes: new Map(), routing: undefined }

/** The next picture; the very same object when nothing about it changed. */
export function describe({ lattice, workspace, interaction }: DescribeInput, previous: Described): Described {
  const before = previous.scene
  const arranged = arrange(lattice, workspace, before, previous.homes)
  const places = keepIdentity(before.places, describePlaces(lattice, interaction, arranged, workspace.locale))
  const windows = keepIdentity(before.windows, describeWindows(lattice, workspace, interaction, arranged, before))
  const homes = new Map<OnHostKey, Standing>()
  for (const place of arranged.values())
    for (const [key, { x, y, width, height }] of place.windows) homes.set(key, { x, y, width, height })
  const cabled = describeCables(lattice, interaction, places, windows, homes, previous.routing)
  const cables = keepIdentity(before.cables, cabled.cables)
  const footprints = keepIdentity(before.footprints, describeFootprints(workspace, interaction, places, arranged))
  const isSame =
    places === before.places &&
    windows === before.windows &&
    cables === before.cables &&
    footprints === before.footprints
  return {
    scene: isSame ? before : { places, windows, cables, footprints },
    homes: keepIdentity(previous.homes, homes),
    routing: cabled.routing,
  }
}
