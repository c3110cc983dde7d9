// Bytes of wRPC values (SPEC W31 to W33, W38): a growing writer, and a reader that tells "not yet" (`Incomplete`) apart from
// "never" (`BadData`). LEB128 in the form that wasmCloud v1 reads. Pure; both errors are caught by the decoder's face.

/** The bytes end before the value does: more may mend it. */
export class Incomplete extends Error {
  override readonly name = 'Incomplete'
}

/** Bytes that no further bytes can mend. */
export class BadData extends Error {
  override readonly name = 'BadData'
}

type Width = 16 | 32 | 64

/** Longest LEB128 form in bytes, and the bits of the value that its last byte holds. */
const longest: Readonly<Record<Width, { readonly length: number; readonly lastBits: number }>> = {
  16: { length: 3, lastBits: 2 },
  32: { length: 5, lastBits: 4 },
  64: { length: 10, lastBits: 1 },
}

// ignoreBOM: a byte order mark is part of the string.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class ByteWriter {
  #buffer = new Uint8Array(256)
  #length = 0

  byte(value: number): void {
    this.#reserve(1)
    this.#buffer[this.#length++] = value
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#buffer.set(value, this.#length)
    this.#length += value.length
  }

  /** LEB128 of an integer from 0 to 2^53. */
  unsigned(value: number): void {
    let left = value
    while (left > 0x7f) {
      this.byte((left % 0x80) | 0x80)
      left = Math.floor(left / 0x80)
    }
    this.byte(left)
  }

  unsignedBig(value: bigint): void {
    let left = value
    while (left > 0x7fn) {
      this.byte(Number(left & 0x7fn) | 0x80)
      left >>= 7n
    }
    this.byte(Number(left))
  }

  /** Canonical, but the last possible byte keeps only the bits that are left: wasmCloud v1 refuses the others. */
  signed(value: bigint, bits: Width): void {
    const { length, lastBits } = longest[bits]
    let left = value
    for (let count = 1; ; count += 1) {
      const low = Number(left & 0x7fn)
      left >>= 7n
      const isNegative = (low & 0x40) !== 0
      if ((left === 0n && !isNegative) || (left === -1n && isNegative)) {
        this.byte(count === length ? low & ((1 << lastBits) - 1) : low)
        return
      }
      this.byte(low | 0x80)
    }
  }

  float32(value: number): void {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setFloat32(0, value, true)
    this.bytes(bytes)
  }

  float64(value: number): void {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, value, true)
    this.bytes(bytes)
  }

  /** What was written; the writer must not be used again. */
  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#buffer.length) return
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2))
    grown.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = grown
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Bytes read so far; set to go on elsewhere. */
  get position(): number {
    return this.#at
  }

  set position(at: number) {
    this.#at = at
  }

  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw new Incomplete()
    this.#at += 1
    return byte
  }

  /** `count` bytes of the caller's own. */
  bytes(count: number): Uint8Array {
    return new Uint8Array(this.#view(count))
  }

  unsigned(bits: 16 | 32): number {
    const { length, lastBits } = longest[bits]
    let value = 0
    for (let index = 0; ; index += 1) {
      const byte = this.byte()
      if (index === length - 1 && byte >> lastBits !== 0) throw new BadData(`a number over ${bits} bits`)
      value += (byte & 0x7f) * 2 ** (7 * index)
      if (byte < 0x80) return value
    }
  }

  unsigned64(): bigint {
    const { length, lastBits } = longest[64]
    let value = 0n
    for (let index = 0; ; index += 1) {
      const byte = this.byte()
      if (index === length - 1 && byte >> lastBits !== 0) throw new BadData('a number over 64 bits')
      value |= BigInt(byte & 0x7f) << BigInt(7 * index)
      if (byte < 0x80) return value
    }
  }

  /** The masked form and the canonical one. */
  signed(bits: Width): bigint {
    const { length, lastBits } = longest[bits]
    let value = 0n
    for (let index = 0; ; index += 1) {
      const byte = this.byte()
      const shift = BigInt(7 * index)
      if (index === length - 1) return value + (BigInt(signedLast(byte, lastBits, bits)) << shift)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - (1n << (shift + 7n))
    }
  }

  float32(): number {
    const bytes = this.#view(4)
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true)
  }

  float64(): number {
    const bytes = this.#view(8)
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true)
  }

  string(): string {
    return decodeText(this.#view(this.unsigned(32)))
  }

  /** One scalar value in UTF-8. A wrong byte is told at once: waiting for the rest of it could last for ever. */
  char(): string {
    const start = this.#at
    const first = this.byte()
    if ((first >= 0x80 && first < 0xc2) || first > 0xf4) throw new BadData('a character is not UTF-8')
    const size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    for (let index = 1; index < size; index += 1) {
      if (this.byte() >> 6 !== 0b10) throw new BadData('a character is not UTF-8')
    }
    return decodeText(this.#bytes.subarray(start, this.#at))
  }

  #view(count: number): Uint8Array {
    if (this.remaining < count) throw new Incomplete()
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }
}

/** The last possible byte: above the value's bits stand zeros (masked) or copies of the sign (canonical). */
function signedLast(byte: number, width: number, bits: Width): number {
  const isNegative = (byte & (1 << (width - 1))) !== 0
  const above = byte >> width
  if (above !== 0 && !(isNegative && above === 0x7f >> width)) throw new BadData(`a number over ${bits} bits`)
  const value = byte & ((1 << width) - 1)
  return isNegative ? value - (1 << width) : value
}

function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new BadData('text that is not UTF-8')
  }
}
