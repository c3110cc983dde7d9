// The key-value provider by its interface: every function, its errors as the interface has them, and counters that lose
// nothing, in memory and on a real server.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keyvalueExports, openKeyvalue } from '../../../main/providers/keyvalue.js'
import type { Provider } from '../../../main/providers/types.js'
import { buses, eventually, type TestBus } from '../lattice/buses.js'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const ok = (val?: unknown) => ({ tag: 'ok', val })

describe.each(buses)('the key-value store $name', ({ open }) => {
  let bus: TestBus
  let store: Provider
  beforeEach(async () => {
    bus = await open({})
    store = await openKeyvalue({ transport: await bus.connect(), lattice: 'default' })
  })
  afterEach(() => bus.close())

  const call = (path: string, params: readonly unknown[], sourceId = 'notes', provider = store): Promise<unknown> => {
    const [area, functionName] = path.split('.') as [string, string]
    return provider.handle({
      instance: `wrpc:keyvalue/${area}@0.2.0-draft`,
      functionName,
      params,
      sourceId,
      linkName: 'default',
    })
  }

  it('gets what was set, by bucket and key, whatever the key is', async () => {
    expect(await call('store.get', ['default', 'k'])).toEqual(ok(undefined))
    for (const key of ['k', '', 'a.b *>', 'ä/😀', ' '.repeat(100)]) {
      expect(await call('store.set', ['default', key, text(`v ${key}`)])).toEqual(ok())
      expect(await call('store.get', ['default', key])).toEqual(ok(text(`v ${key}`)))
      expect(await call('store.exists', ['default', key])).toEqual(ok(true))
      expect(await call('store.get', ['other', key])).toEqual(ok(undefined))
      expect(await call('store.delete', ['default', key])).toEqual(ok())
      expect(await call('store.exists', ['default', key])).toEqual(ok(false))
      expect(await call('store.delete', ['default', key])).toEqual(ok())
    }
    expect(await call('store.set', ['default', 'empty', new Uint8Array()])).toEqual(ok())
    expect(await call('store.get', ['default', 'empty'])).toEqual(ok(new Uint8Array()))
  })

  it('[L72] keeps what belongs to one component apart from others, on every node', async () => {
    await call('store.set', ['default', 'k', text('mine')])
    expect(await call('store.get', ['default', 'k'], 'stranger')).toEqual(ok(undefined))
    const elsewhere = await openKeyvalue({ transport: await bus.connect(), lattice: 'default' })
    expect(await call('store.get', ['default', 'k'], 'notes', elsewhere)).toEqual(ok(text('mine')))
  })

  it('lists keys in pages', async () => {
    expect(await call('store.list-keys', ['default', undefined])).toEqual(ok({ keys: [], cursor: undefined }))
    const pairs = Array.from({ length: 1_005 }, (_, n) => [`key-${String(n).padStart(4, '0')}`, text('x')])
    expect(await call('batch.set-many', ['default', pairs])).toEqual(ok())
    await call('store.set', ['other', 'not here', text('x')])
    const first = (await call('store.list-keys', ['default', undefined])) as { val: { keys: string[]; cursor: bigint } }
    expect(first.val.keys).toHaveLength(1_000)
    const second = (await call('store.list-keys', ['default', first.val.cursor])) as {
      val: { keys: string[]; cursor?: bigint }
    }
    expect([...first.val.keys, ...second.val.keys]).toEqual(pairs.map(([key]) => key))
    expect(second.val.cursor).toBeUndefined()
    expect(await call('store.list-keys', ['default', 1n << 63n])).toEqual(ok({ keys: [], cursor: undefined }))
  })

  it('does many at once', async () => {
    await call('batch.set-many', [
      'b',
      [
        ['a', text('1')],
        ['c', text('3')],
      ],
    ])
    expect(await call('batch.get-many', ['b', ['a', 'b', 'c']])).toEqual(
      ok([['a', text('1')], undefined, ['c', text('3')]]),
    )
    await call('batch.delete-many', ['b', ['a', 'b']])
    expect(await call('batch.get-many', ['b', ['a', 'c']])).toEqual(ok([undefined, ['c', text('3')]]))
  })

  it('[L72] counts without losing any of many callers', async () => {
    const elsewhere = await openKeyvalue({ transport: await bus.connect(), lattice: 'default' })
    const calls = Array.from({ length: 24 }, (_, n) =>
      call('atomics.increment', ['default', 'n', 2n], 'notes', n % 2 === 0 ? store : elsewhere),
    )
    const results = (await Promise.all(calls)) as { tag: string; val: bigint }[]
    expect(results.map((r) => r.val).sort((a, b) => Number(a - b))).toEqual(
      Array.from({ length: 24 }, (_, n) => BigInt(2 * n + 2)),
    )
    expect(await call('store.get', ['default', 'n'])).toEqual(ok(text('48')))
    await call('store.delete', ['default', 'n'])
    expect(await call('atomics.increment', ['default', 'n', 5n])).toEqual(ok(5n))
  })

  it('says in words what cannot be done', async () => {
    const other = (words: RegExp): unknown => ({
      tag: 'err',
      val: { tag: 'other', val: expect.stringMatching(words) as string },
    })
    await call('store.set', ['default', 'k', text('no number')])
    expect(await call('atomics.increment', ['default', 'k', 1n])).toEqual(other(/not a number/))
    await call('store.set', ['default', 'k', text(String((1n << 64n) - 1n))])
    expect(await call('atomics.increment', ['default', 'k', 1n])).toEqual(other(/64 bits/))
    expect(await call('store.set', ['default', 'k', new Uint8Array(2_000_000)])).toEqual(
      other(/2000000 bytes; the NATS server takes/),
    )
    expect(await call('store.set', ['default', 'k'.repeat(3_000), text('v')])).toEqual(other(/3000 characters/))
    const biggest = new Uint8Array(1_048_576 - 1_024)
    expect(await call('store.set', ['default', 'big', biggest])).toEqual(ok())
  })

  it('rejects what its types do not have', async () => {
    for (const [path, params] of [
      ['store.get', ['default']],
      ['store.get', [1, 2]],
      ['store.set', ['b', 'k', 'text']],
      ['atomics.increment', ['b', 'k', 1]],
      ['atomics.increment', ['b', 'k', -1n]],
      ['batch.set-many', ['b', [['only a key']]]],
      ['batch.get-many', ['b', 'k']],
    ] as const) {
      await expect(call(path, params)).rejects.toMatchObject({ code: 'invalid' })
    }
    await expect(call('store.constructor', [])).rejects.toMatchObject({ code: 'not-found' })
    await expect(call('watcher.on-set', [])).rejects.toMatchObject({ code: 'not-found' })
  })

  it('offers exactly the functions of the interface', () => {
    const names = keyvalueExports.flatMap((i) => i.functions.map((f) => `${i.name} ${f.name}`))
    expect(names).toHaveLength(9)
    expect(store.exports).toBe(keyvalueExports)
  })
})

describe('the key-value store on a server that dies', () => {
  it('has afterwards what was stored before', async () => {
    const bus = await buses[1].open({})
    const transport = await bus.connect()
    const store = await openKeyvalue({ transport, lattice: 'default' })
    const call = (functionName: string, ...params: unknown[]): Promise<unknown> =>
      store.handle({
        instance: 'wrpc:keyvalue/store@0.2.0-draft',
        functionName,
        params,
        sourceId: 'notes',
        linkName: 'default',
      })
    for (let n = 0; n < 50; n += 1) expect(await call('set', 'default', `k${n}`, text(String(n)))).toEqual(ok())
    await bus.cut()
    await eventually(() => transport.status.kind === 'lost', 20_000)
    await bus.mend()
    await eventually(() => transport.status.kind === 'live', 20_000)
    // JetStream needs a moment after a restart of the server.
    let found: unknown
    for (let left = 100; left > 0; left -= 1) {
      found = await call('get', 'default', 'k49')
      if ((found as { tag: string }).tag === 'ok') break
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(found).toEqual(ok(text('49')))
    for (let n = 0; n < 50; n += 1) expect(await call('get', 'default', `k${n}`)).toEqual(ok(text(String(n))))
    await bus.close()
  }, 60_000)
})

describe('the key-value store without JetStream', () => {
  it('cannot be opened', async () => {
    const bus = await buses[0].open({ jetStream: false })
    await expect(openKeyvalue({ transport: await bus.connect(), lattice: 'default' })).rejects.toMatchObject({
      code: 'unavailable',
    })
    await bus.close()
  })
})
