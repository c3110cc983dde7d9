// Values of WIT types and their bytes on the wire (SPEC W3 to W9), in jco's JavaScript mapping (`preload/wit.ts`). Pure.
// Streams and futures leave a marker here and are told apart by their path; their data travels elsewhere.

import type { WitField, WitType } from '../../preload/wit.js'
import { BadData, ByteReader, ByteWriter, Incomplete } from './bytes.js'
import { toCamelCase } from './names.js'
import { describeValue, expectations } from './expect.js'

/** Index path of a stream or future from the parameter or result list (SPEC W12). */
export type AsyncPath = readonly number[]

/** A stream or future found in a value: what is to be sent, or where its data will come. */
export interface AsyncValue {
  readonly path: AsyncPath
  readonly type: Extract<WitType, { kind: 'stream' | 'future' }>
  readonly value: unknown
}

export interface Encoded {
  readonly bytes: Uint8Array
  /** To be written after the synchronous part, each under its path. */
  readonly deferred: readonly AsyncValue[]
}

/** How deep values may nest; types are trees, so only hostile descriptions reach it. */
const deepest = 100

/** Our own values: throws a `TypeError` that names the place and the type when one does not fit. */
export function encodeValues(fields: readonly WitField[], values: readonly unknown[]): Encoded {
  if (values.length !== fields.length) {
    throw new TypeError(`${fields.length} values are expected, not ${values.length}`)
  }
  const writer = new ByteWriter()
  const deferred: AsyncValue[] = []
  fields.forEach((field, index) => write(writer, field.type, values[index], field.name, [index], deferred))
  return { bytes: writer.finish(), deferred }
}

/** One value without a place in a list: the data of a future, an element of a stream. */
export function encodeValue(type: WitType, value: unknown, path: AsyncPath = []): Encoded {
  const writer = new ByteWriter()
  const deferred: AsyncValue[] = []
  write(writer, type, value, 'value', path, deferred)
  return { bytes: writer.finish(), deferred }
}

export type DecodedValues =
  | { readonly kind: 'done'; readonly values: readonly unknown[]; readonly length: number }
  | { readonly kind: 'more' }
  | { readonly kind: 'bad'; readonly reason: string }

/** Gives a stream or future the value that stands for it; without one they are refused. */
export type OnAsync = (found: Omit<AsyncValue, 'value'>) => unknown

/** From the front of the bytes; what follows is left. Never throws. */
export function decodeValues(types: readonly WitType[], bytes: Uint8Array, onAsync?: OnAsync): DecodedValues {
  const reader = new ByteReader(bytes)
  try {
    const values = types.map((type, index) => read(reader, type, [index], onAsync, 0))
    return { kind: 'done', values, length: reader.position }
  } catch (error) {
    if (error instanceof Incomplete) return { kind: 'more' }
    if (error instanceof BadData) return { kind: 'bad', reason: error.message }
    throw error
  }
}

function write(
  out: ByteWriter,
  type: WitType,
  value: unknown,
  place: string,
  path: AsyncPath,
  deferred: AsyncValue[],
): void {
  switch (type.kind) {
    case 'bool':
      out.byte(expectations.bool(value, place) ? 1 : 0)
      return
    case 'u8':
      out.byte(expectations.integer(value, 0, 255, 'u8', place))
      return
    case 's8':
      out.byte(expectations.integer(value, -128, 127, 's8', place) & 0xff)
      return
    case 'u16':
      out.unsigned(expectations.integer(value, 0, 0xffff, 'u16', place))
      return
    case 'u32':
      out.unsigned(expectations.integer(value, 0, 0xffffffff, 'u32', place))
      return
    case 'u64':
      out.unsignedBig(expectations.big(value, 0n, 0xffff_ffff_ffff_ffffn, 'u64', place))
      return
    case 's16':
      out.signed(BigInt(expectations.integer(value, -0x8000, 0x7fff, 's16', place)), 16)
      return
    case 's32':
      out.signed(BigInt(expectations.integer(value, -0x8000_0000, 0x7fff_ffff, 's32', place)), 32)
      return
    case 's64':
      out.signed(expectations.big(value, -0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn, 's64', place), 64)
      return
    case 'f32':
      out.float32(expectations.number(value, 'f32', place))
      return
    case 'f64':
      out.float64(expectations.number(value, 'f64', place))
      return
    case 'char':
      out.bytes(expectations.char(value, place))
      return
    case 'string':
      out.string(expectations.string(value, place))
      return
    case 'list':
      writeList(out, type.element, value, place, path, deferred)
      return
    case 'option': {
      const inner = unwrapOption(type.inner, value, place)
      out.byte(inner === undefined ? 0 : 1)
      if (inner !== undefined) write(out, type.inner, inner.value, place, path, deferred)
      return
    }
    case 'result': {
      const { tag, val } = expectations.tagged(value, place)
      if (tag !== 'ok' && tag !== 'err') throw new TypeError(`${place}: result with tag ${describeValue(tag)}`)
      out.byte(tag === 'ok' ? 0 : 1)
      const arm = tag === 'ok' ? type.ok : type.err
      if (arm !== undefined) write(out, arm, val, `${place}.${tag}`, path, deferred)
      return
    }
    case 'tuple': {
      const elements = expectations.array(value, place, type.elements.length)
      type.elements.forEach((t, i) => write(out, t, elements[i], `${place}[${i}]`, [...path, i], deferred))
      return
    }
    case 'record': {
      const record = expectations.record(value, place)
      type.fields.forEach((field, i) =>
        write(out, field.type, record[toCamelCase(field.name)], `${place}.${field.name}`, [...path, i], deferred),
      )
      return
    }
    case 'variant': {
      const { tag, val } = expectations.tagged(value, place)
      const index = type.cases.findIndex((c) => c.name === tag)
      const found = type.cases[index]
      if (found === undefined) throw new TypeError(`${place}: no case ${describeValue(tag)} in this variant`)
      out.unsigned(index)
      if (found.type !== undefined) write(out, found.type, val, `${place}.${found.name}`, path, deferred)
      return
    }
    case 'enum': {
      const index = type.cases.findIndex((name) => name === value)
      if (index < 0) throw new TypeError(`${place}: ${describeValue(value)} is no case of this enum`)
      out.unsigned(index)
      return
    }
    case 'flags': {
      const flags = expectations.record(value, place)
      const bytes = new Uint8Array(Math.ceil(type.names.length / 8))
      type.names.forEach((name, i) => {
        if (flags[toCamelCase(name)] === true) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7))
      })
      out.bytes(bytes)
      return
    }
    case 'own':
    case 'borrow': {
      const handle = expectations.bytes(value, place)
      out.unsigned(handle.length)
      out.bytes(handle)
      return
    }
    case 'stream':
    case 'future':
      // Always announced as pending: nobody sends them in place (SPEC W11).
      out.byte(0)
      deferred.push({ path, type, value })
      return
  }
}

function writeList(
  out: ByteWriter,
  element: WitType,
  value: unknown,
  place: string,
  path: AsyncPath,
  deferred: AsyncValue[],
): void {
  if (element.kind === 'u8' && value instanceof Uint8Array) {
    out.unsigned(value.length)
    out.bytes(value)
    return
  }
  const elements = ArrayBuffer.isView(value)
    ? Array.from(value as unknown as ArrayLike<unknown>) // jco's typed arrays for lists of numbers
    : expectations.array(value, place)
  out.unsigned(elements.length)
  elements.forEach((item, i) => write(out, element, item, `${place}[${i}]`, [...path, i], deferred))
}

/** A nested option is told apart by `{ tag: 'some' | 'none' }`, as jco does. */
function unwrapOption(inner: WitType, value: unknown, place: string): { value: unknown } | undefined {
  if (inner.kind !== 'option') return value === undefined || value === null ? undefined : { value }
  const { tag, val } = expectations.tagged(value, place)
  if (tag === 'none') return undefined
  if (tag === 'some') return { value: val }
  throw new TypeError(`${place}: a nested option is { tag: 'some' | 'none' }`)
}

function read(from: ByteReader, type: WitType, path: AsyncPath, onAsync: OnAsync | undefined, depth: number): unknown {
  if (depth > deepest) throw new BadData('nested too deeply')
  switch (type.kind) {
    case 'bool': {
      const byte = from.byte()
      if (byte > 1) throw new BadData(`bool ${byte}`)
      return byte === 1
    }
    case 'u8':
      return from.byte()
    case 's8':
      return (from.byte() << 24) >> 24
    case 'u16':
      return from.unsigned(16)
    case 'u32':
      return from.unsigned(32)
    case 'u64':
      return from.unsigned64()
    case 's16':
      return Number(from.signed(16))
    case 's32':
      return Number(from.signed(32))
    case 's64':
      return from.signed(64)
    case 'f32':
      return from.float32()
    case 'f64':
      return from.float64()
    case 'char':
      return from.char()
    case 'string':
      return from.string()
    case 'list':
      return readList(from, type.element, path, onAsync, depth)
    case 'option': {
      const isSome = readTag(from, 'option') === 1
      const isNested = type.inner.kind === 'option'
      if (!isSome) return isNested ? { tag: 'none' } : undefined
      const value = read(from, type.inner, path, onAsync, depth + 1)
      return isNested ? { tag: 'some', val: value } : value
    }
    case 'result': {
      const tag = readTag(from, 'result') === 0 ? 'ok' : 'err'
      const arm = tag === 'ok' ? type.ok : type.err
      return arm === undefined ? { tag, val: undefined } : { tag, val: read(from, arm, path, onAsync, depth + 1) }
    }
    case 'tuple':
      return type.elements.map((t, i) => read(from, t, [...path, i], onAsync, depth + 1))
    case 'record':
      return Object.fromEntries(
        type.fields.map((f, i) => [toCamelCase(f.name), read(from, f.type, [...path, i], onAsync, depth + 1)]),
      )
    case 'variant': {
      const index = from.unsigned(32)
      const found = type.cases[index]
      if (found === undefined) throw new BadData(`case ${index} of a variant with ${type.cases.length}`)
      return found.type === undefined
        ? { tag: found.name }
        : { tag: found.name, val: read(from, found.type, path, onAsync, depth + 1) }
    }
    case 'enum': {
      const index = from.unsigned(32)
      const name = type.cases[index]
      if (name === undefined) throw new BadData(`case ${index} of an enum with ${type.cases.length}`)
      return name
    }
    case 'flags': {
      const bytes = from.bytes(Math.ceil(type.names.length / 8))
      const isUnknown = (bytes.at(-1) ?? 0) >> (((type.names.length + 7) & 7) + 1) !== 0
      if (isUnknown) throw new BadData(`a flag beyond the ${type.names.length} there are`)
      return Object.fromEntries(
        type.names.map((name, i) => [toCamelCase(name), ((bytes[i >> 3] ?? 0) & (1 << (i & 7))) !== 0]),
      )
    }
    case 'own':
    case 'borrow':
      return from.bytes(from.unsigned(32))
    case 'stream':
    case 'future':
      return readAsync(from, type, path, onAsync, depth)
  }
}

function readTag(from: ByteReader, what: string): 0 | 1 {
  const byte = from.byte()
  if (byte > 1) throw new BadData(`${what} ${byte}`)
  return byte === 1 ? 1 : 0
}

function readList(
  from: ByteReader,
  element: WitType,
  path: AsyncPath,
  onAsync: OnAsync | undefined,
  depth: number,
): unknown {
  const count = from.unsigned(32)
  if (element.kind === 'u8') return from.bytes(count)
  // An element has at least one byte unless its type is empty: a count that cannot be there yet allocates nothing, and
  // a list of nothings is bounded.
  if (count > from.remaining && !isEmpty(element)) throw new Incomplete()
  if (count > 1_000_000 && isEmpty(element)) throw new BadData(`a list of ${count} empty values`)
  const values: unknown[] = []
  for (let i = 0; i < count; i += 1) values.push(read(from, element, [...path, i], onAsync, depth + 1))
  return values
}

/** Has no bytes at all. */
function isEmpty(type: WitType): boolean {
  if (type.kind === 'record') return type.fields.every((f) => isEmpty(f.type))
  if (type.kind === 'tuple') return type.elements.every(isEmpty)
  return type.kind === 'flags' && type.names.length === 0
}

/** Ready values in place are read though nobody sends them: `{ ready }` instead of what stands for a pending one. */
function readAsync(
  from: ByteReader,
  type: Extract<WitType, { kind: 'stream' | 'future' }>,
  path: AsyncPath,
  onAsync: OnAsync | undefined,
  depth: number,
): unknown {
  const count = from.unsigned(32)
  if (count === 0) {
    if (onAsync === undefined) throw new BadData(`a ${type.kind} where none can be taken`)
    return onAsync({ path, type })
  }
  if (type.kind === 'future') {
    if (count !== 1) throw new BadData(`future ${count}`)
    return { ready: type.inner === undefined ? undefined : read(from, type.inner, path, onAsync, depth + 1) }
  }
  const { element } = type
  if (element === undefined || count > from.remaining) throw new Incomplete()
  const values: unknown[] = []
  for (let i = 0; i < count; i += 1) values.push(read(from, element, [...path, i], onAsync, depth + 1))
  return { ready: values }
}
