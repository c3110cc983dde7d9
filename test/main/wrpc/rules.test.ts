// One test for each rule of the value encoding: its bytes, both ways, and what it refuses.

import { describe, expect, it } from 'vitest'
import { decodeValues } from '../../../main/wrpc/decode.js'
import { encodeValue, encodeValues } from '../../../main/wrpc/encode.js'
import type { WitType } from '../../../preload/wit.js'
import { parseWitType } from '../../support/wit-text.js'

const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const bytesOf = (type: string, value: unknown): string =>
  Buffer.from(encodeValue(parseWitType(type), value).bytes).toString('hex')

/** The value, or why there is none. */
function read(type: string, hex: string): unknown {
  const decoded = decodeValues([parseWitType(type)], unhex(hex), () => 'pending')
  return decoded.kind === 'done' ? decoded.values[0] : decoded.kind
}

/** As [type, value, bytes]: written so, and read back. */
function travels(rows: readonly (readonly [string, unknown, string])[]): void {
  for (const [type, value, hex] of rows) {
    expect(bytesOf(type, value), `${type} written`).toBe(hex)
    expect(read(type, hex), `${type} read from ${hex}`).toEqual(value)
  }
}

/** As [type, bytes, what becomes of them]. */
function isRead(rows: readonly (readonly [string, string, unknown])[]): void {
  for (const [type, hex, outcome] of rows) expect(read(type, hex), `${type} from ${hex}`).toEqual(outcome)
}

describe('bytes of values', () => {
  it('[W31] one byte for bool, u8 and s8, LEB128 for what is wider, floats little-endian', () => {
    travels([
      ['bool', true, '01'],
      ['u8', 128, '80'],
      ['s8', -1, 'ff'],
      ['u16', 65_535, 'ffff03'],
      ['u32', 4_294_967_295, 'ffffffff0f'],
      ['u64', 2n ** 64n - 1n, 'ffffffffffffffffff01'],
      ['f32', 1, '0000803f'],
      ['f64', -2.5, '00000000000004c0'],
    ])
    isRead([
      ['bool', '02', 'bad'],
      ['u32', '8000', 0],
      ['u16', 'ffff04', 'bad'],
      ['u32', 'ffffffff10', 'bad'],
      ['u64', 'ffffffffffffffffff02', 'bad'],
    ])
  })

  it('[W32] signed LEB128 without the sign in the bits of the last byte that are too many, read with it as well', () => {
    travels([
      ['s16', -8193, 'ffbf03'],
      ['s16', -8192, '8040'],
      ['s32', -2_147_483_648, '8080808008'],
      ['s64', -(2n ** 63n), '80808080808080808001'],
    ])
    isRead([
      ['s16', 'ffbf7f', -8193],
      ['s32', '8080808078', -2_147_483_648],
      ['s64', '8080808080808080807f', -(2n ** 63n)],
      ['s16', 'ffff04', 'bad'],
      ['s32', '8080808018', 'bad'],
    ])
  })

  it('[W33] strings by their length in UTF-8, a char without a length, nothing that is not text', () => {
    travels([
      ['string', 'ƒä', '04c692c3a4'],
      ['string', '', '00'],
      ['char', '€', 'e282ac'],
    ])
    isRead([
      ['string', '02c328', 'bad'],
      ['char', 'eda080', 'bad'],
      ['char', 'ac41', 'bad'],
    ])
    expect(() => bytesOf('string', 'a\ud800')).toThrow('whole characters')
    expect(() => bytesOf('char', '\ud800')).toThrow('a char is expected')
  })

  it('[W34] lists by count and elements, tuples and records by their members, counts that cost nothing cost us nothing', () => {
    travels([
      ['list<u32>', [1, 300], '0201ac02'],
      ['tuple<u8, u16, string>', [1, 300, 'a'], '01ac020161'],
      ['record { a: record { b: string }, c: bool }', { a: { b: 'x' }, c: true }, '017801'],
      ['record { }', {}, ''],
    ])
    const before = process.memoryUsage().arrayBuffers
    isRead([
      ['list<u8>', 'ffffffff0f', 'more'],
      ['list<u64>', 'ffffffff0f', 'more'],
      ['list<tuple<>>', 'c1843d', 'bad'],
    ])
    // A count of four thousand million was read twice.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024)
    expect(read('list<tuple<>>', 'c0843d')).toHaveLength(1_000_000)
  })

  it('[W35] cases by their number, then what they have', () => {
    travels([
      ['variant { a, b(string) }', { tag: 'b', val: 'x' }, '010178'],
      ['enum { a, b }', 'b', '01'],
      ['option<u32>', 300, '01ac02'],
      ['option<u32>', undefined, '00'],
      ['option<option<u32>>', { tag: 'some', val: undefined }, '0100'],
      ['result<u32, string>', { tag: 'ok', val: 5 }, '0005'],
      ['result<_, string>', { tag: 'err', val: 'no' }, '01026e6f'],
      ['result<_, string>', { tag: 'ok', val: undefined }, '00'],
    ])
    isRead([
      ['variant { a, b(string) }', '02', 'bad'],
      ['enum { a, b }', '02', 'bad'],
      ['option<u32>', '02', 'bad'],
      ['result<u32, string>', '02', 'bad'],
    ])
    const many: WitType = { kind: 'enum', cases: Array.from({ length: 200 }, (_, at) => `c${at}`) }
    expect(Buffer.from(encodeValue(many, 'c128').bytes).toString('hex')).toBe('8001')
  })

  it('[W36] flags in as few bytes as hold them, from the lowest bit, and none that is not known', () => {
    const nine = 'flags { f0, f1, f2, f3, f4, f5, f6, f7, f8 }'
    const set = (...names: string[]): unknown =>
      Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`f${at}`, names.includes(`f${at}`)]))
    travels([
      [nine, set('f0', 'f8'), '0101'],
      [nine, set('f7'), '8000'],
    ])
    isRead([
      [nine, '0002', 'bad'],
      [nine, '00', 'more'],
      ['flags { a, b, c }', '08', 'bad'],
    ])
  })

  it('[W40] streams and futures as a mark, and ready ones where they stand', () => {
    isRead([
      ['stream<u8>', '00', 'pending'],
      ['future<u32>', '00', 'pending'],
      ['stream<u8>', '026869', { ready: [0x68, 0x69] }],
      ['future<u32>', '01ac02', { ready: 300 }],
      ['future<u32>', '02ac02', 'bad'],
    ])
    expect([bytesOf('stream<u8>', unhex('6869')), bytesOf('future<u32>', 300)]).toEqual(['00', '00'])
  })

  it('[W41] what is announced travels under its indexes, which cases and options do not add to', () => {
    const types = [
      'u8',
      'record { a: u8, b: tuple<u8, stream<u8>> }',
      'list<option<future<u8>>>',
      'result<stream<u8>, string>',
      'variant { none, some(future<u8>) }',
    ].map((text, at) => ({ name: `p${at}`, type: parseWitType(text) }))
    const { deferred } = encodeValues(types, [
      1,
      { a: 1, b: [2, unhex('01')] },
      [undefined, 7],
      { tag: 'ok', val: unhex('02') },
      { tag: 'some', val: 9 },
    ])
    expect(deferred.map(({ path, value }) => [path.join('.'), value])).toEqual([
      ['1.1.1', unhex('01')],
      ['2.1', 7],
      ['3', unhex('02')],
      ['4', 9],
    ])
  })
})
