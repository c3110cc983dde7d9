// Bodies of wasi:http for one guest. What it writes is held until it is finished, long, or the guest waits for something: a
// short body goes with its message, and any other flows through a channel of the pool process, as fast as it is taken there.

import { GuestError } from '../import-error.js'
import type { BodyEnd, HeaderPairs } from '../granted/channels.js'
import type { ChannelParts } from './channel-input.js'
import type { Fields } from './http-fields.js'
import type { Shared } from './shared.js'
import { bytesUpTo, disposeSymbol, type StreamMaker } from './streams.js'

/** Longest body that is kept in memory, where none can flow. */
export const maxBodyBytes = 16 * 1024 * 1024
/** What is held of one that flows before it goes on its way. */
const heldBytes = 64 * 1024
/** A flush of a response sends what was held longer than this, ms: a guest may compute between one piece and the next. */
const heldMs = 10

const internal = (words: string): GuestError => new GuestError({ tag: 'internal-error', val: words })
const closed = (): GuestError => new GuestError({ tag: 'closed' })

export interface BodyGoal {
  /** All of it, when nothing of it went before. */
  readonly whole: (bytes: Uint8Array) => void
  /** Sends the head and gives the channel for the rest; undefined: it cannot be, and whoever asks is told elsewhere. */
  readonly open?: () => Shared | undefined
  /**
   * A flush may begin it. Not so for a request: servers that want to know its length are many, and a short one would be of a known
   * length or not by how fast the machine is.
   */
  readonly isEager?: boolean
  /** It was given up before anything of it went. */
  readonly lost?: () => void
}

/** Length that a message's headers say. */
export function declaredLength(headers: Fields): number | undefined {
  const [value] = headers.get('content-length')
  const text = value === undefined ? '' : Buffer.from(value).toString('latin1').trim()
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** `outgoing-body`. */
export class OutgoingBody {
  readonly #parts: ChannelParts
  readonly #declared: number | undefined
  #pieces: Uint8Array[] = []
  #held = 0
  #heldSince = 0
  #written = 0
  #isWriting = false
  #state: 'open' | 'finished' | 'broken' = 'open'
  #trailers: HeaderPairs = []
  #goal: BodyGoal | undefined
  #flow: Shared | undefined
  /** Of the flow, when it was last told. */
  #room = 0
  readonly #settle = (): void => this.#push()

  constructor(parts: ChannelParts, declared: number | undefined) {
    this.#parts = parts
    this.#declared = declared
  }

  write(): object {
    if (this.#isWriting) throw new GuestError(undefined)
    this.#isWriting = true
    const { make, poll } = this.#parts
    const flush = (): void => {
      const isEager = this.#goal?.isEager === true || this.#flow !== undefined
      if (isEager && this.#held > 0 && performance.now() - this.#heldSince > heldMs) this.#push()
    }
    return make.output({
      checkWrite: () => BigInt(this.#space()),
      write: (bytes) => this.#take(bytes),
      flush,
      blockingFlush: flush,
      blockingWriteAndFlush: (bytes) => {
        for (let at = 0; at < bytes.length;) {
          const space = this.#space()
          if (space > 0) this.#take(bytes.subarray(at, at + space))
          else if (this.#flow === undefined) throw this.#failed(`a body has at most ${maxBodyBytes} bytes here`)
          else poll.waitFor([this.#flow.id, 'out'])
          at += space
        }
        flush()
      },
      subscribe: () =>
        poll.pollableFor(() => {
          const flow = this.#flow
          return flow === undefined || this.#state !== 'open' || this.#held < this.#room ? 'ready' : [flow.id, 'out']
        }),
      words: 'the body of an HTTP message',
    })
  }

  static finish(body: OutgoingBody, trailers: Fields | undefined): void {
    const pairs = trailers?.entries() ?? []
    if (body.#state === 'finished') throw internal('the body is finished already')
    const isShort = body.#declared !== undefined && body.#written !== body.#declared
    if (body.#state === 'broken') throw internal('the body could not be sent')
    if (isShort) {
      body.abandon()
      throw internal(`the body has ${body.#written} bytes and was said to have ${body.#declared ?? 0}`)
    }
    if (pairs.length > 0 && body.#goal !== undefined) body.#push()
    body.#finish(pairs)
  }

  /** Its message goes: from here on it can. */
  handOver(goal: BodyGoal): void {
    this.#goal = goal
    if (this.#state !== 'finished') {
      if (goal.open !== undefined) this.#parts.poll.beforeWait.add(this.#settle)
      return
    }
    if (this.#trailers.length === 0) return goal.whole(this.#all())
    // Only a body that flows has them.
    this.#state = 'open'
    this.#push()
    this.#finish(this.#trailers)
  }

  /** Nothing more will be written: what is not whole is given up. */
  abandon(): void {
    if (this.#state !== 'open') return
    if (this.#flow !== undefined) this.#parts.ask('body.abort', this.#flow.id)
    this.#end('broken')
    if (this.#flow === undefined) this.#goal?.lost?.()
  }

  /** Some of it went ahead of the rest. */
  get hasFlowed(): boolean {
    return this.#flow !== undefined
  }

  [disposeSymbol](): void {
    this.abandon()
  }

  #finish(trailers: HeaderPairs): void {
    const flow = this.#flow
    if (flow !== undefined) {
      this.#push()
      // Somebody who wants no more of it does not care how it ends.
      if (this.#state === 'open') this.#parts.ask('body.finish', flow.id, trailers)
      return this.#end('finished')
    }
    if (trailers.length > 0 && this.#goal !== undefined) throw internal('trailers are not sent from here')
    this.#trailers = trailers
    this.#end('finished')
    this.#goal?.whole(this.#all())
  }

  #end(state: 'finished' | 'broken'): void {
    this.#state = state
    this.#parts.poll.beforeWait.delete(this.#settle)
    this.#flow?.drop()
    if (state === 'broken') this.#pieces = []
  }

  #all(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#pieces))
  }

  /** Bytes that may be written now. */
  #space(): number {
    if (this.#state !== 'open') throw closed()
    if (this.#goal?.open === undefined) return Math.min(1024 * 1024, maxBodyBytes - this.#held)
    if (this.#flow === undefined) {
      if (this.#held < heldBytes) return heldBytes - this.#held
      this.#push()
    }
    if (this.#held >= this.#room) this.#push()
    if (this.#room === 0) this.#hear(this.#parts.ask('body.room', this.#flow?.id))
    return Math.min(heldBytes, this.#room - this.#held)
  }

  #take(bytes: Uint8Array): void {
    if (this.#state !== 'open') throw this.#failed('the body is finished')
    this.#written += bytes.length
    const most = this.#goal?.open === undefined ? maxBodyBytes - this.#held : this.#space()
    if (bytes.length > most) throw this.#failed('more was written than there is room for')
    if (this.#declared !== undefined && this.#written > this.#declared) {
      this.abandon()
      throw this.#failed(`the body was said to have ${this.#declared} bytes`)
    }
    if (this.#held === 0) this.#heldSince = performance.now()
    // The guest's memory is its own again after this call.
    this.#pieces.push(bytes.slice())
    this.#held += bytes.length
    if (this.#goal?.open !== undefined && this.#held >= heldBytes) this.#push()
  }

  /** Sends what is held, and the head before it if it did not go yet. */
  #push(): void {
    if (this.#state !== 'open' || this.#goal?.open === undefined) return
    if (this.#flow === undefined) {
      this.#flow = this.#goal.open()
      if (this.#flow === undefined) return this.#end('broken')
    }
    if (this.#held === 0) return
    const bytes = this.#all()
    this.#pieces = []
    this.#held = 0
    const room = this.#parts.ask('body.write', this.#flow.id, bytes)
    if (room === undefined) this.#end('broken')
    else this.#room = room as number // the service's own shape
  }

  #hear(room: unknown): void {
    if (room === undefined) {
      this.#end('broken')
      throw closed()
    }
    this.#room = room as number // the service's own shape
  }

  #failed(words: string): GuestError {
    return new GuestError({ tag: 'last-operation-failed', val: this.#parts.make.error(words) })
  }
}

/** Where the trailers of a body come from. */
export interface TrailerSource {
  readonly parts: ChannelParts
  /** One use of it is the trailers'. */
  readonly channel: Shared
}

/** `future-trailers`. */
export class FutureTrailers {
  #isTaken = false
  readonly #make: StreamMaker
  readonly #received: (entries: HeaderPairs) => Fields
  readonly #source: TrailerSource | undefined

  constructor(make: StreamMaker, received: (entries: HeaderPairs) => Fields, source: TrailerSource | undefined) {
    this.#make = make
    this.#received = received
    this.#source = source
    if (source !== undefined) source.parts.ask('body.discard', source.channel.id)
  }

  subscribe(): object {
    const source = this.#source
    if (source === undefined) return this.#make.always()
    return source.parts.poll.pollableFor(() => [source.channel.id, 'ended'])
  }

  get(): unknown {
    if (this.#isTaken) return { tag: 'err', val: undefined }
    const source = this.#source
    let end: BodyEnd | undefined = { why: undefined, trailers: [] }
    // The service's own shape.
    if (source !== undefined) end = source.parts.ask('body.trailers', source.channel.id) as BodyEnd | undefined
    if (end === undefined) return undefined
    this.#isTaken = true
    if (end.why !== undefined) return { tag: 'ok', val: { tag: 'err', val: { tag: 'internal-error', val: end.why } } }
    const fields = end.trailers.length === 0 ? undefined : this.#received(end.trailers)
    return { tag: 'ok', val: { tag: 'ok', val: fields } }
  }

  [disposeSymbol](): void {
    this.#source?.channel.drop()
  }
}

/** Where a body is read from. */
export interface IncomingSource {
  /** Once. */
  open(): object
  readonly trailers?: TrailerSource | undefined
}

/** `incoming-body`: its stream, once. */
export class IncomingBody {
  readonly #source: IncomingSource
  readonly #make: StreamMaker
  readonly #received: (entries: HeaderPairs) => Fields
  #isOpen = false
  #isOver = false

  constructor(source: IncomingSource, make: StreamMaker, received: (entries: HeaderPairs) => Fields) {
    this.#source = source
    this.#make = make
    this.#received = received
  }

  stream(): object {
    if (this.#isOpen) throw new GuestError(undefined)
    this.#isOpen = true
    return this.#source.open()
  }

  static finish(body: IncomingBody): FutureTrailers {
    body.#isOver = true
    return new FutureTrailers(body.#make, body.#received, body.#source.trailers)
  }

  [disposeSymbol](): void {
    if (!this.#isOver) this.#source.trailers?.channel.drop()
    this.#isOver = true
  }
}

/** A stream of bytes that are all here. */
export function memoryInput(bytes: Uint8Array, make: StreamMaker): object {
  let at = 0
  const read = (length: bigint): Uint8Array => {
    if (at >= bytes.length) throw closed()
    const piece = bytesUpTo(bytes, at, length)
    at += piece.length
    return piece
  }
  return make.input({ read, blockingRead: read, words: 'the body of an HTTP message' })
}
