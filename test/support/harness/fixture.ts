// A lattice as in the picture of the design (look/space-dark.png), for looking at the space without main: three nodes, seven
// actors, links of every transport.

import { emptyState } from '../../../preload/changes.js'
import {
  linkKey,
  onHostKey,
  type Component,
  type ComponentId,
  type Host,
  type HostId,
  type LatticeState,
  type Link,
  type Provider,
  type Verdict,
} from '../../../preload/records.js'

const hostId = (letter: string): HostId => `N${letter.repeat(55)}` as HostId
export const workshop = hostId('W')
export const north = hostId('A')
export const attic = hostId('B')

const nowMs = Date.now()

const host = (id: HostId, friendlyName: string, kind: Host['kind'], more: Partial<Host> = {}): Host => ({
  id,
  friendlyName,
  kind,
  version: kind === 'wasmcloud' ? '1.9.2' : '0.1.0',
  labels: {},
  heardAtMs: nowMs,
  startedAtMs: nowMs - 3_600_000,
  liveness: 'fresh',
  cordoned: false,
  ...more,
})

const digestOf = (name: string): string =>
  [...name.repeat(32).slice(0, 32)].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, '0')).join('')

const component = (at: HostId, id: string, version: string, more: Partial<Component> = {}): Component => ({
  id: id as ComponentId,
  hostId: at,
  imageRef: `ghcr.io/home/${id}:${version}`,
  name: id,
  version,
  digest: digestOf(id),
  maxInstances: 1,
  annotations: {},
  state: 'running',
  stateKind: 'exported',
  hasWindow: true,
  memoryBytes: 4_000_000,
  memoryLimitBytes: 64_000_000,
  activity: 1,
  ...more,
})

const provider = (at: HostId, id: string): Provider => ({
  id,
  hostId: at,
  imageRef: `ghcr.io/wasmcloud/${id}:1`,
  name: id,
  annotations: {},
  health: 'running',
})

const link = (sourceId: string, target: string, wit: string, interfaces: string[], perSecond?: number): Link => {
  const [witNamespace = 'wasi', witPackage = ''] = wit.split(':')
  return {
    sourceId,
    target,
    name: 'default',
    witNamespace,
    witPackage,
    interfaces,
    sourceConfig: [],
    targetConfig: [],
    ...(perSecond === undefined ? {} : { traffic: { perSecond, errorsPerSecond: 0, p50Ms: 1.2, p99Ms: 4.1 } }),
  }
}

const byKey = <T>(items: readonly T[], key: (item: T) => string): Record<string, T> =>
  Object.fromEntries(items.map((item) => [key(item), item]))

/** The whole state. */
export function fixtureState(): LatticeState {
  const components = [
    component(workshop, 'notes', '0.9.0', { memoryBytes: 12_000_000 }),
    component(workshop, 'thermo', '0.3.1', { memoryBytes: 22_000_000 }),
    component(workshop, 'counter', '0.1.0', { state: 'starting', memoryBytes: 2_000_000 }),
    component(north, 'orders', '0.4.2', { state: 'busy', maxInstances: 4, memoryBytes: 40_000_000 }),
    component(north, 'mailer', '1.1.0', {
      state: 'failed',
      problem: 'Trapped: unreachable',
      memoryBytes: 60_000_000,
    }),
    component(attic, 'gate', '2.0.1', { maxInstances: 2, hasWindow: false, stateKind: 'unknown' }),
    component(attic, 'echo', '0.2.0', { state: 'stopped', maxInstances: 0, hasWindow: false, stateKind: 'unknown' }),
  ]
  const providers = [
    ...['keyvalue', 'blobstore', 'http-in', 'messaging', 'crypto', 'render'].map((id) => provider(workshop, id)),
    ...['keyvalue', 'http-out', 'logging'].map((id) => provider(north, id)),
    ...['http-in', 'keyvalue', 'blobstore'].map((id) => provider(attic, id)),
  ]
  const links = [
    link('notes', 'keyvalue', 'wasi:keyvalue', ['store']),
    link('notes', 'blobstore', 'wasi:blobstore', ['container'], 3),
    link('notes', 'orders', 'home:orders', ['place'], 412),
    link('thermo', 'messaging', 'wasmcloud:messaging', ['consumer'], 120),
    link('orders', 'keyvalue', 'wasi:keyvalue', ['store'], 80),
    link('orders', 'gate', 'home:gate', ['stock'], 6),
    link('http-in', 'gate', 'wasi:http', ['incoming-handler']),
  ]
  return {
    ...emptyState('home'),
    connection: { state: 'live', lattice: 'home', url: 'nats://127.0.0.1:4222', embedded: true, hasJetStream: true },
    hosts: byKey(
      [
        host(workshop, 'workshop', 'desktop', { load: 0.34 }),
        host(north, 'north', 'tlos', { load: 0.71 }),
        host(attic, 'attic-pi', 'wasmcloud', { load: 0.12, liveness: 'stale', heardAtMs: nowMs - 41_000 }),
      ],
      ({ id }) => id,
    ),
    components: byKey(components, (one) => onHostKey(one.hostId, one.id)),
    providers: byKey(providers, (one) => onHostKey(one.hostId, one.id)),
    links: byKey(links, linkKey),
    installed: {},
  }
}

/** A window of every kind of size, standing as in the picture. */
export const fixtureWorkspace: Record<string, unknown> = {
  version: 1,
  places: {
    [workshop]: { x: -430, y: 0, width: 900, depth: 460 },
    [north]: { x: -660, y: 600, width: 600, depth: 340 },
    [attic]: { x: 60, y: 600, width: 580, depth: 340 },
  },
  windows: {
    [onHostKey(workshop, 'notes')]: { x: 210, y: 96, width: 356, height: 264 },
    [onHostKey(workshop, 'thermo')]: { x: 532, y: 96, width: 258, height: 198 },
    [onHostKey(workshop, 'counter')]: { x: 776, y: 96, width: 184, height: 128 },
    [onHostKey(north, 'orders')]: { x: 164, y: 70, width: 262, height: 196 },
    [onHostKey(north, 'mailer')]: { x: 452, y: 70, width: 252, height: 162 },
    [onHostKey(attic, 'gate')]: { x: 156, y: 70, width: 234, height: 156 },
    [onHostKey(attic, 'echo')]: { x: 430, y: 70, width: 214, height: 120 },
  },
  order: [onHostKey(workshop, 'notes')],
  hasSeenHint: true,
  theme: 'dark',
}

/** What the two other nodes say to a component that might come. */
export function fixtureVerdicts(from: string): readonly Verdict[] {
  const all: Verdict[] = [
    {
      hostId: north,
      kind: 'refuses',
      summary: 'refuses: no wasi:blobstore/container, 118 of 128 MiB in use',
      details: [{ label: 'Missing', value: 'wasi:blobstore/container', tone: 'bad' }],
    },
    {
      hostId: attic,
      kind: 'accepts',
      summary: 'accepts: bytes here, 3 of 3 links, pause about 40 ms',
      details: [
        { label: 'Memory', value: 'snapshot, 412 KiB', tone: 'plain' },
        { label: 'Pause', value: 'about 40 ms', tone: 'plain' },
        { label: 'Cable to keyvalue', value: 'process → lattice, +0.8 ms', tone: 'warn' },
      ],
    },
    { hostId: workshop, kind: 'but', summary: 'accepts, starts empty', details: [] },
  ]
  return all.filter((verdict) => verdict.hostId !== from)
}
