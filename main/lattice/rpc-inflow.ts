// What comes on a channel while its call goes on: bytes for whoever reads them, or one value later. Both end for their reader in
// every case: with what was sent, with an error that says why not, or by nobody wanting it any more (SPEC W44 to W47).

import type { AsyncPlace } from '../wrpc/async-value.js'
import { ByteQueue } from '../wrpc/byte-queue.js'
import { ChunkReader } from '../wrpc/chunks.js'
import { Gathering } from '../wrpc/gathering.js'
import type { Flowing } from '../wrpc/whole-values.js'
import { formatChain, TlosError, toError } from '../failure.js'
import { type FlowTimes, flowWindow, largestValues, readTrouble } from './rpc-limits.js'

interface InflowOptions {
  /** For messages: the call, and what of it this is. */
  readonly what: string
  readonly times: FlowTimes
  /**
   * Tells the peer how many bytes were taken, of all, or that no more are wanted. Absent: the peer does not ask, and sends as it likes.
   */
  readonly tell?: ((taken: number | undefined) => void) | undefined
  /** Takes bytes from what may be held in all; false when there is no room for them. */
  readonly hold: (bytes: number) => boolean
  readonly release: (bytes: number) => void
  /** Nothing more will come of it. */
  readonly onOver: () => void
}

/** A flow as its call knows it. */
interface Inflow extends Flowing {
  /** Ends it for its reader. */
  fail(error: Error): void
  /** Nobody reads it any more. */
  cancel(): void
}

export interface InflowsOptions extends Omit<InflowOptions, 'onOver' | 'tell'> {
  /** Does the peer ask how much it may send? */
  readonly isAsked: () => boolean
  readonly tell: (path: string, taken: number | undefined) => void
  /** All that was opened is over. */
  readonly onIdle: () => void
}

/** All that flows into one call. */
export class Inflows {
  readonly #options: InflowsOptions
  readonly #open = new Set<Inflow>()
  #total: ReturnType<typeof setTimeout> | undefined

  constructor(options: InflowsOptions) {
    this.#options = options
  }

  /** Something may still come. */
  get isOpen(): boolean {
    return this.#open.size > 0
  }

  /** Undefined: values of this type are gathered. */
  open({ path, type }: AsyncPlace): Inflow | undefined {
    const { what, times, isAsked, tell, onIdle } = this.#options
    const key = path.join('.')
    const options: InflowOptions = {
      ...this.#options,
      what: `${type.kind} ${key} of ${what}`,
      tell: isAsked() ? (taken) => tell(key, taken) : undefined,
      onOver: () => {
        this.#open.delete(inflow)
        if (this.isOpen) return
        clearTimeout(this.#total)
        onIdle()
      },
    }
    if (type.kind === 'stream' && type.element?.kind !== 'u8') return undefined
    const inflow = type.kind === 'future' ? new LaterValue(type.inner, options) : new IncomingBytes(options)
    this.#open.add(inflow)
    this.#total ??= setTimeout(
      () => this.fail(new TlosError('timed-out', `${what} took longer than ${times.longestMs} ms`)),
      times.longestMs,
    )
    return inflow
  }

  fail(error: Error): void {
    for (const inflow of [...this.#open]) inflow.fail(error)
  }

  cancel(): void {
    for (const inflow of [...this.#open]) inflow.cancel()
  }
}

const early = (what: string): TlosError => new TlosError('trapped', `${what} ended before its end`)

/** A `stream<u8>`, read once. */
class IncomingBytes implements Inflow {
  readonly value: AsyncIterable<Uint8Array>
  readonly #options: InflowOptions
  readonly #queue = new ByteQueue()
  readonly #reader = new ChunkReader()
  readonly #alive: ReturnType<typeof setInterval> | undefined
  #stall: ReturnType<typeof setTimeout> | undefined
  #wake: (() => void) | undefined
  #taken = 0
  #told = 0
  #end: { readonly error: Error | undefined } | undefined

  constructor(options: InflowOptions) {
    this.#options = options
    const { times, tell } = options
    if (tell !== undefined) this.#alive = setInterval(() => tell(this.#taken), times.aliveMs)
    const reader: AsyncIterator<Uint8Array, undefined> = {
      next: () => this.#next(),
      return: () => {
        this.cancel()
        return Promise.resolve({ done: true, value: undefined })
      },
    }
    this.value = { [Symbol.asyncIterator]: () => reader }
  }

  add(bytes: Uint8Array): void {
    if (this.#end !== undefined) return
    try {
      for (const piece of this.#reader.read(bytes)) if (!this.#keep(piece)) return
    } catch (error) {
      this.fail(new TlosError('invalid', `${this.#options.what} is not a stream of bytes: ${formatChain(error)}`))
      return
    }
    if (this.#reader.isEnded) this.#finish(undefined)
    this.#wake?.()
  }

  end(headers: Readonly<Record<string, string>> | undefined): void {
    this.#finish(readTrouble(headers) ?? early(this.#options.what))
  }

  fail(error: Error): void {
    this.#finish(error)
  }

  cancel(): void {
    const wasOver = this.#end !== undefined
    this.#drop()
    this.#finish(new TlosError('cancelled', `${this.#options.what} was not wanted any more`))
    if (!wasOver) this.#options.tell?.(undefined)
  }

  /** False: there was no room for it, and there is an end of all. */
  #keep(piece: Uint8Array): boolean {
    const { what, tell, hold } = this.#options
    // A peer that asks has no more on its way than it may; one that does not cannot be asked to wait.
    const most = tell === undefined ? largestValues : flowWindow
    const isTooMuch = this.#queue.length + piece.length > most
    if (isTooMuch || !hold(piece.length)) {
      this.#drop()
      this.#finish(
        new TlosError('too-large', `${what} came faster than it was read: more than ${most} bytes of it lay here`),
      )
      tell?.(undefined)
      return false
    }
    this.#queue.push(piece)
    return true
  }

  async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const bytes = this.#queue.shift()
      if (bytes !== undefined) {
        this.#options.release(bytes.length)
        this.#taken += bytes.length
        this.#tellTaken()
        return { done: false, value: bytes }
      }
      if (this.#end?.error !== undefined) throw this.#end.error
      if (this.#end !== undefined) return { done: true, value: undefined }
      await this.#change()
    }
  }

  /** A word for each piece would be as many messages again; but the peer must not wait while nothing lies here. */
  #tellTaken(): void {
    const untold = this.#taken - this.#told
    if (this.#end !== undefined || (this.#queue.length > 0 && untold < flowWindow / 4)) return
    this.#told = this.#taken
    this.#options.tell?.(this.#taken)
  }

  #change(): Promise<void> {
    const { what, times } = this.#options
    const late = (): void => this.fail(new TlosError('timed-out', `${what} stood still for ${times.stallMs} ms`))
    this.#stall = setTimeout(late, times.stallMs)
    return new Promise((resolve) => {
      this.#wake = () => {
        clearTimeout(this.#stall)
        this.#wake = undefined
        resolve()
      }
    })
  }

  #drop(): void {
    this.#options.release(this.#queue.length)
    this.#queue.clear()
  }

  #finish(error: Error | undefined): void {
    if (this.#end !== undefined) return
    this.#end = { error }
    clearInterval(this.#alive)
    this.#wake?.()
    this.#options.onOver()
  }
}

/** Most bytes of a value that comes later. */
const mostLater = 1024 * 1024

/** A `future`, as something to wait for: its limit begins when somebody does. */
class LaterValue implements Inflow, PromiseLike<unknown> {
  readonly value = this
  readonly #options: InflowOptions
  readonly #hasType: boolean
  readonly #gathering: Gathering
  readonly #settled: Promise<unknown>
  #resolve: (value: unknown) => void = () => undefined
  #reject: (error: Error) => void = () => undefined
  #stall: ReturnType<typeof setTimeout> | undefined
  #isOver = false

  constructor(inner: Extract<AsyncPlace['type'], { kind: 'future' }>['inner'], options: InflowOptions) {
    this.#options = options
    this.#hasType = inner !== undefined
    // Without a type it is never complete by bytes, see `end`.
    this.#gathering = new Gathering([inner ?? { kind: 'string' }], mostLater)
    this.#settled = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // That nobody waits for it is no error of its own.
    this.#settled.catch(() => undefined)
  }

  then<A = unknown, B = never>(
    onValue?: ((value: unknown) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const { what, times } = this.#options
    if (!this.#isOver) {
      this.#stall ??= setTimeout(
        () => this.fail(new TlosError('timed-out', `${what} did not come within ${times.stallMs} ms`)),
        times.stallMs,
      )
    }
    return this.#settled.then(onValue, onError)
  }

  add(bytes: Uint8Array): void {
    if (this.#isOver) return
    const gathered = this.#gathering.add(bytes)
    if (gathered.kind === 'bad') {
      this.fail(new TlosError('invalid', `${this.#options.what} is not of its type: ${gathered.reason}`))
    } else if (gathered.kind === 'done') {
      this.#over(() => this.#resolve(gathered.values[0]))
    }
  }

  end(headers: Readonly<Record<string, string>> | undefined): void {
    if (!this.#hasType) this.#over(() => this.#resolve(undefined))
    else this.fail(readTrouble(headers) ?? early(this.#options.what))
  }

  fail(error: Error): void {
    this.#over(() => this.#reject(toError(error)))
  }

  cancel(): void {
    this.fail(new TlosError('cancelled', `${this.#options.what} was not wanted any more`))
  }

  #over(settle: () => void): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#stall)
    settle()
    this.#options.onOver()
  }
}
