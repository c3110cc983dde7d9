// An actor that gives out resources: which instance a call goes to, what keeps instances, how many may be out, and when
// those that nobody uses are dropped.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openRest } from '../../../main/actors/rest.js'
import { dropFunction } from '../../../preload/wit.js'
import { failureOf, openTestRuntime, type TestRuntime } from '../wasm/open-test-runtime.js'
import { readWat } from '../wasm/wat.js'
import { openTestActor, type TestActor } from './open-test-actor.js'

const coins = 'demo:mint/coins@0.1.0'
const dropCoin = dropFunction(coins, 'coin').name

let runtime: TestRuntime
const opened: TestActor[] = []

const open = async (maxInstances: number, configured: Readonly<Record<string, string>> = {}): Promise<Open> => {
  const one = await openTestActor(runtime, await readWat('coins'), { maxInstances, configured })
  opened.push(one)
  return one.actor
}
type Open = TestActor['actor']
const run = (actor: Open, name: string, ...args: readonly unknown[]): Promise<unknown> => actor.run(coins, name, args)
const make = async (actor: Open, value = 1): Promise<Uint8Array> =>
  (await run(actor, '[constructor]coin', value)) as Uint8Array
const valueOf = (actor: Open, coin: unknown) => run(actor, '[method]coin.value', coin)

/** Two coins on two instances: while one waits for its bank, the other makes the next. */
async function onTwo(actor: Open): Promise<readonly [Uint8Array, Uint8Array]> {
  const first = await make(actor, 1)
  const waiting = run(actor, '[method]coin.ask', first)
  const asked = opened.find((each) => each.actor === actor)?.asked ?? []
  await expect.poll(() => asked.length, { timeout: 15_000 }).toBe(1)
  const second = await make(actor, 2)
  asked[0]?.answer(1)
  expect(await waiting).toBe(1)
  expect(actor.instances.count).toBe(2)
  return [first, second]
}

beforeAll(async () => {
  runtime = await openTestRuntime({ withPrepared: false })
})

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ actor }) => actor.stop()))
})

afterAll(async () => {
  await runtime.dispose()
})

describe('An actor of several instances', () => {
  it('sends each call to the instance that holds what it brings', async () => {
    const actor = await open(3)
    const [one, two] = await onTwo(actor)
    const asked = Array.from({ length: 20 }, (_, index) => valueOf(actor, index % 2 === 0 ? one : two))
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 1 : 2)))
    expect(await failureOf(run(actor, 'total', [one, two]))).toEqual({
      code: 'refused',
      message: 'one cannot use these resources in one call: they are held by different instances of it',
    })
    await run(actor, dropCoin, one)
    expect(await failureOf(valueOf(actor, one))).toEqual({
      code: 'not-found',
      message: 'a resource of one cannot be used: its handle was given back',
    })
    expect((await failureOf(valueOf(actor, new Uint8Array(16)))).message).toContain(
      'it never was given out, or is gone',
    )
    expect(await valueOf(actor, two)).toBe(2)
  })

  it('keeps instances that hold something while it lets the others go, and lets those go once all is given back', async () => {
    const actor = await open(2)
    const [one, two] = await onTwo(actor)
    await run(actor, dropCoin, one)
    await actor.instances.rest(Infinity)
    expect([actor.instances.count, actor.instances.givenCount]).toEqual([1, 1])
    actor.spec = { ...actor.spec, maxInstances: 1 }
    actor.instances.trim()
    expect(await valueOf(actor, two)).toBe(2)
    actor.spec = { ...actor.spec, maxInstances: 2 }
    await run(actor, dropCoin, two)
    await actor.instances.rest(Infinity)
    expect(actor.instances.count).toBe(0)
    expect(await valueOf(actor, await make(actor, 7))).toBe(7)
  })

  it('says that one is lost when the instance that held it failed, and goes on with the others', async () => {
    const actor = await open(2)
    const [one, two] = await onTwo(actor)
    expect((await failureOf(run(actor, '[method]coin.crack', one))).code).toBe('trapped')
    expect(await failureOf(valueOf(actor, one))).toEqual({
      code: 'not-found',
      message: 'a resource of one cannot be used: its handle is lost: the instance that held it has ended',
    })
    expect([await valueOf(actor, two), actor.instances.givenCount]).toEqual([2, 1])
  })

  it('gives out no more than it may over all of them', async () => {
    const actor = await open(2, { 'tlos.dev/limit/handles': '3' })
    const [one] = await onTwo(actor)
    // Each instance alone could give two more.
    expect((await failureOf(run(actor, 'roll', 2))).code).toBe('refused')
    expect(actor.instances.givenCount).toBe(2)
    await make(actor)
    expect((await failureOf(make(actor))).message).toContain('one has given out 3 resources, and no more may be out')
    await run(actor, dropCoin, one)
    expect(await valueOf(actor, await make(actor, 9))).toBe(9)
  })
})

describe('An actor of one instance', () => {
  it('says that what it gave out is lost after it failed, and goes on', async () => {
    const actor = await open(1)
    const coin = await make(actor)
    expect((await failureOf(run(actor, '[method]coin.crack', coin))).code).toBe('trapped')
    await expect.poll(() => actor.state, { timeout: 15_000 }).toBe('running')
    expect((await failureOf(valueOf(actor, coin))).message).toContain('is lost: the instance that held it has ended')
    expect(await valueOf(actor, await make(actor, 4))).toBe(4)
  })

  it('drops what nobody used for its time, and nothing that is used', async () => {
    const actor = await open(1, { 'tlos.dev/limit/handle-idle-ms': '1500' })
    const used = await make(actor, 1)
    const left = await make(actor, 2)
    const { close } = openRest({
      actors: () => [actor],
      now: () => performance.now(),
      onRested: () => undefined,
      everyMs: 50,
    })
    try {
      await expect
        .poll(async () => [await valueOf(actor, used), actor.instances.givenCount], { timeout: 20_000, interval: 100 })
        .toEqual([1, 1])
      expect(await failureOf(valueOf(actor, left))).toEqual({
        code: 'not-found',
        message: 'a resource of one cannot be used: its handle was not used for so long that it was dropped',
      })
      expect(await run(actor, 'alive')).toBe(1)
    } finally {
      close()
    }
  })

  it('gives out nothing new while it is moved without its memory, and takes back what it gave', async () => {
    const actor = await open(2)
    const coin = await make(actor)
    actor.givesNothing = true
    expect(await failureOf(make(actor))).toEqual({
      code: 'refused',
      message: 'one gives out no resources now: it is being moved',
    })
    await run(actor, dropCoin, coin)
    actor.givesNothing = false
    expect(await valueOf(actor, await make(actor, 3))).toBe(3)
  })
})
