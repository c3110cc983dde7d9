// wasi:io/poll and the timers of wasi:clocks for a guest that runs synchronously: waiting is sleeping, ended by a timer or by
// the pool process, which knows when a connection can go on. The shim's own answers with promises, which glue without JSPI
// cannot wait for.

import type * as ShimIo from '@bytecodealliance/preview2-shim/io'
import type { Recipes } from './snapshot/recipes.js'
import type { Ask } from './host-call.js'

/** Longest sleep in one go, ms; the call's deadline ends it sooner. */
const maxSleepMs = 2 ** 31 - 1
/** Longest wait in one question to the process, ms: well below the limit of a question. */
const maxWaitMs = 20_000

interface PollSource {
  ready(): boolean
  block(): void
}

/** What the pool process is asked to wait for (granted/channels.ts). */
export type WaitToken = readonly [id: number, side: 'in' | 'out' | 'done' | 'flushed' | 'ended']

export interface Poll {
  readonly io: Record<string, unknown>
  readonly monotonicClock: Record<string, unknown>
  /** Called before the guest waits, or looks whether it has to: what it holds back must be on its way by then. */
  readonly beforeWait: Set<() => void>
  /**
   * A pollable for something of the process, or of the guest itself, which then is ready. Without a token yet it is not ready,
   * and nothing here will make it so.
   */
  pollableFor(token: () => WaitToken | 'ready' | undefined): object
  /** Waits for it, for as long as the call may take. */
  waitFor(token: WaitToken): void
}

/** Puts the guest's clock and the recipe of its timers into `recipes`. */
export function createPoll(shim: typeof ShimIo, ask: Ask, recipes: Recipes): Poll {
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
  const tokens = new WeakMap<object, () => WaitToken | 'ready' | undefined>()
  const beforeWait = new Set<() => void>()
  const sleeper = new Int32Array(new SharedArrayBuffer(4))

  function sleepUntil(ns: bigint): void {
    for (let left = ns - nowNs(); left > 0n; left = ns - nowNs()) {
      const ms = Number(left) / 1e6
      Atomics.wait(sleeper, 0, 0, Math.min(Math.ceil(ms), maxSleepMs))
    }
  }

  const settle = (): void => {
    for (const each of [...beforeWait]) each()
  }

  /** Indices of the ready ones, after so many ms at most. */
  const waitAtProcess = (waiting: readonly WaitToken[], ms: number): readonly number[] =>
    ask('wait', waiting, ms) as readonly number[] // the service's own shape

  function block(pollables: readonly PollSource[]): void {
    settle()
    const due = pollables.map((each) => dueNs.get(each)).filter((ns) => ns !== undefined)
    const first = due.reduce<bigint | undefined>(
      (least, ns) => (least === undefined || ns < least ? ns : least),
      undefined,
    )
    while (!pollables.some((each) => each.ready())) {
      const waiting = pollables
        .map((each) => tokens.get(each)?.())
        .filter((token) => token !== undefined && token !== 'ready')
      if (waiting.length > 0) {
        const left = first === undefined ? maxWaitMs : Number(first - nowNs()) / 1e6
        waitAtProcess(waiting, Math.max(0, Math.min(maxWaitMs, Math.ceil(left))))
      } else {
        if (first === undefined) throw new Error('the component waits for something that can never happen here')
        sleepUntil(first)
      }
    }
  }

  // The class is this worker's own: one instance, one worker.
  Object.defineProperty(Pollable.prototype, 'block', {
    value(this: PollSource) {
      block([this])
    },
  })

  // The shim takes a source with `ready`; its types know only the form with promises.
  const create = shim.pollableCreate as unknown as (source: { ready(): boolean; wait(): void }) => object

  function timer(ns: bigint): object {
    const pollable = create({ ready: () => nowNs() >= ns, wait: () => sleepUntil(ns) })
    dueNs.set(pollable, ns)
    recipes.add(pollable, () => ['timer', ns.toString()])
    return pollable
  }
  recipes.onMake('timer', ([due]) =>
    typeof due === 'string' && /^\d{1,20}$/.test(due) ? timer(BigInt(due)) : undefined,
  )

  return {
    pollableFor(token) {
      const ready = (): boolean => {
        if (token() === 'ready') return true
        settle()
        const now = token()
        if (now === 'ready') return true
        return now !== undefined && waitAtProcess([now], 0).length > 0
      }
      const pollable = create({ ready, wait() {} })
      tokens.set(pollable, token)
      recipes.name(pollable, 'a wait for a connection')
      return pollable
    },
    beforeWait,
    waitFor(token) {
      settle()
      while (waitAtProcess([token], maxWaitMs).length === 0);
    },
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
