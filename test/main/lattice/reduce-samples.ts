// Messages as the picture of a lattice takes them, and runs of them that check its law at each step: the changes of each
// message make of what is shown what is known.

import { expect } from 'vitest'
import { apply, emptyState } from '../../../preload/changes.js'
import type { LatticeState, Link } from '../../../preload/records.js'
import { onHostKey } from '../../../preload/records.js'
import type { EventBody } from '../../../main/lattice/protocol/events.js'
import type { Inventory } from '../../../main/lattice/protocol/inventory.js'
import { describePicture, emptyPicture, type Picture } from '../../../main/lattice/protocol/picture.js'
import { type PictureInput, reduce } from '../../../main/lattice/protocol/reduce.js'
import type { ActorFacts, Facts } from '../../../main/lattice/protocol/tlos.js'
import { hostId } from './lattice-samples.js'

export const live = { state: 'live', lattice: 'default', url: 'nats://x', embedded: false, hasJetStream: true } as const
export const h1 = hostId(1)
export const h2 = hostId(2)
let eventNumber = 0

export function event(source: string, body: EventBody): PictureInput {
  eventNumber += 1
  return { kind: 'event', event: { id: String(eventNumber), source, time: '', body } }
}

export function inventoryOf(
  host: string,
  components: readonly string[] = [],
  labels: Record<string, string> = {},
): Inventory {
  return {
    hostId: host,
    components: components.map((id) => ({
      id,
      imageRef: `ref-${id}`,
      name: undefined,
      annotations: {},
      revision: 0,
      maxInstances: 1,
      limits: undefined,
    })),
    providers: [],
    friendlyName: `name-${host.slice(0, 4)}`,
    labels,
    version: '1.0.0',
    uptimeSeconds: 0,
  }
}

export const answer = (host: string, components: readonly string[] = [], labels = {}): PictureInput => ({
  kind: 'inventory',
  hostId: host,
  inventory: inventoryOf(host, components, labels),
})
export const beat = (host: string, components: readonly string[] = []): PictureInput =>
  event(host, { kind: 'host_heartbeat', inventory: inventoryOf(host, components) })
export const scaled = (host: string, componentId: string, maxInstances: number): PictureInput =>
  event(host, {
    kind: 'component_scaled',
    componentId,
    hostId: host,
    imageRef: `ref-${componentId}`,
    maxInstances,
    annotations: {},
  })
export const failed = (host: string, componentId: string): PictureInput =>
  event(host, {
    kind: 'component_scale_failed',
    componentId,
    hostId: host,
    imageRef: 'bad',
    maxInstances: 1,
    annotations: {},
    error: 'not a component\nmore lines',
  })
export const told = (
  host: string,
  actors: readonly Partial<ActorFacts>[],
  whole = false,
  links: Facts['links'] = [],
): PictureInput => ({
  kind: 'tlos',
  event: {
    kind: 'facts',
    data: {
      hostId: host as Facts['hostId'],
      whole,
      links,
      actors: actors.map((a) => ({
        componentId: 'c' as ActorFacts['componentId'],
        state: 'running',
        stateKind: 'exported',
        hasWindow: true,
        activity: 0,
        ...a,
      })),
    },
  },
})

export const link: Link = {
  sourceId: 'a',
  target: 'kv',
  name: 'default',
  witNamespace: 'wasi',
  witPackage: 'keyvalue',
  interfaces: ['store'],
  sourceConfig: [],
  targetConfig: [],
}

/** Runs inputs at times; checks the law at each step. */
export function run(
  steps: readonly (readonly [number, PictureInput])[],
  from?: { picture: Picture; shown: LatticeState },
) {
  let picture = from?.picture ?? emptyPicture(live)
  let shown: LatticeState = from?.shown ?? { ...emptyState('default'), connection: live }
  for (const [atMs, input] of steps) {
    const reduction = reduce(picture, input, atMs)
    picture = reduction.state
    shown = apply(shown, reduction.changes)
    expect(shown).toEqual(describePicture(picture))
  }
  return { picture, shown, host: shown.hosts[h1], c: shown.components[onHostKey(h1, 'c')] }
}

export const t0 = 1_000_000
export const tick: PictureInput = { kind: 'tick' }
export const silence: PictureInput = { kind: 'no-responders', hostId: h1 }
