import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { failureOf, recordingHost } from '../open-test-runtime.js'
import { readWat } from '../wat.js'
import { openSiege, type Siege } from './siege.js'

let siege: Siege

beforeAll(async () => {
  siege = await openSiege()
})

afterEach(() => siege.expectUnharmed())
afterAll(() => siege.end())

describe('The values of a component are checked before anybody gets them:', () => {
  it.each([
    ['text-of-4-gib', /larger than the whole memory|Invalid typed array length|outside/],
    ['list-of-4-gib', /lies outside of the memory/],
    ['text-beyond-the-end', /Invalid typed array length|outside|memory/],
    ['text-that-is-not-utf-8', /not well-formed/],
    ['pointer-outside', /outside|bounds/],
    ['case-four-billion', /variant/],
    ['option-that-is-neither', /option/],
    ['result-that-is-neither', /variant|result|expected/],
    ['wild-enum', /enum|discriminant/],
    ['char-beyond-unicode', /char|code point/],
    ['char-half-a-pair', /char|code point/],
    ['the-same-bytes-often', /larger than the whole memory/],
    ['the-same-text-often', /larger than the whole memory/],
    ['the-same-numbers-often', /larger than the whole memory|outside of the memory/],
    ['sixty-million-values', /MiB for values in flight/],
  ])('%s ends the call and the instance, with the reason in words', async (name, message) => {
    const instance = await siege.attack(await readWat('bad-values'))
    expect(await instance.call('', 'well', [])).toBe(7)
    const failure = await siege.lastCall(instance, name)
    expect(failure.code).toBe('trapped')
    expect(failure.message).toMatch(message)
  })

  it('a list that holds itself has no more than its type has levels', async () => {
    const instance = await siege.attack(await readWat('bad-values'))
    expect(await instance.call('', 'list-that-holds-itself', [])).toEqual([[[[4_294_967_392n]]]])
    await instance.stop()
  })
})

describe('A component cannot keep its host inside of it:', () => {
  it.each([
    ['room-never-comes', ['some text'], 'timed-out'],
    ['thanks-never-end', [], 'timed-out'],
    ['room-traps', ['some text'], 'trapped'],
    ['room-outside', ['some text'], 'trapped'],
    ['thanks-trap', [], 'trapped'],
  ])('%s', async (name, args, code) => {
    const instance = await siege.attack(await readWat('bad-callbacks'))
    expect(await siege.lastCall(instance, name, args, 1_500)).toMatchObject({ code })
  })

  it('a call back into an actor that waits for its host ends at the deadline of the first', async () => {
    const host = recordingHost(async () => await instance.call('demo:near/numbers@0.1.0', 'twice', [1]))
    const instance = await siege.attack(await readWat('relay'), { host })
    const call = instance.call('demo:near/numbers@0.1.0', 'twice', [5], { timeoutMs: 1_500 })
    expect(await failureOf(call)).toMatchObject({ code: 'timed-out' })
    expect(host.asked).toHaveLength(1)
  })

  it('a host that never answers a thousand calls is waited for by none beyond its deadline', async () => {
    const host = recordingHost(() => new Promise(() => {}))
    const instance = await siege.attack(await readWat('relay'), { host })
    const calls = Array.from({ length: 1_000 }, () =>
      failureOf(instance.call('demo:near/numbers@0.1.0', 'twice', [1], { timeoutMs: 1_000 })),
    )
    const codes = new Set((await Promise.all(calls)).map(({ code }) => code))
    expect(codes).toEqual(new Set(['timed-out']))
  })

  it('a thousand calls at once are answered one after another', async () => {
    const host = recordingHost((_instance, _name, [n]) => Promise.resolve(Number(n) * 2))
    const instance = await siege.attack(await readWat('relay'), { host })
    const calls = Array.from({ length: 1_000 }, (_, n) =>
      instance.call('demo:near/numbers@0.1.0', 'twice', [n], { timeoutMs: 60_000 }),
    )
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 1_000 }, (_, n) => n * 4))
    await instance.stop()
  })
})
