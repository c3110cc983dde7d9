// Keeps a live copy of the lattice (decision 0002): listens first, then asks for everything, reduces all of it in order of
// arrival, probes hosts, lets time pass, and announces what changed in numbered batches. Decides nothing itself: what a
// message means is in `protocol/reduce.ts`.

import { apply, type Change, emptyState, squash } from '../../preload/changes.js'
import type { LatticeState } from '../../preload/records.js'
import type { Message, Transport } from '../nats/transport.js'
import { describeConnection } from './mirror-connection.js'
import { createJunk } from './mirror-junk.js'
import { openProbes } from './mirror-probes.js'
import { openSeeds } from './mirror-seeds.js'
import { dataOf, decodeLatticeEvent } from './protocol/events.js'
import { emptyPicture, lacksFacts, type Picture } from './protocol/picture.js'
import { type PictureInput, reduce } from './protocol/reduce.js'
import { controlSubjects, eventPattern } from './protocol/subjects.js'
import { lookUp } from './protocol/table.js'
import { decodeEvent, type TlosEvent, tlosSubjects } from './protocol/tlos.js'
import { decodeHeartbeatV2, heartbeatPattern } from './protocol/v2.js'

/** Changes are announced at most this often, ms. */
const batchMs = 50
/** Nodes tell facts of what they started at most this late, ms; after that they are asked. */
const factsDelayMs = 1_000
/** Reading everything waits at most this long for inventories, ms. */
const settleMs = 2_000
/** How many of the last events are kept for looking at. */
const keptEvents = 500

export interface MirrorOptions {
  readonly transport: Transport
  /** The connection for calls, when it is another one: only its state is shown. */
  readonly rpcTransport?: Transport | undefined
  readonly lattice: string
  /** This very node, shown as kind `desktop`. */
  readonly ownHostId?: string | undefined
  /** The NATS server is a child of this shell. */
  readonly embedded: boolean
  readonly ctlPrefix?: string | undefined
  readonly now?: (() => number) | undefined
  readonly log?: ((level: 'warn', text: string) => void) | undefined
  /** How often each host is probed, ms; default 2,000. */
  readonly probeMs?: number | undefined
  /** How often time passes, ms; default 1,000. */
  readonly tickMs?: number | undefined
}

/** Something that was said on the lattice; heartbeats and facts are left out. */
export interface HeardEvent {
  readonly atMs: number
  readonly type: string
  readonly source: string
  readonly data: unknown
}

export interface Mirror {
  /** The picture as last announced. */
  state(): LatticeState
  /** The same with the number that the next batch will have. */
  snapshot(): { readonly state: LatticeState; readonly next: number }
  /** Squashed, numbered from 1 without gaps, at most one per 50 ms. */
  onChanges(listener: (changes: readonly Change[], number: number) => void): () => void
  onTlosEvent(listener: (event: TlosEvent) => void): () => void
  /** Oldest first. */
  recentEvents(): readonly HeardEvent[]
  /** What could not be understood: how often, by reason. */
  junk(): ReadonlyMap<string, number>
  /** Takes a host that is gone out of the picture. */
  forget(hostId: string): void
  /** Reads everything again; resolves when what answers at once has answered. */
  reseed(): Promise<void>
  close(): Promise<void>
}

/** Resolves when the picture was seeded for the first time. */
export async function openMirror(options: MirrorOptions): Promise<Mirror> {
  const { transport, lattice } = options
  const now = options.now ?? Date.now
  const log = options.log ?? (() => undefined)
  const junk = createJunk(log)
  const changeListeners = new Set<(changes: readonly Change[], number: number) => void>()
  const tlosListeners = new Set<(event: TlosEvent) => void>()
  const events: HeardEvent[] = []
  let picture: Picture = emptyPicture(describeConnection(options))
  let shown: LatticeState = { ...emptyState(lattice), connection: picture.connection }
  let next = 1
  let pending: Change[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking: ReturnType<typeof setTimeout> | undefined
  let announcedAtMs = -batchMs
  let isClosed = false
  /** Wait for the next batch. */
  const onTold: (() => void)[] = []

  function take(input: PictureInput): void {
    if (isClosed) return
    const reduction = reduce(picture, input, now())
    picture = reduction.state
    if (reduction.changes.length === 0) return
    // A loop: spreading a long list into a call overflows the stack.
    for (const change of reduction.changes) pending.push(change)
    if (timer === undefined) timer = setTimeout(announce, Math.max(0, announcedAtMs + batchMs - performance.now()))
  }

  function announce(): void {
    clearTimeout(timer)
    timer = undefined
    // A timer counts from the beginning of the turn that set it: it may be early by as long as that turn had run.
    const early = announcedAtMs + batchMs - performance.now()
    if (early > 0) {
      timer = setTimeout(announce, Math.ceil(early))
      return
    }
    tell()
    announcedAtMs = performance.now()
  }

  function tell(): void {
    const changes = squash(pending)
    pending = []
    if (changes.length > 0 && !isClosed) {
      shown = apply(shown, changes)
      const number = next
      next += 1
      for (const listener of changeListeners) listener(changes, number)
    }
    for (const resolve of onTold.splice(0)) resolve()
  }

  function remember(type: string, source: string, data: unknown): void {
    events.push({ atMs: now(), type, source, data })
    if (events.length > keptEvents) events.shift()
  }

  function onLatticeEvent(message: Message): void {
    const decoded = decodeLatticeEvent(message.data)
    if (!decoded.ok) {
      junk.count(`event: ${decoded.reason}`)
      return
    }
    const event = decoded.value
    if (event.body.kind !== 'host_heartbeat') remember(event.body.kind, event.source, dataOf(event.body))
    take({ kind: 'event', event })
    if (needsLook(event.body.kind, event.source)) probes.soon(event.source)
    askWhatIsMissing(event.source)
  }

  /** Events of hosts that are not ours are not always what their inventory says afterwards (lattice.md 1.7). */
  function needsLook(kind: string, hostId: string): boolean {
    const host = lookUp(picture.hosts, hostId)
    // There is no room for it: made-up ids are not asked after.
    if (host === undefined) return false
    if (host.identity === undefined || kind === 'host_started') return true
    return kind.startsWith('component_') && shown.hosts[hostId]?.kind === 'wasmcloud'
  }

  /** Facts are told only when they change; who missed them has to ask. */
  function askWhatIsMissing(hostId: string): void {
    const host = lookUp(picture.hosts, hostId)
    if (host === undefined || asking !== undefined || !lacksFacts(host, picture.ownId)) return
    asking = setTimeout(() => {
      asking = undefined
      const later = lookUp(picture.hosts, hostId)
      if (later !== undefined && lacksFacts(later, picture.ownId)) void seeds.askForFacts()
    }, factsDelayMs)
    asking.unref()
  }

  function onTlosMessage(message: Message): void {
    const decoded = decodeEvent(message.subject, message.data)
    if (!decoded.ok) {
      junk.count(`tLOS event: ${decoded.reason}`)
      return
    }
    const event = decoded.value
    if (event.kind !== 'facts') remember(event.kind, sourceOf(event), event.data)
    take({ kind: 'tlos', event })
    for (const listener of tlosListeners) listener(event)
  }

  function onV2Heartbeat(message: Message): void {
    const decoded = decodeHeartbeatV2(message.subject, message.data)
    if (decoded.ok) take({ kind: 'v2', heartbeat: decoded.value })
    else junk.count(`v2 heartbeat: ${decoded.reason}`)
  }

  const context = { transport, lattice, subjects: controlSubjects(lattice, options.ctlPrefix), take, junk }
  const subscriptions = [
    transport.subscribe(eventPattern(lattice), onLatticeEvent),
    transport.subscribe(tlosSubjects(lattice).events, onTlosMessage),
    transport.subscribe(heartbeatPattern, onV2Heartbeat),
  ]
  const probes = openProbes({
    ...context,
    onInventory: askWhatIsMissing,
    everyMs: options.probeMs ?? 2_000,
    picture: () => picture,
  })
  const seeds = openSeeds({ ...context, onHost: (hostId) => probes.soon(hostId) })
  const ticker = setInterval(() => take({ kind: 'tick' }), options.tickMs ?? 1_000)
  ticker.unref()

  async function reseed(): Promise<void> {
    await seeds.seed()
    await probes.settled(settleMs)
    announce()
    if (timer !== undefined && !isClosed) await new Promise<void>((resolve) => onTold.push(resolve))
  }

  const tellConnection = (): void => take({ kind: 'connection', record: describeConnection(options) })
  const offs = [options.rpcTransport?.onStatus(tellConnection), transport.onRefused(tellConnection)]
  const offStatus = transport.onStatus((status) => {
    const before = picture.connection.state
    tellConnection()
    if (status.kind === 'live' && before !== 'live') {
      reseed().catch((error: unknown) => junk.count(`reading the lattice again: ${String(error).slice(0, 200)}`))
    }
  })

  if (options.ownHostId !== undefined) take({ kind: 'own', hostId: options.ownHostId })
  const mirror: Mirror = {
    state: () => shown,
    snapshot: () => ({ state: shown, next }),
    onChanges(listener) {
      changeListeners.add(listener)
      return () => changeListeners.delete(listener)
    },
    onTlosEvent(listener) {
      tlosListeners.add(listener)
      return () => tlosListeners.delete(listener)
    },
    recentEvents: () => [...events],
    junk: () => junk.counts(),
    forget: (hostId) => take({ kind: 'forget', hostId }),
    reseed,
    close() {
      isClosed = true
      clearTimeout(timer)
      for (const resolve of onTold.splice(0)) resolve()
      clearTimeout(asking)
      clearInterval(ticker)
      offStatus()
      for (const off of offs) off?.()
      for (const subscription of subscriptions) subscription.close()
      probes.close()
      seeds.close()
      return Promise.resolve()
    },
  }
  try {
    await reseed()
    return mirror
  } catch (error) {
    await mirror.close()
    throw error
  }
}

function sourceOf(event: TlosEvent): string {
  switch (event.kind) {
    case 'facts':
    case 'actor_note':
      return event.data.hostId
    case 'actor_moving':
    case 'actor_moved':
    case 'actor_move_failed':
      return event.data.from
  }
}
