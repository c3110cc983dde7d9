import { afterEach, describe, expect, it } from 'vitest'
import { forkPool, type SpawnPool } from '../../../main/wasm/pool-process.js'
import { openPoolMembers, type PoolMembers } from '../../../main/wasm/pool-members.js'
import { openTestActor, type TestActor } from '../actors/open-test-actor.js'
import { wasmEntries } from '../../support/wasm-entries.js'
import { failureOf, openTestRuntime, type TestRuntime } from './open-test-runtime.js'
import { readWat } from './wat.js'

const opened: (() => unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

async function openRuntime(): Promise<TestRuntime> {
  const runtime = await openTestRuntime()
  opened.push(() => runtime.dispose())
  return runtime
}

/** Kills whatever process the actor's instances are in, and no other that has instances of others. */
function killProcessOf(runtime: TestRuntime, instances: number): void {
  const found = runtime.processes().find((each) => each.instances === instances)
  if (found === undefined) throw new Error(`no process has ${instances} instances`)
  process.kill(found.pid, 'SIGKILL')
}

describe('While a component on another worker misbehaves', () => {
  const count = ({ actor }: TestActor): Promise<unknown> => actor.run('', 'count', [])

  it.each<[string, (bad: TestActor, runtime: TestRuntime) => Promise<unknown>]>([
    ['loops', ({ actor }) => failureOf(actor.run('', 'loop-forever', []))],
    ['grows to its limit', ({ actor }) => actor.run('', 'grow', [])],
    ['traps again and again', ({ actor }) => failureOf(actor.run('', 'trap', []))],
    ['calls itself too deep', ({ actor }) => failureOf(actor.run('', 'deep', []))],
    ['floods its log', ({ actor }) => actor.run('', 'flood', []).catch(() => undefined)],
    ['waits for a host that does not answer', ({ actor }) => failureOf(actor.run('', 'ask', [1]))],
  ])('(it %s), an actor goes on answering and keeps what it knows', async (what, misbehave) => {
    const runtime = await openRuntime()
    const fixture = what === 'floods its log' ? 'log-flood' : what.startsWith('waits') ? 'asks' : 'hostile'
    const good = await openTestActor(runtime, await readWat('hostile'))
    const limits = { max_execution_time: '0.7' }
    const bad = await openTestActor(runtime, await readWat(fixture), { componentId: 'bad', limits })
    let isOver = false
    const misbehaving = misbehave(bad, runtime).finally(() => {
      isOver = true
    })
    let calls = 0
    while (!isOver || calls < 20) expect(await count(good)).toBe((calls += 1))
    await misbehaving
    expect(good.failures).toEqual([])
    await Promise.all([good.actor.stop(), bad.actor.stop()])
  })

  it('(its process is killed), an actor in another process answers, and the bad one comes back with the reason told', async () => {
    const runtime = await openRuntime()
    const four = await Promise.all(
      Array.from({ length: 4 }, async () => openTestActor(runtime, await readWat('hostile'))),
    )
    const good = await openTestActor(runtime, await readWat('asks'))
    expect(await count(good)).toBe(1)
    killProcessOf(runtime, 4)
    await expect.poll(() => four.map(({ failures }) => failures.length), { timeout: 20_000 }).toEqual([1, 1, 1, 1])
    expect(await count(good)).toBe(2)
    expect(four[0]?.failures[0]).toMatchObject({ startsAgain: true })
    expect(four[0]?.failures[0]?.problem).toMatch(/SIGKILL/)
    for (const one of four) {
      await expect.poll(() => one.actor.state, { timeout: 20_000 }).toBe('running')
      expect(await count(one)).toBe(1)
    }
    expect(await count(good)).toBe(3)
    await Promise.all([...four, good].map(({ actor }) => actor.stop()))
  })

  it('more than once, what was in each process that died gets one to itself', async () => {
    const runtime = await openRuntime()
    const start = async (name: string) => {
      const { digest } = await runtime.prepare(await readWat(name))
      return await runtime.start(digest, {
        componentId: name,
        host: { callImport: () => Promise.reject(new Error('none')), log: () => undefined },
      })
    }
    for (let death = 0; death < 2; death += 1) {
      const instance = await start('hostile')
      const gone = new Promise((resolve) => instance.onGone(resolve))
      killProcessOf(runtime, 1)
      await gone
    }
    const others = await Promise.all([start('asks'), start('asks')])
    const suspect = await start('hostile')
    const counts = runtime.processes().map(({ instances }) => instances)
    expect(counts.filter((instances) => instances > 0).sort()).toEqual([1, 2])
    killProcessOf(runtime, 1)
    expect(await Promise.all(others.map((other) => other.call('', 'count', [])))).toEqual([1, 1])
    await suspect.stop()
  })
})

describe('Pool processes', () => {
  async function openMembers(spawn: SpawnPool, emptyMs?: number): Promise<PoolMembers> {
    const { pool, worker } = await wasmEntries()
    const members = openPoolMembers({ spawn, entry: pool, workerEntry: worker, emptyMs })
    opened.push(() => members.close())
    return members
  }

  it('that die at once are started again more and more slowly', async () => {
    const startedAt: number[] = []
    const members = await openMembers((entry, args, listeners) => {
      startedAt.push(performance.now())
      const child = forkPool(entry, args, listeners)
      child.kill()
      return child
    })
    for (let n = 0; n < 6; n += 1) {
      await members.place('digest', 1, (member) => expect.poll(() => member.isOver, { timeout: 20_000 }).toBe(true))
    }
    const gaps = startedAt.slice(1).map((at, index) => at - (startedAt[index] ?? 0))
    // 250 ms, 500 ms and 1 s at least; the first ones at once.
    expect(gaps[3]).toBeGreaterThanOrEqual(450)
    expect(gaps[4]).toBeGreaterThanOrEqual(950)
  })

  it('that stand empty are ended, all but one', async () => {
    const members = await openMembers(forkPool, 200)
    // More memories than one process may have: each needs a process of its own.
    for (let n = 0; n < 3; n += 1) await members.place('digest', 151, () => Promise.resolve())
    expect(members.list().length).toBe(3)
    await expect.poll(() => members.list().length, { timeout: 20_000 }).toBe(1)
  })
})
