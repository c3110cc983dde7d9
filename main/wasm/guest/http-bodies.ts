// Bodies of wasi:http for one guest. One that a guest writes is gathered whole, up to a limit, and goes out when it is
// finished; one that it reads comes from memory or from a connection of the pool process.

import { GuestError } from '../import-error.js'
import type { Fields } from './http-fields.js'
import { bytesUpTo, type StreamMaker } from './streams.js'

/** Largest body that a guest may write. */
export const maxBodyBytes = 16 * 1024 * 1024

const internal = (words: string): GuestError => new GuestError({ tag: 'internal-error', val: words })

/** `outgoing-body`: what was written, and whether that is all. */
export class OutgoingBody {
  #pieces: Uint8Array[] = []
  #size = 0
  #isWriting = false
  #isFinished = false
  readonly #make: StreamMaker
  readonly #onFinished: ((bytes: Uint8Array) => void)[] = []

  constructor(make: StreamMaker) {
    this.#make = make
  }

  write(): object {
    if (this.#isWriting) throw new GuestError(undefined)
    this.#isWriting = true
    return this.#make.output({
      checkWrite: () => {
        if (this.#isFinished) throw new GuestError({ tag: 'closed' })
        return BigInt(Math.min(1024 * 1024, maxBodyBytes - this.#size))
      },
      write: (bytes) => {
        const isOver = this.#size + bytes.length > maxBodyBytes
        if (this.#isFinished || isOver) {
          const words = isOver ? `a body has at most ${maxBodyBytes} bytes` : 'the body is finished'
          throw new GuestError({ tag: 'last-operation-failed', val: this.#make.error(words) })
        }
        this.#size += bytes.length
        // The guest's memory is its own again after this call.
        this.#pieces.push(bytes.slice())
      },
      blockingFlush() {},
      words: 'the body of an HTTP message',
    })
  }

  static finish(body: OutgoingBody, trailers: Fields | undefined): void {
    if (trailers !== undefined && trailers.entries().length > 0) throw internal('trailers are not sent from here')
    if (body.#isFinished) throw internal('the body is finished already')
    body.#isFinished = true
    const bytes = new Uint8Array(Buffer.concat(body.#pieces))
    body.#pieces = [bytes]
    for (const listener of body.#onFinished.splice(0)) listener(bytes)
  }

  /** All of it, when it is finished. */
  get whole(): Uint8Array | undefined {
    return this.#isFinished ? this.#pieces[0] : undefined
  }

  onFinished(listener: (bytes: Uint8Array) => void): void {
    const { whole } = this
    if (whole === undefined) this.#onFinished.push(listener)
    else listener(whole)
  }
}

/** `future-trailers`: there are none. */
export class FutureTrailers {
  #isTaken = false
  readonly #make: StreamMaker

  constructor(make: StreamMaker) {
    this.#make = make
  }

  subscribe(): object {
    return this.#make.always()
  }

  get(): unknown {
    if (this.#isTaken) return { tag: 'err', val: undefined }
    this.#isTaken = true
    return { tag: 'ok', val: { tag: 'ok', val: undefined } }
  }
}

/** `incoming-body`: its stream, once. */
export class IncomingBody {
  #open: (() => object) | undefined
  readonly #make: StreamMaker

  constructor(open: () => object, make: StreamMaker) {
    this.#open = open
    this.#make = make
  }

  stream(): object {
    const open = this.#open
    if (open === undefined) throw new GuestError(undefined)
    this.#open = undefined
    return open()
  }

  static finish(body: IncomingBody): FutureTrailers {
    return new FutureTrailers(body.#make)
  }
}

/** A stream of bytes that are all here. */
export function memoryInput(bytes: Uint8Array, make: StreamMaker): object {
  let at = 0
  const read = (length: bigint): Uint8Array => {
    if (at >= bytes.length) throw new GuestError({ tag: 'closed' })
    const piece = bytesUpTo(bytes, at, length)
    at += piece.length
    return piece
  }
  return make.input({ read, blockingRead: read, words: 'the body of an HTTP message' })
}
