// Watches the owner records: an actor that this node serves and that somebody else owns with a higher epoch is let go at
// once; what reaches it is handed on, never answered (move.md M4).

import { tlosSubjects } from '../lattice/protocol/tlos.js'
import type { Actors, Resident } from './actors.js'
import type { Owners } from './owners.js'

export interface FenceParts {
  readonly lattice: string
  readonly hostId: string
  readonly actors: Actors
  readonly owners: Owners
  /** A move that is under way here knows what it does. */
  readonly isMoving: (componentId: string) => boolean
  readonly onLeft: (resident: Resident) => void
}

/** Returns the function that ends the watch. */
export function openFence(parts: FenceParts): () => void {
  return parts.owners.onChanged((componentId, record) => {
    const resident = parts.actors.resident(componentId)
    const epoch = resident?.actor.epoch
    if (resident?.served === undefined || epoch === undefined) return
    if (record.epoch <= epoch || record.owner === parts.hostId || parts.isMoving(componentId)) return
    parts.actors.release(componentId)
    resident.actor.gate.forwardTo(tlosSubjects(parts.lattice).direct(record.owner, componentId))
    void resident.served.drain().finally(() => {
      parts.onLeft(resident)
      void resident.actor.stop()
    })
  })
}
