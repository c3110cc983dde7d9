// Bytes that wait to be read, copied into blocks: a thousand messages of one byte take no more memory than one of a thousand. Pure.

const smallestBlock = 4096

export class ByteQueue {
  readonly #blocks: Uint8Array[] = []
  /** The first that is still here; those before it are gone. */
  #head = 0
  /** How much of the last block is filled. */
  #filled = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    let last = this.#head < this.#blocks.length ? this.#blocks.at(-1) : undefined
    if (last === undefined || last.length - this.#filled < bytes.length) {
      if (last !== undefined) this.#blocks[this.#blocks.length - 1] = last.subarray(0, this.#filled)
      last = new Uint8Array(Math.max(smallestBlock, bytes.length))
      this.#blocks.push(last)
      this.#filled = 0
    }
    last.set(bytes, this.#filled)
    this.#filled += bytes.length
    this.#length += bytes.length
  }

  /** The next of them, some at a time; undefined when there are none. */
  shift(): Uint8Array | undefined {
    const block = this.#blocks[this.#head]
    if (block === undefined) return undefined
    const isLast = this.#head === this.#blocks.length - 1
    const bytes = isLast ? block.subarray(0, this.#filled) : block
    this.#head += 1
    this.#length -= bytes.length
    if (isLast || this.#head > 1024) {
      this.#blocks.splice(0, this.#head)
      this.#head = 0
    }
    return bytes
  }

  clear(): void {
    this.#blocks.length = 0
    this.#head = 0
    this.#length = 0
  }
}
