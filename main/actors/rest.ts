// Lets go of instances that nobody calls, so that a node can have many more actors than run at once: those idle for
// longer than their limit, and the least recently used ones when there are more than the node should hold. What that
// would lose is never let go (`reuse.ts` says which). Drops resources that were given out and are not used any more, too.

import type { Actor } from './actor.js'

export interface RestParts {
  /** Those that serve here. */
  readonly actors: () => readonly Actor[]
  readonly now: () => number
  readonly onRested: () => void
  readonly everyMs?: number | undefined
  /** Instances that could be let go, of the whole node, above which the least recently used ones are. */
  readonly mostIdle?: number | undefined
}

const defaultEveryMs = 1_000
/** Each is a thread with 5 to 10 MiB. */
const defaultMostIdle = 64
/** One that was called so recently is likely to be called again. */
const graceMs = 2_000

/** Looks from now on, every second; returns the function that ends it. */
export function openRest(parts: RestParts): () => void {
  let isLooking = false

  async function look(): Promise<void> {
    const now = parts.now()
    for (const { state, instances, limits } of parts.actors()) {
      // Those that move take their handles along, or have none.
      if (state === 'running' && instances.givenCount > 0) instances.dropIdle(now - limits.handleIdleMs)
    }
    const idle = parts.actors().filter(mayRest).sort(byUse)
    let over = idle.reduce((sum, { instances }) => sum + instances.count, 0) - (parts.mostIdle ?? defaultMostIdle)
    let rested = 0
    for (const actor of idle) {
      const before = now - (over > 0 ? Math.min(graceMs, actor.limits.idleMs) : actor.limits.idleMs)
      if (!mayRest(actor) || (actor.instances.usedAtMs ?? Infinity) > before) continue
      const count = await actor.instances.rest(before)
      rested += count
      over -= count
    }
    if (rested > 0) parts.onRested()
  }

  const timer = setInterval(() => {
    if (isLooking) return
    isLooking = true
    void look().finally(() => {
      isLooking = false
    })
  }, parts.everyMs ?? defaultEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

const mayRest = ({ state, reuse, instances }: Actor): boolean =>
  state === 'running' && reuse.rest !== 'keep' && instances.count > 0 && instances.openCalls === 0

const byUse = (a: Actor, b: Actor): number => (a.instances.usedAtMs ?? 0) - (b.instances.usedAtMs ?? 0)
