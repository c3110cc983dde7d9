// Takes an actor over from another node: prepares an instance that serves nobody, loads the state, and serves once the
// owner record says so. It needs no second word for that: a giver that dies after the commit leaves a serving actor
// behind (move.md M6).

import type * as v from 'valibot'
import { TlosError } from '../failure.js'
import type { LoadRequest, PrepareRequest, ServeRequest, SettleReply, SettleRequest } from '../lattice/protocol/tlos.js'
import type { Actors, Resident } from './actors.js'
import type { Ownership } from './ownership.js'
import type { Owners } from './owners.js'

/** An actor that was prepared and neither served nor abandoned is dropped after this. */
const dormantLimitMs = 90_000

export interface ReceiverParts {
  readonly hostId: string
  readonly actors: Actors
  readonly owners: Owners
  readonly ownership: Ownership
  /** It serves here now: the v1 event for it (`component_scaled`) is due. */
  readonly onArrived: (resident: Resident) => void
}

interface Dormant {
  readonly moveId: string
  readonly isStateful: boolean
  /** Its state is a copied instance, not what the component saved. */
  readonly isCopied: boolean
  readonly resident: Resident
  readonly timer: ReturnType<typeof setTimeout>
  isLoaded: boolean
  serving: Promise<void> | undefined
}

export interface Receiver {
  prepare(request: PrepareRequest): Promise<void>
  load(request: LoadRequest): Promise<void>
  serve(request: ServeRequest): Promise<void>
  settle(request: SettleRequest): v.InferOutput<typeof SettleReply>
  abandon(moveId: string, componentId: string): Promise<void>
  close(): void
}

export function createReceiver(parts: ReceiverParts): Receiver {
  const dormant = new Map<string, Dormant>()

  function expect(moveId: string, componentId: string): Dormant {
    const entry = dormant.get(componentId)
    if (entry?.moveId === moveId) return entry
    throw new TlosError('not-found', `No move ${moveId} of ${componentId} is expected here`, { about: componentId })
  }

  async function drop(componentId: string): Promise<void> {
    const entry = dormant.get(componentId)
    if (entry === undefined) return
    dormant.delete(componentId)
    clearTimeout(entry.timer)
    await parts.actors.remove(componentId)
  }

  /** Idempotent: the owner record and the giver's request may both ask for it. */
  function activate(entry: Dormant, epoch: number | undefined): Promise<void> {
    entry.serving ??= (async () => {
      const { actor } = entry.resident
      if (epoch !== undefined) actor.epoch = epoch
      await parts.actors.serve(entry.resident)
      clearTimeout(entry.timer)
      parts.onArrived(entry.resident)
    })()
    return entry.serving
  }

  const stopWatching = parts.owners.onChanged((componentId, record) => {
    const entry = dormant.get(componentId)
    if (entry === undefined || !entry.isLoaded || record.owner !== parts.hostId || record.phase !== 'serving') return
    activate(entry, record.epoch).catch(() => drop(componentId))
  })

  return {
    async prepare(request) {
      const { componentId, moveId } = request
      if (dormant.get(componentId)?.serving === undefined) await drop(componentId)
      if (parts.actors.isHere(componentId)) {
        throw new TlosError('conflict', `${componentId} is on this node already`, { about: componentId })
      }
      dormant.delete(componentId)
      const { imageRef, annotations, maxInstances, config, limits } = request
      const spec = { componentId, imageRef, annotations, maxInstances, config, limits }
      const resident = await parts.actors.create(spec, { digest: request.digest })
      const timer = setTimeout(() => void drop(componentId), dormantLimitMs)
      timer.unref()
      const isStateful = request.stateKind !== 'none'
      const isCopied = request.stateKind === 'snapshot'
      dormant.set(componentId, {
        moveId,
        isStateful,
        isCopied,
        resident,
        timer,
        isLoaded: !isStateful,
        serving: undefined,
      })
    },

    async load(request) {
      const entry = expect(request.moveId, request.componentId)
      const { actor } = entry.resident
      const state = await parts.ownership.loadState(request.state)
      if (entry.isCopied) await actor.goOn(state)
      else await actor.load(state)
      entry.isLoaded = true
    },

    async serve(request) {
      const entry = expect(request.moveId, request.componentId)
      if (!entry.isStateful) return await activate(entry, undefined)
      const found = await parts.owners.read(request.componentId)
      if (found?.record.owner !== parts.hostId) {
        throw new TlosError('conflict', `The owner record of ${request.componentId} does not name this node`)
      }
      await activate(entry, found.record.epoch)
    },

    settle(request) {
      const entry = expect(request.moveId, request.componentId)
      return { received: entry.resident.served?.received ?? 0, twice: entry.resident.served?.twice ?? 0 }
    },

    async abandon(moveId, componentId) {
      if (dormant.get(componentId)?.moveId === moveId) await drop(componentId)
    },

    close() {
      stopWatching()
      for (const entry of dormant.values()) clearTimeout(entry.timer)
      dormant.clear()
    },
  }
}
