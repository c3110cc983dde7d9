import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { componentizeSource } from '../../../../build/componentize.mjs'
import { recordingHost } from '../open-test-runtime.js'
import { parseWat, readWat } from '../wat.js'
import { openSiege, type Siege } from './siege.js'

vi.setConfig({ testTimeout: 120_000 })

let siege: Siege

beforeAll(async () => {
  siege = await openSiege()
})

afterEach(() => siege.expectUnharmed())
afterAll(() => siege.end())

const mebibyte = 1024 * 1024

describe('A component cannot be larger than it may be, seen from any side:', () => {
  it('200 MB of bytes are refused before they are looked at', async () => {
    const bytes = new Uint8Array(200_000_000)
    bytes.set(await parseWat('(component)'))
    // The first thing that is looked at: whatever else is wrong with them is not said.
    expect(await siege.refusal(bytes)).toMatchObject({ code: 'too-large' })
  })

  it('90 MB of one custom section are read past', async () => {
    const head = [...(await parseWat('(component)')), 0, ...leb(90_000_000)]
    const bytes = new Uint8Array(head.length + 90_000_000)
    bytes.set(head)
    const failure = await siege.refusal(bytes, { limits: { startMs: 20_000 } })
    expect(failure.message).toContain('it did not fail')
  })

  it('100,000 records, each in the next, are refused', async () => {
    // record { a: the one before }
    const bodies = Array.from({ length: 100_000 }, (_, index) => [
      0x72,
      1,
      1,
      0x61,
      ...(index === 0 ? [0x79] : signed(index - 1)),
    ])
    const content = [...leb(bodies.length), ...bodies.flat()]
    const bytes = Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 7, ...leb(content.length), ...content])
    const failure = await siege.refusal(bytes)
    expect(failure).toMatchObject({ code: 'invalid' })
    expect(failure.message).toContain('nested more than 100 deep')
  })

  it.each([
    [
      'a thousand memories in a module',
      `(core module $m ${'(memory 1)'.repeat(1_000)}) (core instance (instantiate $m))`,
    ],
    [
      'a thousand tables in a module',
      `(core module $m ${'(table 1 funcref)'.repeat(1_000)}) (core instance (instantiate $m))`,
    ],
    [
      'a module with a memory, made a thousand times',
      `(core module $m (memory 1)) ${'(core instance (instantiate $m))'.repeat(1_000)}`,
    ],
    ['a component made twice in one that is made twice, and so on', doubling(20)],
  ])('%s is refused', async (_what, text) => {
    const failure = await siege.refusal(`(component ${text})`)
    expect(failure).toMatchObject({ code: 'invalid' })
    expect(failure.message).toMatch(/one instance of it would have more than \d+ core (instances|memories|tables)/)
  })

  it('a table of ten million entries is refused', async () => {
    const failure = await siege.refusal(
      '(component (core module $m (table 10000000 funcref)) (core instance (instantiate $m)))',
    )
    expect(failure).toMatchObject({ code: 'too-large' })
    expect(failure.message).toContain('a table of 10000000 entries')
  })

  it('forty memories share what four may have', async () => {
    const memories = Array.from({ length: 40 }, (_, index) => `(core instance $i${index} (instantiate $m))`)
    const grows = memories.map(
      (_, index) =>
        `(func (export "grow-${'abcdefghij'[index % 10]}${index}") (result u32) (canon lift (core func $i${index} "grow")))`,
    )
    const instance = await siege.attack(
      `(component (core module $m (memory (export "memory") 1)
         (func (export "grow") (result i32)
           (loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (memory.size)))
         ${memories.join(' ')} ${grows.join(' ')})`,
      { limits: { memoryBytes: 10 * mebibyte } },
    )
    for (let index = 0; index < 40; index += 1) {
      expect(await instance.call('', `grow-${'abcdefghij'[index % 10]}${index}`, [])).toBe(16)
    }
    expect(instance.memoryBytes).toBe(40 * mebibyte)
    await instance.stop()
  })

  it('six instances that grow at once are held at their limits each', async () => {
    const bytes = await readWat('hostile')
    const start = () => siege.attack(bytes, { limits: { memoryBytes: 8 * mebibyte } })
    const instances = await Promise.all(Array.from({ length: 6 }, start))
    expect(await Promise.all(instances.map((each) => each.call('', 'grow', [])))).toEqual(
      Array.from({ length: 6 }, () => 128),
    )
    await siege.expectUnharmed()
    await Promise.all(instances.map((each) => each.stop()))
  })
})

describe('A log cannot be flooded:', () => {
  it('empty lines are not free', async () => {
    const host = recordingHost()
    const instance = await siege.attack(await readWat('bad-log'), { host })
    await instance.call('', 'nothing', [], { timeoutMs: 90_000 })
    // So many a second, and the seconds of a slow machine are many.
    expect(host.lines.length).toBeLessThan(100_000)
    expect(host.lines.at(-1)?.text).toMatch(/bytes of log were left out/)
    await instance.stop()
  })

  it('a line of a megabyte is cut', async () => {
    const host = recordingHost()
    const instance = await siege.attack(await readWat('bad-log'), { host })
    await instance.call('', 'megabyte', [])
    expect(host.lines.map(({ text }) => text.length)).toEqual([4 * 1024 + 1])
    await instance.stop()
  })

  it('contexts called like members of every object are only text', async () => {
    const host = recordingHost()
    const instance = await siege.attack(await readWat('bad-log'), { host })
    await instance.call('', 'contexts', [])
    expect(host.lines.map(({ text }) => text)).toEqual(['__proto__: __proto__', 'constructor: toString'])
    await instance.stop()
  })

  it('a level that there is not ends the instance', async () => {
    const instance = await siege.attack(await readWat('bad-log'))
    expect(await siege.lastCall(instance, 'no-level')).toMatchObject({ code: 'trapped' })
  })
})

describe('Configuration is only data:', () => {
  it('keys called like members of every object are keys', async () => {
    const folder = fileURLToPath(new URL('../../../fixtures-probe/', import.meta.url))
    const source = readFileSync(`${folder}probe.js`, 'utf8')
    const bytes = await componentizeSource(`${folder}wit`, 'probe', source)
    const config = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}') as Record<string, string>
    const instance = await siege.attack(bytes, { config })
    const [greeting, , all] = JSON.parse(String(await instance.call('', 'look', ['config']))) as unknown[]
    expect(greeting).toBeNull()
    expect(all).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ])
    await instance.stop()
  })
})

/** Components in components, each made twice: 2 to the power of `depth` memories in a few hundred bytes. */
function doubling(depth: number): string {
  let text = '(component $c0 (core module $m (memory 1)) (core instance (instantiate $m)))'
  for (let level = 1; level <= depth; level += 1) {
    const twice = `(instance (instantiate $c${level - 1}))`.repeat(2)
    text = `(component $c${level} ${text} ${twice})`
  }
  return `${text} (instance (instantiate $c${depth}))`
}

function leb(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest > 127 ? (rest % 128) + 128 : rest)
    if (rest <= 127) return bytes
  }
}

/** A type index where a value type stands: from 64 on it takes a byte more. */
function signed(value: number): number[] {
  const bytes = leb(value)
  const last = bytes.length - 1
  return (bytes[last] ?? 0) < 0x40 ? bytes : [...bytes.slice(0, last), (bytes[last] ?? 0) | 0x80, 0]
}
