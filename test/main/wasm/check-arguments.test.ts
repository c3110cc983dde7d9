// What does not fit its type is refused at the border, with the place.

import { describe, expect, it } from 'vitest'
import { findBadArgument, takeArguments } from '../../../main/wasm/check-arguments.js'
import type { WitType } from '../../../preload/wit.js'
import { parseWitType } from '../../support/wit-text.js'
import { createRandom } from './random.js'
import { randomValue } from './random-values.js'
import { failureOf, openTestRuntime } from './open-test-runtime.js'
import { readWat } from './wat.js'

const troubleOf = (type: WitType, value: unknown): string | undefined =>
  findBadArgument({ name: 'f', params: [{ name: 'it', type }] }, [value])

const point: WitType = {
  kind: 'record',
  fields: [
    { name: 'x-axis', type: { kind: 'f64' } },
    { name: 'constructor', type: { kind: 'option', inner: { kind: 'string' } } },
  ],
}
const days: WitType = { kind: 'flags', names: ['monday', 'to-string'] }
const shape: WitType = { kind: 'variant', cases: [{ name: 'nothing' }, { name: 'circle', type: { kind: 'f64' } }] }
const unit: WitType = { kind: 'enum', cases: ['celsius', 'kelvin'] }
const listOf = (element: WitType): WitType => ({ kind: 'list', element })

const cyclic: Record<string, unknown> = { xAxis: 1 }
cyclic['constructor'] = cyclic
const cyclicList: unknown[] = []
cyclicList.push(cyclicList)
class Point {
  xAxis = 1
}

describe('A value that does not fit its type is refused with its place:', () => {
  it.each<readonly [string, WitType, unknown, string]>([
    ['a number as a bool', { kind: 'bool' }, 1, 'it must be true or false, not 1'],
    ['text as a number', { kind: 'u8' }, '5', 'it must be a whole number from 0 to 255, not "5"'],
    ['256 as a u8', { kind: 'u8' }, 256, 'from 0 to 255, not 256'],
    ['-129 as an s8', { kind: 's8' }, -129, 'from -128 to 127, not -129'],
    ['65536 as a u16', { kind: 'u16' }, 65_536, 'not 65536'],
    ['2^32 as a u32', { kind: 'u32' }, 2 ** 32, 'not 4294967296'],
    ['2^31 as an s32', { kind: 's32' }, 2 ** 31, 'not 2147483648'],
    ['a half as a u32', { kind: 'u32' }, 0.5, 'not 0.5'],
    ['NaN as a u32', { kind: 'u32' }, NaN, 'not NaN'],
    ['infinity as an s32', { kind: 's32' }, Infinity, 'not Infinity'],
    ['a bigint as a u32', { kind: 'u32' }, 5n, 'not 5 (bigint)'],
    ['a number as a u64', { kind: 'u64' }, 5, 'it must be a whole number (bigint) of 64 bits from 0, not 5'],
    ['2^64 as a u64', { kind: 'u64' }, 2n ** 64n, 'not 18446744073709551616 (bigint)'],
    ['2^63 as an s64', { kind: 's64' }, 2n ** 63n, 'bigint'],
    ['a number of a thousand digits as an s64', { kind: 's64' }, 10n ** 1_000n, 'not a huge bigint'],
    ['what becomes endless in 32 bits as an f32', { kind: 'f32' }, 1e39, 'it must be a number that fits into 32 bits'],
    ['a bigint as an f64', { kind: 'f64' }, 1n, 'it must be a number'],
    ['two characters as a char', { kind: 'char' }, 'ab', 'it must be one character'],
    ['no character as a char', { kind: 'char' }, '', 'it must be one character'],
    ['half a pair as a char', { kind: 'char' }, '\ud83d', 'it must be one character'],
    ['half a pair in text', { kind: 'string' }, 'a\ud83db', 'it must be text of whole characters'],
    ['the wrong half first', { kind: 'string' }, '\ude00\ud83d', 'it must be text of whole characters'],
    ['a String object as text', { kind: 'string' }, Object('text'), 'it must be text, not something else'],
    ['an array as bytes', listOf({ kind: 'u8' }), [1, 2], 'it must be bytes, not a list of 2'],
    ['bytes as numbers', listOf({ kind: 'u16' }), Uint8Array.of(1), 'it must be a list, not 1 bytes'],
    ['an object like an array', listOf({ kind: 'u16' }), { length: 1, 0: 1 }, 'it must be a list'],
    ['a gap', listOf({ kind: 'option', inner: { kind: 'u16' } }), [1, , 2], 'it.1 is a gap in the list'],
    ['four billion gaps', listOf({ kind: 'option', inner: { kind: 'u16' } }), new Array(2 ** 32 - 1), 'it.0 is a gap'],
    ['the wrong element', listOf(listOf({ kind: 'u16' })), [[1], [2, -3]], 'it.1.1 must be a whole number'],
    [
      'a tuple that is too short',
      { kind: 'tuple', elements: [{ kind: 'u8' }, { kind: 'u8' }] },
      [1],
      'exactly 2 values',
    ],
    ['a tuple that is too long', { kind: 'tuple', elements: [{ kind: 'u8' }] }, [1, 2], 'exactly 1 values'],
    [
      'nothing as an option',
      { kind: 'option', inner: { kind: 'u8' } },
      null,
      'it must be a whole number from 0 to 255',
    ],
    ['a bare value as an option of an option', parseWitType('option<option<u8>>'), 5, 'it must be some or none, not 5'],
    ['a value in none', parseWitType('option<option<u8>>'), { tag: 'none', val: 1 }, 'it.none takes no value'],
    ['a case that there is not', shape, { tag: 'square' }, 'it must be one of nothing, circle'],
    ['a case of every object', shape, { tag: 'constructor' }, 'it must be one of nothing, circle'],
    ['a case without its value', shape, { tag: 'circle' }, 'it.circle must be a number, not absent'],
    ['a case with a value too many', shape, { tag: 'nothing', val: 1 }, 'it.nothing takes no value'],
    ['a case with more than a value', shape, { tag: 'circle', val: 1, extra: 2 }, 'it has "extra" beside its tag'],
    ['a number as a case', shape, 1, 'it must be one of nothing, circle, not 1'],
    ['a case of another enum', unit, 'rankine', 'it must be one of celsius, kelvin, not "rankine"'],
    ['a number as an enum', unit, 0, 'it must be one of celsius, kelvin'],
    ['a result that is neither', { kind: 'result' }, { tag: 'maybe' }, 'it must be ok or err'],
    ['a list as a record', point, [1], 'it must be a record, not a list of 1'],
    ['a field that is missing', point, {}, 'it.x-axis must be a number, not absent'],
    ['a field by its other name', point, { 'x-axis': 1 }, 'it has "x-axis", which is none of x-axis'],
    ['a field too many', point, { xAxis: 1, zAxis: 2 }, 'it has "zAxis", which is none of x-axis, constructor'],
    ['__proto__ as a field', point, JSON.parse('{"xAxis":1,"__proto__":{}}'), 'it has "__proto__"'],
    ['fields that are only inherited', point, Object.create({ xAxis: 1 }), 'it must be a record'],
    ['a record in itself', point, cyclic, 'it.constructor must be text, not something else'],
    ['a list in itself', listOf(listOf({ kind: 'u16' })), cyclicList, 'it.0.0 must be a whole number'],
    ['an instance of a class', point, new Point(), 'it must be a record'],
    ['a map', point, new Map(), 'it must be a record'],
    ['a flag that there is not', days, { tuesday: true }, 'it has "tuesday", which is none of monday, to-string'],
    ['a flag that is a number', days, { monday: 1 }, 'it.monday must be true or false'],
    [
      'a handle',
      { kind: 'own', resource: 'bucket' },
      {},
      'it must be a handle (bytes) of a bucket, not something else',
    ],
  ])('%s', (_what, type, value, trouble) => {
    expect(troubleOf(type, value)).toContain(trouble)
  })

  it('a getter or a trap that throws is told with its place', () => {
    const throwing = {
      get xAxis(): number {
        throw new Error('no, not this way')
      },
    }
    expect(troubleOf(listOf(point), [{ xAxis: 1 }, throwing])).toBe('it.1.x-axis cannot be read: no, not this way')
    const proxy: unknown = new Proxy(
      {},
      {
        getPrototypeOf() {
          throw 'a string' // eslint-disable-line @typescript-eslint/only-throw-error -- what a hostile value may do
        },
      },
    )
    expect(troubleOf(point, proxy)).toBe('it cannot be read: its getter failed')
  })
})

describe('What is given on', () => {
  it('is a plain copy of what was checked, whatever a getter says the second time', () => {
    let reads = 0
    const shifty = {
      get xAxis(): unknown {
        reads += 1
        return reads === 1 ? 1 : 'something else'
      },
    }
    const taken = takeArguments({ name: 'f', params: [{ name: 'it', type: point }] }, [new Proxy(shifty, {})])
    expect(taken).toEqual({ ok: true, value: [{ xAxis: 1, constructor: undefined }] })
    expect(reads).toBe(1)
    // Own and absent: who reads it does not find what every object has.
    expect(taken.ok && Object.hasOwn(taken.value[0] as object, 'constructor')).toBe(true)
  })

  it('is the same value for random ones of all types (seed 5)', async () => {
    const random = createRandom(5)
    const types = [point, days, shape, unit, listOf(point), parseWitType('result<list<u8>, option<option<char>>>')]
    for (let round = 0; round < 2_000; round += 1) {
      const type = types[round % types.length]!
      const value = randomValue(random, type)
      const taken = takeArguments({ name: 'f', params: [{ name: 'it', type }] }, [value])
      expect(taken.ok ? taken.value[0] : taken.trouble).toEqual(value)
    }
  })

  it('reaches an instance that goes on after each refusal', async () => {
    const runtime = await openTestRuntime({ withPrepared: false })
    const mirror = await runtime.run(await readWat('mirror'))
    for (const bad of [[{ tag: 'square' }], 5, [cyclic], [new Proxy({ tag: 'box' }, {})]]) {
      const failure = await failureOf(mirror.call('', 'mirror-shape', [bad]))
      expect(failure.code).toBe('invalid')
      expect(failure.message).toMatch(/^mirror-shape was not called: values/)
    }
    const sent = [new Proxy({ tag: 'constructor', val: 2 }, {}), { tag: 'nothing' }]
    expect(await mirror.call('', 'mirror-shape', [sent])).toEqual([{ tag: 'constructor', val: 2 }, { tag: 'nothing' }])
    await runtime.dispose()
  })
})
