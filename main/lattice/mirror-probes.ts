// Asks hosts for their inventory, one after another, so that one that was killed is noticed at once: a request to it finds
// no responders. Each host at most every two seconds unless somebody has a reason to look; then many at once.

import { TlosError } from '../failure.js'
import type { Transport } from '../nats/transport.js'
import type { Junk } from './mirror-junk.js'
import { decodeControlReply } from './protocol/control.js'
import { inventorySchema } from './protocol/inventory.js'
import type { KnownHost, Picture } from './protocol/picture.js'
import type { PictureInput } from './protocol/reduce.js'
import type { ControlSubjects } from './protocol/subjects.js'
import { entriesOf, lookUp } from './protocol/table.js'

/** Least time between two probes of whichever hosts, ms: a thousand hosts must not keep the machine busy. */
const spacingMs = 20
const timeoutMs = 2_000
/** Hosts that are asked at once when there is a reason to look at many, as at the start of a big lattice. */
const mostAtOnce = 32

export interface ProbeParts {
  readonly transport: Transport
  readonly subjects: ControlSubjects
  readonly everyMs: number
  readonly picture: () => Picture
  readonly take: (input: PictureInput) => void
  readonly onInventory: (hostId: string) => void
  readonly junk: Junk
}

export interface Probes {
  /** Has this host asked next. */
  soon(hostId: string): void
  /** Resolves when no host waits to be asked for a reason, at the latest after the limit. */
  settled(limitMs: number): Promise<void>
  close(): void
}

export function openProbes(parts: ProbeParts): Probes {
  const wanted = new Set<string>()
  /** Being asked just now. */
  const underway = new Set<string>()
  /** Last probe of each host by the monotonic clock. */
  const probedAt = new Map<string, number>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isClosed = false
  let onSettled: (() => void)[] = []

  function schedule(delayMs: number): void {
    if (isClosed) return
    clearTimeout(timer)
    timer = setTimeout(next, delayMs)
    timer.unref()
  }

  function next(): void {
    if (isClosed) return
    if (parts.transport.status.kind !== 'live') return schedule(parts.everyMs)
    // What somebody waits for goes many at once: it happens only at start and after events.
    for (const hostId of wanted) {
      if (underway.size >= mostAtOnce) return
      if (!underway.has(hostId)) ask(hostId)
    }
    if (underway.size > 0) return
    const due = pick()
    if (due.hostId === undefined) schedule(due.inMs)
    else ask(due.hostId)
  }

  function ask(hostId: string): void {
    wanted.delete(hostId)
    underway.add(hostId)
    probedAt.set(hostId, performance.now())
    void probe(hostId).finally(() => {
      underway.delete(hostId)
      if (lookUp(parts.picture().hosts, hostId) === undefined) probedAt.delete(hostId)
      if (wanted.size === 0 && underway.size === 0) settle()
      schedule(wanted.size > 0 ? 0 : spacingMs)
    })
  }

  function settle(): void {
    const waiting = onSettled
    onSettled = []
    for (const resolve of waiting) resolve()
  }

  /** The host that was probed longest ago if it is its turn. */
  function pick(): { hostId: string | undefined; inMs: number } {
    const nowMs = performance.now()
    let oldest: string | undefined
    let oldestMs = Infinity
    for (const [id, host] of entriesOf(parts.picture().hosts)) {
      if (!isWorthAsking(host)) {
        probedAt.delete(id)
        continue
      }
      const at = probedAt.get(id) ?? -Infinity
      if (at < oldestMs) {
        oldest = id
        oldestMs = at
      }
    }
    if (oldest === undefined) return { hostId: undefined, inMs: parts.everyMs }
    const inMs = oldestMs + parts.everyMs - nowMs
    return inMs <= 0 ? { hostId: oldest, inMs: 0 } : { hostId: undefined, inMs }
  }

  async function probe(hostId: string): Promise<void> {
    let data: Uint8Array
    try {
      const reply = await parts.transport.request(parts.subjects.host('get', hostId), new Uint8Array(), { timeoutMs })
      data = reply.data
    } catch (error) {
      const isNobody = error instanceof TlosError && error.code === 'unreachable'
      if (isNobody && parts.transport.status.kind === 'live') parts.take({ kind: 'no-responders', hostId })
      return
    }
    const decoded = decodeControlReply(inventorySchema, data)
    if (!decoded.ok) parts.junk.count(`inventory: ${decoded.reason}`)
    else if (decoded.value.response === undefined) parts.junk.count('inventory: refused or empty')
    else if (decoded.value.response.hostId !== hostId) parts.junk.count('inventory: of another host than asked')
    else {
      parts.take({ kind: 'inventory', hostId, inventory: decoded.value.response })
      parts.onInventory(hostId)
    }
  }

  schedule(parts.everyMs)
  return {
    soon(hostId) {
      wanted.add(hostId)
      schedule(0)
    },
    settled(limitMs) {
      if (wanted.size === 0 && underway.size === 0) return Promise.resolve()
      return new Promise((resolve) => {
        const limit = setTimeout(resolve, limitMs)
        onSettled.push(() => {
          clearTimeout(limit)
          resolve()
        })
      })
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      settle()
    },
  }
}

/** Hosts that are gone are heard when they come back; those of wasmCloud v2 say all they have to say by themselves. */
function isWorthAsking(host: KnownHost): boolean {
  return host.liveness !== 'gone' && host.v2 === undefined
}
