// The live instances of one actor and the queue in front of them: each call goes to a free one, more are started up to
// the limit, and all are let go while nobody calls, if that loses nothing: what they were is kept meanwhile. Stands on
// what the actor gives it; does not know the gate, the bus, nor why an instance failed.

import { dropFunction } from '../../preload/wit.js'
import { TlosError } from '../failure.js'
import type { GivenHandle, Instance } from '../wasm/types.js'
import { countGiven, type GivenResources } from './given-resources.js'
import { type Rest, stateInterface } from './reuse.js'

export interface InstancesPolicy {
  readonly most: number
  readonly rest: Rest
  readonly callsWaiting: number
  readonly waitMs: number
  readonly callMs: number
  readonly idleMs: number
  /** Resources that all of them together may have given out. */
  readonly handles: number
}

export interface InstancesParts {
  readonly componentId: string
  /** A fresh instance, ready to be called. */
  readonly start: () => Promise<Instance>
  /** As it is now; asked for each call. */
  readonly policy: () => InstancesPolicy
  readonly now: () => number
  /** Of the actor: what it knows outlives the instances. */
  readonly given: GivenResources
  /** An instance ended by itself; `left` are still there. */
  readonly onGone: (reason: Error, left: number) => void
  /** One that was needed for a call could not be started. Without others at work, those who waited got the same error. */
  readonly onStartFailed: (error: Error, left: number) => void
}

interface Live {
  readonly instance: Instance
  /** Goes on from what was kept already. Before, its end is the failure of a start. */
  isReady: boolean
  open: number
  usedAtMs: number
}

interface Waiting {
  readonly run: (live: Live) => void
  readonly fail: (error: Error) => void
  readonly timer: ReturnType<typeof setTimeout>
}

/** What an actor at rest goes on from: what it saved itself, or a copy of its instance. */
export interface Kept {
  readonly kind: 'saved' | 'image'
  readonly bytes: Uint8Array
}

/** After a try that failed (an open file, say) it is left alone so long. */
const restsAgainMs = 60_000
/** What is longer than this stays in its instance: holding it here would save little. */
const maxKeptBytes = 8 * 1024 * 1024

const holdOffMs = 1_000

export class Instances {
  readonly #parts: InstancesParts
  #live: Live[] = []
  #queue: Waiting[] = []
  #starting = 0
  #isClosed = false
  /** Of the one instance, while there is none. */
  #kept: Kept | undefined
  #restsAgainAtMs = 0
  #resting: Promise<unknown> | undefined
  /** After a start that failed while others work, no other is tried until then. */
  #startsAgainAtMs = 0
  /** `guestMs` of those that are gone. */
  #leftGuestMs = 0

  /** `kept`: for the first instance. */
  constructor(parts: InstancesParts, kept?: Kept) {
    this.#parts = parts
    this.#kept = kept
  }

  get count(): number {
    return this.#live.length
  }

  /** The one there is, of an actor that is one instance. */
  get only(): Instance | undefined {
    return this.#live.length === 1 ? this.#live[0]?.instance : undefined
  }

  /** Bytes that are kept for the next instance. */
  get keptBytes(): number {
    return this.#kept?.bytes.length ?? 0
  }

  /** Calls inside instances or waiting for one. */
  get openCalls(): number {
    return this.#live.reduce((sum, live) => sum + live.open, this.#queue.length)
  }

  /** Calls that have not begun. */
  get waitingCalls(): number {
    return this.#live.reduce((sum, live) => sum + Math.max(0, live.open - 1), this.#queue.length)
  }

  /** Bytes of memory of each. */
  get memoryBytes(): readonly number[] {
    return this.#live.map(({ instance }) => instance.memoryBytes)
  }

  /** Time in the guest's own code of all there ever were, ms. */
  get guestMs(): number {
    return this.#live.reduce((sum, { instance }) => sum + instance.guestMs, this.#leftGuestMs)
  }

  /** Resources that they have given out. Who holds one is not let go. */
  get givenCount(): number {
    return countGiven(this.#live)
  }

  /** Their handles, in hex. */
  *givenKeys(): Generator<string> {
    for (const { instance } of this.#live) yield* instance.given.keys()
  }

  /** When one of them was called last; undefined while there are none. */
  get usedAtMs(): number | undefined {
    return this.#live.length === 0 ? undefined : Math.max(...this.#live.map((live) => live.usedAtMs))
  }

  /** Starts the first one, so that a component that cannot start is known at once. */
  async open(): Promise<void> {
    this.#starting += 1
    try {
      const live = this.#add(await this.#parts.start())
      if (!this.#isClosed) await this.#giveBack(live)
    } finally {
      this.#starting -= 1
    }
    if (!this.#isClosed) return
    await this.close()
    throw this.#stopped()
  }

  /** `refused` when too many wait already, `timed-out` when it did not begin in time; nothing has run then. */
  call(instance: string, functionName: string, params: readonly unknown[]): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(this.#stopped())
    const { componentId } = this.#parts
    const policy = this.#parts.policy()
    const options = { timeoutMs: policy.callMs, waitMs: policy.waitMs }
    const send = (live: Live): Promise<unknown> => this.#send(live, instance, functionName, params, options)
    try {
      const holder = this.#parts.given.holderOf(this.#live, { instance, functionName, params }, policy.handles)
      if (holder !== undefined && (holder.open === 0 || this.waitingCalls < policy.callsWaiting)) return send(holder)
      if (holder !== undefined) return Promise.reject(this.#busy())
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
    const free = this.#queue.length > 0 ? undefined : this.#pick(policy)
    if (free !== undefined && (free.open === 0 || this.waitingCalls < policy.callsWaiting)) return send(free)
    if (this.waitingCalls >= policy.callsWaiting) return Promise.reject(this.#busy())
    return new Promise((resolve, reject) => {
      const since = this.#parts.now()
      const entry: Waiting = {
        run: (live) => {
          options.waitMs = Math.max(1, policy.waitMs - (this.#parts.now() - since))
          send(live).then(resolve, reject)
        },
        fail: reject,
        timer: setTimeout(() => {
          this.#queue = this.#queue.filter((each) => each !== entry)
          const message = `${functionName} did not begin within ${policy.waitMs} ms: ${componentId} is busy`
          reject(new TlosError('timed-out', message, { about: componentId }))
        }, policy.waitMs),
      }
      this.#queue.push(entry)
      this.#pump()
    })
  }

  /** Drops resources that nobody used since `beforeMs`: most peers never give one back. The number of them. */
  dropIdle(beforeMs: number): number {
    if (this.#isClosed || this.givenCount === 0) return 0
    const idle = this.#parts.given.findIdle(this.#live, beforeMs)
    // One in use is in a call, which stands before the drop; what it could not do, `onGone` told.
    for (const [live, given] of idle) {
      this.#drop(live, given).then(
        () => this.#parts.given.note([given.handle], 'idle'),
        () => undefined,
      )
    }
    return idle.length
  }

  /** What is held for the next instance, if there is none now. */
  async kept(): Promise<Kept | undefined> {
    await this.#resting?.catch(() => undefined)
    return this.#kept
  }

  /** The one instance, started again if it was let go; undefined where there is none or are several. Nobody may call. */
  async wake(): Promise<Instance | undefined> {
    if ((await this.kept()) !== undefined && this.#live.length === 0) await this.open()
    return this.only
  }

  /**
   * Lets go of instances that nobody called since `beforeMs`, if the policy allows. Never fails: what cannot be saved
   * stays. The number of those that were let go.
   */
  async rest(beforeMs: number): Promise<number> {
    const { rest } = this.#parts.policy()
    const isIdle = (live: Live): boolean => isFree(live) && live.usedAtMs <= beforeMs
    const idle = this.#live.filter(isIdle)
    if (rest === 'keep' || this.#isClosed || this.#resting !== undefined || this.#queue.length > 0) return 0
    if (this.#parts.now() < this.#restsAgainAtMs) return 0
    if (rest === 'drop') {
      await Promise.all(idle.map((live) => this.#letGo(live)))
      return idle.length
    }
    const [only] = idle
    if (only === undefined) return 0
    const resting = this.#save(only, rest)
    this.#resting = resting
    try {
      return (await resting) ? 1 : 0
    } finally {
      this.#resting = undefined
      // Calls that came meanwhile.
      this.#pump()
    }
  }

  /** The policy allows fewer than before: lets go of those too many that nobody calls, the rest when they are done. */
  trim(): void {
    const over = this.#live.length - this.#parts.policy().most
    const idle = this.#live.filter(isFree)
    for (const live of over > 0 ? idle.slice(-over) : []) void this.#letGo(live)
  }

  /** Ends all of them, also in the middle of a call. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#failWaiting(this.#stopped())
    await Promise.all([...this.#live].map((live) => this.#letGo(live)))
  }

  #drop(live: Live, { handle, instance, resource }: GivenHandle): Promise<unknown> {
    const { callMs, waitMs } = this.#parts.policy()
    const params = [new Uint8Array(Buffer.from(handle, 'hex'))]
    const { name } = dropFunction(instance, resource)
    return this.#send(live, instance, name, params, { timeoutMs: callMs, waitMs })
  }

  #busy(): TlosError {
    const { componentId } = this.#parts
    const message = `${componentId} is busy: ${this.waitingCalls} calls wait already, and no more may`
    return new TlosError('refused', message, { about: componentId })
  }

  #stopped(): TlosError {
    const { componentId } = this.#parts
    return new TlosError('cancelled', `${componentId} was stopped`, { about: componentId })
  }

  #failWaiting(error: Error): void {
    for (const each of this.#queue.splice(0)) {
      clearTimeout(each.timer)
      each.fail(error)
    }
  }

  /** Where the next call goes; undefined: it waits. One that is alone takes all, and keeps their order. */
  #pick({ most }: InstancesPolicy): Live | undefined {
    if (this.#resting !== undefined) return undefined
    if (most === 1) return this.#live[0]
    return this.#live.find((live) => live.open === 0)
  }

  #pump(): void {
    const policy = this.#parts.policy()
    for (;;) {
      const live = this.#queue.length === 0 ? undefined : this.#pick(policy)
      if (live === undefined) break
      const next = this.#queue.shift()
      if (next === undefined) break
      clearTimeout(next.timer)
      next.run(live)
    }
    if (this.#isClosed || this.#resting !== undefined || this.#parts.now() < this.#startsAgainAtMs) return
    const wanted = Math.min(this.#queue.length, policy.most - this.#live.length)
    for (let count = this.#starting; count < wanted; count += 1) void this.#startMore()
  }

  async #startMore(): Promise<void> {
    this.#starting += 1
    try {
      const live = this.#add(await this.#parts.start())
      if (this.#isClosed) return await this.close()
      await this.#giveBack(live)
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error))
      // With others at work the queue is theirs; with none it would wait for nothing.
      if (this.#live.length === 0) this.#failWaiting(reason)
      this.#startsAgainAtMs = this.#parts.now() + holdOffMs
      if (!this.#isClosed) this.#parts.onStartFailed(reason, this.#live.length)
    } finally {
      this.#starting -= 1
    }
    this.#pump()
  }

  /** The one that takes the place of an instance that was let go goes on from what that one was. Only one of them does. */
  async #giveBack(live: Live): Promise<void> {
    const kept = this.#kept
    if (kept === undefined) return
    this.#kept = undefined
    const giving = this.#give(live, kept)
    this.#resting = giving
    try {
      await giving
    } finally {
      this.#resting = undefined
    }
  }

  async #give(live: Live, { kind, bytes }: Kept): Promise<void> {
    try {
      if (kind === 'image') await live.instance.restore(bytes)
      else loadedOrThrow(this.#parts.componentId, await live.instance.call(stateInterface, 'load', [bytes]))
      live.isReady = true
    } catch (error) {
      this.#kept = { kind, bytes }
      await this.#letGo(live)
      throw error
    }
  }

  async #save(live: Live, rest: 'save' | 'copy'): Promise<boolean> {
    const kept = await this.#take(live, rest)
    if (kept === undefined || this.#isClosed) {
      this.#restsAgainAtMs = this.#parts.now() + restsAgainMs
      return false
    }
    this.#kept = kept
    await this.#letGo(live)
    return true
  }

  /** What the next instance goes on from; undefined: it cannot be told now, or is too large to be kept. */
  async #take({ instance }: Live, rest: 'save' | 'copy'): Promise<Kept | undefined> {
    try {
      const bytes =
        rest === 'copy'
          ? await instance.snapshot({ isCertain: true, isFirm: true })
          : await instance.call(stateInterface, 'save', [])
      if (!(bytes instanceof Uint8Array) || bytes.length > maxKeptBytes) return undefined
      return { kind: rest === 'copy' ? 'image' : 'saved', bytes }
    } catch {
      // Then it stays, or is gone and `onGone` told so.
      return undefined
    }
  }

  #add(instance: Instance): Live {
    const live: Live = { instance, isReady: this.#kept === undefined, open: 0, usedAtMs: this.#parts.now() }
    this.#live.push(live)
    instance.onGone((reason) => {
      if (!this.#live.includes(live)) return
      this.#leave(live)
      if (this.#isClosed || reason === undefined || !live.isReady) return
      this.#parts.onGone(reason, this.#live.length)
      this.#pump()
    })
    return live
  }

  #leave(live: Live): void {
    if (!this.#live.includes(live)) return
    this.#live = this.#live.filter((each) => each !== live)
    this.#parts.given.note(live.instance.given.keys(), 'lost')
    this.#leftGuestMs += live.instance.guestMs
  }

  async #letGo(live: Live): Promise<void> {
    this.#leave(live)
    await live.instance.stop()
  }

  async #send(
    live: Live,
    instance: string,
    functionName: string,
    params: readonly unknown[],
    options: { readonly timeoutMs: number; readonly waitMs: number },
  ): Promise<unknown> {
    live.open += 1
    try {
      const value = await live.instance.call(instance, functionName, params, options)
      const given = this.#parts.given.settle(live, { instance, functionName, params }, value)
      if (given.length === 0 || this.givenCount <= this.#parts.policy().handles) return value
      // Several instances may give at the same time.
      await Promise.all(given.map((each) => this.#drop(live, each)))
      throw this.#parts.given.tooMany(this.givenCount)
    } finally {
      live.open -= 1
      live.usedAtMs = this.#parts.now()
      if (isFree(live) && this.#live.length > this.#parts.policy().most) void this.#letGo(live)
      if (this.#queue.length > 0) this.#pump()
    }
  }
}

/** Nobody calls it, and nobody holds what only it knows. */
const isFree = ({ open, instance }: Live): boolean => open === 0 && instance.given.size === 0

/** Fails with `refused` and the component's own words when it did not take a state. */
export function loadedOrThrow(componentId: string, loaded: unknown): void {
  const result = loaded as { tag?: unknown; val?: unknown } | undefined // checked below: it comes from a component
  if (result?.tag === 'ok') return
  const why = typeof result?.val === 'string' ? result.val : 'no reason given'
  throw new TlosError('refused', `${componentId} did not take the saved state: ${why}`, { about: componentId })
}

/** What a component saved of its own, to begin with. */
export const savedAs = (bytes: Uint8Array | undefined): Kept | undefined => bytes && { kind: 'saved', bytes }
