// Bytes on the wire to values in jco's JavaScript mapping (SPEC W31 to W41). Pure; never throws, because the bytes are
// somebody else's. With a `Progress`, decoding bytes that have grown goes on where it stopped (SPEC W23).

import type { WitType } from '../../preload/wit.js'
import type { AsyncPlace } from './async-value.js'
import { BadData, ByteReader, Incomplete } from './bytes.js'
import { toCamelCase } from './names.js'

export type DecodedValues =
  | { readonly kind: 'done'; readonly values: readonly unknown[]; readonly length: number }
  | { readonly kind: 'more' }
  | { readonly kind: 'bad'; readonly reason: string }

/** Gives a stream or future the value that stands for it; without one they are refused. Called once for each. */
export type OnAsync = (found: AsyncPlace) => unknown

/** Members that had been read when the bytes ran out. */
interface Begun {
  /** Where the members begin, and the first that is not complete. */
  readonly start: number
  readonly at: number
  readonly values: unknown[]
}

/** Lists, records and tuples that were begun, by how many indexes lead to them: one of each depth at a time. */
export type Progress = Map<number, Begun>

/** How deep values may nest; types are trees, so only hostile descriptions reach it. */
const deepest = 100
/** Elements of a list that have no bytes cost the sender nothing. */
const mostEmpty = 1_000_000

/** From the front of the bytes; what follows is left. The bytes given with a `Progress` begin with those given before. */
export function decodeValues(
  types: readonly WitType[],
  bytes: Uint8Array,
  onAsync?: OnAsync,
  progress?: Progress,
): DecodedValues {
  const reader = new ByteReader(bytes)
  try {
    const values = new Decoding(reader, onAsync, progress).all(types)
    return { kind: 'done', values, length: reader.position }
  } catch (error) {
    if (error instanceof Incomplete) return { kind: 'more' }
    if (error instanceof BadData) return { kind: 'bad', reason: error.message }
    throw error
  }
}

class Decoding {
  readonly #from: ByteReader
  readonly #onAsync: OnAsync | undefined
  readonly #progress: Progress | undefined
  readonly #path: number[] = []
  #depth = 0

  constructor(from: ByteReader, onAsync: OnAsync | undefined, progress: Progress | undefined) {
    this.#from = from
    this.#onAsync = onAsync
    this.#progress = progress
  }

  all(types: readonly WitType[]): unknown[] {
    return this.#members(types.length, (i) => types[i])
  }

  /** Whatever has numbered members; goes on with those that an earlier attempt left. */
  #members(count: number, typeAt: (index: number) => WitType | undefined): unknown[] {
    const from = this.#from
    const key = this.#path.length
    const start = from.position
    const left = this.#progress?.get(key)
    const values: unknown[] = left?.start === start ? left.values : []
    if (left?.start === start) from.position = left.at
    let at = from.position
    try {
      for (let i = values.length; i < count; i += 1) {
        const type = typeAt(i)
        if (type === undefined) break
        at = from.position
        this.#path[key] = i
        values.push(this.#read(type))
      }
    } catch (error) {
      if (error instanceof Incomplete) this.#progress?.set(key, { start, at, values })
      throw error
    }
    this.#path.length = key
    return values
  }

  #read(type: WitType): unknown {
    if ((this.#depth += 1) > deepest) throw new BadData('nested too deeply')
    const value = this.#value(type)
    this.#depth -= 1
    return value
  }

  #value(type: WitType): unknown {
    const from = this.#from
    switch (type.kind) {
      case 'bool':
        return this.#tag('bool') === 1
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
        return this.#list(type.element)
      case 'option': {
        const isSome = this.#tag('option') === 1
        const isNested = type.inner.kind === 'option'
        if (!isSome) return isNested ? { tag: 'none' } : undefined
        const value = this.#read(type.inner)
        return isNested ? { tag: 'some', val: value } : value
      }
      case 'result': {
        const tag = this.#tag('result') === 0 ? 'ok' : 'err'
        const arm = tag === 'ok' ? type.ok : type.err
        return { tag, val: arm === undefined ? undefined : this.#read(arm) }
      }
      case 'tuple':
        return this.all(type.elements)
      case 'record': {
        const values = this.#members(type.fields.length, (i) => type.fields[i]?.type)
        return Object.fromEntries(type.fields.map(({ name }, i) => [toCamelCase(name), values[i]]))
      }
      case 'variant': {
        const index = from.unsigned(32)
        const found = type.cases[index]
        if (found === undefined) throw new BadData(`case ${index} of a variant with ${type.cases.length}`)
        return found.type === undefined ? { tag: found.name } : { tag: found.name, val: this.#read(found.type) }
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
        return this.#async(type)
    }
  }

  #tag(what: string): 0 | 1 {
    const byte = this.#from.byte()
    if (byte > 1) throw new BadData(`${what} ${byte}`)
    return byte === 1 ? 1 : 0
  }

  #list(element: WitType): unknown {
    const count = this.#from.unsigned(32)
    return element.kind === 'u8' ? this.#from.bytes(count) : this.#elements(count, element)
  }

  #elements(count: number, element: WitType): unknown[] {
    // An element has at least one byte unless its type is empty: a count that cannot be there yet allocates nothing, and
    // a list of nothings is bounded.
    if (count > this.#from.remaining && !isEmpty(element)) throw new Incomplete()
    if (count > mostEmpty && isEmpty(element)) throw new BadData(`a list of ${count} empty values`)
    return this.#members(count, () => element)
  }

  /** Ready values in place are read though nobody sends them: `{ ready }` instead of what stands for a pending one. */
  #async(type: AsyncPlace['type']): unknown {
    const count = this.#from.unsigned(32)
    if (count === 0) {
      if (this.#onAsync === undefined) throw new BadData(`a ${type.kind} where none can be taken`)
      return this.#onAsync({ path: [...this.#path], type })
    }
    if (type.kind === 'future') {
      if (count !== 1) throw new BadData(`future ${count}`)
      return { ready: type.inner === undefined ? undefined : this.#read(type.inner) }
    }
    if (type.element === undefined) throw new BadData('a ready stream of nothing')
    return { ready: this.#elements(count, type.element) }
  }
}

/** Has no bytes at all. */
function isEmpty(type: WitType): boolean {
  if (type.kind === 'record') return type.fields.every((field) => isEmpty(field.type))
  if (type.kind === 'tuple') return type.elements.every(isEmpty)
  return type.kind === 'flags' && type.names.length === 0
}
