// Random values of any WIT type without handles, in the JavaScript mapping of preload/wit.ts, exactly as a component would
// give them back.

import { toCamel } from '../../../main/wasm/wit-names.js'
import type { WitType } from '../../../preload/wit.js'

type Random = () => number

const below = (random: Random, count: number): number => Math.floor(random() * count)

/** Often an end of the range or a number beside it. */
function integer(random: Random, least: number, most: number): number {
  const edges = [least, least + 1, most - 1, most, Math.max(least, -1), 0, 1]
  return random() < 0.3 ? edges[below(random, edges.length)]! : least + Math.floor(random() * (most - least + 1))
}

function big(random: Random, least: bigint, most: bigint): bigint {
  const edges = [least, least + 1n, most - 1n, most, 0n, 1n, 2n ** 53n, 2n ** 53n + 1n]
  if (random() < 0.3) return edges[below(random, edges.length)]!
  const bits = (BigInt(below(random, 2 ** 32)) << 32n) | BigInt(below(random, 2 ** 32))
  return least + (bits % (most - least + 1n))
}

const floats = [
  0,
  -0,
  1,
  -1,
  NaN,
  Infinity,
  -Infinity,
  5e-324,
  -5e-324,
  1.7976931348623157e308,
  1e-45,
  3.4028234663852886e38,
]

function float(random: Random): number {
  if (random() < 0.3) return floats[below(random, floats.length)]!
  return (random() - 0.5) * 10 ** below(random, 40)
}

/** NUL, ends of each length of UTF-8, a byte order mark, non-characters, beyond 16 bits. */
const characters = [
  '\0',
  'a',
  '\x7f',
  '\x80',
  '߿',
  'ࠀ',
  '퟿',
  '\ue000',
  '\ufeff',
  '\ufffd',
  '\uffff',
  '𐀀',
  '😀',
  '\u{10ffff}',
]

function character(random: Random): string {
  if (random() < 0.5) return characters[below(random, characters.length)]!
  const code = below(random, 0x110000 - 0x800)
  return String.fromCodePoint(code < 0xd800 ? code : code + 0x800)
}

const many = <T>(random: Random, most: number, make: () => T): T[] =>
  Array.from({ length: below(random, most + 1) }, make)

export function randomValue(random: Random, type: WitType): unknown {
  const one = (inner: WitType): unknown => randomValue(random, inner)
  const tagged = (tag: string, inner: WitType | undefined): unknown =>
    inner === undefined ? { tag } : { tag, val: one(inner) }
  switch (type.kind) {
    case 'bool':
      return random() < 0.5
    case 'u8':
      return integer(random, 0, 0xff)
    case 'u16':
      return integer(random, 0, 0xffff)
    case 'u32':
      return integer(random, 0, 0xffff_ffff)
    case 's8':
      return integer(random, -0x80, 0x7f)
    case 's16':
      return integer(random, -0x8000, 0x7fff)
    case 's32':
      return integer(random, -0x8000_0000, 0x7fff_ffff)
    case 'u64':
      return big(random, 0n, 2n ** 64n - 1n)
    case 's64':
      return big(random, -(2n ** 63n), 2n ** 63n - 1n)
    case 'f32': {
      const value = Math.fround(float(random))
      return value
    }
    case 'f64':
      return float(random)
    case 'char':
      return character(random)
    case 'string':
      return many(random, 12, () => character(random)).join('')
    case 'list':
      if (type.element.kind === 'u8') return Uint8Array.from(many(random, 20, () => below(random, 256)))
      return many(random, 5, () => one(type.element))
    case 'option':
      if (type.inner.kind === 'option') return random() < 0.3 ? { tag: 'none' } : { tag: 'some', val: one(type.inner) }
      return random() < 0.3 ? undefined : one(type.inner)
    case 'result':
      return random() < 0.5 ? tagged('ok', type.ok) : tagged('err', type.err)
    case 'tuple':
      return type.elements.map(one)
    case 'record':
      return Object.fromEntries(type.fields.map(({ name, type: inner }) => [toCamel(name), one(inner)]))
    case 'variant': {
      const chosen = type.cases[below(random, type.cases.length)]!
      return tagged(chosen.name, chosen.type)
    }
    case 'enum':
      return type.cases[below(random, type.cases.length)]
    case 'flags':
      return Object.fromEntries(type.names.map((name) => [toCamel(name), random() < 0.5]))
    default:
      throw new Error(`no random ${type.kind}`)
  }
}
