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
const defaultMostIdle = 32
const defaultMostKeptBytes = 256 * 1024 * 1024
/** One that was called so recently is likely to be called again; no matter where there are many more than should be. */
const graceMs = 2_000
/** Of `mostIdle`, how many more that is. */
const manyMore = 1 / 4
/** Longest that a start waits for room. */
const roomMs = 250
/** Put to rest at a time: one waits for its thread to end, another for its copy. */
const atOnce = 4

export interface Rest {
  /** Starts an instance; while there are far too many, room is made first, as far as it can be. */
  start<T>(start: () => Promise<T>): Promise<T>
  close(): void
}

/** Looks from now on, every second. */
export function openRest(parts: RestParts): Rest {
  const mostIdle = parts.mostIdle ?? defaultMostIdle
  const slack = Math.max(1, Math.floor(mostIdle * manyMore))
  let looking: Promise<void> | undefined
  let starting = 0

  async function lookOnce(): Promise<void> {
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
        const grace = over > slack ? 0 : graceMs
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

  /** The look that is under way, or one from now on. */
  function look(): Promise<void> {
    looking ??= lookOnce().finally(() => {
      looking = undefined
    })
    return looking
  }

  /** Instances that could rest some time, and those that come. */
  const held = (): number =>
    parts.actors().reduce((sum, { reuse, instances }) => sum + (reuse.rest === 'keep' ? 0 : instances.count), starting)

  const timer = setInterval(() => void look(), parts.everyMs ?? defaultEveryMs)
  timer.unref()
  return {
    async start(start) {
      starting += 1
      try {
        const count = held()
        const looked = count > mostIdle + slack ? look() : undefined
        if (looked !== undefined && count > mostIdle + 2 * slack) await atMost(roomMs, looked)
        return await start()
      } finally {
        starting -= 1
      }
    },
    close: () => clearInterval(timer),
  }
}

/** Until it is done, or so long: one that is asked to save itself may take its time. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}

const mayRest = ({ state, reuse, instances }: Actor): boolean =>
  state === 'running' && reuse.rest !== 'keep' && instances.count > 0 && instances.openCalls === 0

const byUse = (a: Actor, b: Actor): number => (a.instances.usedAtMs ?? 0) - (b.instances.usedAtMs ?? 0)
