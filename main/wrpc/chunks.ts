// The bytes of a stream<u8> channel into what the stream has, without waiting for whole chunks (SPEC W12, W42). Pure.

import { BadData } from './bytes.js'

/** Of LEB128 for 32 bits. */
const mostDigits = 5

export class ChunkReader {
  /** Bytes of the chunk at hand that have not come yet. */
  #left = 0
  #number = 0
  #digits = 0
  #isEnded = false

  /** The chunk without anything in it has come. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Parts of `bytes` that are of the stream; none of them is empty. Throws `BadData`. What follows the end is passed over. */
  *read(bytes: Uint8Array): Generator<Uint8Array> {
    let at = 0
    while (at < bytes.length && !this.#isEnded) {
      if (this.#left > 0) {
        const piece = bytes.subarray(at, at + this.#left)
        at += piece.length
        this.#left -= piece.length
        yield piece
        continue
      }
      const byte = bytes[at] ?? 0
      at += 1
      this.#digit(byte)
    }
  }

  #digit(byte: number): void {
    if (this.#digits === mostDigits - 1 && byte > 0x0f) throw new BadData('a number over 32 bits')
    this.#number += (byte & 0x7f) * 2 ** (7 * this.#digits)
    this.#digits += 1
    if (byte >= 0x80) return
    this.#left = this.#number
    this.#isEnded = this.#number === 0
    this.#number = 0
    this.#digits = 0
  }
}
