// What an unmodified actor leaves behind when its node ends, and how it goes on from there at the next start: its memory is
// nowhere but in its instance, which ends with the node. The store keeps the bytes; here is decided whether they are still
// those of the actor, since it may have gone on elsewhere meanwhile.

import { formatChain } from '../failure.js'
import type { OwnerRecord } from '../lattice/protocol/tlos.js'
import type { Actor } from './actor.js'

/** Whose it was when it was saved; absent: nobody's, as one that never moved. */
export type Owned = Pick<OwnerRecord, 'epoch'> & { readonly owner: string }

/** What is found of an actor. `why` is the end of a sentence. */
export type Left =
  | { readonly kind: 'image'; readonly image: Uint8Array; readonly savedAt: string; readonly owned: Owned | undefined }
  /** It could not be copied when the node ended. */
  | { readonly kind: 'unkept'; readonly why: string; readonly savedAt: string }
  /** There is something, and it cannot be read. */
  | { readonly kind: 'broken'; readonly why: string }

/** On this node's own disk, of one lattice. */
export interface ParkedStore {
  /** Never rejects. */
  find(componentId: string): Promise<Left | undefined>
  /** Whole or not at all. */
  put(
    of: { readonly componentId: string; readonly savedAt: string; readonly owned: Owned | undefined },
    image: Uint8Array,
  ): Promise<void>
  putReason(componentId: string, savedAt: string, reason: string): Promise<void>
  /** Rejects when it is still there. */
  remove(componentId: string): Promise<void>
  /** Keeps what was not used until the next end of the node; where. Never rejects. */
  setAside(componentId: string): Promise<string | undefined>
  /** At the end: removes what was not put in this run, but for these. Never rejects. */
  sweep(keep: ReadonlySet<string>): Promise<void>
}

/** What became of it: it goes on as it was at `savedAt`, or it begins afresh although something was left. */
export type Resumed =
  { readonly kind: 'restored'; readonly savedAt: string } | { readonly kind: 'afresh'; readonly why: string }

/**
 * Before it is served: it goes on as it was, or it is fresh. Undefined: nothing was left of it. `record`: who owns it now.
 * Rejects only when not even a fresh instance can be had.
 */
export async function goOnFromParked(
  store: ParkedStore,
  actor: Pick<Actor, 'id' | 'goOn' | 'restart'>,
  record: OwnerRecord | undefined,
): Promise<Resumed | undefined> {
  const left = await store.find(actor.id)
  if (left === undefined) return undefined
  const afresh = async (why: string): Promise<Resumed> => {
    const file = await store.setAside(actor.id)
    return { kind: 'afresh', why: file === undefined ? why : `${why} (it was kept as ${file} for now)` }
  }
  if (left.kind === 'broken') return await afresh(left.why)
  if (left.kind === 'unkept') {
    await store.remove(actor.id).catch(() => undefined)
    return { kind: 'afresh', why: left.why }
  }
  if (isOld(left.owned, record)) return await afresh('it went on elsewhere meanwhile')
  try {
    await actor.goOn(left.image)
  } catch (error) {
    // It is fresh again by now.
    return await afresh(formatChain(error))
  }
  try {
    // Before anybody calls it: a copy is used once, or two instances would have the same secrets and random numbers.
    await store.remove(actor.id)
  } catch (error) {
    await actor.restart()
    return { kind: 'afresh', why: `its copy could not be removed: ${formatChain(error)}` }
  }
  return { kind: 'restored', savedAt: left.savedAt }
}

/** Somebody owned it since. */
function isOld(owned: Owned | undefined, record: OwnerRecord | undefined): boolean {
  if (record === undefined) return false
  return record.owner !== owned?.owner || record.epoch !== owned.epoch
}
