// The lattice of look/space-dark.png as records, and the scene that stands for it, for looking at panels without a
// lattice. Test data; nothing of it is in the product.

import { emptyState } from '../../../preload/changes.js'
import type { Component, Host, LatticeState, Provider } from '../../../preload/records.js'
import { linkKey, onHostKey } from '../../../preload/records.js'
import type { CableNode, FixtureNode, PlaceNode, SceneDescription, WindowNode } from '../../../renderer/scene/types.js'

const now = Date.now()

const hostOf = (id: string, friendlyName: string, kind: Host['kind'], more: Partial<Host> = {}): Host => ({
  id: id as Host['id'],
  friendlyName,
  kind,
  version: kind === 'wasmcloud' ? '1.9.2' : '0.1.0',
  labels: { zone: 'home', arch: 'x86_64' },
  heardAtMs: now,
  startedAtMs: now - 3 * 3_600_000,
  liveness: 'fresh',
  cordoned: false,
  ...more,
})

const digest = (seed: number): string =>
  Array.from({ length: 64 }, (_, index) => ((seed * 7 + index * seed * 3) % 16).toString(16)).join('')

const actorOf = (id: string, hostId: string, seed: number, more: Partial<Component> = {}): Component => ({
  id: id as Component['id'],
  hostId: hostId as Host['id'],
  imageRef: `ghcr.io/home/${id}:0.${seed}.0`,
  name: id,
  version: `0.${seed}.0`,
  digest: digest(seed),
  maxInstances: 1,
  annotations: {},
  state: 'running',
  stateKind: 'none',
  hasWindow: true,
  memoryBytes: 23 * 1_048_576,
  memoryLimitBytes: 128 * 1_048_576,
  activity: 1,
  ...more,
})

const hosts = [
  hostOf('NORTH', 'north', 'tlos', { load: 0.71 }),
  hostOf('ATTIC', 'attic-pi', 'wasmcloud', {
    load: 0.12,
    liveness: 'stale',
    heardAtMs: now - 41_000,
    reason: 'no answer',
  }),
  hostOf('WORKSHOP', 'workshop', 'desktop', { load: 0.34 }),
]

const actors = [
  actorOf('orders', 'NORTH', 4, { maxInstances: 4, state: 'busy', hasWindow: false }),
  actorOf('mailer', 'NORTH', 1, {
    state: 'failed',
    problem: 'Trapped: unreachable\nsmtp::send +0x1f30\nrestarted 3 times in 60 s',
    memoryBytes: 120 * 1_048_576,
  }),
  actorOf('gate', 'ATTIC', 2, { maxInstances: 2 }),
  actorOf('echo', 'ATTIC', 6, { state: 'stopped' }),
  actorOf('notes', 'WORKSHOP', 9, { stateKind: 'exported', epoch: 3 }),
  actorOf('thermo', 'WORKSHOP', 3),
  actorOf('counter', 'WORKSHOP', 5, { state: 'starting' }),
]

const providerOf = (hostId: string, id: string): Provider => ({
  id,
  hostId: hostId as Host['id'],
  imageRef: `builtin:${id}`,
  name: id.replace('-', ' '),
  annotations: {},
  health: 'running',
})

const providers = [
  ...['keyvalue', 'http-out', 'logging'].map((id) => providerOf('NORTH', id)),
  ...['http-in', 'keyvalue', 'blobstore'].map((id) => providerOf('ATTIC', id)),
  ...['keyvalue', 'blobstore', 'http-in', 'messaging', 'crypto', 'render'].map((id) => providerOf('WORKSHOP', id)),
]

const linkOf = (sourceId: string, target: string, witPackage: string, perSecond: number) => ({
  sourceId,
  target,
  name: 'default',
  witNamespace: 'wasi',
  witPackage,
  interfaces: ['store'],
  sourceConfig: [],
  targetConfig: [],
  ...(perSecond === 0 ? {} : { traffic: { perSecond, errorsPerSecond: 0, p50Ms: 1.2, p99Ms: 4.1 } }),
})

const links = [
  linkOf('notes', 'orders', 'orders', 412),
  linkOf('notes', 'keyvalue', 'keyvalue', 0),
  linkOf('notes', 'blobstore', 'blobstore', 9),
]

const byKey = <T>(items: readonly T[], key: (item: T) => string): Record<string, T> =>
  Object.fromEntries(items.map((item) => [key(item), item]))

export const lattice: LatticeState = {
  ...emptyState('home'),
  connection: { state: 'live', lattice: 'home', url: 'ws://127.0.0.1:4223', embedded: true, hasJetStream: true },
  hosts: byKey(hosts, (host) => host.id),
  components: byKey(actors, (actor) => onHostKey(actor.hostId, actor.id)),
  providers: byKey(providers, (one) => onHostKey(one.hostId, one.id)),
  links: byKey(links, linkKey),
  installed: byKey(
    ['notes', 'thermo', 'counter', 'echo'].map((id, index) => ({
      id: id as Component['id'],
      imageRef: `tlos://sha256/${digest(index + 3)}`,
      name: id,
      version: '0.1.0',
      sizeBytes: 812_000,
      installedAtMs: now,
    })),
    (one) => one.id,
  ),
}

const spots: Record<string, { x: number; y: number; width: number; depth: number }> = {
  NORTH: { x: 0, y: 500, width: 570, depth: 300 },
  ATTIC: { x: 668, y: 500, width: 540, depth: 300 },
  WORKSHOP: { x: 170, y: 0, width: 930, depth: 380 },
}

const fixturesOf = (hostId: string): FixtureNode[] =>
  providers
    .filter((one) => one.hostId === hostId)
    .map((one, index) => ({
      key: onHostKey(one.hostId, one.id),
      providerId: one.id,
      name: one.name ?? one.id,
      glyph: one.id,
      x: 34 + index * 100,
      width: 90,
      isInUse: true,
      state: 'running',
    }))

const placeOf = (host: Host): PlaceNode => ({
  kind: 'place',
  id: host.id,
  name: host.friendlyName,
  hostKind: host.kind,
  version: host.version,
  ...(spots[host.id] ?? { x: 0, y: 0, width: 400, depth: 300 }),
  state: host.liveness,
  heardAtMs: host.heardAtMs,
  reason: host.reason,
  load: host.load,
  actorCount: actors.filter((actor) => actor.hostId === host.id).length,
  failedCount: actors.filter((actor) => actor.hostId === host.id && actor.state === 'failed').length,
  fixtures: fixturesOf(host.id),
  hiddenFixtures: 0,
  verdict: undefined,
  note: undefined,
  isSelected: false,
  isDropTarget: false,
})

const sizes: Record<string, [number, number, number]> = {
  orders: [34, 240, 180],
  mailer: [320, 232, 148],
  gate: [34, 216, 142],
  echo: [284, 196, 110],
  notes: [44, 366, 272],
  thermo: [436, 266, 204],
  counter: [724, 190, 132],
}

const windowOf = (actor: Component, rank: number): WindowNode => {
  const [x, width, height] = sizes[actor.id] ?? [0, 320, 240]
  const spot = spots[actor.hostId] ?? { x: 0, y: 0 }
  return {
    kind: 'window',
    key: onHostKey(actor.hostId, actor.id),
    componentId: actor.id,
    hostId: actor.hostId,
    hostName: hosts.find((host) => host.id === actor.hostId)?.friendlyName ?? '',
    foot: { x: spot.x + x + width / 2, y: spot.y + 82 },
    width,
    height,
    title: actor.name ?? actor.id,
    version: actor.version,
    instances: actor.maxInstances,
    digest: actor.digest,
    state: actor.hostId === 'ATTIC' && actor.state === 'running' ? 'not-heard' : actor.state,
    problem: actor.problem,
    hasWindow: actor.hasWindow,
    rim: (actor.memoryBytes ?? 0) / (actor.memoryLimitBytes ?? 1),
    isFocused: actor.id === 'notes',
    isSelected: false,
    isMinimised: false,
    isDragged: false,
    rank,
  }
}

const cableOf = (link: (typeof links)[number]): CableNode => ({
  kind: 'cable',
  key: linkKey(link),
  sourceId: link.sourceId,
  target: link.target,
  label: `${link.sourceId} to ${link.target}`,
  interfaces: link.interfaces,
  transport: link.target === 'orders' ? 'lattice' : link.target === 'keyvalue' ? 'in-process' : 'worker',
  state: 'traffic' in link ? 'flowing' : 'idle',
  traffic: link.traffic,
  points: [{ x: 60, y: 430 }],
  isSelected: false,
})

export const scene: SceneDescription = {
  places: new Map(hosts.map((host) => [host.id as string, placeOf(host)])),
  windows: new Map(actors.map((actor, index) => [onHostKey(actor.hostId, actor.id), windowOf(actor, index)])),
  cables: new Map(links.map((link) => [linkKey(link) as string, cableOf(link)])),
  footprints: new Map(),
}
