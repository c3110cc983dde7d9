// Gathers the bytes of one channel (parameters or results) and decodes them as they come. Pure: bytes in, outcome out.
// Decoding goes on where it stopped and the bytes are kept in one growing block, so that a peer that sends one byte at a
// time costs no more than one that does not, and values are there with their last byte (SPEC W23).

import type { WitType } from '../../preload/wit.js'
import { decodeValues, type OnAsync, type Progress } from './decode.js'

export type Gathered =
  | { readonly kind: 'done'; readonly values: readonly unknown[] }
  | { readonly kind: 'more' }
  | { readonly kind: 'bad'; readonly reason: string }

export class Gathering {
  readonly #types: readonly WitType[]
  readonly #mostBytes: number
  readonly #onAsync: OnAsync | undefined
  /** The channel so far is the first `#length` bytes. Until more is added it is the message itself, not ours to write. */
  #block: Uint8Array = new Uint8Array(0)
  #length = 0
  #progress: Progress | undefined
  #decoded = 0

  /** `mostBytes` bounds what a peer can make us keep. */
  constructor(types: readonly WitType[], mostBytes: number, onAsync?: OnAsync) {
    this.#types = types
    this.#mostBytes = mostBytes
    this.#onAsync = onAsync
  }

  /** What came behind the values, once they are done. */
  get rest(): Uint8Array {
    return this.#block.subarray(this.#decoded, this.#length)
  }

  /** More bytes of the channel. */
  add(bytes: Uint8Array): Gathered {
    const length = this.#length + bytes.length
    if (length > this.#mostBytes) return { kind: 'bad', reason: `more than ${this.#mostBytes} bytes` }
    if (this.#length === 0) this.#block = bytes
    else this.#append(bytes, length)
    this.#length = length
    return this.#decode()
  }

  /** The channel has ended: what is not complete now never will be. */
  end(): Gathered {
    const last = this.#decode()
    return last.kind === 'more' ? { kind: 'bad', reason: 'the bytes ended too early' } : last
  }

  #append(bytes: Uint8Array, length: number): void {
    // The first message is never written over: its length leaves no room.
    if (length > this.#block.length) {
      const grown = new Uint8Array(Math.max(length, this.#length * 2))
      grown.set(this.#block.subarray(0, this.#length))
      this.#block = grown
    }
    this.#block.set(bytes, this.#length)
  }

  #decode(): Gathered {
    this.#progress ??= new Map()
    const decoded = decodeValues(this.#types, this.#block.subarray(0, this.#length), this.#onAsync, this.#progress)
    if (decoded.kind !== 'done') return decoded
    this.#decoded = decoded.length
    return { kind: 'done', values: decoded.values }
  }
}

/** Cuts bytes into messages: the first of at most `first` bytes, the others of at most `rest`. Never an empty piece. */
export function cut(bytes: Uint8Array, first: number, rest: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let at = Math.min(bytes.length, first)
  if (at > 0) pieces.push(bytes.subarray(0, at))
  while (at < bytes.length) {
    const next = Math.min(bytes.length, at + rest)
    pieces.push(bytes.subarray(at, next))
    at = next
  }
  return pieces
}
