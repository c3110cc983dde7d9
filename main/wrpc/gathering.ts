// Gathers the bytes of one channel (parameters or results) and tries to decode them. Pure: bytes in, outcome out. Tries
// again only when the bytes have doubled or the channel has ended, so that a peer that sends one byte at a time costs no
// more than one that does not.

import type { WitType } from '../../preload/wit.js'
import { type DecodedValues, decodeValues } from './value.js'

export type Gathered =
  | { readonly kind: 'done'; readonly values: readonly unknown[] }
  | { readonly kind: 'more' }
  | { readonly kind: 'bad'; readonly reason: string }

const more: Gathered = { kind: 'more' }

export class Gathering {
  readonly #types: readonly WitType[]
  readonly #mostBytes: number
  #parts: Uint8Array[] = []
  #length = 0
  #triedAt = 0

  /** `mostBytes` bounds what a peer can make us keep. */
  constructor(types: readonly WitType[], mostBytes: number) {
    this.#types = types
    this.#mostBytes = mostBytes
  }

  /** More bytes of the channel. The first bytes are tried at once: usually they are everything. */
  add(bytes: Uint8Array): Gathered {
    this.#parts.push(bytes)
    this.#length += bytes.length
    if (this.#length > this.#mostBytes) return { kind: 'bad', reason: `more than ${this.#mostBytes} bytes` }
    if (this.#triedAt > 0 && this.#length < this.#triedAt * 2) return more
    return this.#try()
  }

  /** The channel has ended: what is not complete now never will be. */
  end(): Gathered {
    const last = this.#try()
    return last.kind === 'more' ? { kind: 'bad', reason: 'the bytes ended too early' } : last
  }

  #try(): Gathered {
    this.#triedAt = Math.max(this.#length, 1)
    const decoded: DecodedValues = decodeValues(this.#types, this.#joined())
    return decoded.kind === 'done' ? { kind: 'done', values: decoded.values } : decoded
  }

  #joined(): Uint8Array {
    const [only] = this.#parts
    if (only !== undefined && this.#parts.length === 1) return only
    const joined = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      joined.set(part, at)
      at += part.length
    }
    this.#parts = [joined]
    return joined
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
