// The files in which the desktop keeps what must outlive it: names, schemas, first values. The entry opens each with
// `openStateFile` and hands the parts what they keep; the parts know only `Kept`.

import * as v from 'valibot'
import { ChildRecords } from './children.js'
import { Ports } from './nats-config.js'
import { WindowPlace } from './window-place.js'

/** What a person arranged: saved as the renderer gives it. */
const Workspace = v.nullable(v.record(v.string(), v.unknown()))

/** nkey seed of this desktop's host and the lattice shown last. */
const Identity = v.object({ seed: v.nullable(v.string()), lattice: v.nullable(v.string()) })

export const stateFiles = {
  workspace: { name: 'workspace', schema: Workspace, initial: null },
  window: { name: 'window', schema: v.nullable(WindowPlace), initial: null },
  ports: { name: 'nats-ports', schema: v.nullable(Ports), initial: null },
  children: { name: 'children', schema: ChildRecords, initial: [] },
  identity: { name: 'identity', schema: Identity, initial: { seed: null, lattice: null } },
} as const
