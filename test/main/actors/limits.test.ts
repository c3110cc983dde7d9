import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultActorLimits, parseLimits } from '../../../main/actors/limits.js'
import { describeNumbers } from '../../../main/actors/numbers.js'
import { Numbers } from '../../../preload/records.js'
import * as v from 'valibot'
import { failureOf, openTestRuntime, type TestRuntime } from '../wasm/open-test-runtime.js'
import { readWat } from '../wasm/wat.js'
import { openTestActor } from './open-test-actor.js'

const none = { config: {}, annotations: {}, limits: undefined }

describe('The limits of an actor', () => {
  it('are the defaults where nothing is said, and where what is said makes no sense', () => {
    expect(parseLimits(none)).toEqual(defaultActorLimits)
    for (const text of ['', ' ', 'many', '-1', '0', 'NaN', 'Infinity', '1e999']) {
      const annotations = { 'tlos.dev/limit/call-ms': text, 'tlos.dev/limit/memory-bytes': text }
      expect(parseLimits({ ...none, annotations, limits: { max_memory_limit: text } })).toEqual(defaultActorLimits)
    }
  })

  it('come from v1 component limits before annotations, and from those before configuration', () => {
    const key = 'tlos.dev/limit/memory-bytes'
    const limits = { max_memory_limit: '300000', max_execution_time: '2' }
    const all = { config: { [key]: '100000', 'tlos.dev/limit/wait-ms': '7' }, annotations: { [key]: '200000' }, limits }
    expect(parseLimits(all)).toMatchObject({ memoryBytes: 300_000, callMs: 2_000, waitMs: 7 })
    expect(parseLimits({ ...all, limits: undefined }).memoryBytes).toBe(200_000)
    expect(parseLimits({ ...all, annotations: {}, limits: undefined }).memoryBytes).toBe(100_000)
  })

  it('are never more than a timer or a guest can take', () => {
    const annotations = { 'tlos.dev/limit/call-ms': '1e15', 'tlos.dev/limit/memory-bytes': '1e15' }
    expect(parseLimits({ ...none, annotations })).toMatchObject({ callMs: 2 ** 31 - 1, memoryBytes: 2 ** 32 })
  })

  it('[L141] are what the node allows where nothing is said, and never more, whoever asks', () => {
    const node = { callMs: 60_000, memoryBytes: 2 ** 30, components: undefined }
    expect(parseLimits(none, node)).toEqual({ ...defaultActorLimits, callMs: 60_000, memoryBytes: 2 ** 30 })
    const more = {
      'tlos.dev/limit/call-ms': '70000',
      'tlos.dev/limit/start-ms': '70000',
      'tlos.dev/limit/memory-bytes': '1e10',
    }
    const asked = [
      { ...none, annotations: more },
      { ...none, config: more },
      {
        ...none,
        annotations: { 'tlos.dev/limit/start-ms': '70000' },
        limits: { max_memory_limit: '10000000000', max_execution_time: '70' },
      },
    ]
    for (const sources of asked) {
      expect(parseLimits(sources, node)).toMatchObject({ callMs: 60_000, startMs: 60_000, memoryBytes: 2 ** 30 })
    }
    const less = { max_memory_limit: '100000', max_execution_time: '1' }
    expect(parseLimits({ ...none, limits: less }, node)).toMatchObject({ callMs: 1_000, memoryBytes: 100_000 })
    // A start is a run of its code, too.
    expect(parseLimits(none, { ...node, callMs: 500 })).toMatchObject({ callMs: 500, startMs: 500 })
  })
})

describe('A running actor', () => {
  let runtime: TestRuntime

  beforeAll(async () => {
    runtime = await openTestRuntime()
  })

  afterAll(async () => {
    await runtime.dispose()
  })

  it('is held at the limits it was started with, whichever way they were said', async () => {
    const mebi = 1024 * 1024
    const byAnnotation = { annotations: { 'tlos.dev/limit/memory-bytes': String(2 * mebi) } }
    const byConfig = { configured: { 'tlos.dev/limit/memory-bytes': String(2 * mebi) } }
    const byLimits = { limits: { max_memory_limit: String(2 * mebi), max_execution_time: '0.3' } }
    const nodeLimits = { memoryBytes: 2 * mebi, callMs: 300, components: undefined }
    const asksForMore = { max_memory_limit: String(64 * mebi), max_execution_time: '60' }
    const byNode = { nodeLimits, limits: asksForMore }
    for (const spec of [byAnnotation, byConfig, byLimits, byNode]) {
      const { actor } = await openTestActor(runtime, await readWat('hostile'), spec)
      expect(await actor.run('', 'grow', [])).toBe(32)
      expect(actor.memoryBytes).toBe(2 * mebi)
      if (spec === byLimits || spec === byNode) {
        expect(await failureOf(actor.run('', 'loop-forever', []))).toMatchObject({ code: 'timed-out' })
      }
      await actor.stop()
    }
  })

  it('tells its numbers: calls, errors, latency, time, memory, restarts', async () => {
    const { actor } = await openTestActor(runtime, await readWat('hostile'), { maxInstances: 2 })
    expect(describeNumbers(actor)).toMatchObject({ calls: 0, errors: 0, instances: 1, mostInstances: 2, restarts: 0 })
    for (let n = 0; n < 5; n += 1) await actor.run('', 'count', [])
    await failureOf(actor.run('', 'trap', []))
    await actor.run('', 'grow', [])
    const numbers = describeNumbers(actor)
    expect(v.parse(Numbers, JSON.parse(JSON.stringify(numbers)))).toMatchObject({ calls: 7, errors: 1, restarts: 1 })
    expect(numbers.memoryPages).toBe(1_024)
    expect(numbers.guestMs).toBeGreaterThan(0)
    expect(numbers.p99Ms).toBeGreaterThanOrEqual(numbers.p50Ms ?? Infinity)
    expect(numbers.logLines).toBe(1)
    const before = numbers.guestMs
    await actor.instances.rest(performance.now())
    expect(describeNumbers(actor)).toMatchObject({ instances: 0, memoryBytes: 0, calls: 7 })
    expect(describeNumbers(actor).guestMs).toBeGreaterThanOrEqual(before)
    await actor.stop()
  })
})
