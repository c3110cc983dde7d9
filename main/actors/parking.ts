// The end of a node: lets what is under way end, then copies every unmodified actor to the node's own disk. All of it within
// one limit, since a node that ends must end: those that were called last come first, and what could not be kept leaves the
// reason behind, to be told at the next start.

import { formatChain, TlosError } from '../failure.js'
import type { Actor } from './actor.js'
import { noteUnsaved } from './actor-notes.js'
import type { Resident } from './actors.js'
import type { ActorsParts } from './actors-parts.js'
import type { ParkedStore } from './parked.js'
import { withLimit } from './with-limit.js'

/** For calls and moves under way, ms, before those that still wait are cut off. */
const quietMs = 1_000
/** For all copies together, ms. A local node is ended by force after five seconds. */
const parkMs = 2_200
/** For saying of those that were left over that there was no time, ms. */
const reasonMs = 300
/** All of them together, as they lie on the disk. */
const maxBytes = 512 * 1024 * 1024
/** Each is a worker that copies and a file that is written. */
const atOnce = 4
const everyMs = 20
/** For what an actor saves itself, ms. */
const saveMs = 3_000

type EndParts = Pick<ActorsParts, 'parked' | 'hostId' | 'ownership' | 'onNote'>

/** Resolves when this is so, or the limit is over: calls between actors of this node need each other to end. */
async function untilQuiet(isQuiet: () => boolean): Promise<void> {
  const until = performance.now() + quietMs
  while (!isQuiet() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, everyMs))
}

/** The end of a node begins: what can be saved of its actors is, and their gates are held. Never rejects. */
export async function parkAll(
  parts: EndParts,
  node: { readonly residents: () => readonly Resident[]; readonly isStarting: () => boolean },
): Promise<void> {
  // Nothing new comes in, and what is under way ends while everybody can still be called.
  for (const { served } of node.residents()) void served?.drain().catch(() => undefined)
  const isQuiet = ({ actor }: Resident): boolean => actor.gate.inside === 0 && actor.state !== 'moving'
  await untilQuiet(() => !node.isStarting() && node.residents().every(isQuiet))
  const served = node.residents().filter((resident) => resident.served !== undefined)
  const copied = served.filter(({ actor }) => actor.stateKind === 'snapshot')
  const others = served.filter((resident) => !copied.includes(resident))
  const copying = async (): Promise<void> => {
    const { parked: store, hostId } = parts
    const actors = copied.map(({ actor }) => actor)
    const kept = store === undefined ? new Set() : await parkCopies(store, hostId, actors)
    await Promise.all(copied.map((resident) => parkState(parts, resident, kept.has(resident.actor))))
  }
  await Promise.all([copying(), ...others.map((resident) => parkState(parts, resident, false))])
}

/** What an actor saves itself, if it can, and its record. `isKept`: a copy of it is on this node's disk. Never rejects. */
export async function parkState(parts: EndParts, { actor, served }: Resident, isKept: boolean): Promise<void> {
  if (served === undefined || actor.epoch === undefined) return
  try {
    // Nothing of the others is saved: they need not be at rest for it.
    if (actor.isStateful) await withLimit(actor.gate.hold(), saveMs, `${actor.id} did not finish its call`)
    await withLimit(parts.ownership.park(actor, isKept), saveMs, `the state of ${actor.id} was not stored in time`)
  } catch (error) {
    parts.onNote(noteUnsaved(actor, parts.hostId, error))
  }
}

async function parkCopies(store: ParkedStore, hostId: string, all: readonly Actor[]): Promise<ReadonlySet<Actor>> {
  const until = performance.now() + parkMs
  const left = (): number => Math.max(1, Math.round(until - performance.now()))
  const nowIso = (): string => new Date().toISOString()
  const parked = new Set<Actor>()
  let bytes = 0

  async function park(actor: Actor): Promise<void> {
    if (actor.state === 'moving') throw new TlosError('refused', 'it was being moved')
    if (performance.now() >= until) throw new TlosError('timed-out', 'there was no time left')
    await withLimit(actor.gate.hold(), left(), 'its call did not end')
    // The next instance may be one of another start, which may have been told other things.
    const image = await withLimit(actor.copy({ isCertain: true }), left(), 'it was not copied')
    if (bytes + image.length > maxBytes) throw new TlosError('too-large', `all copies have more than ${maxBytes} bytes`)
    bytes += image.length
    const owned = actor.epoch === undefined ? undefined : { owner: hostId, epoch: actor.epoch }
    await withLimit(
      store.put({ componentId: actor.id, savedAt: nowIso(), owned }, image),
      left(),
      'its copy was not written',
    )
    parked.add(actor)
  }

  // One that failed has nothing to keep, and that was told.
  const queue = all.filter(({ state }) => state === 'running' || state === 'moving').sort(byUse)
  async function work(): Promise<void> {
    for (let actor = queue.shift(); actor !== undefined; actor = queue.shift()) {
      try {
        await park(actor)
      } catch (error) {
        // The reasons, too, have their limit: a thousand of them would be a thousand files.
        if (performance.now() > until + reasonMs) continue
        await store.putReason(actor.id, nowIso(), formatChain(error)).catch(() => undefined)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return parked
}

/** One at rest was called before all others. */
const byUse = (a: Actor, b: Actor): number => (b.instances.usedAtMs ?? 0) - (a.instances.usedAtMs ?? 0)
