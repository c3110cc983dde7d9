// What goes on elsewhere is what it was: seeded random operations, a copy, and the same operations on both. The pool
// processes of the two runtimes are two processes, so every copy here goes from one process to another.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Instance } from '../../../main/wasm/types.js'
import { readBuiltComponent } from '../../support/wasm-entries.js'
import { snapshotComponent } from '../../support/snapshot-components.js'
import { failureOf, openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { createRandom } from './random.js'
import { plainOperation, repeat, runAll, scriptOperation, type Operate } from './snapshot-operations.js'
import { parseWat, readWat } from './wat.js'

describe('A copied instance', { timeout: 120_000 }, () => {
  let here: TestRuntime
  let there: TestRuntime
  const components = new Map<string, Uint8Array>()

  beforeAll(async () => {
    here = await openTestRuntime()
    there = await openTestRuntime()
    components.set('plain', await readWat('snapshot-plain'))
    const script = await snapshotComponent('script')
    const holder = await snapshotComponent('holder')
    if (script !== undefined) components.set('script', script)
    if (holder !== undefined) components.set('holder', holder)
  }, 300_000)

  afterAll(async () => {
    await here.dispose()
    await there.dispose()
  })

  const bytesOf = (name: string): Uint8Array => components.get(name) ?? new Uint8Array()
  const makers: Record<string, (random: () => number) => Operate> = { plain: plainOperation, script: scriptOperation }

  it.each([
    ['plain', 1, true],
    ['plain', 2, false],
    ['script', 3, true],
    ['script', 4, false],
    ['script', 5, false],
  ] as const)('of %s answers as the first one does (seed %i, whole %s)', async (name, seed, isWhole) => {
    const random = createRandom(seed)
    const make = (): Operate => makers[name]!(random)
    const first = await here.run(bytesOf(name))
    await runAll(first, repeat(Math.floor(random() * 200), make))
    const second = await there.run(bytesOf(name), { image: await first.snapshot({ isWhole }) })
    const further = repeat(100, make)
    expect(await runAll(second, further)).toEqual(await runAll(first, further))
    // To the last byte: the same copy again.
    expect(Buffer.compare(await second.snapshot({ isWhole }), await first.snapshot({ isWhole }))).toBe(0)
    await Promise.all([first.stop(), second.stop()])
  })

  it.each([
    ['plain', 6],
    ['script', 7],
  ] as const)('of %s goes on over a chain of twelve moves as one that never moved (seed %i)', async (name, seed) => {
    const random = createRandom(seed)
    const stays = await here.run(bytesOf(name))
    let moves: Instance = await here.run(bytesOf(name))
    for (let round = 0; round < 12; round += 1) {
      const operations = repeat(15, () => makers[name]!(random))
      expect(await runAll(moves, operations)).toEqual(await runAll(stays, operations))
      const image = await moves.snapshot()
      await moves.stop()
      moves = await (round % 2 === 0 ? there : here).run(bytesOf(name), { image })
    }
    expect(Buffer.compare(await moves.snapshot(), await stays.snapshot())).toBe(0)
    await Promise.all([moves.stop(), stays.stop()])
  })

  it('is taken between two calls, in its turn, while others wait', async () => {
    const counter = 'tlos:counter/counter@0.1.0'
    const bytes = readBuiltComponent('counter')
    const first = await here.run(bytes)
    const calls = [1, 2, 3].map(() => first.call(counter, 'increment', []))
    const image = first.snapshot()
    const behind = [4, 5].map(() => first.call(counter, 'increment', []))
    const second = await there.run(bytes, { image: await image })
    expect(await Promise.all([...calls, ...behind])).toEqual([1n, 2n, 3n, 4n, 5n])
    expect(await second.call(counter, 'increment', [])).toBe(4n)
    await Promise.all([first.stop(), second.stop()])
  })

  it('holds what it held of its host: buckets, streams and the time', async () => {
    const values = recordingHost((_instance, functionName, [bucket, key]) =>
      Promise.resolve(
        functionName === 'get' ? { tag: 'ok', val: Buffer.from(`${String(bucket)}/${String(key)}`) } : { tag: 'ok' },
      ),
    )
    const run = (target: Instance, operation: string, name = '', n = 0): Promise<unknown> =>
      target.call('', 'run', [operation, name, n]).then((text) => JSON.parse(String(text)) as unknown)
    const first = await here.run(bytesOf('holder'), { host: values })
    for (const name of ['red', 'green', 'blue']) await run(first, 'open', name)
    await run(first, 'close', 'green')
    await run(first, 'print', 'before')
    await run(first, 'input')
    await run(first, 'clock')
    await run(first, 'timer', '', 400)
    await run(first, 'timer', '', 3_600_000)

    const second = await there.run(bytesOf('holder'), { host: values, image: await first.snapshot() })
    expect(await run(second, 'get', 'red', 7)).toBe('red/7')
    expect(await run(second, 'get', 'blue', 8)).toBe('blue/8')
    expect(await run(second, 'open', 'green')).toBe(3)
    expect(await run(second, 'get', 'green', 9)).toBe('green/9')
    await run(second, 'print', 'after')
    expect(values.lines.map(({ text }) => text)).toEqual(['before', 'after'])
    const [isForward, ms] = (await run(second, 'clock')) as [boolean, number]
    expect(isForward).toBe(true)
    expect(ms).toBeLessThan(60_000)
    // Due at the moment at which it would have been due there.
    expect(await run(second, 'wait', '', 0)).toBeLessThanOrEqual(400)
    expect(await run(second, 'due')).toEqual([true, false])

    // And once more, with what was remade.
    const third = await here.run(bytesOf('holder'), { host: values, image: await second.snapshot() })
    expect(await run(third, 'get', 'red', 1)).toBe('red/1')
    expect(await run(third, 'due')).toEqual([true, false])
    await Promise.all([first.stop(), second.stop(), third.stop()])
  })

  it('whose fresh instance is another each time is taken whole', async () => {
    const bytes = await parseWat(`(component
      (import "wasi:random/random@0.2.0" (instance $r (export "get-random-u64" (func (result u64)))))
      (core func $u64 (canon lower (func $r "get-random-u64")))
      (core module $m
        (import "" "u64" (func $u64 (result i64)))
        (memory 1)
        (func $start (i64.store (i32.const 8) (call $u64)))
        (start $start)
        (func (export "value") (result i64) (i64.load (i32.const 8))))
      (core instance $i (instantiate $m (with "" (instance (export "u64" (func $u64))))))
      (func (export "value") (result u64) (canon lift (core func $i "value"))))`)
    const first = await here.run(bytes)
    const failure = await failureOf(there.run(bytes, { image: await first.snapshot() }))
    expect(failure).toMatchObject({ code: 'conflict' })
    expect(failure.message).toContain('it is a difference to a fresh instance, and a fresh one is another here')
    const second = await there.run(bytes, { image: await first.snapshot({ isWhole: true }) })
    expect(await second.call('', 'value', [])).toBe(await first.call('', 'value', []))
    await Promise.all([first.stop(), second.stop()])
  })
})
