// Tells the lattice what happened to an actor here (`tlos.evt.{lattice}.…`).

import { formatChain } from '../failure.js'
import { encodeJson, type EventKind, tlosSubjects } from '../lattice/protocol/tlos.js'
import type { Transport } from '../nats/transport.js'

/** Never throws: what could not be told has happened all the same, and is logged. */
export function createTell(
  transport: Pick<Transport, 'publish'>,
  lattice: string,
  log: (level: 'warn', text: string) => void,
): (kind: EventKind, data: unknown) => void {
  const subjects = tlosSubjects(lattice)
  return (kind, data) => {
    try {
      transport.publish(subjects.event(kind), encodeJson(data))
    } catch (error) {
      // Too large for this server, most likely.
      log('warn', `${kind} could not be told: ${formatChain(error)}`)
    }
  }
}
