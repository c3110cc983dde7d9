// Messages of a lattice to changes of its picture: `(state, input, now)` to the next state and what is different in it.
// The only place that knows what a message means. Pure and total; time is an argument and passing time an input.

import type { Connection, Installed, Link } from '../../../preload/records.js'
import type { LatticeEntry } from './buckets.js'
import type { LatticeEvent } from './events.js'
import type { Inventory, PingReply } from './inventory.js'
import { type KnownHost, type Picture, unknownHost } from './picture.js'
import { changesOfHost } from './host-changes.js'
import * as one from './reduce-host.js'
import * as links from './reduce-links.js'
import { andThen, type Reduction } from './reduction.js'
import { isSame } from './same.js'
import { entriesOf, lookUp, withEntry, withoutEntry } from './table.js'
import type { Facts, TlosEvent } from './tlos.js'
import type { HeartbeatV2 } from './v2.js'

export type PictureInput =
  | { readonly kind: 'event'; readonly event: LatticeEvent }
  | { readonly kind: 'tlos'; readonly event: TlosEvent }
  | { readonly kind: 'ping'; readonly reply: PingReply }
  /** An answer of this host; heartbeats come as events. */
  | { readonly kind: 'inventory'; readonly hostId: string; readonly inventory: Inventory }
  | { readonly kind: 'v2'; readonly heartbeat: HeartbeatV2 }
  | { readonly kind: 'no-responders'; readonly hostId: string }
  /** All links there are: what is not in it is no more. */
  | { readonly kind: 'links'; readonly links: readonly Link[] }
  /** One entry of the lattice bucket as it is now. */
  | { readonly kind: 'entry'; readonly entry: LatticeEntry }
  | { readonly kind: 'all-installed'; readonly records: readonly Installed[] }
  | { readonly kind: 'installed'; readonly id: string; readonly record: Installed | undefined }
  | { readonly kind: 'own'; readonly hostId: string }
  | { readonly kind: 'connection'; readonly record: Connection }
  | { readonly kind: 'forget'; readonly hostId: string }
  | { readonly kind: 'tick' }

/** Most hosts that are remembered before they said who they are: anybody can make up ids. */
const maxNameless = 1_000
/** Most hosts of a picture. When it is full a new one takes the place of one that is gone, if there is one. */
const maxHosts = 5_000

export function reduce(state: Picture, input: PictureInput, nowMs: number): Reduction {
  switch (input.kind) {
    case 'event':
      return takeEvent(state, input.event, nowMs)
    case 'tlos':
      return takeTlosEvent(state, input.event, nowMs)
    case 'ping':
      return updateHost(state, input.reply.id, (host) => one.takePing(host, input.reply, nowMs))
    case 'inventory':
      return updateHost(state, input.hostId, (host) => one.takeInventory(host, input.inventory, nowMs))
    case 'v2':
      return updateHost(state, input.heartbeat.id, (host) => one.takeV2(host, input.heartbeat, nowMs))
    case 'no-responders':
      return updateKnown(state, input.hostId, (host) => one.missAnswer(host, nowMs, state.liveSinceMs))
    case 'links':
      return links.replaceLinks(state, links.groupBySource(input.links))
    case 'entry':
      return takeEntry(state, input.entry)
    case 'all-installed':
      return replaceInstalled(state, input.records)
    case 'installed':
      return takeInstalled(state, input.id, input.record)
    case 'own':
      return takeOwn(state, input.hostId)
    case 'connection':
      return takeConnection(state, input.record, nowMs)
    case 'forget':
      return forget(state, input.hostId)
    case 'tick':
      return tick(state, nowMs)
  }
}

function takeEvent(state: Picture, event: LatticeEvent, nowMs: number): Reduction {
  const { body, source } = event
  const isOfOne = body.kind === 'component_scaled' || body.kind === 'component_scale_failed'
  const touched = isOfOne ? body.componentId : undefined
  const heard = updateHost(state, source, (host) => one.takeEvent(host, event, nowMs), touched)
  switch (body.kind) {
    case 'linkdef_set':
      return state.connection.hasJetStream ? heard : andThen(heard, (next) => links.putLink(next, body.link))
    case 'linkdef_deleted':
      return state.connection.hasJetStream ? heard : andThen(heard, (next) => links.deleteLink(next, body))
    case 'health_check_passed':
    case 'health_check_failed': {
      if (body.hostId === '' || body.hostId === source) return heard
      const health = body.kind === 'health_check_passed' ? 'running' : 'failed'
      return andThen(heard, (next) =>
        updateKnown(next, body.hostId, (host) => one.takeHealth(host, body.providerId, health)),
      )
    }
    default:
      return heard
  }
}

function takeTlosEvent(state: Picture, event: TlosEvent, nowMs: number): Reduction {
  switch (event.kind) {
    case 'facts':
      return takeFacts(state, event.data, nowMs)
    case 'actor_moving': {
      const { componentId, from, phase } = event.data
      return updateKnown(state, from, (host) => one.takeMoving(host, componentId, phase, nowMs))
    }
    case 'actor_moved':
    case 'actor_move_failed': {
      const { componentId, from } = event.data
      const phase = event.kind === 'actor_moved' ? 'done' : 'failed'
      return updateKnown(state, from, (host) => one.takeMoving(host, componentId, phase, nowMs))
    }
    case 'actor_note':
      return { state, changes: [] }
  }
}

/** For messages that make a host known. */
function updateHost(
  state: Picture,
  id: string,
  step: (host: KnownHost) => KnownHost,
  /** The one component that the message is about. */
  touched?: string,
): Reduction {
  const before = lookUp(state.hosts, id)
  if (before === undefined && (state.nameless >= maxNameless || state.hosts.size >= maxHosts)) {
    // It may have become known with this very message; then it counts.
    const fresh = step(unknownHost(id))
    if (fresh.identity === undefined) return { state, changes: [] }
    if (state.hosts.size < maxHosts) return setHost(state, undefined, fresh)
    const gone = state.gone > 0 ? findGone(state) : undefined
    if (gone === undefined) return { state, changes: [] }
    return andThen(forget(state, gone), (s) => setHost(s, undefined, fresh))
  }
  return setHost(state, before, step(before ?? unknownHost(id)), touched)
}

/** The host that has been gone for longest. */
function findGone(state: Picture): string | undefined {
  let oldest: KnownHost | undefined
  for (const [, host] of entriesOf(state.hosts)) {
    if (host.liveness === 'gone' && (oldest === undefined || host.heardAtMs < oldest.heardAtMs)) oldest = host
  }
  return oldest?.id
}

/** For messages that say something only about hosts that are known. */
function updateKnown(state: Picture, id: string, step: (host: KnownHost) => KnownHost): Reduction {
  const before = lookUp(state.hosts, id)
  return before === undefined ? { state, changes: [] } : setHost(state, before, step(before))
}

function setHost(state: Picture, before: KnownHost | undefined, after: KnownHost, touched?: string): Reduction {
  if (before === after) return { state, changes: [] }
  const wasNameless = before !== undefined && before.identity === undefined ? 1 : 0
  const isNameless = after.identity === undefined ? 1 : 0
  const next = {
    ...state,
    hosts: withEntry(state.hosts, after.id, after),
    nameless: state.nameless - wasNameless + isNameless,
    gone: state.gone + Number(after.liveness === 'gone') - Number(before?.liveness === 'gone'),
  }
  const changes = changesOfHost(before, after, state.ownId, state.ownId, touched)
  const turnedGone = before?.liveness !== 'gone' && after.liveness === 'gone'
  return turnedGone ? andThen({ state: next, changes }, (s) => links.dropCounts(s, after.id)) : { state: next, changes }
}

function tick(state: Picture, nowMs: number): Reduction {
  // While the line is cut, silence says nothing of anybody.
  if (state.connection.state !== 'live') return { state, changes: [] }
  let reduction: Reduction = { state, changes: [] }
  for (const [, host] of entriesOf(state.hosts)) {
    const older = one.age(host, nowMs, state.liveSinceMs)
    if (older.identity === undefined && older.liveness === 'gone') {
      reduction = andThen(reduction, (s) => forget(s, host.id))
    } else if (older !== host) {
      reduction = andThen(reduction, (s) => setHost(s, host, older))
    }
  }
  return reduction
}

function forget(state: Picture, id: string): Reduction {
  const host = lookUp(state.hosts, id)
  if (host === undefined) return { state, changes: [] }
  const next = {
    ...state,
    hosts: withoutEntry(state.hosts, id),
    nameless: state.nameless - (host.identity === undefined ? 1 : 0),
    gone: state.gone - Number(host.liveness === 'gone'),
  }
  const changes = changesOfHost(host, undefined, state.ownId, state.ownId)
  return andThen({ state: next, changes }, (s) => links.dropCounts(s, id, host.counted))
}

function takeOwn(state: Picture, hostId: string): Reduction {
  const next = { ...state, ownId: hostId }
  const changes = [state.ownId, hostId].flatMap((id) => {
    const host = id === undefined ? undefined : lookUp(state.hosts, id)
    return host === undefined ? [] : changesOfHost(host, host, state.ownId, hostId)
  })
  return { state: next, changes }
}

function takeConnection(state: Picture, record: Connection, nowMs: number): Reduction {
  const cameBack = record.state === 'live' && state.connection.state !== 'live'
  const next = { ...state, connection: record, liveSinceMs: cameBack ? nowMs : state.liveSinceMs }
  return { state: next, changes: isSame(state.connection, record) ? [] : [{ kind: 'connection', record }] }
}

function takeEntry(state: Picture, entry: LatticeEntry): Reduction {
  switch (entry.kind) {
    case 'spec':
      // Links of other sources in the record of this one are nobody's links.
      return links.setLinks(state, entry.id, entry.spec?.links.filter((link) => link.sourceId === entry.id) ?? [])
    case 'claims':
    case 'other':
      return { state, changes: [] }
  }
}

function takeFacts(state: Picture, facts: Facts, nowMs: number): Reduction {
  const heard = updateHost(state, facts.hostId, (host) => one.takeFacts(host, facts, nowMs))
  if (lookUp(heard.state.hosts, facts.hostId) === undefined) return heard
  const cleared = facts.whole ? andThen(heard, (s) => links.dropCounts(s, facts.hostId)) : heard
  return facts.links.reduce((reduction, link) => {
    return andThen(reduction, (s) => links.setCount(s, { hostId: facts.hostId, facts: link }))
  }, cleared)
}

function takeInstalled(state: Picture, id: string, record: Installed | undefined): Reduction {
  const before = lookUp(state.installed, id)
  if (isSame(before, record)) return { state, changes: [] }
  if (record === undefined) {
    const installed = withoutEntry(state.installed, id)
    return { state: { ...state, installed }, changes: [{ kind: 'drop', table: 'installed', key: id }] }
  }
  const installed = withEntry(state.installed, id, record)
  return { state: { ...state, installed }, changes: [{ kind: 'put', table: 'installed', key: id, record }] }
}

function replaceInstalled(state: Picture, records: readonly Installed[]): Reduction {
  const present = new Set<string>(records.map((record) => record.id))
  let reduction: Reduction = { state, changes: [] }
  for (const [id] of entriesOf(state.installed)) {
    if (!present.has(id)) reduction = andThen(reduction, (s) => takeInstalled(s, id, undefined))
  }
  for (const record of records) reduction = andThen(reduction, (s) => takeInstalled(s, record.id, record))
  return reduction
}
