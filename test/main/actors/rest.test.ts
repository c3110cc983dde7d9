// An unmodified component that nobody calls is copied and let go, and its next call goes on as if nothing had been.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { describeNumbers } from '../../../main/actors/numbers.js'
import { openRest } from '../../../main/actors/rest.js'
import { snapshotComponent } from '../../support/snapshot-components.js'
import { readBuiltComponent } from '../../support/wasm-entries.js'
import { failureOf, openTestRuntime, type TestRuntime } from '../wasm/open-test-runtime.js'
import { parseWat, readWat } from '../wasm/wat.js'
import { openTestActor as openActor, type TestActor } from './open-test-actor.js'

const count = ({ actor }: TestActor): Promise<unknown> => actor.run('', 'count', [])
const rest = ({ actor }: TestActor): Promise<number> => actor.instances.rest(performance.now())

/** Counts; its global variable of a vector is what no copy can hold. */
const vector = `(component
  (core module $m
    (global $v (mut v128) (v128.const i32x4 0 0 0 0))
    (func (export "count") (result i32)
      (global.set $v (i32x4.add (global.get $v) (v128.const i32x4 1 1 1 1)))
      (i32x4.extract_lane 0 (global.get $v))))
  (core instance $i (instantiate $m))
  (func (export "count") (result u32) (canon lift (core func $i "count"))))`

/** Takes the number it counts from out of its host, at its start. */
const asksAtStart = `(component
  (import "demo:far/numbers@1.2.0" (instance $far (export "double" (func (param "n" u32) (result u32)))))
  (core func $double (canon lower (func $far "double")))
  (core module $m
    (import "far" "double" (func $double (param i32) (result i32)))
    (memory (export "memory") 1)
    (func $start (i32.store (i32.const 64) (call $double (i32.const 1))))
    (start $start)
    (func (export "count") (result i32)
      (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1)))
      (i32.load (i32.const 64))))
  (core instance $i (instantiate $m (with "far" (instance (export "double" (func $double))))))
  (func (export "count") (result u32) (canon lift (core func $i "count"))))`

describe('An unmodified component that nobody calls', { timeout: 120_000 }, () => {
  let runtime: TestRuntime
  const opened: TestActor[] = []
  const live = (): number => runtime.processes().reduce((sum, { instances }) => sum + instances, 0)

  async function openTestActor(...args: Parameters<typeof openActor>): Promise<TestActor> {
    const one = await openActor(...args)
    opened.push(one)
    return one
  }

  beforeAll(async () => {
    runtime = await openTestRuntime()
  })

  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ actor }) => actor.stop()))
  })

  afterAll(async () => {
    await runtime.dispose()
  })

  it('is copied and let go, and its next calls go on from there, in order, also those that come meanwhile', async () => {
    const one = await openTestActor(runtime, await readWat('asks'))
    expect([await count(one), await count(one)]).toEqual([1, 2])
    expect(await rest(one)).toBe(1)
    expect(live()).toBe(0)
    expect(describeNumbers(one.actor)).toMatchObject({ instances: 0, memoryBytes: 0 })
    expect(describeNumbers(one.actor).keptBytes).toBeGreaterThan(0)
    expect(await Promise.all([count(one), count(one), count(one)])).toEqual([3, 4, 5])
    expect(one.actor.instances.keptBytes).toBe(0)
    const resting = rest(one)
    const meanwhile = [count(one), count(one)]
    await resting
    expect(await Promise.all(meanwhile)).toEqual([6, 7])
    expect(one.actor.restarts).toBe(0)
  })

  it('rests many times, with a window of its own or an engine inside, and is what it was', async () => {
    const bytes = (await snapshotComponent('script')) ?? new Uint8Array()
    const one = await openTestActor(runtime, bytes)
    const never = await openTestActor(runtime, bytes)
    const operate = ({ actor }: TestActor, key: string): Promise<unknown> =>
      actor.run('demo:script/script@0.1.0', 'run', ['put', key, 1])
    for (let round = 0; round < 5; round += 1) {
      expect(await rest(one)).toBe(1)
      expect(await operate(one, `k${round}`)).toEqual(await operate(never, `k${round}`))
    }
    const clock = await openTestActor(runtime, readBuiltComponent('clock'))
    const open = (): Promise<unknown> => clock.actor.run('tlos:shell/window@0.1.0', 'open', [])
    await open()
    expect(await rest(clock)).toBe(1)
    expect(await open()).toMatchObject({ whole: true })
  })

  it('goes on although a fresh instance is another by now, because its start asked its host', async () => {
    const one = await openTestActor(runtime, await parseWat(asksAtStart), { answered: [100, 7_000] })
    expect(await count(one)).toBe(101)
    expect(await rest(one)).toBe(1)
    expect(await count(one)).toBe(102)
    expect(one.asked.length).toBe(2)
  })

  it('stays when it holds what no copy could, or when it was told so, and is not tried again at once', async () => {
    const cannot = await openTestActor(runtime, await parseWat(vector))
    expect(cannot.actor.reuse.rest).toBe('keep')
    expect([await count(cannot), await rest(cannot), await count(cannot)]).toEqual([1, 0, 2])
    const holder = await openTestActor(runtime, (await snapshotComponent('holder')) ?? new Uint8Array())
    await holder.actor.run('', 'run', ['request', '', 0])
    expect(await rest(holder)).toBe(0)
    expect(await holder.actor.run('', 'run', ['due', '', 0])).toBe('[]')
    expect(holder.actor.state).toBe('running')
    expect(holder.actor.instances.count).toBe(1)
  })

  it('gives its copy to a move without being started for it; for a whole one it is', async () => {
    const one = await openTestActor(runtime, await readWat('asks'))
    for (let times = 0; times < 3; times += 1) await count(one)
    await rest(one)
    expect(one.actor.stateKind).toBe('snapshot')
    const image = await one.actor.copy()
    expect(live()).toBe(0)
    const other = await openTestActor(runtime, await readWat('asks'))
    await other.actor.goOn(image)
    expect(await count(other)).toBe(4)
    const whole = await one.actor.copy({ isWhole: true })
    expect(live()).toBe(2)
    const third = await openTestActor(runtime, await readWat('asks'))
    await third.actor.goOn(whole)
    expect(await count(third)).toBe(4)
    expect(await count(one)).toBe(4)
  })

  it('is tried once more from what was kept when it could not come back, and forgets it when it is started afresh', async () => {
    const one = await openTestActor(runtime, await readWat('asks'))
    await count(one)
    await rest(one)
    const { spec } = one.actor
    one.actor.spec = { ...spec, annotations: { 'tlos.dev/limit/start-ms': '1' } }
    expect(await failureOf(count(one))).toMatchObject({ code: 'timed-out' })
    one.actor.spec = spec
    expect(one.failures.map(({ startsAgain, goesOn }) => [startsAgain, goesOn])).toEqual([[true, true]])
    await expect.poll(() => one.actor.state, { timeout: 20_000 }).toBe('running')
    expect(await count(one)).toBe(2)
    await rest(one)
    await one.actor.restart()
    expect(await count(one)).toBe(1)
  })

  it('is not put to rest beyond what a node keeps in memory of all of them', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, async () => openTestActor(runtime, await readWat('asks'))))
    await Promise.all(all.map(count))
    const { close: stop } = openRest({
      actors: () => all.map(({ actor }) => actor),
      now: () => performance.now() + 600_000,
      onRested: () => undefined,
      everyMs: 20,
      mostKeptBytes: 1,
    })
    // Those that are looked at in the same turn.
    await expect.poll(live, { timeout: 10_000 }).toBeLessThan(6)
    stop()
    const kept = all.filter(({ actor }) => actor.instances.keptBytes > 0).length
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThanOrEqual(4)
    expect(await Promise.all(all.map(count))).toEqual(all.map(() => 2))
  })
})
