// What goes out while its call goes on: streams of bytes and values that are there later, each under its path (SPEC W44 to W47).
// No more of a stream is on its way than its reader asked for; of a reader that does not ask, than the NATS server has taken.

import type { WitType } from '../../preload/wit.js'
import { TlosError, toError } from '../failure.js'
import type { Transport } from '../nats/transport.js'
import { brokenChunk, chunkSize, encodeChunk, encodeFuture, type LaterChannel, streamEnd } from '../wrpc/channels.js'
import { type FlowTimes, flowWindow, writeTrouble } from './rpc-limits.js'
import { type Taken, readTaken } from './rpc-window.js'

const nothing = new Uint8Array(0)

export interface OutflowOptions {
  readonly transport: Transport
  /** For messages: the call. */
  readonly what: string
  /** Of the channel above. */
  readonly subject: string
  /** How much of each stream its reader wants before it says more; undefined: it will say nothing. */
  readonly window: number | undefined
  readonly times: FlowTimes
  /** What could not be published, where there is nobody to throw it to. */
  readonly report: (error: unknown) => void
  /** Something went over the border. */
  readonly onProgress?: (() => void) | undefined
}

/** All that flows out of one call. */
export class Outflow {
  readonly #options: OutflowOptions
  readonly #streams = new Map<string, OutgoingBytes>()
  readonly #pumps: Promise<void>[] = []
  #stop: (error: Error) => void = () => undefined
  #stopped: Error | undefined
  readonly #whenStopped: Promise<undefined>
  #total: ReturnType<typeof setTimeout> | undefined

  constructor(options: OutflowOptions) {
    this.#options = options
    this.#whenStopped = new Promise((resolve) => {
      this.#stop = (error) => {
        this.#stopped ??= error
        resolve(undefined)
      }
    })
  }

  /** Resolves when all of them have ended; does not reject: what fails is told to the other side. */
  async run(channels: readonly LaterChannel[]): Promise<void> {
    const { times, what } = this.#options
    this.#total = setTimeout(
      () => this.stop(new TlosError('timed-out', `${what} took longer than ${times.longestMs} ms`)),
      times.longestMs,
    )
    for (const channel of channels) {
      if (channel.kind === 'future') this.#pumps.push(this.#sendValue(channel.path, channel.inner, channel.value))
      else {
        const stream = new OutgoingBytes(channel.path, channel.source, this.#options)
        this.#streams.set(channel.path, stream)
        this.#pumps.push(stream.run())
      }
    }
    await Promise.all(this.#pumps)
    clearTimeout(this.#total)
  }

  /** What a reader said of its stream. */
  take(path: string, data: Uint8Array): void {
    this.#streams.get(path)?.take(readTaken(data))
  }

  /** Breaks off what has not ended: its readers are told why. */
  stop(error: Error): void {
    this.#stop(error)
    for (const stream of this.#streams.values()) stream.stop(error)
  }

  async #sendValue(path: string, inner: WitType | undefined, value: PromiseLike<unknown>): Promise<void> {
    const { transport, subject } = this.#options
    try {
      const settled = await Promise.race([Promise.resolve(value).then((got) => ({ got })), this.#whenStopped])
      if (settled === undefined) throw this.#stopped ?? new Error('stopped')
      for (const each of encodeFuture(inner, settled.got, transport.info.maxPayload)) {
        transport.publish(`${subject}.${path}`, each)
      }
      transport.publish(`${subject}.${path}`, nothing)
    } catch (error) {
      publishEnd(this.#options, path, error)
    }
  }
}

/** Nothing of these was begun, nor will be: whoever writes them is told by their end. */
export function leave(channels: readonly LaterChannel[]): void {
  for (const channel of channels) if (channel.kind === 'bytes') end(channel.source[Symbol.asyncIterator]())
}

/** Not waited for: it may be in the middle of making the next piece. */
const end = (source: AsyncIterator<Uint8Array>): void => void Promise.resolve(source.return?.()).catch(() => undefined)

class OutgoingBytes {
  readonly #path: string
  readonly #source: AsyncIterator<Uint8Array>
  readonly #options: OutflowOptions
  readonly #window: number | undefined
  #sent = 0
  #taken = 0
  /** Since the NATS server was last known to have everything. */
  #unflushed = 0
  #over: { readonly error: Error | undefined } | undefined
  /** Ends the wait for its reader, and the wait for anything else. */
  #wake: (() => void) | undefined
  #leave: (() => void) | undefined
  #heard: ReturnType<typeof setTimeout> | undefined

  constructor(path: string, source: AsyncIterable<Uint8Array>, options: OutflowOptions) {
    this.#path = path
    this.#source = source[Symbol.asyncIterator]()
    this.#options = options
    // More than ours is on its way for nobody, whatever a peer says.
    this.#window = options.window === undefined ? undefined : Math.min(options.window, flowWindow)
  }

  async run(): Promise<void> {
    const { transport, subject } = this.#options
    try {
      while (this.#over === undefined) {
        const next = await this.#orOver(this.#source.next())
        if (next === undefined) break
        if (next.done === true) {
          transport.publish(`${subject}.${this.#path}`, streamEnd)
          transport.publish(`${subject}.${this.#path}`, nothing)
          return
        }
        await this.#send(next.value)
      }
      // Of one that nobody wants no end is wanted either.
      if (this.#over?.error !== undefined) this.#breakOff(this.#over.error)
    } catch (error) {
      this.#breakOff(toError(error))
    } finally {
      this.#over ??= { error: undefined }
      // Always: it tells the source that all has been sent.
      end(this.#source)
    }
  }

  take(taken: Taken | undefined): void {
    if (taken === undefined) return
    if (taken.kind === 'unwanted') this.#finish(undefined)
    else if (taken.bytes > this.#taken) {
      this.#taken = Math.min(taken.bytes, this.#sent)
      this.#options.onProgress?.()
    }
    // Also one that says nothing new: it is there.
    this.#wake?.()
  }

  stop(error: Error): void {
    this.#finish(error)
  }

  #finish(error: Error | undefined): void {
    this.#over ??= { error }
    this.#wake?.()
    this.#leave?.()
  }

  async #send(bytes: Uint8Array): Promise<void> {
    const { transport, subject, onProgress } = this.#options
    const window = this.#window
    for (let at = 0; at < bytes.length && this.#over === undefined;) {
      const room = window === undefined ? flowWindow - this.#unflushed : window - (this.#sent - this.#taken)
      if (room <= 0) {
        await (window === undefined ? this.#flush() : this.#untilHeard())
        continue
      }
      const piece = bytes.subarray(at, at + Math.min(room, chunkSize(transport.info.maxPayload)))
      transport.publish(`${subject}.${this.#path}`, encodeChunk(piece))
      at += piece.length
      this.#sent += piece.length
      this.#unflushed += piece.length
      if (window === undefined) onProgress?.()
    }
  }

  /** The NATS server takes no more than it can; what becomes of it behind that cannot be known. */
  async #flush(): Promise<void> {
    const { transport, what, times } = this.#options
    const late = new TlosError('timed-out', `${what}: the NATS server took nothing for ${times.stallMs} ms`)
    this.#heard = setTimeout(() => this.#finish(late), times.stallMs)
    try {
      await this.#orOver(transport.flush())
    } finally {
      clearTimeout(this.#heard)
    }
    this.#unflushed = 0
  }

  async #untilHeard(): Promise<void> {
    const { what, times } = this.#options
    const late = new TlosError('timed-out', `${what}: nothing was heard of the reader for ${times.stallMs} ms`)
    this.#heard = setTimeout(() => this.#finish(late), times.stallMs)
    await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#wake = undefined
    clearTimeout(this.#heard)
  }

  /** Undefined when it is over meanwhile. */
  async #orOver<T>(waited: Promise<T>): Promise<T | undefined> {
    try {
      return await new Promise<T | undefined>((resolve, reject) => {
        this.#leave = () => resolve(undefined)
        waited.then(resolve, reject)
        if (this.#over !== undefined) resolve(undefined)
      })
    } finally {
      this.#leave = undefined
    }
  }

  #breakOff(error: Error): void {
    const { transport, subject, report } = this.#options
    try {
      transport.publish(`${subject}.${this.#path}`, brokenChunk)
    } catch (failure) {
      report(failure)
    }
    publishEnd(this.#options, this.#path, error)
  }
}

/** The end of a channel that has not got all, with the reason. */
function publishEnd({ transport, subject, report }: OutflowOptions, path: string, error: unknown): void {
  try {
    transport.publish(`${subject}.${path}`, nothing, { headers: writeTrouble(error, transport.info.maxPayload) })
  } catch (failure) {
    report(failure)
  }
}
