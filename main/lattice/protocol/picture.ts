// What is known of a lattice, and how that is shown: raw knowledge per host and per link source, and pure functions from
// it to the records of the bridge. Who learns what from which message is in `reduce.ts`.

import type {
  Component,
  Connection,
  Host,
  HostV2,
  Installed,
  LatticeState,
  Link,
  Provider,
} from '../../../preload/records.js'
import { linkKey, onHostKey } from '../../../preload/records.js'
import type { ComponentDescription } from './inventory.js'
import { emptyTable, entriesOf, lookUp, type Table } from './table.js'
import { type ActorFacts, type LinkFacts, seatLabel, versionLabel } from './tlos.js'
import { heartbeatMs as v2HeartbeatMs } from './v2.js'

/** Interval of heartbeats until two of them were seen (lattice.md 2.3). */
const defaultIntervalMs = 30_000
/** Label by which a host says that it takes nothing new. */
const cordonedLabel = 'tlos.cordoned'

export interface ToldFacts {
  readonly facts: ActorFacts
  readonly atMs: number
  /** Told as starting, or failed at it, and not listed since: shown although no inventory has it. */
  readonly isComing: boolean
}

/** Who a host says it is; absent until it was asked or heard. */
export interface Identity {
  readonly friendlyName: string
  readonly version: string
  readonly labels: Readonly<Record<string, string>>
  readonly startedAtMs: number
}

/** A start that failed and left nothing running. */
export interface StartFailure {
  readonly imageRef: string
  readonly annotations: Readonly<Record<string, string>>
  readonly problem: string
  readonly atMs: number
}

export interface KnownProvider {
  readonly imageRef: string
  readonly name: string | undefined
  readonly annotations: Readonly<Record<string, string>>
  readonly health: Provider['health']
}

export interface KnownHost {
  readonly id: string
  readonly identity: Identity | undefined
  readonly heardAtMs: number
  /** What is shown as `heardAtMs`: moves in steps, so that a picture in which nothing happens does not change. */
  readonly shownHeardAtMs: number
  readonly liveness: Host['liveness']
  readonly reason: string | undefined
  readonly load: number | undefined
  /** Present on hosts of wasmCloud v2, which have nothing else to show. */
  readonly v2: HostV2 | undefined
  /** The first probe that found nobody, since it was heard last. */
  readonly silentSinceMs: number | undefined
  readonly heartbeat: { readonly id: string; readonly atMs: number } | undefined
  /** Times between the last heartbeats, ms, at most two. */
  readonly gaps: readonly number[]
  readonly inventory: ReadonlyMap<string, ComponentDescription>
  readonly failures: ReadonlyMap<string, StartFailure>
  readonly facts: ReadonlyMap<string, ToldFacts>
  /** Since when, by component. */
  readonly moving: ReadonlyMap<string, number>
  readonly providers: ReadonlyMap<string, KnownProvider>
  /** Sources of links whose traffic this host counts. */
  readonly counted: ReadonlySet<string>
}

/** One host's count of one interface of a link. */
export interface CountedLink {
  readonly hostId: string
  readonly facts: LinkFacts
}

export interface Picture {
  readonly ownId: string | undefined
  readonly connection: Connection
  /** When the connection came (back): silence before that is nobody's fault. */
  readonly liveSinceMs: number
  readonly hosts: Table<KnownHost>
  /** How many of the hosts have not said who they are. */
  readonly nameless: number
  /** How many are gone. */
  readonly gone: number
  readonly links: Table<readonly Link[]>
  readonly counts: Table<readonly CountedLink[]>
  readonly installed: Table<Installed>
}

export function emptyPicture(connection: Connection): Picture {
  return {
    ownId: undefined,
    connection,
    liveSinceMs: 0,
    hosts: emptyTable(),
    nameless: 0,
    gone: 0,
    links: emptyTable(),
    counts: emptyTable(),
    installed: emptyTable(),
  }
}

export function unknownHost(id: string): KnownHost {
  return {
    id,
    identity: undefined,
    heardAtMs: 0,
    shownHeardAtMs: 0,
    liveness: 'fresh',
    reason: undefined,
    load: undefined,
    v2: undefined,
    silentSinceMs: undefined,
    heartbeat: undefined,
    gaps: [],
    inventory: new Map(),
    failures: new Map(),
    facts: new Map(),
    moving: new Map(),
    providers: new Map(),
    counted: new Set(),
  }
}

/** Longest of the last two gaps, so that one heartbeat out of turn does not make the next look late. */
export function intervalOf(host: KnownHost): number {
  if (host.v2 !== undefined) return v2HeartbeatMs
  const [first, second] = host.gaps
  if (first === undefined || second === undefined) return defaultIntervalMs
  return Math.min(Math.max(first, second, 1_000), 45_000)
}

function kindOf(host: KnownHost, ownId: string | undefined): Host['kind'] {
  if (host.v2 !== undefined) return 'wasmcloud-v2'
  if (host.id === ownId) return 'desktop'
  return host.identity?.labels[versionLabel] === undefined ? 'wasmcloud' : 'tlos'
}

/** A label is anybody's to set: a place beyond a hundred is nobody's. */
function seatOf(label: string | undefined): { readonly seat?: number } {
  return label !== undefined && /^\d{1,2}$/.test(label) ? { seat: Number(label) } : {}
}

function isTlos(host: KnownHost, ownId: string | undefined): boolean {
  const kind = kindOf(host, ownId)
  return kind === 'desktop' || kind === 'tlos'
}

/** Undefined as long as the host has not said who it is. */
export function describeHost(host: KnownHost, ownId: string | undefined): Host | undefined {
  const { identity } = host
  if (identity === undefined) return undefined
  return {
    id: host.id as Host['id'], // decoded as a host's nkey
    friendlyName: identity.friendlyName,
    kind: kindOf(host, ownId),
    version: identity.version,
    labels: { ...identity.labels },
    heardAtMs: host.shownHeardAtMs,
    startedAtMs: identity.startedAtMs,
    liveness: host.liveness,
    reason: host.reason,
    cordoned: identity.labels[cordonedLabel] === 'true',
    ...seatOf(identity.labels[seatLabel]),
    load: host.liveness === 'gone' ? undefined : host.load,
    ...(host.v2 === undefined ? {} : { v2: host.v2 }),
  }
}

/** Ids that may have something to show. */
export function componentIds(host: KnownHost): Set<string> {
  return new Set([...host.inventory.keys(), ...host.failures.keys(), ...host.facts.keys()])
}

/**
 * What is shown of a component: what the inventory has, with what its node tells besides; else a start under way or one
 * that failed.
 */
export function describeComponent(host: KnownHost, id: string): Component | undefined {
  if (host.identity === undefined) return undefined
  const listed = host.inventory.get(id)
  const failure = host.failures.get(id)
  const told = host.facts.get(id)
  if (listed === undefined && failure === undefined && told?.isComing !== true) return undefined
  const facts = told?.facts
  const isGone = host.liveness === 'gone'
  return {
    id: id as Component['id'], // one token, decoded as such
    hostId: host.id as Component['hostId'], // as above
    imageRef: listed?.imageRef ?? failure?.imageRef ?? '',
    name: facts?.name ?? listed?.name,
    version: facts?.version,
    digest: facts?.digest,
    maxInstances: listed?.maxInstances ?? 0,
    annotations: { ...(listed?.annotations ?? failure?.annotations) },
    state: stateOf(host, id),
    problem: listed === undefined && failure !== undefined ? failure.problem : facts?.problem,
    step: facts?.step,
    stateKind: facts?.stateKind ?? 'unknown',
    hasWindow: facts?.hasWindow ?? false,
    epoch: facts?.epoch,
    memoryBytes: facts?.memoryBytes,
    memoryLimitBytes: facts?.memoryLimitBytes,
    traffic: isGone ? undefined : facts?.traffic,
    ...(facts?.lacks === undefined ? {} : { lacks: facts.lacks }),
    activity: facts?.activity ?? 0,
    config: facts?.config,
  }
}

function stateOf(host: KnownHost, id: string): Component['state'] {
  const facts = host.facts.get(id)?.facts
  if (!host.inventory.has(id)) return host.failures.has(id) ? 'failed' : (facts?.state ?? 'running')
  if (host.moving.has(id)) return 'moving'
  return facts?.state ?? 'running'
}

/** A tLOS node runs something of which it has told nothing, or what it told was lost: it should be asked. */
export function lacksFacts(host: KnownHost, ownId: string | undefined): boolean {
  if (host.liveness !== 'fresh' || !isTlos(host, ownId)) return false
  for (const id of host.inventory.keys()) if (!host.facts.has(id)) return true
  return false
}

export function describeProvider(host: KnownHost, id: string, ownId: string | undefined): Provider | undefined {
  const known = host.providers.get(id)
  if (known === undefined || host.identity === undefined) return undefined
  // Providers of tLOS nodes live in the node's process: listed means running.
  const isInside = known.health === 'unknown' && isTlos(host, ownId)
  return {
    id,
    hostId: host.id as Provider['hostId'], // as above
    imageRef: known.imageRef,
    name: known.name,
    annotations: { ...known.annotations },
    health: isInside ? 'running' : known.health,
  }
}

/** A link with the traffic that all hosts count over it. */
export function describeLink(link: Link, counts: readonly CountedLink[]): Link {
  const prefix = `${link.witNamespace}:${link.witPackage}/`
  const own = counts.filter(
    ({ facts }) =>
      facts.target === link.target &&
      facts.name === link.name &&
      facts.interface.startsWith(prefix) &&
      link.interfaces.includes(facts.interface.slice(prefix.length)),
  )
  if (own.length === 0) return { ...link, traffic: undefined }
  const traffics = own.map(({ facts }) => facts.traffic)
  return {
    ...link,
    traffic: {
      perSecond: traffics.reduce((sum, t) => sum + t.perSecond, 0),
      errorsPerSecond: traffics.reduce((sum, t) => sum + t.errorsPerSecond, 0),
      p50Ms: largest(traffics.map((t) => t.p50Ms)),
      p99Ms: largest(traffics.map((t) => t.p99Ms)),
    },
  }
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

/** The whole picture at once, from knowledge alone; what the changes of `reduce` must add up to. */
export function describePicture(picture: Picture): LatticeState {
  const hosts: Record<string, Host> = {}
  const components: Record<string, Component> = {}
  const providers: Record<string, Provider> = {}
  const links: Record<string, Link> = {}
  for (const [id, known] of entriesOf(picture.hosts)) {
    const host = describeHost(known, picture.ownId)
    if (host === undefined) continue
    hosts[id] = host
    for (const componentId of componentIds(known)) {
      const component = describeComponent(known, componentId)
      if (component !== undefined) components[onHostKey(id, componentId)] = component
    }
    for (const providerId of known.providers.keys()) {
      const provider = describeProvider(known, providerId, picture.ownId)
      if (provider !== undefined) providers[onHostKey(id, providerId)] = provider
    }
  }
  for (const [sourceId, list] of entriesOf(picture.links)) {
    for (const link of list) links[linkKey(link)] = describeLink(link, lookUp(picture.counts, sourceId) ?? [])
  }
  const installed = Object.fromEntries(entriesOf(picture.installed))
  return { connection: picture.connection, hosts, components, providers, links, installed }
}
