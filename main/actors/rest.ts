// Lets go of instances that nobody calls, so that a node can have many more actors than run at once: those idle for
// longer than their limit, and the least recently used ones when there are more than the node should hold. What that
// would lose is never let go (`reuse.ts` says which); what is kept of them meanwhile is bounded for all of them together.
// Drops resources that were given out and are not used any more, too.

import type { Actor } from './actor.js'

export interface RestParts {
  /** Those that serve here. */
  readonly actors: () => readonly Actor[]
  readonly now: () => number
  readonly onRested: () => void
  readonly everyMs?: number | undefined
  /** Instances that could be let go, of the whole node, above which the least recently used ones are. */
  readonly mostIdle?: number | undefined
  /** Most that is kept in memory of actors at rest, of the whole node; beyond it no other one is put to rest. */
  readonly mostKeptBytes?: number | undefined
}

const defaultEveryMs = 1_000
/** Each is a thread with 5 to 10 MiB. */
const defaultMostIdle = 40
const defaultMostKeptBytes = 256 * 1024 * 1024
/** One that was called so recently is likely to be called again; no matter where there are twice as many as should be. */
const graceMs = 2_000
/** Put to rest at a time: one waits for its thread to end, another for its copy. */
const atOnce = 4

/** Looks from now on, every second; returns the function that ends it. */
export function openRest(parts: RestParts): () => void {
  const mostIdle = parts.mostIdle ?? defaultMostIdle
  let isLooking = false

  async function look(): Promise<void> {
    const now = parts.now()
    const all = parts.actors()
    for (const { state, instances, limits } of all) {
      // Those that move take their handles along, or have none.
      if (state === 'running' && instances.givenCount > 0) instances.dropIdle(now - limits.handleIdleMs)
    }
    const idle = all.filter(mayRest).sort(byUse)
    let over = idle.reduce((sum, { instances }) => sum + instances.count, 0) - mostIdle
    let kept = all.reduce((sum, { instances }) => sum + instances.keptBytes, 0)
    let rested = 0

    async function letRest(): Promise<void> {
      for (let actor = idle.shift(); actor !== undefined; actor = idle.shift()) {
        const grace = over > mostIdle ? 0 : graceMs
        const before = now - (over > 0 ? Math.min(grace, actor.limits.idleMs) : actor.limits.idleMs)
        if (!mayRest(actor) || (actor.instances.usedAtMs ?? Infinity) > before) continue
        if (actor.reuse.rest !== 'drop' && kept >= (parts.mostKeptBytes ?? defaultMostKeptBytes)) continue
        // Counted before it is done, so that those beside it do not let go too many.
        const expected = actor.instances.count
        over -= expected
        const count = await actor.instances.rest(before)
        over += expected - count
        kept += actor.instances.keptBytes
        rested += count
      }
    }

    await Promise.all(Array.from({ length: atOnce }, letRest))
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
