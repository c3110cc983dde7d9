import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openRest } from '../../../main/actors/rest.js'
import { actorAnnotation, statelessAnnotation } from '../../../main/lattice/protocol/tlos.js'
import { readBuiltComponent } from '../../support/wasm-entries.js'
import { failureOf, openTestRuntime, type TestRuntime } from '../wasm/open-test-runtime.js'
import { readWat } from '../wasm/wat.js'
import { openTestActor as openActor, type TestActor } from './open-test-actor.js'

const counter = 'tlos:counter/counter@0.1.0'
const count = ({ actor }: TestActor): Promise<unknown> => actor.run('', 'count', [])
const ask = ({ actor }: TestActor, n: number): Promise<unknown> => actor.run('', 'ask', [n])

let runtime: TestRuntime
const opened: TestActor[] = []

const openTestActor = async (...args: Parameters<typeof openActor>): Promise<TestActor> => {
  const one = await openActor(...args)
  opened.push(one)
  return one
}
const live = (): number => runtime.processes().reduce((sum, { instances }) => sum + instances, 0)
const isAsked = (one: TestActor, times: number) => expect.poll(() => one.asked.length, { timeout: 20_000 }).toBe(times)

beforeAll(async () => {
  runtime = await openTestRuntime()
})

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ actor }) => actor.stop()))
})

afterAll(async () => {
  await runtime.dispose()
})

describe('An actor with more than one instance', () => {
  it('lets in as many calls at once as it may have instances; the next waits for one of them', async () => {
    const one = await openTestActor(runtime, await readWat('asks'), { maxInstances: 3 })
    const answers = [1, 2, 3, 4].map((n) => ask(one, n))
    await isAsked(one, 3)
    expect(one.actor.instances.count).toBe(3)
    expect(one.actor.instances.waitingCalls).toBe(1)
    one.asked[0]?.answer(10)
    await isAsked(one, 4)
    for (const asked of one.asked) asked.answer(10)
    expect(await Promise.all(answers)).toEqual([10, 10, 10, 10])
    await one.actor.stop()
    expect(live()).toBe(0)
  })

  it('goes on when one of them fails: that call fails, the others do not, and the next gets a fresh one', async () => {
    const one = await openTestActor(runtime, await readWat('asks'), { maxInstances: 2 })
    const slow = ask(one, 1)
    await isAsked(one, 1)
    expect(await failureOf(one.actor.run('', 'trap', []))).toMatchObject({ code: 'trapped' })
    expect(await count(one)).toBe(1)
    one.asked[0]?.answer(7)
    expect(await slow).toBe(7)
    expect(one.actor.state).toBe('running')
    expect(one.actor.restarts).toBe(1)
    expect(one.failures).toEqual([])
    for (let n = 0; n < 6; n += 1) await failureOf(one.actor.run('', 'trap', []))
    expect(await count(one)).toBe(1)
  })

  it('lets all of them go while nobody calls, and has them back when somebody does', async () => {
    const one = await openTestActor(runtime, await readWat('asks'), { maxInstances: 2 })
    await Promise.all([count(one), count(one), count(one)])
    const restAll = async (): Promise<number> => {
      await one.actor.instances.rest(performance.now())
      return live()
    }
    // One may have been on its way still.
    await expect.poll(restAll, { timeout: 20_000 }).toBe(0)
    expect(one.actor.instances.count).toBe(0)
    expect(await count(one)).toBe(1)
  })

  it('keeps no more of them than it may have after its count was lowered', async () => {
    const one = await openTestActor(runtime, await readWat('asks'), { maxInstances: 3 })
    const answers = [1, 2, 3].map((n) => ask(one, n))
    await isAsked(one, 3)
    one.actor.spec = { ...one.actor.spec, maxInstances: 2 }
    one.actor.instances.trim()
    for (const asked of one.asked) asked.answer(1)
    await Promise.all(answers)
    await expect.poll(() => live(), { timeout: 20_000 }).toBe(2)
  })
})

describe('An actor with one instance', () => {
  it('remembers what it was told and takes calls in order', async () => {
    const one = await openTestActor(runtime, await readWat('asks'))
    expect(await Promise.all([count(one), count(one), count(one)])).toEqual([1, 2, 3])
    expect(await count(one)).toBe(4)
  })

  it.each([
    ['an annotation says that it is one thing', 'asks', { [actorAnnotation]: 'true' }],
    ['it has a state and a window', 'counter', {}],
    ['it has a window', 'clock', {}],
  ])('is what it is when %s, whatever count was asked for', async (_why, name, annotations) => {
    const bytes = name === 'asks' ? await readWat(name) : readBuiltComponent(name === 'clock' ? 'clock' : 'counter')
    const one = await openTestActor(runtime, bytes, { maxInstances: 4, annotations })
    expect(one.actor.reuse.most).toBe(1)
    if (name === 'asks') expect(await Promise.all([count(one), count(one)])).toEqual([1, 2])
    expect(live()).toBe(1)
  })

  it('is let go while nobody calls when it was said to keep nothing', async () => {
    const one = await openTestActor(runtime, await readWat('asks'), { annotations: { [statelessAnnotation]: 'true' } })
    expect(await count(one)).toBe(1)
    expect(await one.actor.instances.rest(performance.now())).toBe(1)
    expect(live()).toBe(0)
    expect(await count(one)).toBe(1)
  })

  it('and a state is saved, let go, and goes on from there at its next call, also one that comes meanwhile', async () => {
    const one = await openTestActor(runtime, readBuiltComponent('counter'))
    const increment = (): Promise<unknown> => one.actor.run(counter, 'increment', [])
    expect([await increment(), await increment()]).toEqual([1n, 2n])
    expect(await one.actor.instances.rest(performance.now())).toBe(1)
    expect(live()).toBe(0)
    expect(one.actor.memoryBytes).toBe(0)
    expect(await increment()).toBe(3n)
    const resting = one.actor.instances.rest(performance.now())
    const meanwhile = [increment(), increment()]
    await resting
    expect(await Promise.all(meanwhile)).toEqual([4n, 5n])
  })

  it('gives its saved state to a move without being started for it, and forgets it when it is started afresh', async () => {
    const one = await openTestActor(runtime, readBuiltComponent('counter'))
    await one.actor.run(counter, 'increment', [])
    const state = await one.actor.save()
    await one.actor.instances.rest(performance.now())
    expect(await one.actor.save()).toEqual(state)
    expect(live()).toBe(0)
    await one.actor.restart()
    expect(await one.actor.run(counter, 'increment', [])).toBe(1n)
  })

  it('is started again after it failed, a little later each time, and left alone when that does not help', async () => {
    const one = await openTestActor(runtime, await readWat('asks'))
    for (let n = 1; n <= 4; n += 1) {
      await expect.poll(() => one.actor.state, { timeout: 20_000 }).toBe('running')
      await failureOf(one.actor.run('', 'trap', []))
      await expect.poll(() => one.failures.length, { timeout: 20_000 }).toBe(n)
    }
    expect(one.failures.map(({ startsAgain }) => startsAgain)).toEqual([true, true, true, false])
    expect(one.actor.state).toBe('failed')
    const failure = await failureOf(count(one))
    expect(failure.message).toMatch(/unreachable.*not started again/)
    await one.actor.restart()
    expect(await count(one)).toBe(1)
  })
})

describe('Calls that must wait', () => {
  const annotations = { 'tlos.dev/limit/calls-waiting': '2', 'tlos.dev/limit/wait-ms': '400' }

  it.each([1, 2])('for %i instances are refused when too many wait already', async (maxInstances) => {
    const one = await openTestActor(runtime, await readWat('asks'), {
      maxInstances,
      annotations: { 'tlos.dev/limit/calls-waiting': '2' },
    })
    const inside = Array.from({ length: maxInstances }, () => ask(one, 1))
    await isAsked(one, maxInstances)
    const waiting = [count(one), count(one)]
    const failure = await failureOf(count(one))
    expect(failure.code).toBe('refused')
    expect(failure.message).toMatch(/busy: 2 calls wait/)
    for (const asked of one.asked) asked.answer(1)
    await Promise.all(inside)
    expect((await Promise.all(waiting)).length).toBe(2)
  })

  it.each([1, 2])('for %i instances too long fail without having run, and harm nothing', async (maxInstances) => {
    const one = await openTestActor(runtime, await readWat('asks'), { maxInstances })
    const inside = Array.from({ length: maxInstances }, () => ask(one, 1))
    await isAsked(one, maxInstances)
    // Only now: the start of an instance is a wait as well.
    one.actor.spec = { ...one.actor.spec, annotations }
    const failure = await failureOf(count(one))
    expect(failure.code).toBe('timed-out')
    expect(failure.message).toMatch(/did not begin within/)
    for (const asked of one.asked) asked.answer(1)
    expect(await Promise.all(inside)).toEqual(inside.map(() => 1))
    expect(await count(one)).toBe(1)
    expect(one.actor.restarts).toBe(0)
  })
})

describe('A node with many actors', () => {
  it('holds no more idle instances than it should, the longest idle ones go first', async () => {
    const all = await Promise.all(
      Array.from({ length: 6 }, async () =>
        openTestActor(runtime, await readWat('asks'), { annotations: { [statelessAnnotation]: 'true' } }),
      ),
    )
    let agoMs = 0
    const { close: stop } = openRest({
      actors: () => all.map(({ actor }) => actor),
      now: () => performance.now() + agoMs,
      onRested: () => undefined,
      everyMs: 20,
      mostIdle: 2,
    })
    const last = all.slice(4)
    for (const one of last) await count(one)
    agoMs = 5_000
    await expect.poll(() => live(), { timeout: 20_000 }).toBe(2)
    expect(last.map(({ actor }) => actor.instances.count)).toEqual([1, 1])
    expect(await Promise.all(all.map(count))).toEqual([1, 1, 1, 1, 2, 2])
    stop()
  })

  it('makes room before it starts more of them, without waiting for the next look', async () => {
    const all: TestActor[] = []
    const resting = openRest({
      actors: () => all.map(({ actor }) => actor),
      now: () => performance.now(),
      onRested: () => undefined,
      everyMs: 600_000,
      mostIdle: 2,
    })
    const bytes = await readWat('asks')
    const annotations = { [statelessAnnotation]: 'true' }
    for (let i = 0; i < 8; i += 1) {
      all.push(await resting.start(() => openTestActor(runtime, bytes, { annotations })))
      expect(await count(all[i]!)).toBe(1)
    }
    const settled = async (): Promise<number> => {
      await resting.start(() => Promise.resolve())
      return live()
    }
    await expect.poll(settled, { timeout: 20_000 }).toBeLessThanOrEqual(3)
    // Of those that are in a call none can be let go: more are started all the same.
    expect(await Promise.all(all.map((one) => resting.start(() => count(one))))).toHaveLength(8)
    resting.close()
  })
})

describe('An actor that keeps a state of its own and failed', () => {
  const increment = ({ actor }: TestActor): Promise<unknown> => actor.run(counter, 'increment', [])
  /** Its process dies, as when the machine takes its memory away. */
  const fail = async (one: TestActor, failures: number): Promise<void> => {
    for (const { pid, instances } of runtime.processes()) if (instances > 0) process.kill(pid, 'SIGKILL')
    await expect.poll(() => one.failures.length, { timeout: 20_000 }).toBe(failures)
    await expect.poll(() => one.actor.state, { timeout: 30_000 }).toBe('running')
  }

  it('goes on from what it saved last; failing again at once, it begins anew', async () => {
    const before = await openTestActor(runtime, readBuiltComponent('counter'))
    for (let i = 0; i < 5; i += 1) await increment(before)
    const saved = await before.actor.save()
    await before.actor.stop()

    const one = await openTestActor(runtime, readBuiltComponent('counter'), { saved })
    expect(await increment(one)).toBe(1n)
    await fail(one, 1)
    expect(await increment(one)).toBe(6n)
    // Whatever it saved may be what makes it fail.
    await fail(one, 2)
    expect(await increment(one)).toBe(1n)
  }, 120_000)
})
