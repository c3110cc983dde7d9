import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findTooLarge, sizeOf } from '../../../main/wasm/message-size.js'
import { failureOf, openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { readWat } from './wat.js'

const limits = { messageBytes: 100_000 }

describe('A message past its limit', () => {
  let runtime: TestRuntime

  beforeAll(async () => {
    runtime = await openTestRuntime()
  })

  afterAll(async () => {
    await runtime.dispose()
  })

  it('is not taken as an argument and not given as a result, and the instance goes on', async () => {
    const instance = await runtime.run(await readWat('bulky'), { limits })
    const asked = await failureOf(instance.call('', 'echo', [new Uint8Array(100_001)]))
    expect(asked.code).toBe('too-large')
    expect(asked.message).toMatch(/echo was not called: its arguments have more than 98 KiB/)
    const given = await failureOf(instance.call('', 'make', [100_001]))
    expect(given.code).toBe('too-large')
    expect(given.message).toMatch(/make gave a result of more than 98 KiB/)
    const bytes = Uint8Array.from({ length: 90_000 }, (_, i) => i % 251)
    expect(await instance.call('', 'echo', [bytes])).toEqual(bytes)
    await instance.stop()
  })

  it('does not leave a component through an import, nor come back that way', async () => {
    const host = recordingHost(([, ,]) => Promise.resolve({ tag: 'ok', val: 1 }))
    const instance = await runtime.run(await readWat('bulky'), { limits, host })
    expect(await instance.call('', 'hand-on', [50_000])).toBe(1)
    // Its type has room for words, so the guest is told.
    expect(await instance.call('', 'hand-on', [100_001])).toBe(0)
    expect(host.asked.length).toBe(1)
    await instance.stop()

    const flooding = recordingHost(() => Promise.resolve({ tag: 'err', val: 'x'.repeat(100_001) }))
    const other = await runtime.run(await readWat('bulky'), { limits, host: flooding })
    expect(await other.call('', 'hand-on', [1])).toBe(0)
    await other.stop()
  })

  it('is measured by its bytes and text, however they are nested, without looking at more than it must', () => {
    expect(sizeOf(new Uint8Array(1_000), 10_000)).toBeGreaterThanOrEqual(1_000)
    expect(findTooLarge([{ tag: 'ok', val: [{ name: 'x'.repeat(500) }] }], 400)).toMatch(/400 bytes/)
    expect(findTooLarge([1n, true, undefined, 'text'], 400)).toBeUndefined()
    let looks = 0
    const many = new Proxy(
      Array.from({ length: 1_000_000 }, () => 'some text'),
      {
        get(target, name, receiver): unknown {
          looks += 1
          return Reflect.get(target, name, receiver)
        },
      },
    )
    expect(findTooLarge([many], 1_000)).toBeDefined()
    expect(looks).toBeGreaterThan(10)
    expect(looks).toBeLessThan(1_000)
    let deep: unknown = 1
    for (let n = 0; n < 100_000; n += 1) deep = [deep]
    expect(findTooLarge([deep], 1_000_000_000)).toBeDefined()
  })
})

describe('The limit of a log', () => {
  it('is that of its actor, and what was left out is told', async () => {
    const runtime = await openTestRuntime()
    const heard = async (logBytesPerSecond: number): Promise<number> => {
      const host = recordingHost()
      const instance = await runtime.run(await readWat('log-flood'), { host, limits: { logBytesPerSecond } })
      await instance.call('', 'flood', [])
      await instance.stop()
      expect(host.lines.some((line) => line.text.includes(`more than ${logBytesPerSecond} in a second`))).toBe(true)
      return host.lines.length
    }
    expect(await heard(1_000)).toBeLessThan(await heard(50_000))
    await runtime.dispose()
  })
})

describe('Time in the guest', () => {
  it('counts its own code and not its waits for others', async () => {
    const waitMs = 4_000
    const runtime = await openTestRuntime()
    const host = recordingHost(() => new Promise((resolve) => setTimeout(() => resolve(1), waitMs)))
    const waits = await runtime.run(await readWat('asks'), { host })
    await waits.call('', 'ask', [1])
    // What it does itself takes about a millisecond.
    expect(waits.guestMs).toBeLessThan(waitMs / 2)
    const works = await runtime.run(await readWat('log-flood'))
    await works.call('', 'flood', [])
    expect(works.guestMs).toBeGreaterThan(0)
    await runtime.dispose()
  })
})
