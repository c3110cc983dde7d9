// Other bytes under an actor that goes on: whoever is inside finishes, a state of its own goes along, and when the new ones do
// not start, the old ones do.

import type { ActorSpec } from '../lattice/host-types.js'
import type { Actor } from './actor.js'
import type { Admitted } from './admission.js'
import { withLimit } from './with-limit.js'

/** For the call in hand, ms. */
const finishMs = 10_000

/** Rejects when the new bytes do not start or do not take the state; the old ones run again then. */
export async function replaceBytes(
  actor: Actor,
  spec: ActorSpec,
  prepared: Actor['prepared'],
  admitted: Admitted,
): Promise<void> {
  const { claims, token, secrets } = actor
  const before = { spec: actor.spec, prepared: actor.prepared, claims, token, secrets }
  let state: Uint8Array | undefined
  try {
    await withLimit(actor.gate.hold(), finishMs, `${actor.id} did not finish its call`)
    state = actor.isStateful ? await actor.save() : undefined
  } catch (error) {
    actor.gate.open()
    throw error
  }
  try {
    await actor.stop()
    Object.assign(actor, { spec, prepared, ...admitted })
    await actor.start()
    if (state !== undefined && actor.isStateful) await actor.load(state)
  } catch (error) {
    await actor.stop()
    Object.assign(actor, before)
    await actor.start()
    if (state !== undefined) await actor.load(state)
    throw error
  } finally {
    actor.gate.open()
  }
}
