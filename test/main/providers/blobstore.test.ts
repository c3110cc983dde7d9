// The blob store by its interface: every function, in memory and on a real server; what writers, readers and the death of
// the server may do to each other.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Transport } from '../../../main/nats/transport.js'
import { maxObjectBytes, openBlobstore } from '../../../main/providers/blobstore.js'
import { blobstoreExports, blobstoreInstance } from '../../../main/providers/blobstore-types.js'
import type { Provider } from '../../../main/providers/types.js'
import { buses, eventually, type TestBus } from '../lattice/buses.js'

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value)
const ok = (val?: unknown) => ({ tag: 'ok', val })
const fine = { tag: 'ok' }
const err = (words: RegExp): unknown => ({ tag: 'err', val: expect.stringMatching(words) as string })
const id = (object: string, container = 'box') => ({ container, object })

describe.each(buses)('the blob store $name', ({ open }) => {
  let bus: TestBus
  let transport: Transport
  let store: Provider
  beforeEach(async () => {
    bus = await open({})
    transport = await bus.connect()
    store = await openBlobstore({ transport, lattice: 'default', nowMs: () => 1_700_000_000_500 })
  })
  afterEach(() => bus.close())

  const callAs = (sourceId: string, provider: Provider, functionName: string, ...params: unknown[]): Promise<unknown> =>
    provider.handle({ instance: blobstoreInstance, functionName, params, sourceId, linkName: 'default' })
  const call = (functionName: string, ...params: unknown[]): Promise<unknown> =>
    callAs('notes', store, functionName, ...params)
  const read = (object: string, container?: string): Promise<unknown> =>
    call('get-container-data', id(object, container), 0n, (1n << 64n) - 1n)
  const write = (object: string, data: Uint8Array, container?: string): Promise<unknown> =>
    call('write-container-data', id(object, container), data)

  it('keeps containers and objects, whatever they are called', async () => {
    expect(await call('container-exists', 'box')).toEqual(ok(false))
    expect(await call('create-container', 'box')).toEqual(ok())
    expect(await call('container-exists', 'box')).toEqual(ok(true))
    expect(await call('get-container-info', 'box')).toEqual(ok({ createdAt: 1_700_000_000n }))
    for (const name of ['k', '', 'a/b.c *>', 'ä/😀', ' '.repeat(100)]) {
      expect(await call('has-object', id(name))).toEqual(ok(false))
      expect(await write(name, bytes(`v ${name}`))).toEqual(ok(fine))
      expect(await read(name)).toEqual(ok([bytes(`v ${name}`), fine]))
      expect(await call('has-object', id(name))).toEqual(ok(true))
      const size = BigInt(bytes(`v ${name}`).length)
      expect(await call('get-object-info', id(name))).toEqual(ok({ createdAt: 1_700_000_000n, size }))
      expect(await write(name, new Uint8Array(0))).toEqual(ok(fine))
      expect(await read(name)).toEqual(ok([new Uint8Array(0), fine]))
      expect(await call('delete-object', id(name))).toEqual(ok())
      expect(await call('delete-object', id(name))).toEqual(ok())
      expect(await call('has-object', id(name))).toEqual(ok(false))
    }
  })

  it('gives parts of an object, both ends included', async () => {
    await call('create-container', 'box')
    await write('o', bytes('0123456789'))
    const part = (start: bigint, end: bigint): Promise<unknown> => call('get-container-data', id('o'), start, end)
    expect(await part(0n, 0n)).toEqual(ok([bytes('0'), fine]))
    expect(await part(2n, 4n)).toEqual(ok([bytes('234'), fine]))
    expect(await part(8n, 1_000n)).toEqual(ok([bytes('89'), fine]))
    expect(await part(10n, 20n)).toEqual(ok([new Uint8Array(0), fine]))
    expect(await part(5n, 4n)).toEqual(err(/is none/))
  })

  it('lists, empties and removes containers', async () => {
    await call('create-container', 'box')
    for (const name of ['c', 'a', 'b', 'd']) await write(name, bytes(name))
    const list = (limit?: bigint, offset?: bigint): Promise<unknown> =>
      call('list-container-objects', 'box', limit, offset)
    expect(await list()).toEqual(ok([['a', 'b', 'c', 'd'], fine]))
    expect(await list(2n, 1n)).toEqual(ok([['b', 'c'], fine]))
    expect(await list(2n, 9n)).toEqual(ok([[], fine]))
    expect(await call('delete-objects', 'box', ['a', 'x', 'b'])).toEqual(ok())
    expect(await list()).toEqual(ok([['c', 'd'], fine]))
    expect(await call('clear-container', 'box')).toEqual(ok())
    expect(await list()).toEqual(ok([[], fine]))
    await write('left', bytes('x'))
    expect(await call('delete-container', 'box')).toEqual(ok())
    expect(await call('container-exists', 'box')).toEqual(ok(false))
    await call('create-container', 'box')
    expect(await list()).toEqual(ok([[], fine]))
  })

  it('copies and moves objects, also onto themselves', async () => {
    await call('create-container', 'box')
    await call('create-container', 'other')
    await write('o', bytes('data'))
    expect(await call('copy-object', id('o'), id('copy', 'other'))).toEqual(ok())
    expect(await read('copy', 'other')).toEqual(ok([bytes('data'), fine]))
    expect(await call('move-object', id('o'), id('moved'))).toEqual(ok())
    expect(await call('has-object', id('o'))).toEqual(ok(false))
    expect(await call('move-object', id('moved'), id('moved'))).toEqual(ok())
    expect(await read('moved')).toEqual(ok([bytes('data'), fine]))
  })

  it('keeps what belongs to one component apart from others, on every node', async () => {
    await call('create-container', 'box')
    await write('o', bytes('mine'))
    const elsewhere = await openBlobstore({ transport: await bus.connect(), lattice: 'default' })
    expect(await callAs('stranger', store, 'container-exists', 'box')).toEqual(ok(false))
    expect(await callAs('stranger', store, 'get-container-data', id('o'), 0n, 9n)).toEqual(err(/no container box/))
    expect(await callAs('notes', elsewhere, 'get-container-data', id('o'), 0n, 9n)).toEqual(ok([bytes('mine'), fine]))
  })

  it('says in words what cannot be done', async () => {
    expect(await read('o')).toEqual(err(/there is no container box/))
    expect(await write('o', bytes('x'))).toEqual(err(/there is no container box/))
    expect(await call('delete-container', 'box')).toEqual(err(/there is no container box/))
    await call('create-container', 'box')
    expect(await call('create-container', 'box')).toEqual(err(/there is a container box already/))
    expect(await read('o')).toEqual(err(/there is no object o in the container box/))
    expect(await call('copy-object', id('o'), id('p'))).toEqual(err(/there is no object o/))
    expect(await write('o'.repeat(3_000), bytes('x'))).toEqual(err(/3000 characters/))
    expect(await write('o', new Uint8Array(maxObjectBytes + 1))).toEqual(err(/33554433 bytes; 33554432 are allowed/))
  })

  it('rejects what its types do not have', async () => {
    for (const [name, ...params] of [
      ['create-container', 1],
      ['get-container-data', 'o', 0n, 1n],
      ['get-container-data', id('o'), 0, 1],
      ['get-container-data', id('o'), -1n, 1n],
      ['write-container-data', id('o'), 'text'],
      ['delete-objects', 'box', [1]],
      ['list-container-objects', 'box', 1],
      ['copy-object', { container: 'box' }, id('o')],
    ] as const) {
      await call('create-container', 'box')
      await expect(call(name, ...params)).rejects.toMatchObject({ code: 'invalid' })
    }
    await expect(call('constructor')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('shows one whole object of many writers, never a mixture, and leaves no bytes behind', async () => {
    await call('create-container', 'box')
    const elsewhere = await openBlobstore({ transport: await bus.connect(), lattice: 'default' })
    const letters = [...'abcdefghijkl']
    let isWriting = true
    const written: string[] = []
    const stopWatch = await (
      await transport.bucket('TLOS_BLOBS_default')
    ).watch(({ value }) => {
      const { blob } = JSON.parse(new TextDecoder().decode(value ?? bytes('{}'))) as { blob?: string } // our own record
      if (blob !== undefined) written.push(blob)
    })
    const seen = new Set<string>()
    await write('o', bytes('.'.repeat(1_000)))
    const reader = (async () => {
      while (isWriting) {
        const { tag, val } = (await read('o')) as { tag: string; val: [Uint8Array] }
        expect(tag).toBe('ok')
        // In memory nothing waits: others must have their turn.
        await new Promise((resolve) => setImmediate(resolve))
        seen.add(new Set(val[0]).size === 1 && val[0].length === 1_000 ? 'whole' : 'mixed')
      }
    })()
    await Promise.all(
      letters.map((letter, n) =>
        callAs('notes', n % 2 === 0 ? store : elsewhere, 'write-container-data', id('o'), bytes(letter.repeat(1_000))),
      ),
    )
    isWriting = false
    await reader
    await eventually(() => written.length === 13)
    stopWatch()
    expect([...seen]).toEqual(['whole'])
    await call('delete-container', 'box')
    await call('create-container', 'empty')
    expect(await (await transport.bucket('TLOS_BLOBS_default')).keys()).toHaveLength(1)
    // Bytes leave a little later than what names them, or at the end of the node.
    const kept = await transport.objects('TLOS_BLOBS_default')
    expect(await Promise.all(written.map((blob) => kept.has(blob)))).toContain(true)
    store.close?.()
    elsewhere.close?.()
    for (let left = 100; left > 0; left -= 1) {
      if (!(await Promise.all(written.map((blob) => kept.has(blob)))).includes(true)) break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(await Promise.all(written.map((blob) => kept.has(blob)))).not.toContain(true)
  }, 30_000)

  it('offers exactly the functions of the interface', () => {
    expect(blobstoreExports.map((each) => [each.name, each.functions.length])).toEqual([[blobstoreInstance, 14]])
  })
})

describe('the blob store on a server that dies', () => {
  it('has after the death of the server what was written before', async () => {
    const bus = await buses[1].open({})
    const transport = await bus.connect()
    const store = await openBlobstore({ transport, lattice: 'default' })
    const call = (functionName: string, ...params: unknown[]): Promise<unknown> =>
      store.handle({ instance: blobstoreInstance, functionName, params, sourceId: 'notes', linkName: 'default' })
    const read = (): Promise<unknown> => call('get-container-data', id('o'), 0n, 1_000_000n)
    await call('create-container', 'box')
    const data = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 31) & 255)
    expect(await call('write-container-data', id('o'), data)).toEqual(ok(fine))
    await bus.cut()
    await eventually(() => transport.status.kind === 'lost', 20_000)
    expect(await call('write-container-data', id('o'), bytes('x'))).toMatchObject({ tag: 'err' })
    await bus.mend()
    await eventually(() => transport.status.kind === 'live', 20_000)
    // JetStream needs a moment after a restart of the server.
    let found: unknown
    for (let left = 100; left > 0; left -= 1) {
      found = await read()
      if ((found as { tag: string }).tag === 'ok') break
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(found).toEqual(ok([data, fine]))
    await bus.close()
  }, 60_000)
})

describe('the blob store without JetStream', () => {
  it('cannot be opened', async () => {
    const bus = await buses[0].open({ jetStream: false })
    await expect(openBlobstore({ transport: await bus.connect(), lattice: 'default' })).rejects.toMatchObject({
      code: 'unavailable',
    })
    await bus.close()
  })
})
