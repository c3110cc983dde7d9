import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Instance } from '../../main/wasm/types.js'
import { failureOf, openTestRuntime, type TestRuntime } from '../main/wasm/open-test-runtime.js'
import { createRandom } from '../main/wasm/random.js'
import { readBuiltComponent } from '../support/wasm-entries.js'

const echo = 'tlos:echo/echo@0.1.0'
const seed = 20_261

describe('The echo', () => {
  let runtime: TestRuntime
  let instance: Instance

  beforeAll(async () => {
    runtime = await openTestRuntime()
    instance = await runtime.run(readBuiltComponent('echo'))
  })

  afterAll(async () => {
    await runtime.dispose()
  })

  it(`gives back text and bytes as they came (seed ${seed})`, async () => {
    const random = createRandom(seed)
    for (let round = 0; round < 40; round += 1) {
      const letters = Array.from({ length: Math.floor(random() * 60) }, () => {
        const code = Math.floor(random() * 0x11_0000)
        return String.fromCodePoint(code >= 0xd800 && code < 0xe000 ? 0x1f980 : code)
      })
      expect(await instance.call(echo, 'echo-string', [letters.join('')])).toBe(letters.join(''))
      const bytes = Uint8Array.from({ length: Math.floor(random() * 5_000) }, () => Math.floor(random() * 256))
      const back = await instance.call(echo, 'echo-bytes', [bytes])
      expect(back).toBeInstanceOf(Uint8Array)
      expect(Buffer.compare(back as Uint8Array, bytes)).toBe(0)
    }
  })

  it('takes and gives records, enums, options and both sides of a result', async () => {
    const reading = { place: 'north wall', degrees: -3.4, unit: 'celsius', note: undefined }
    expect(await instance.call(echo, 'convert', [reading, 'kelvin'])).toEqual({
      tag: 'ok',
      val: { place: 'north wall', degrees: 269.75, unit: 'kelvin', note: undefined },
    })
    expect(await instance.call(echo, 'convert', [{ ...reading, note: 'windy' }, 'celsius'])).toMatchObject({
      val: { note: 'windy' },
    })
    expect(await instance.call(echo, 'convert', [{ ...reading, degrees: -300 }, 'kelvin'])).toEqual({
      tag: 'err',
      val: '-300 celsius is below absolute zero',
    })
    expect(await instance.call(echo, 'sum', [[2_147_483_647, 1]])).toMatchObject({ tag: 'err' })
    expect(await instance.call(echo, 'sum', [[1, 2, -4]])).toEqual({ tag: 'ok', val: -1 })
  })

  it('takes flags, variants, tuples and characters', async () => {
    expect(await instance.call(echo, 'count-days', [{ tuesday: true, sunday: true }])).toEqual([2, 'tuesday'])
    expect(await instance.call(echo, 'count-days', [{}])).toEqual([0, undefined])
    expect(await instance.call(echo, 'area', [{ tag: 'nothing' }])).toBe(0)
    const box = [
      { x: 0, y: 0 },
      { x: 3, y: -2 },
    ]
    expect(await instance.call(echo, 'area', [{ tag: 'box', val: box }])).toBe(6)
    expect(await instance.call(echo, 'area', [{ tag: 'polygon', val: [...box, { x: 3, y: 0 }] }])).toBe(3)
    expect(await instance.call(echo, 'is-upper', ['Ж'])).toBe(true)
  })

  it('is not called with what does not fit, and lives on', async () => {
    const wrong: [string, unknown[], RegExp][] = [
      ['echo-string', [], /takes 1 arguments, and 0/],
      ['echo-string', [5], /^echo-string was not called: s must be text, not 5$/],
      ['echo-bytes', ['abc'], /b must be bytes/],
      ['sum', [[1, 2.5]], /numbers\.1 must be a whole number/],
      ['sum', [[1, 2 ** 31]], /numbers\.1 must be a whole number/],
      ['convert', [{ place: 'x', degrees: '1', unit: 'kelvin' }, 'kelvin'], /reading\.degrees must be a number/],
      ['convert', [{ place: 'x', degrees: 1, unit: 'rankine' }, 'kelvin'], /reading\.unit must be one of celsius/],
      ['area', [{ tag: 'circle' }], /shape\.circle must be a number, not absent/],
      ['area', [{ tag: 'constructor' }], /shape must be one of/],
      ['is-upper', ['ab'], /letter must be one character/],
    ]
    for (const [name, args, message] of wrong) {
      const failure = await failureOf(instance.call(echo, name, args))
      expect(failure.code).toBe('invalid')
      expect(failure.message).toMatch(message)
    }
    expect(await failureOf(instance.call(echo, 'shout', []))).toMatchObject({ code: 'not-found' })
    expect(await instance.call(echo, 'echo-string', ['still here'])).toBe('still here')
  })
})
