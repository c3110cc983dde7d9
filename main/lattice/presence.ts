// Whether a host is there at all, asked of the bus: nobody listening on its own subject is the one certain no.

import { TlosError } from '../failure.js'
import type { Transport } from '../nats/transport.js'
import { controlSubjects } from './protocol/subjects.js'

/** False only when certainly nobody is there (no responders); a slow host is there. */
export async function isHostThere(
  transport: Transport,
  lattice: string,
  hostId: string,
  ctlPrefix?: string,
): Promise<boolean> {
  try {
    const subject = controlSubjects(lattice, ctlPrefix).host('get', hostId)
    await transport.request(subject, new Uint8Array(), { timeoutMs: 2_000 })
    return true
  } catch (error) {
    return !(error instanceof TlosError && error.code === 'unreachable' && transport.status.kind === 'live')
  }
}
