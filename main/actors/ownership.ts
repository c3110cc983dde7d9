// Taking, parking and giving up a stateful actor: what the owner record says decides whether it may be served here, and
// with which state it begins (move.md M3, M4, M6). Stands on `Owners` and the state store.

import { createHash } from 'node:crypto'
import { TlosError } from '../failure.js'
import { type OwnerRecord, stateStore } from '../lattice/protocol/tlos.js'
import type { Transport } from '../nats/transport.js'
import type { Actor } from './actor.js'
import type { OwnedAt, Owners } from './owners.js'

/**
 * How a stateful actor began here, for the person: `new`; `restored` from a state saved when it was stopped; `older`: its
 * node died, and it goes on from a state saved at `since`; `empty`: its node died and nothing was ever saved.
 */
export interface Beginning {
  readonly kind: 'new' | 'restored' | 'older' | 'empty'
  readonly epoch: number
  /** When the restored state was saved, or the lost one was last owned. */
  readonly since: string | undefined
}

export interface Ownership {
  /**
   * Becomes the owner and loads what is there to load. Fails with `conflict` when a node that still answers owns it.
   * The actor's instance must be started and its gate must not be open to anybody yet.
   */
  begin(actor: Actor): Promise<Beginning | undefined>
  /** Saves the actor's state; the name under which it lies in the state store. */
  saveState(actor: Actor): Promise<{ readonly name: string; readonly sizeBytes: number }>
  loadState(name: string): Promise<Uint8Array>
  /** Hands the record to another node, or takes it back: compare-and-set against the epoch we believe in. */
  pass(componentId: string, from: { epoch: number }, to: { owner: string; epoch: number; state: string }): Promise<void>
  /** The node stops: saves the state and leaves the record without an owner in memory. */
  park(actor: Actor): Promise<void>
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

  async function saveState(actor: Actor): Promise<{ name: string; sizeBytes: number }> {
    const bytes = await actor.save()
    const name = `${actor.id}.${sha256(bytes)}`
    await (await states()).put(name, bytes)
    return { name, sizeBytes: bytes.length }
  }

  /** The record names another state now: the one before is nobody's. Its leftover costs space only, so failing is fine. */
  async function forget(name: string | undefined, kept: string): Promise<void> {
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

  return {
    saveState,
    loadState,

    async begin(actor) {
      if (!actor.isStateful || !owners.isAvailable) return undefined
      const found = await owners.read(actor.id)
      if (found === undefined) {
        await owners.claim(actor.id, record({ owner: hostId, epoch: 1, phase: 'serving' }), 0)
        actor.epoch = 1
        return { kind: 'new', epoch: 1, since: undefined }
      }
      await ensureFree(actor.id, found)
      const { state, since } = found.record
      if (state !== undefined) await actor.load(await loadState(state))
      const epoch = found.record.epoch + 1
      await owners.claim(
        actor.id,
        record({ owner: hostId, epoch, phase: 'serving', ...(state === undefined ? {} : { state }) }),
        found.revision,
      )
      actor.epoch = epoch
      if (state === undefined) return { kind: 'empty', epoch, since }
      return { kind: found.record.phase === 'parked' ? 'restored' : 'older', epoch, since }
    },

    async pass(componentId, from, to) {
      const found = await owners.read(componentId)
      if (found === undefined || found.record.epoch !== from.epoch) {
        const now = found === undefined ? 'nobody' : `${found.record.owner.slice(0, 8)}… (epoch ${found.record.epoch})`
        throw new TlosError('conflict', `${componentId} is owned by ${now} meanwhile`, { about: componentId })
      }
      await owners.claim(
        componentId,
        record({ owner: to.owner, epoch: to.epoch, phase: 'serving', state: to.state }),
        found.revision,
      )
      await forget(found.record.state, to.state)
    },

    async park(actor) {
      if (!actor.isStateful || !owners.isAvailable || actor.epoch === undefined) return
      const found = await owners.read(actor.id)
      if (found === undefined || found.record.owner !== hostId || found.record.epoch !== actor.epoch) return
      const { name } = await saveState(actor)
      await owners.claim(
        actor.id,
        record({ owner: hostId, epoch: actor.epoch, phase: 'parked', state: name }),
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
