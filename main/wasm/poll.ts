// wasi:io/poll and the timers of wasi:clocks for a guest that runs synchronously: waiting is sleeping, and only a timer
// can end it. The shim's own answers with promises, which glue without JSPI cannot wait for.

import type * as ShimIo from '@bytecodealliance/preview2-shim/io'
import type { Recipes } from './snapshot/recipes.js'

/** Longest sleep in one go, ms; the call's deadline ends it sooner. */
const maxSleepMs = 2 ** 31 - 1

interface PollSource {
  ready(): boolean
  block(): void
}

/** Puts the guest's clock and the recipe of its timers into `recipes`. */
export function createPoll(
  shim: typeof ShimIo,
  recipes: Recipes,
): {
  readonly io: Record<string, unknown>
  readonly monotonicClock: Record<string, unknown>
} {
  const { Pollable } = shim.poll
  /** The guest's time less this machine's: a guest that came from another one goes on in the time it knew. */
  let offsetNs = 0n
  const nowNs = (): bigint => process.hrtime.bigint() + offsetNs
  recipes.clock = {
    now: nowNs,
    set(ns) {
      offsetNs = ns - process.hrtime.bigint()
    },
  }
  /** When a timer is due, in the guest's time, ns. */
  const dueNs = new WeakMap<object, bigint>()
  const sleeper = new Int32Array(new SharedArrayBuffer(4))

  function sleepUntil(ns: bigint): void {
    for (let left = ns - nowNs(); left > 0n; left = ns - nowNs()) {
      const ms = Number(left) / 1e6
      Atomics.wait(sleeper, 0, 0, Math.min(Math.ceil(ms), maxSleepMs))
    }
  }

  function block(pollables: readonly PollSource[]): void {
    if (pollables.some((each) => each.ready())) return
    const due = pollables.map((each) => dueNs.get(each)).filter((ns) => ns !== undefined)
    const first = due.reduce<bigint | undefined>(
      (least, ns) => (least === undefined || ns < least ? ns : least),
      undefined,
    )
    if (first === undefined) throw new Error('the component waits for something that can never happen here')
    sleepUntil(first)
  }

  // The class is this worker's own: one instance, one worker.
  Object.defineProperty(Pollable.prototype, 'block', {
    value(this: PollSource) {
      block([this])
    },
  })

  function timer(ns: bigint): object {
    // The shim takes a source with `ready`; its types know only the form without one.
    const create = shim.pollableCreate as unknown as (source: { ready(): boolean; wait(): void }) => object
    const pollable = create({ ready: () => nowNs() >= ns, wait: () => sleepUntil(ns) })
    dueNs.set(pollable, ns)
    recipes.add(pollable, () => ['timer', ns.toString()])
    return pollable
  }
  recipes.onMake('timer', ([due]) =>
    typeof due === 'string' && /^\d{1,20}$/.test(due) ? timer(BigInt(due)) : undefined,
  )

  return {
    io: {
      error: shim.error,
      streams: shim.streams,
      poll: {
        Pollable,
        poll(pollables: readonly PollSource[]): Uint32Array {
          if (pollables.length === 0) throw new Error('the component polls an empty list')
          block(pollables)
          return Uint32Array.from(pollables.flatMap((each, index) => (each.ready() ? [index] : [])))
        },
      },
    },
    monotonicClock: {
      now: nowNs,
      resolution: (): bigint => 1n,
      subscribeInstant: (when: bigint): object => timer(when),
      subscribeDuration: (duration: bigint): object => timer(nowNs() + duration),
    },
  }
}
