// Values of any type there and back, cut anywhere, trickling in, and refused when they do not fit.

import { describe, expect, it } from 'vitest'
import { decodeValues } from '../../../main/wrpc/decode.js'
import { encodeValue, encodeValues } from '../../../main/wrpc/encode.js'
import { type Gathered, Gathering } from '../../../main/wrpc/gathering.js'
import { toCamelCase } from '../../../main/wrpc/names.js'
import { primitives, type WitType } from '../../../preload/wit.js'
import { parseWitType } from '../../support/wit-text.js'
import { createRandom } from '../wasm/random.js'

type Random = () => number

const below = (random: Random, count: number): number => Math.floor(random() * count)
const oneOf = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)]!
const many = <T>(random: Random, most: number, make: (index: number) => T): T[] =>
  Array.from({ length: below(random, most + 1) }, (_, i) => make(i))

/** Any type whose values decode to what was encoded; streams and futures travel elsewhere. */
function randomType(random: Random, depth: number): WitType {
  const kinds = ['list', 'option', 'result', 'tuple', 'record', 'variant', 'enum', 'flags', 'own'] as const
  if (depth <= 0 || random() < 0.4) return { kind: oneOf(random, primitives) }
  const inner = (): WitType => randomType(random, depth - 1)
  const maybe = (): WitType | undefined => (random() < 0.3 ? undefined : inner())
  const kind = oneOf(random, kinds)
  switch (kind) {
    case 'list':
      return { kind, element: inner() }
    case 'option':
      return { kind, inner: inner() }
    case 'result':
      return { kind, ok: maybe(), err: maybe() }
    case 'tuple':
      return { kind, elements: many(random, 4, inner) }
    case 'record':
      return { kind, fields: many(random, 5, (i) => ({ name: `field-${i}`, type: inner() })) }
    case 'variant':
      return { kind, cases: [{ name: 'first' }, ...many(random, 4, (i) => ({ name: `case-${i}`, type: maybe() }))] }
    case 'enum':
      return { kind, cases: ['first', ...many(random, 200, (i) => `case-${i}`)] }
    case 'flags':
      return { kind, names: many(random, 40, (i) => `flag-${i}`) }
    case 'own':
      return { kind, resource: 'thing' }
  }
}

const interesting = ['', 'a', 'ä', '\u0000', '\ufeffx', '😀', 'e\u0301', '\uffff', 'x'.repeat(300)]

/** Within the bits, often at a border. */
function randomInteger(random: Random, bits: number, isSigned: boolean): bigint {
  const span = 1n << BigInt(bits)
  const least = isSigned ? -(span / 2n) : 0n
  const borders = [least, least + span - 1n, 0n, 1n, 63n, 64n, 127n, 128n, isSigned ? -1n : 2n, isSigned ? -64n : 3n]
  if (random() < 0.3)
    return BigInt.asIntN(
      65,
      oneOf(
        random,
        borders.filter((b) => b >= least && b < least + span),
      ),
    )
  const width = BigInt(1 + below(random, bits))
  const value = (BigInt(below(random, 2 ** 32)) << 32n) | BigInt(below(random, 2 ** 32))
  return isSigned ? BigInt.asIntN(Number(width), value) : BigInt.asUintN(Number(width), value)
}

function randomValue(random: Random, type: WitType): unknown {
  const bytes = (most: number): Uint8Array => Uint8Array.from(many(random, most, () => below(random, 256)))
  switch (type.kind) {
    case 'bool':
      return random() < 0.5
    case 'u8':
    case 'u16':
    case 'u32':
      return Number(randomInteger(random, Number(type.kind.slice(1)), false))
    case 's8':
    case 's16':
    case 's32':
      return Number(randomInteger(random, Number(type.kind.slice(1)), true))
    case 'u64':
      return randomInteger(random, 64, false)
    case 's64':
      return randomInteger(random, 64, true)
    case 'f32':
      return oneOf(random, [0, -0, NaN, Infinity, -Infinity, Math.fround(random() * 1e9), Math.fround(1e-40)])
    case 'f64':
      return oneOf(random, [0, -0, NaN, Infinity, -Infinity, random() * 1e300, Number.MIN_VALUE])
    case 'char':
      return oneOf(random, ['a', 'ä', '€', '😀', '\u0000', '\ud7ff', '\ue000', '\u{10ffff}'])
    case 'string':
      return many(random, 3, () => oneOf(random, interesting)).join('')
    case 'list':
      return type.element.kind === 'u8' ? bytes(200) : many(random, 6, () => randomValue(random, type.element))
    case 'option': {
      const value = random() < 0.4 ? undefined : { tag: 'some', val: randomValue(random, type.inner) }
      if (type.inner.kind === 'option') return value ?? { tag: 'none' }
      return value?.val
    }
    case 'result': {
      const tag = random() < 0.5 ? 'ok' : 'err'
      const arm = type[tag]
      return { tag, val: arm === undefined ? undefined : randomValue(random, arm) }
    }
    case 'tuple':
      return type.elements.map((element) => randomValue(random, element))
    case 'record':
      return Object.fromEntries(type.fields.map((f) => [toCamelCase(f.name), randomValue(random, f.type)]))
    case 'variant': {
      const found = oneOf(random, type.cases)
      return found.type === undefined ? { tag: found.name } : { tag: found.name, val: randomValue(random, found.type) }
    }
    case 'enum':
      return oneOf(random, type.cases)
    case 'flags':
      return Object.fromEntries(type.names.map((name) => [toCamelCase(name), random() < 0.5]))
    case 'own':
    case 'borrow':
      return bytes(40)
    default:
      throw new Error(`no values of ${type.kind}`)
  }
}

const perSeed = 1_000

describe.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('random values of random types [seed %i]', (seed) => {
  it(`are the same after ${perSeed} of them travelled [W31, W32, W33, W34, W35, W36, W37]`, () => {
    const random = createRandom(seed)
    for (let i = 0; i < perSeed; i += 1) {
      const types = many(random, 3, () => randomType(random, 3))
      const values = types.map((type) => randomValue(random, type))
      const { bytes, deferred } = encodeValues(
        types.map((type, n) => ({ name: `p${n}`, type })),
        values,
      )
      expect(deferred).toEqual([])
      expect(decodeValues(types, bytes), JSON.stringify(types)).toEqual({ kind: 'done', values, length: bytes.length })
    }
  })

  it('wait for more at each byte they can be cut at [W38]', () => {
    const random = createRandom(seed + 1_000)
    for (let i = 0; i < 100; i += 1) {
      const type = randomType(random, 3)
      const { bytes } = encodeValue(type, randomValue(random, type))
      for (let length = 0; length < bytes.length; length += 1) {
        expect(decodeValues([type], bytes.subarray(0, length)), `${JSON.stringify(type)} at ${length}`).toEqual({
          kind: 'more',
        })
      }
    }
  })

  it('are there with their last byte, however they are cut, and not before [W12, W23]', () => {
    const random = createRandom(seed + 2_000)
    for (let i = 0; i < 200; i += 1) {
      const types = [randomType(random, 3), { kind: 'u8' } as const]
      const values = [randomValue(random, types[0]!), 7]
      const { bytes } = encodeValues(
        types.map((type, n) => ({ name: `p${n}`, type })),
        values,
      )
      const gathering = new Gathering(types, 1 << 20)
      let at = 0
      let last: Gathered | undefined
      while (at < bytes.length) {
        expect(last?.kind ?? 'more').toBe('more')
        const size = random() < 0.5 ? 1 : 1 + below(random, 50)
        last = gathering.add(bytes.slice(at, at + size))
        at += size
      }
      expect(last, JSON.stringify(types)).toEqual({ kind: 'done', values })
    }
  })

  it('are values, a wait or a reason when their bytes are anything [W38]', () => {
    const random = createRandom(seed + 3_000)
    for (let i = 0; i < 2_000; i += 1) {
      const type = randomType(random, 3)
      const { bytes } = encodeValue(type, randomValue(random, type))
      const broken = bytes.slice()
      for (let n = 0; n <= below(random, 3); n += 1) broken[below(random, bytes.length)] = below(random, 256)
      expect(['done', 'more', 'bad']).toContain(decodeValues([type], broken).kind)
    }
  })
})

describe('gathering', () => {
  it('costs a peer that sends one byte at a time no more work per byte, however long it goes on [W23]', () => {
    const type = parseWitType('list<record { a: string, b: option<tuple<u32, list<string>>> }>')
    const items = (count: number): unknown[] =>
      Array.from({ length: count }, (_, i) => ({ a: `n${i}`, b: [i, ['x', 'yy', 'zzz']] }))
    const perByte = (count: number): number => {
      const { bytes } = encodeValue(type, items(count))
      const gathering = new Gathering([type], 1 << 24)
      const start = performance.now()
      let early = 0
      for (let i = 0; i < bytes.length - 1; i += 1) {
        if (gathering.add(bytes.subarray(i, i + 1)).kind !== 'more') early += 1
      }
      const took = performance.now() - start
      expect(early).toBe(0)
      expect(gathering.add(bytes.subarray(-1))).toEqual({ kind: 'done', values: [items(count)] })
      return took / bytes.length
    }
    // The least of several: others at work on this machine only ever add to it.
    const leastPerByte = (count: number): number => Math.min(...Array.from({ length: 3 }, () => perByte(count)))
    perByte(200)
    // Sixteen times the bytes: work that grew with their square would be sixteen times as much for each.
    expect(leastPerByte(6_400) / leastPerByte(400)).toBeLessThan(6)
  })

  it('keeps no more than it may, and tells what ended too early [W22]', () => {
    const type = parseWitType('list<u8>')
    const full = new Gathering([type], 10)
    expect(full.add(new Uint8Array([20, 1, 2, 3, 4])).kind).toBe('more')
    expect(full.add(new Uint8Array(6))).toEqual({ kind: 'bad', reason: 'more than 10 bytes' })
    const short = new Gathering([type], 10)
    short.add(new Uint8Array([2, 1]))
    expect(short.end()).toEqual({ kind: 'bad', reason: 'the bytes ended too early' })
  })

  it('does not write over the messages it was given', () => {
    const gathering = new Gathering([parseWitType('list<u8>')], 100)
    const messages = [new Uint8Array([4, 1]), new Uint8Array([2]), new Uint8Array([3, 4])]
    const copies = messages.map((message) => message.slice())
    expect(messages.map((message) => gathering.add(message).kind)).toEqual(['more', 'more', 'done'])
    expect(messages).toEqual(copies)
  })
})

describe('values of ours that do not fit', () => {
  it.each<[string, unknown, string]>([
    ['string', '\ud800', 'value: a string of whole characters is expected'],
    ['string', 'a\udc00b', 'value: a string of whole characters is expected'],
    ['list<string>', ['fine', 'x\ud83d'], '[1]: a string of whole characters is expected'],
    ['char', '\udfff', 'value: a char is expected'],
    ['u8', 256, 'value: a u8 is expected, not 256'],
    ['s64', 1, 'value: a s64 (bigint) is expected, not 1'],
    ['record { a-b: tuple<u8, bool> }', { aB: [1, 'no'] }, "a-b[1]: a bool is expected, not 'no'"],
    ['result<u8, list<u8>>', { tag: 'err', val: [1, 2, -1] }, 'err[2]: a u8 is expected, not -1'],
    ['variant { a, b(string) }', { tag: 'c' }, "value: no case 'c' in this variant"],
    ['option<option<u8>>', 1, 'value: a value with a tag is expected, not 1'],
  ])('are refused with their place: %s', (type, value, message) => {
    expect(() => encodeValue(parseWitType(type), value)).toThrow(message)
  })

  it('do not include absent fields called like members of every object', () => {
    const type = parseWitType('record { constructor: option<string>, to-string: option<u8>, last: bool }')
    const { bytes } = encodeValue(type, { last: true })
    expect([...bytes]).toEqual([0, 0, 1])
  })

  it('takes whole pairs of surrogates', () => {
    const { bytes } = encodeValue({ kind: 'string' }, 'a😀ä')
    expect(decodeValues([{ kind: 'string' }], bytes)).toMatchObject({ kind: 'done', values: ['a😀ä'] })
  })
})
