// What an actor did and holds, as the record that crosses the bridge. Reads only.

import type { Numbers } from '../../preload/records.js'
import type { Actor } from './actor.js'

/** Of a Wasm memory. */
const pageBytes = 65_536

export function describeNumbers(actor: Actor): Numbers {
  const { meter, instances, reuse, limits } = actor
  const memoryBytes = instances.memoryBytes.reduce((sum, bytes) => sum + bytes, 0)
  const { memoryBytes: most, callMs, startMs, logBytesPerSecond, messageBytes, callsWaiting, waitMs, idleMs } = limits
  const { handles, handleIdleMs } = limits
  return {
    calls: meter.total,
    errors: meter.errors,
    ...meter.latency(),
    guestMs: actor.guestMs,
    instances: instances.count,
    mostInstances: reuse.most,
    waiting: instances.waitingCalls,
    memoryBytes,
    memoryPages: memoryBytes / pageBytes,
    handles: instances.givenCount,
    restarts: actor.restarts,
    logLines: actor.log.length,
    limits: {
      memoryBytes: most,
      callMs,
      startMs,
      logBytesPerSecond,
      messageBytes,
      callsWaiting,
      waitMs,
      idleMs,
      handles,
      handleIdleMs,
    },
  }
}
