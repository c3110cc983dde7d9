// Bounded reader over a binary in WebAssembly's encoding (LEB128, counted vectors, names). Pure. It throws
// `Malformed` for the decoders of this folder, which turn it into a result; nothing outside them sees it.

/** What is wrong with the bytes, as the end of a sentence; `offset` is where in the whole file. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
  readonly offset: number

  constructor(reason: string, offset: number) {
    super(reason)
    this.offset = offset
  }
}

/** Items of all vectors of one file: what is read is kept, so this bounds memory. Far above what tools produce. */
const maxItems = 500_000
/** Bytes of one name, as the transpiler has it, and of all together. */
const maxName = 100_000
const maxNames = 4 * 1024 * 1024

const utf8 = new TextDecoder('utf-8', { fatal: true })

export class Reader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number
  readonly #inside: string
  readonly #tally: { items: number; names: number }

  /** `inside` names the part for messages; offsets count from the start of `bytes`. */
  constructor(bytes: Uint8Array, inside: string, start = 0, end = bytes.length, tally = { items: 0, names: 0 }) {
    this.#bytes = bytes
    this.#inside = inside
    this.#at = start
    this.#end = end
    this.#tally = tally
  }

  get offset(): number {
    return this.#at
  }

  get left(): number {
    return this.#end - this.#at
  }

  fail(reason: string): never {
    throw new Malformed(reason, this.#at)
  }

  #truncated(): never {
    this.fail(`it ends in the middle of ${this.#inside} at byte ${this.#end}: the file is truncated or damaged`)
  }

  byte(): number {
    const value = this.#at < this.#end ? this.#bytes[this.#at] : undefined
    if (value === undefined) this.#truncated()
    this.#at += 1
    return value
  }

  peek(): number {
    const value = this.#at < this.#end ? this.#bytes[this.#at] : undefined
    return value ?? this.#truncated()
  }

  u32(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      // Multiplication: shifting would make the top bit a sign.
      value += (byte & 0x7f) * 2 ** shift
      if ((byte & 0x80) === 0) {
        if (value > 0xffff_ffff) this.fail('a number is larger than 32 bits')
        return value
      }
    }
    this.fail('a number is longer than 5 bytes')
  }

  /** Skips a LEB128 number of up to `bits` bits. */
  skipLeb(bits: number): void {
    for (let read = 0; read < bits; read += 7) {
      if ((this.byte() & 0x80) === 0) return
    }
    this.fail(`a number is longer than ${bits} bits`)
  }

  /** Length of a vector whose items take at least one byte each, so a wild count ends here and not in memory. */
  count(): number {
    const count = this.u32()
    if (count > this.left) this.#truncated()
    this.#tally.items += count
    if (this.#tally.items > maxItems) this.fail(`it lists more than ${maxItems} things`)
    return count
  }

  name(): string {
    const length = this.u32()
    if (length > this.left) this.#truncated()
    this.#tally.names += length
    if (length > maxName) this.fail(`a name has ${length} bytes, and ${maxName} are allowed`)
    if (this.#tally.names > maxNames) this.fail(`its names have more than ${maxNames} bytes`)
    const part = this.#bytes.subarray(this.#at, this.#at + length)
    let text: string
    try {
      text = utf8.decode(part)
    } catch {
      this.fail('a name is not valid UTF-8')
    }
    this.#at += length
    return text
  }

  skip(length: number): void {
    if (length > this.left) this.#truncated()
    this.#at += length
  }

  /** The next `length` bytes as a reader of their own; this one stands behind them. */
  part(length: number, inside: string): Reader {
    if (length > this.left) {
      this.fail(`${inside} should be ${length} bytes, but only ${this.left} are left: the file is truncated or damaged`)
    }
    const start = this.#at
    this.#at += length
    return new Reader(this.#bytes, inside, start, start + length, this.#tally)
  }

  /** The bytes not read yet. */
  rest(): Uint8Array {
    const part = this.#bytes.subarray(this.#at, this.#end)
    this.#at = this.#end
    return part
  }
}

const magic = [0x00, 0x61, 0x73, 0x6d]

export type Preamble = 'component' | 'core' | 'other' | 'none'

/** What the first eight bytes say. `other`: WebAssembly of a layer or version unknown here. */
export function readPreamble(bytes: Uint8Array): Preamble {
  if (bytes.length < 8 || magic.some((byte, at) => bytes[at] !== byte)) return 'none'
  const [version, versionHigh, layer, layerHigh] = bytes.subarray(4, 8)
  if (version === 1 && versionHigh === 0 && layer === 0 && layerHigh === 0) return 'core'
  if (version === 0x0d && versionHigh === 0 && layer === 1 && layerHigh === 0) return 'component'
  return 'other'
}
