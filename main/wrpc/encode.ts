// Values in jco's JavaScript mapping (`preload/wit.ts`) to their bytes on the wire (SPEC W31 to W41). Pure. Refuses what does
// not fit its type, because the values are ours: a `TypeError` that names the place.

import type { WitField, WitType } from '../../preload/wit.js'
import type { AsyncPath, AsyncValue } from './async-value.js'
import { ByteWriter } from './bytes.js'
import { describeValue, expectations } from './expect.js'
import { toCamelCase } from './names.js'

export interface Encoded {
  readonly bytes: Uint8Array
  /** To be written after the synchronous part, each under its path. */
  readonly deferred: readonly AsyncValue[]
}

/** One value per field; throws a `TypeError` that names the place and the type when one does not fit. */
export function encodeValues(fields: readonly WitField[], values: readonly unknown[]): Encoded {
  if (values.length !== fields.length) {
    throw new TypeError(`${fields.length} values are expected, not ${values.length}`)
  }
  const encoding = new Encoding([])
  fields.forEach((field, index) => encoding.member(field.name, index, field.type, values[index]))
  return encoding.finish()
}

/** One value without a place in a list: the data of a future, an element of a stream. */
export function encodeValue(type: WitType, value: unknown, path: AsyncPath = []): Encoded {
  const encoding = new Encoding(path)
  encoding.write(type, value)
  return encoding.finish()
}

/** Only what the object has itself: an absent field called `constructor` is absent. */
const own = (record: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(record, key) ? record[key] : undefined

class Encoding {
  readonly #out = new ByteWriter()
  readonly #deferred: AsyncValue[] = []
  /** Names on the way to the value at hand, for messages: put into words only when something does not fit. */
  readonly #names: (string | number)[] = []
  readonly #path: number[]

  constructor(path: AsyncPath) {
    this.#path = [...path]
  }

  finish(): Encoded {
    return { bytes: this.#out.finish(), deferred: this.#deferred }
  }

  /** A value that has a number in what holds it. */
  member(name: string | number, index: number, type: WitType, value: unknown): void {
    this.#path.push(index)
    this.#named(name, type, value)
    this.#path.pop()
  }

  /** The place of the value at hand. */
  toString(): string {
    const place = this.#names.map((name) => (typeof name === 'number' ? `[${name}]` : `.${name}`)).join('')
    return place === '' ? 'value' : place.replace(/^\./, '')
  }

  write(type: WitType, value: unknown): void {
    const out = this.#out
    switch (type.kind) {
      case 'bool':
        out.byte(expectations.bool(value, this) ? 1 : 0)
        return
      case 'u8':
        out.byte(expectations.integer(value, 0, 255, 'u8', this))
        return
      case 's8':
        out.byte(expectations.integer(value, -128, 127, 's8', this) & 0xff)
        return
      case 'u16':
        out.unsigned(expectations.integer(value, 0, 0xffff, 'u16', this))
        return
      case 'u32':
        out.unsigned(expectations.integer(value, 0, 0xffffffff, 'u32', this))
        return
      case 'u64':
        out.unsignedBig(expectations.big(value, 0n, 0xffff_ffff_ffff_ffffn, 'u64', this))
        return
      case 's16':
        out.signed(BigInt(expectations.integer(value, -0x8000, 0x7fff, 's16', this)), 16)
        return
      case 's32':
        out.signed(BigInt(expectations.integer(value, -0x8000_0000, 0x7fff_ffff, 's32', this)), 32)
        return
      case 's64':
        out.signed(expectations.big(value, -0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn, 's64', this), 64)
        return
      case 'f32':
        out.float32(expectations.number(value, 'f32', this))
        return
      case 'f64':
        out.float64(expectations.number(value, 'f64', this))
        return
      case 'char':
        out.bytes(expectations.char(value, this))
        return
      case 'string':
        this.#sized(expectations.text(value, this))
        return
      case 'list':
        this.#list(type.element, value)
        return
      case 'option': {
        const inner = this.#unwrapOption(type.inner, value)
        out.byte(inner === undefined ? 0 : 1)
        if (inner !== undefined) this.write(type.inner, inner.value)
        return
      }
      case 'result': {
        const { tag, val } = expectations.tagged(value, this)
        if (tag !== 'ok' && tag !== 'err') throw this.#misfit(`result with tag ${describeValue(tag)}`)
        out.byte(tag === 'ok' ? 0 : 1)
        const arm = tag === 'ok' ? type.ok : type.err
        if (arm !== undefined) this.#named(tag, arm, val)
        return
      }
      case 'tuple': {
        const elements = expectations.array(value, this, type.elements.length)
        type.elements.forEach((element, i) => this.member(i, i, element, elements[i]))
        return
      }
      case 'record': {
        const record = expectations.record(value, this)
        type.fields.forEach(({ name, type: field }, i) => this.member(name, i, field, own(record, toCamelCase(name))))
        return
      }
      case 'variant': {
        const { tag, val } = expectations.tagged(value, this)
        const index = type.cases.findIndex(({ name }) => name === tag)
        const found = type.cases[index]
        if (found === undefined) throw this.#misfit(`no case ${describeValue(tag)} in this variant`)
        out.unsigned(index)
        if (found.type !== undefined) this.#named(found.name, found.type, val)
        return
      }
      case 'enum': {
        const index = type.cases.findIndex((name) => name === value)
        if (index < 0) throw this.#misfit(`${describeValue(value)} is no case of this enum`)
        out.unsigned(index)
        return
      }
      case 'flags': {
        const flags = expectations.record(value, this)
        const bytes = new Uint8Array(Math.ceil(type.names.length / 8))
        type.names.forEach((name, i) => {
          if (own(flags, toCamelCase(name)) === true) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7))
        })
        out.bytes(bytes)
        return
      }
      case 'own':
      case 'borrow':
        this.#sized(expectations.bytes(value, this))
        return
      case 'stream':
      case 'future':
        // Always announced as pending: nobody sends them in place (SPEC W40).
        out.byte(0)
        this.#deferred.push({ path: [...this.#path], type, value })
        return
    }
  }

  #named(name: string | number, type: WitType, value: unknown): void {
    this.#names.push(name)
    this.write(type, value)
    this.#names.pop()
  }

  #sized(bytes: Uint8Array): void {
    this.#out.unsigned(bytes.length)
    this.#out.bytes(bytes)
  }

  #list(element: WitType, value: unknown): void {
    if (element.kind === 'u8' && value instanceof Uint8Array) {
      this.#sized(value)
      return
    }
    const elements = ArrayBuffer.isView(value)
      ? Array.from(value as unknown as ArrayLike<unknown>) // jco's typed arrays for lists of numbers
      : expectations.array(value, this)
    this.#out.unsigned(elements.length)
    elements.forEach((item, i) => this.member(i, i, element, item))
  }

  /** A nested option is told apart by `{ tag: 'some' | 'none' }`, as jco does. */
  #unwrapOption(inner: WitType, value: unknown): { value: unknown } | undefined {
    if (inner.kind !== 'option') return value === undefined || value === null ? undefined : { value }
    const { tag, val } = expectations.tagged(value, this)
    if (tag === 'none') return undefined
    if (tag === 'some') return { value: val }
    throw this.#misfit(`a nested option is { tag: 'some' | 'none' }`)
  }

  #misfit(text: string): TypeError {
    return new TypeError(`${this.toString()}: ${text}`)
  }
}
