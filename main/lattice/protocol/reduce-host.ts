// What a message means for what is known of one host: signs of life and their absence, components, providers, facts.
// Pure and total: any input to any knowledge.

import type { EventBody, LatticeEvent } from './events.js'
import type { ComponentDescription, Inventory, PingReply } from './inventory.js'
import {
  type Identity,
  intervalOf,
  type KnownHost,
  type KnownProvider,
  type StartFailure,
  type ToldFacts,
} from './picture.js'
import { isSame } from './same.js'
import type { Facts, MoveProgress } from './tlos.js'
import type { HeartbeatV2 } from './v2.js'

/** A heartbeat is late after this many intervals. */
const lateAfter = 1.5
/** Nobody answered for so long: it is gone. */
const confirmSilenceMs = 8_000
/** Not heard for so long: it is gone (wadm's reaper has the same limit). */
const goneAfterMs = 70_000
/** The same for hosts of wasmCloud v2, whose operator gives them so long. */
const v2GoneAfterMs = 60_000
/** After a reconnect others are still on their way back: silence says nothing yet. */
const graceMs = 5_000
/** A time of last life is shown anew when it moved by this much. */
const shownStepMs = 10_000
/** Of two starts, uptime in whole seconds leaves this much doubt. */
const startDoubtMs = 3_000
/** What never came to run is forgotten after a while; a start that nothing was heard of sooner than a failed one. */
const startLimitMs = 120_000
/** As many components, failures and the like enter the knowledge of one host by events alone. */
const mostByEvents = 2_000
const failureLimitMs = 600_000
const moveLimitMs = 120_000

/** A sign of life. */
function hear(host: KnownHost, nowMs: number): KnownHost {
  const wasFresh = host.liveness === 'fresh' && host.shownHeardAtMs !== 0
  const heardAtMs = Math.max(host.heardAtMs, nowMs)
  const isDue = !wasFresh || heardAtMs - host.shownHeardAtMs >= shownStepMs
  return {
    ...host,
    heardAtMs,
    shownHeardAtMs: isDue ? heardAtMs : host.shownHeardAtMs,
    liveness: 'fresh',
    reason: undefined,
    silentSinceMs: undefined,
  }
}

function fade(host: KnownHost, liveness: 'stale' | 'gone', reason: string): KnownHost {
  if (host.liveness === liveness && host.reason === reason) return host
  return { ...host, liveness, reason, shownHeardAtMs: host.heardAtMs }
}

/** A request to it found nobody listening. */
export function missAnswer(host: KnownHost, nowMs: number, liveSinceMs: number): KnownHost {
  if (host.liveness === 'gone' || nowMs - liveSinceMs < graceMs) return host
  const silentSinceMs = host.silentSinceMs ?? nowMs
  const silent = host.silentSinceMs === undefined ? { ...host, silentSinceMs } : host
  return fade(silent, nowMs - silentSinceMs >= confirmSilenceMs ? 'gone' : 'stale', 'no answer')
}

/** Time passed while the connection was there. */
export function age(host: KnownHost, nowMs: number, liveSinceMs: number): KnownHost {
  const fresher = forgetOld(host, nowMs)
  if (host.liveness === 'gone') return fresher
  const silentMs = nowMs - Math.max(host.heardAtMs, liveSinceMs)
  if (silentMs >= (host.v2 === undefined ? goneAfterMs : v2GoneAfterMs)) return fade(fresher, 'gone', 'not heard')
  if (host.liveness === 'fresh' && silentMs > lateAfter * intervalOf(host)) return fade(fresher, 'stale', 'not heard')
  return fresher
}

function forgetOld(host: KnownHost, nowMs: number): KnownHost {
  const failures = filterMap(host.failures, ({ atMs }) => nowMs - atMs < failureLimitMs)
  const facts = filterMap(host.facts, ({ atMs }, id) => {
    if (host.inventory.has(id)) return true
    return nowMs - atMs < startLimitMs
  })
  const moving = filterMap(host.moving, (sinceMs) => nowMs - sinceMs < moveLimitMs)
  if (failures === host.failures && facts === host.facts && moving === host.moving) return host
  return { ...host, failures, facts, moving }
}

/** The same map when all entries stay. */
function filterMap<V>(map: ReadonlyMap<string, V>, isKept: (value: V, key: string) => boolean): ReadonlyMap<string, V> {
  let next: Map<string, V> | undefined
  for (const [key, value] of map) {
    if (isKept(value, key)) continue
    next ??= new Map(map)
    next.delete(key)
  }
  return next ?? map
}

/** What was once listed is shown from then on only as long as it is. */
function markListed(
  facts: ReadonlyMap<string, ToldFacts>,
  isListed: (id: string) => boolean,
): ReadonlyMap<string, ToldFacts> {
  let next: Map<string, ToldFacts> | undefined
  for (const [id, told] of facts) {
    if (!told.isComing || !isListed(id)) continue
    next ??= new Map(facts)
    next.set(id, { ...told, isComing: false })
  }
  return next ?? facts
}

function withoutKey<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  return map.has(key) ? filterMap(map, (_, other) => other !== key) : map
}

/** Nothing new enters a map that is full: anybody can make up ids. An inventory tells the truth, however long it is. */
function withKey<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
  if (map.size >= mostByEvents && !map.has(key)) return map
  return new Map(map).set(key, value)
}

/** The map before, when it says the same in the same objects. */
function keptIfSame<V>(before: ReadonlyMap<string, V>, after: ReadonlyMap<string, V>): ReadonlyMap<string, V> {
  if (before.size !== after.size) return after
  for (const [key, value] of after) if (before.get(key) !== value) return after
  return before
}

function identify(
  host: KnownHost,
  told: { friendlyName: string; version: string; labels: Readonly<Record<string, string>>; uptimeSeconds: number },
  nowMs: number,
): KnownHost {
  const startedAtMs = nowMs - told.uptimeSeconds * 1000
  const before = host.identity
  const isSameStart = before !== undefined && Math.abs(startedAtMs - before.startedAtMs) <= startDoubtMs
  const identity: Identity = {
    friendlyName: told.friendlyName,
    version: told.version,
    labels: told.labels,
    startedAtMs: isSameStart ? before.startedAtMs : startedAtMs,
  }
  return before !== undefined && isSame(before, identity) ? host : { ...host, identity }
}

export function takePing(host: KnownHost, reply: PingReply, nowMs: number): KnownHost {
  return identify(hear(host, nowMs), reply, nowMs)
}

/** By id, with the objects there were where they say the same; the very map there was when all do, as nearly always. */
function listed(
  before: ReadonlyMap<string, ComponentDescription>,
  components: readonly ComponentDescription[],
): ReadonlyMap<string, ComponentDescription> {
  const after = new Map<string, ComponentDescription>()
  let isDifferent = false
  for (const component of components) {
    const known = before.get(component.id)
    const isKnown = known !== undefined && isSameComponent(known, component)
    isDifferent ||= !isKnown
    after.set(component.id, isKnown ? known : component)
  }
  return isDifferent || after.size !== before.size ? after : before
}

function isSameComponent(a: ComponentDescription, b: ComponentDescription): boolean {
  return (
    a.imageRef === b.imageRef &&
    a.name === b.name &&
    a.revision === b.revision &&
    a.maxInstances === b.maxInstances &&
    isSame(a.annotations, b.annotations) &&
    isSame(a.limits, b.limits)
  )
}

/** What stands in an inventory is what runs there, no more and no less. */
export function takeInventory(host: KnownHost, inventory: Inventory, nowMs: number): KnownHost {
  const known = identify(hear(host, nowMs), inventory, nowMs)
  const components = listed(host.inventory, inventory.components)
  const providers = new Map<string, KnownProvider>()
  for (const provider of inventory.providers) {
    const before = host.providers.get(provider.id)
    const next: KnownProvider = {
      imageRef: provider.imageRef,
      name: provider.name,
      annotations: provider.annotations,
      health: before?.health ?? 'unknown',
    }
    providers.set(provider.id, before !== undefined && isSame(before, next) ? before : next)
  }
  const runs = (id: string): boolean => components.has(id)
  return {
    ...known,
    inventory: components,
    providers: keptIfSame(host.providers, providers),
    failures: filterMap(host.failures, (_, id) => !runs(id)),
    // What was told of something that is not listed stays for a while: it may be about to be served.
    facts: markListed(host.facts, runs),
    moving: filterMap(host.moving, (_, id) => runs(id)),
  }
}

/** All that is known of a host of wasmCloud v2 comes with each of its heartbeats. */
export function takeV2(host: KnownHost, heartbeat: HeartbeatV2, nowMs: number): KnownHost {
  const { friendlyName, version, labels, about, load } = heartbeat
  const before = host.identity
  const startedAtMs = heartbeat.startedAtMs ?? before?.startedAtMs ?? nowMs
  const identity = { friendlyName, version, labels, startedAtMs }
  return {
    ...hear(host, nowMs),
    identity: before !== undefined && isSame(before, identity) ? before : identity,
    load,
    v2: host.v2 !== undefined && isSame(host.v2, about) ? host.v2 : about,
  }
}

/** An event whose source is this host. */
export function takeEvent(host: KnownHost, event: LatticeEvent, nowMs: number): KnownHost {
  const { body } = event
  switch (body.kind) {
    case 'host_started': {
      // A new life: nothing of the old one runs.
      const fresh = { ...host, inventory: new Map(), failures: new Map(), facts: new Map(), moving: new Map() }
      return identify(hear({ ...fresh, providers: new Map() }, nowMs), body, nowMs)
    }
    case 'host_stopped':
      return fade(host, 'gone', 'stopped')
    case 'host_heartbeat':
      return takeInventory(beat(host, event.id, nowMs), body.inventory, nowMs)
    case 'labels_changed': {
      const heard = hear(host, nowMs)
      return heard.identity === undefined ? heard : { ...heard, identity: { ...heard.identity, labels: body.labels } }
    }
    case 'component_scaled':
      return takeScaled(hear(host, nowMs), body)
    case 'component_scale_failed':
      return takeScaleFailed(hear(host, nowMs), body, nowMs)
    case 'provider_started': {
      const name = body.claims?.name
      const known = { imageRef: body.imageRef, name, annotations: body.annotations, health: 'running' as const }
      return { ...hear(host, nowMs), providers: withKey(host.providers, body.providerId, known) }
    }
    case 'provider_stopped':
      return { ...hear(host, nowMs), providers: withoutKey(host.providers, body.providerId) }
    case 'health_check_passed':
      return takeHealth(hear(host, nowMs), body.providerId, 'running')
    case 'health_check_failed':
      return takeHealth(hear(host, nowMs), body.providerId, 'failed')
    case 'health_check_status':
    case 'provider_start_failed':
    case 'linkdef_set':
    case 'linkdef_set_failed':
    case 'linkdef_deleted':
    case 'config_set':
    case 'config_deleted':
      return hear(host, nowMs)
  }
}

function beat(host: KnownHost, id: string, nowMs: number): KnownHost {
  const last = host.heartbeat
  if (last?.id === id) return host
  const gap = last === undefined ? 0 : nowMs - last.atMs
  const gaps = gap >= 500 ? [...host.gaps.slice(-1), gap] : host.gaps
  return { ...host, heartbeat: { id, atMs: nowMs }, gaps }
}

function takeScaled(host: KnownHost, body: Extract<EventBody, { kind: 'component_scaled' }>): KnownHost {
  const id = body.componentId
  const failures = withoutKey(host.failures, id)
  if (body.maxInstances === 0) {
    const { inventory, facts, moving } = host
    return {
      ...host,
      failures,
      inventory: withoutKey(inventory, id),
      facts: withoutKey(facts, id),
      moving: withoutKey(moving, id),
    }
  }
  const before = host.inventory.get(id)
  const next: ComponentDescription = {
    id,
    imageRef: body.imageRef,
    name: body.claims?.name ?? before?.name,
    annotations: body.annotations,
    revision: before?.revision ?? 0,
    maxInstances: body.maxInstances,
    limits: before?.limits,
  }
  // Starts are told twice; the second one changes nothing.
  if (before !== undefined && isSameComponent(before, next)) return { ...host, failures }
  const facts = markListed(host.facts, (other) => other === id)
  return { ...host, failures, facts, inventory: withKey(host.inventory, id, next) }
}

function takeScaleFailed(
  host: KnownHost,
  body: Extract<EventBody, { kind: 'component_scale_failed' }>,
  nowMs: number,
): KnownHost {
  const id = body.componentId
  // What runs goes on running; the asker is told by the event itself.
  if (host.inventory.has(id)) return host
  const failure: StartFailure = {
    imageRef: body.imageRef,
    annotations: body.annotations,
    problem: (body.error.split('\n', 1)[0] ?? '').slice(0, 500),
    atMs: nowMs,
  }
  return { ...host, failures: withKey(host.failures, id, failure), facts: withoutKey(host.facts, id) }
}

export function takeHealth(host: KnownHost, providerId: string, health: 'running' | 'failed'): KnownHost {
  const known = host.providers.get(providerId)
  if (known === undefined || known.health === health) return host
  return { ...host, providers: withKey(host.providers, providerId, { ...known, health }) }
}

/** What a tLOS node tells of its actors beyond the inventory. */
export function takeFacts(host: KnownHost, told: Facts, nowMs: number): KnownHost {
  const facts = new Map(told.whole ? [] : host.facts)
  for (const actor of told.actors) {
    const id = actor.componentId
    const isListed = host.inventory.has(id)
    const isStarting = actor.state === 'starting' || actor.state === 'failed'
    const isComing = !isListed && (isStarting || host.facts.get(id)?.isComing === true)
    if (facts.size < mostByEvents || facts.has(id)) facts.set(id, { facts: actor, atMs: nowMs, isComing })
  }
  return { ...hear(host, nowMs), facts, load: told.load ?? host.load }
}

/** The node that gives an actor away shows it as moving until the move ends, one way or the other. */
export function takeMoving(host: KnownHost, id: string, phase: MoveProgress['phase'], nowMs: number): KnownHost {
  const isOver = phase === 'done' || phase === 'failed'
  if (isOver) return host.moving.has(id) ? { ...host, moving: withoutKey(host.moving, id) } : host
  return host.moving.has(id) ? host : { ...host, moving: withKey(host.moving, id, nowMs) }
}
