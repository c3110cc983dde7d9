// Taking, parking and giving up a stateful actor: what the owner record says decides whether it may be served here, and
// with which state it begins (move.md M3, M4, M6). Stands on `Owners` and the state store.

import { createHash } from 'node:crypto'
import { TlosError } from '../failure.js'
import { type OwnerRecord, stateStore } from '../lattice/protocol/tlos.js'
import type { Transport } from '../nats/transport.js'
import type { Actor } from './actor.js'
import type { OwnedAt, Owners } from './owners.js'
import { goOnFromParked, type ParkedStore } from './parked.js'

/**
 * How a stateful actor began here, for the person: `new`; `restored` from a state saved when it was stopped; `older`: its
 * node died, and it goes on from a state saved at `since`; `empty`: its node died and nothing was ever saved; `afresh`: what
 * was kept of it when its node ended cannot be used.
 */
export interface Beginning {
  readonly kind: 'new' | 'restored' | 'older' | 'empty' | 'afresh'
  /** Of an owned one. */
  readonly epoch: number | undefined
  /** When the restored state was saved, or the lost one was last owned. */
  readonly since: string | undefined
  /** Why it begins afresh: the end of a sentence. */
  readonly why?: string | undefined
}

export interface Ownership {
  /** Without it (no JetStream) nothing can be owned, and no state can be handed over. */
  readonly isAvailable: boolean
  /**
   * Becomes the owner and loads what is there to load. Fails with `conflict` when a node that still answers owns it.
   * The actor's instance must be started and its gate must not be open to anybody yet.
   */
  begin(actor: Actor): Promise<Beginning | undefined>
  /**
   * Becomes the owner of an actor that runs here and is nobody's: one whose memory is copied is owned from its first move
   * on. Fails with `conflict` when a node that still answers owns it.
   */
  adopt(actor: Actor): Promise<void>
  /** An owned one that keeps nothing any more is nobody's again. Leaves one alone that is not this node's. */
  release(actor: Actor): Promise<void>
  /** Saves the actor's state; the name under which it lies in the state store. `isWhole`: of a copied instance. */
  saveState(
    actor: Actor,
    options?: { readonly isWhole?: boolean },
  ): Promise<{ readonly name: string; readonly sizeBytes: number }>
  loadState(name: string): Promise<Uint8Array>
  /**
   * What an actor that this node owns saved last, by itself, at its last move or stop; undefined if it never did. An instance
   * that failed goes on from there.
   */
  lastSaved(actor: Actor): Promise<Uint8Array | undefined>
  /** A copied instance is restored once; what is left of it in the store holds the guest's secrets. Never fails. */
  dropState(name: string): Promise<void>
  /** Hands the record to another node, or takes it back: compare-and-set against the epoch we believe in. */
  pass(
    componentId: string,
    from: { epoch: number },
    to: { owner: string; epoch: number; state: string | undefined },
  ): Promise<void>
  /**
   * The node stops: saves what the component itself can save, and leaves the record without an owner in memory. `isKept`: a copy
   * of its instance is on this node's disk.
   */
  park(actor: Actor, isKept: boolean): Promise<void>
  close(): void
}

export interface OwnershipParts {
  readonly transport: Transport
  readonly lattice: string
  readonly hostId: string
  readonly owners: Owners
  /** Whether this host answers on the lattice right now; `false` only when certainly nobody is there. */
  readonly isAlive: (hostId: string) => Promise<boolean>
  readonly nowIso: () => string
  /** What unmodified actors left here when the node ended; absent: it keeps none. */
  readonly parked?: ParkedStore | undefined
}

export function createOwnership(parts: OwnershipParts): Ownership {
  const { owners, hostId } = parts
  const states = () => parts.transport.objects(stateStore(parts.lattice))

  const record = (fields: Omit<OwnerRecord, 'since' | 'owner'> & { owner: string }): OwnerRecord => ({
    ...fields,
    owner: fields.owner as OwnerRecord['owner'], // a host id from a decoded request or our own
    since: parts.nowIso(),
  })

  async function loadState(name: string): Promise<Uint8Array> {
    const bytes = await (await states()).get(name)
    if (bytes === undefined) throw new TlosError('not-found', `The saved state ${name} is not in the lattice's store`)
    if (name.endsWith(sha256(bytes))) return bytes
    throw new TlosError('invalid', `The saved state ${name} does not match its digest`)
  }

  async function saveState(
    actor: Actor,
    options: { readonly isWhole?: boolean } = {},
  ): Promise<{ name: string; sizeBytes: number }> {
    const bytes = actor.stateKind === 'snapshot' ? await actor.copy(options) : await actor.save()
    const name = `${actor.id}.${sha256(bytes)}`
    await (await states()).put(name, bytes)
    return { name, sizeBytes: bytes.length }
  }

  /** The record names another state now: the one before is nobody's. Its leftover costs space only, so failing is fine. */
  async function forget(name: string | undefined, kept: string | undefined): Promise<void> {
    if (name === undefined || name === kept) return
    await (await states()).delete(name).catch(() => undefined)
  }

  async function ensureFree(componentId: string, found: OwnedAt): Promise<void> {
    const { owner, phase } = found.record
    if (owner === hostId || phase === 'parked') return
    if (await parts.isAlive(owner)) {
      throw new TlosError(
        'conflict',
        `${componentId} keeps a state and is served by ${owner.slice(0, 8)}…: move it instead of starting a second one`,
        { about: componentId },
      )
    }
  }

  /** Ours now, with a higher epoch than anybody's before. */
  async function claimNext(actor: Actor, found: OwnedAt | undefined, state: string | undefined): Promise<number> {
    const epoch = (found?.record.epoch ?? 0) + 1
    const kept = state === undefined ? {} : { state }
    await owners.claim(actor.id, record({ owner: hostId, epoch, phase: 'serving', ...kept }), found?.revision ?? 0)
    actor.epoch = epoch
    return epoch
  }

  /** An unmodified one: its memory ended with its instance, but for the copy that its node made when it ended itself. */
  async function beginCopied(actor: Actor): Promise<Beginning | undefined> {
    const found = owners.isAvailable ? await owners.read(actor.id) : undefined
    if (found !== undefined) await ensureFree(actor.id, found)
    const record = found?.record
    const resumed = parts.parked && (await goOnFromParked(parts.parked, actor, record))
    // Without a record not yet: one that knows nothing of this may be started on several nodes, as on any v1 host.
    const epoch = found && (await claimNext(actor, found, undefined))
    if (resumed?.kind === 'restored') return { kind: 'restored', epoch, since: resumed.savedAt }
    if (resumed !== undefined) return { kind: 'afresh', epoch, since: undefined, why: resumed.why }
    if (record === undefined) return undefined
    const { since, owner } = record
    if (record.isKept === true && owner !== hostId) {
      const why = `the node ${owner.slice(0, 8)}… keeps it, on which it ended`
      return { kind: 'afresh', epoch, since, why }
    }
    return { kind: record.phase === 'parked' ? 'new' : 'empty', epoch, since }
  }

  return {
    isAvailable: owners.isAvailable,
    saveState,
    loadState,

    dropState: (name) => forget(name, undefined),

    async adopt(actor) {
      const found = await owners.read(actor.id)
      if (found !== undefined) await ensureFree(actor.id, found)
      await claimNext(actor, found, undefined)
    },

    async release(actor) {
      if (actor.epoch === undefined) return
      const found = await owners.read(actor.id)
      if (found?.record.owner === hostId && found.record.epoch === actor.epoch) {
        // The record stays, so that epochs go on growing: somebody may still believe in an old one.
        await owners.claim(actor.id, record({ owner: hostId, epoch: actor.epoch, phase: 'parked' }), found.revision)
        await forget(found.record.state, undefined)
      }
      actor.epoch = undefined
    },

    async begin(actor) {
      const kind = actor.stateKind
      if (kind === 'snapshot') return await beginCopied(actor)
      if (kind === 'none' || !owners.isAvailable) return undefined
      const found = await owners.read(actor.id)
      if (found === undefined) {
        return { kind: 'new', epoch: await claimNext(actor, found, undefined), since: undefined }
      }
      await ensureFree(actor.id, found)
      const { state, since, phase } = found.record
      if (state !== undefined) await actor.load(await loadState(state))
      const epoch = await claimNext(actor, found, state)
      if (state === undefined) return { kind: 'empty', epoch, since }
      return { kind: phase === 'parked' ? 'restored' : 'older', epoch, since }
    },

    async lastSaved(actor) {
      if (!owners.isAvailable || actor.stateKind !== 'exported') return undefined
      const found = await owners.read(actor.id)
      if (found?.record.owner !== hostId || found.record.epoch !== actor.epoch) return undefined
      const { state } = found.record
      return state === undefined ? undefined : await loadState(state)
    },

    async pass(componentId, from, to) {
      const found = await owners.read(componentId)
      if (found === undefined || found.record.epoch !== from.epoch) {
        const now = found === undefined ? 'nobody' : `${found.record.owner.slice(0, 8)}… (epoch ${found.record.epoch})`
        throw new TlosError('conflict', `${componentId} is owned by ${now} meanwhile`, { about: componentId })
      }
      await owners.claim(
        componentId,
        record({
          owner: to.owner,
          epoch: to.epoch,
          phase: 'serving',
          ...(to.state === undefined ? {} : { state: to.state }),
        }),
        found.revision,
      )
      await forget(found.record.state, to.state)
    },

    async park(actor, isKept) {
      if (!owners.isAvailable || actor.epoch === undefined) return
      const found = await owners.read(actor.id)
      if (found === undefined || found.record.owner !== hostId || found.record.epoch !== actor.epoch) return
      // A copied instance would lie in the lattice's store with all its secrets for as long as nobody starts it again.
      const name = actor.isStateful ? (await saveState(actor)).name : undefined
      await owners.claim(
        actor.id,
        record({
          owner: hostId,
          epoch: actor.epoch,
          phase: 'parked',
          ...(name === undefined ? {} : { state: name }),
          ...(isKept ? { isKept } : {}),
        }),
        found.revision,
      )
      await forget(found.record.state, name)
    },

    close: () => owners.close(),
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
