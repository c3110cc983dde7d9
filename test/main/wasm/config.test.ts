import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ConfigSource, ConfigValues, Instance } from '../../../main/wasm/types.js'
import { openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { buildGuest } from './wasi-guest.js'

/** Values that can be set, and whoever has them. */
function source(first: ConfigValues) {
  const listeners = new Set<() => Promise<void>>()
  let values = first
  const config: ConfigSource = {
    current: () => values,
    onChanged(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return {
    config,
    listeners,
    async set(next: ConfigValues): Promise<void> {
      values = next
      await Promise.all([...listeners].map((listener) => listener()))
    },
  }
}

describe('The configuration of an instance', () => {
  let runtime: TestRuntime
  let digest: string
  let instance: Instance | undefined
  let host = recordingHost()
  const start = async (config: ConfigSource | ConfigValues): Promise<void> => {
    host = recordingHost()
    instance = await runtime.start(digest, { componentId: 'settings', host, config })
  }
  const act = async (...what: readonly unknown[]): Promise<unknown> =>
    (JSON.parse(String(await instance?.call('', 'act', [JSON.stringify(what)]))) as { got: unknown }).got

  beforeAll(async () => {
    runtime = await openTestRuntime({ withPrepared: false })
    digest = (await runtime.prepare(await buildGuest('settings'))).digest
  }, 400_000)
  afterEach(async () => {
    await instance?.stop()
    instance = undefined
  })
  afterAll(() => runtime.dispose())

  it('is read without asking the host', async () => {
    await start({ greeting: 'hello', empty: '' })
    expect(await act('get', 'greeting')).toBe('hello')
    expect(await act('get', 'empty')).toBe('')
    expect(await act('get', 'absent')).toBeNull()
    expect(await act('all')).toEqual([
      ['greeting', 'hello'],
      ['empty', ''],
    ])
    expect(await act('many', 'greeting', 1_000)).toBe(1_000)
    expect(host.asked).toEqual([])
  })

  it('is another for every read after the change was told, without a new instance', async () => {
    const settings = source({ at: '0' })
    await start(settings.config)
    for (let at = 1; at <= 50; at += 1) {
      await settings.set({ at: String(at) })
      expect(await act('get', 'at')).toBe(String(at))
    }
    await settings.set({})
    expect(await act('all')).toEqual([])
    expect(host.asked).toEqual([])
  })

  it('changes in the middle of a call, too', async () => {
    const settings = source({ at: 'before' })
    await start(settings.config)
    const reading = act('until', 'at', 'after')
    await settings.set({ at: 'between' })
    await settings.set({ at: 'after' })
    expect(await reading).toBeGreaterThan(0)
  })

  it('is as it was last when an instance starts while it changes', async () => {
    const settings = source({ at: 'before' })
    const starting = start(settings.config)
    await settings.set({ at: 'after' })
    await starting
    expect(await act('get', 'at')).toBe('after')
  })

  it('is told to nobody who is gone', async () => {
    const settings = source({ at: 'before' })
    await start(settings.config)
    expect(settings.listeners.size).toBe(1)
    await instance?.stop()
    expect(settings.listeners.size).toBe(0)
    await settings.set({ at: 'after' })
  })
})
