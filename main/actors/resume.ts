// Starts again what ran on this node when it ended. What cannot be started is said on the lattice as a failed scale, as
// if somebody had just asked for it.

import { formatChain, TlosError } from '../failure.js'
import type { KeptSpec, LatticeHost } from '../lattice/host-types.js'
import type { Actors } from './actors.js'

/** Resolves when each was tried; never rejects. */
export async function resumeActors(actors: Actors, host: LatticeHost, specs: readonly KeptSpec[]): Promise<void> {
  // One after another: each start may transpile, and the machine has other things to do at start-up.
  for (const { digest, ...spec } of specs) {
    if (actors.isHere(spec.componentId)) continue
    try {
      // A file of this machine is its owner's to change; what a tag means is anybody's.
      await actors.start(spec, undefined, spec.imageRef.startsWith('file:') ? undefined : digest)
      host.emitScaled({ ...spec, claims: actors.get(spec.componentId)?.claims })
    } catch (error) {
      // Somebody else serves it by now: it was started there while this node was away.
      if (error instanceof TlosError && error.code === 'conflict' && error.about !== spec.imageRef) continue
      host.emit({
        kind: 'component_scale_failed',
        annotations: { ...spec.annotations },
        componentId: spec.componentId,
        hostId: host.id,
        imageRef: spec.imageRef,
        maxInstances: spec.maxInstances,
        error: formatChain(error),
      })
    }
  }
}
