// What every `Transport` promises, held against the bus in memory and a real NATS server over TCP and WebSocket; then
// what only a real server can show: refusals, restarts, buckets over a restart.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openTransport } from '../../../main/nats/connection.js'
import type { BucketEntry, Message, Transport, TransportStatus } from '../../../main/nats/transport.js'
import { MemoryBus, openMemoryTransport } from '../../support/memory-transport.js'
import { type NatsServer, startNatsServer } from '../../support/nats-server.js'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const read = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function until(isSo: () => boolean, limitMs = 10_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!isSo()) {
    if (Date.now() > end) throw new Error('it did not come to be in time')
    await pause(20)
  }
}

let server: NatsServer
let bus: MemoryBus
const opened: Transport[] = []

beforeAll(async () => {
  server = await startNatsServer()
})
afterAll(() => server.close())
afterEach(async () => {
  await Promise.all(opened.splice(0).map((transport) => transport.close()))
})

async function keep(transport: Promise<Transport> | Transport): Promise<Transport> {
  const made = await transport
  opened.push(made)
  return made
}

let lastName = 0
/** Subjects and buckets of one test alone: the server is shared. */
const fresh = (): string => `t${process.pid}x${(lastName += 1)}`

const kinds: readonly (readonly [string, () => Promise<Transport>])[] = [
  ['in memory', () => keep(openMemoryTransport((bus ??= new MemoryBus())))],
  ['over nats://', () => keep(openTransport({ servers: server.tcpUrl }))],
  ['over ws://', () => keep(openTransport({ servers: server.wsUrl }))],
]

describe.each(kinds)('a transport %s', (_name, open) => {
  it('delivers in order of arrival what its wildcards match, and nothing else', async () => {
    const [a, b] = [await open(), await open()]
    const s = fresh()
    const heard: string[] = []
    const note = (which: string) => (message: Message) => void heard.push(`${which} ${message.subject}`)
    a.subscribe(`${s}.*.c`, note('star'))
    a.subscribe(`${s}.>`, note('rest'))
    await a.flush()
    for (const tail of ['', '.b', '.b.c', '.b.c.d']) b.publish(`${s}${tail}`, text('x'))
    await b.flush()
    await until(() => heard.length >= 4)
    await pause(20)
    expect(heard.filter((line) => line.startsWith('rest'))).toEqual([`rest ${s}.b`, `rest ${s}.b.c`, `rest ${s}.b.c.d`])
    expect(heard.filter((line) => line.startsWith('star'))).toEqual([`star ${s}.b.c`])
  })

  it('gives each message to one member of a queue group and to everybody outside it', async () => {
    const [a, b] = [await open(), await open()]
    const s = fresh()
    const counts = { one: 0, two: 0, outside: 0 }
    a.subscribe(s, () => (counts.one += 1), { queue: 'q' })
    b.subscribe(s, () => (counts.two += 1), { queue: 'q' })
    b.subscribe(s, () => (counts.outside += 1))
    await Promise.all([a.flush(), b.flush()])
    for (let i = 0; i < 60; i += 1) a.publish(s, text('x'))
    await until(() => counts.outside === 60 && counts.one + counts.two === 60)
    expect(Math.min(counts.one, counts.two)).toBeGreaterThan(0)
  })

  it('carries bytes, reply subject and headers as they are', async () => {
    const [a, b] = [await open(), await open()]
    const s = fresh()
    let got: Message | undefined
    a.subscribe(s, (message) => (got = message))
    await a.flush()
    b.publish(s, new Uint8Array([0, 255, 10, 13]), { reply: `${s}.r`, headers: { 'source-id': 'echo', 'x-b': 'Zwei' } })
    await until(() => got !== undefined)
    expect(got).toMatchObject({ subject: s, reply: `${s}.r`, headers: { 'source-id': 'echo', 'x-b': 'Zwei' } })
    expect(got?.data.constructor).toBe(Uint8Array)
    expect([...got!.data]).toEqual([0, 255, 10, 13])
  })

  it('answers a request, tells when nobody listens, and when nobody answers in time', async () => {
    const [a, b] = [await open(), await open()]
    const s = fresh()
    a.subscribe(`${s}.echo`, (message) => a.publish(message.reply!, message.data))
    a.subscribe(`${s}.silent`, () => undefined)
    await a.flush()
    expect(read((await b.request(`${s}.echo`, text('hi'))).data)).toBe('hi')
    await expect(b.request(`${s}.nobody`, text('hi'))).rejects.toMatchObject({ code: 'unreachable' })
    await expect(b.request(`${s}.silent`, text('hi'), { timeoutMs: 80 })).rejects.toMatchObject({ code: 'timed-out' })
    const stop = new AbortController()
    const cancelled = b.request(`${s}.silent`, text('hi'), { signal: stop.signal })
    setTimeout(() => stop.abort(), 20)
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('gathers every reply within the window, and ends early when nobody listens', async () => {
    const [a, b] = [await open(), await open()]
    const s = fresh()
    for (const name of ['one', 'two']) a.subscribe(`${s}.all`, (message) => a.publish(message.reply!, text(name)))
    await a.flush()
    const replies = await b.gather(`${s}.all`, text(''), { windowMs: 300 })
    expect(replies.map((message) => read(message.data)).sort()).toEqual(['one', 'two'])
    // Longer than the test may take.
    expect(await b.gather(`${s}.nobody`, text(''), { windowMs: 600_000 })).toEqual([])
  })

  it('goes on after a handler that throws', async () => {
    const a = await open()
    const s = fresh()
    let calls = 0
    a.subscribe(s, () => {
      calls += 1
      throw new Error('a handler of somebody')
    })
    a.publish(s, text('1'))
    a.publish(s, text('2'))
    await until(() => calls === 2)
    expect(a.status.kind).toBe('live')
  })

  it('drains: what had been sent is handled, what comes later is not', async () => {
    const [a, b] = [await open(), await open()]
    const s = fresh()
    let handled = 0
    const subscription = a.subscribe(s, () => (handled += 1))
    await a.flush()
    for (let i = 0; i < 500; i += 1) b.publish(s, text('x'))
    await b.flush()
    await subscription.drain()
    expect(handled).toBe(500)
    b.publish(s, text('late'))
    await b.flush()
    await pause(50)
    expect(handled).toBe(500)
  })

  it('keeps a bucket: present keys, compare-and-set, deletion', async () => {
    const name = `B_${fresh()}`
    const a = await (await open()).bucket(name)
    const b = await (await open()).bucket(name)
    expect(await a.get('none')).toBeUndefined()
    expect(await a.keys()).toEqual([])
    const first = await a.update('k', text('1'), 0)
    await expect(b.update('k', text('other'), 0)).rejects.toMatchObject({ code: 'conflict' })
    const second = await b.update('k', text('2'), first)
    expect(second).toBeGreaterThan(first)
    await expect(a.update('k', text('stale'), first)).rejects.toMatchObject({ code: 'conflict' })
    const entry = await a.get('k')
    expect([entry?.key, read(entry?.value), entry?.revision]).toEqual(['k', '2', second])
    await a.put('l', text(''))
    expect((await b.keys()).sort()).toEqual(['k', 'l'])
    await b.delete('k')
    expect(await a.get('k')).toBeUndefined()
    expect(await a.keys()).toEqual(['l'])
    expect(await a.update('k', text('again'), 0)).toBeGreaterThan(second)
  })

  it('watches a bucket: present keys, then the seeded mark once, then each change', async () => {
    const bucket = await (await open()).bucket(`B_${fresh()}`)
    await bucket.put('a', text('1'))
    await bucket.put('b', text('2'))
    const heard: string[] = []
    const stop = await bucket.watch(
      ({ key, value }) => heard.push(`${key}=${value === undefined ? 'gone' : read(value)}`),
      () => heard.push('seeded'),
    )
    await until(() => heard.includes('seeded'))
    await bucket.put('a', text('3'))
    await bucket.delete('b')
    await until(() => heard.length >= 5)
    expect(heard).toEqual(['a=1', 'b=2', 'seeded', 'a=3', 'b=gone'])
    stop()
    await bucket.put('a', text('4'))
    await pause(50)
    expect(heard).toHaveLength(5)
  })

  it('marks an empty bucket as seeded, too', async () => {
    const bucket = await (await open()).bucket(`B_${fresh()}`)
    let seeded = 0
    await bucket.watch(
      () => undefined,
      () => (seeded += 1),
    )
    await until(() => seeded > 0)
    await pause(50)
    expect(seeded).toBe(1)
  })

  it('keeps objects larger than one message, and empty ones', async () => {
    const store = await (await open()).objects(`O_${fresh()}`)
    const large = new Uint8Array(3_000_000).map((_, i) => (i * 7) % 251)
    await store.put('large', large)
    expect(await store.has('large')).toBe(true)
    expect(Buffer.compare((await store.get('large'))!, large)).toBe(0)
    await store.put('empty', new Uint8Array(0))
    expect((await store.get('empty'))?.length).toBe(0)
    expect([await store.has('none'), await store.get('none')]).toEqual([false, undefined])
    await store.delete('large')
    expect([await store.has('large'), await store.get('large')]).toEqual([false, undefined])
  })

  it('closes once and for all, and may be closed and used twice', async () => {
    const transport = await open()
    const turns: string[] = []
    transport.onStatus((status) => turns.push(status.kind))
    await transport.close()
    await transport.close()
    await until(() => turns.length > 0)
    expect([turns, transport.status.kind]).toEqual([['closed'], 'closed'])
    expect(() => transport.publish('x', text('x'))).not.toThrow()
    await expect(transport.request('x', text('x'))).rejects.toMatchObject({ code: 'unreachable' })
  })
})

describe('opening a transport', () => {
  it.each(['nats://127.0.0.1:1', 'ws://127.0.0.1:1'])('says that nothing answers at %s', async (servers) => {
    await expect(openTransport({ servers, connectTimeoutMs: 1_000 })).rejects.toMatchObject({ code: 'unreachable' })
  })

  it.each(['http://x', 'nonsense', ''])('refuses %j as no NATS URL', async (servers) => {
    await expect(openTransport({ servers })).rejects.toMatchObject({ code: 'invalid' })
  })

  it('asks for credentials, takes the right ones, refuses the wrong ones', async () => {
    const guarded = await startNatsServer({ user: 'u', password: 'p' })
    try {
      for (const servers of [guarded.tcpUrl, guarded.wsUrl]) {
        await expect(openTransport({ servers })).rejects.toMatchObject({ code: 'refused' })
        await expect(openTransport({ servers, user: 'u', password: 'no' })).rejects.toMatchObject({ code: 'refused' })
        expect((await keep(openTransport({ servers, user: 'u', password: 'p' }))).status.kind).toBe('live')
      }
    } finally {
      await guarded.close()
    }
  })

  it('tells of a server without JetStream', async () => {
    const plain = await startNatsServer({ jetStream: false })
    try {
      const transport = await keep(openTransport({ servers: plain.wsUrl }))
      expect(transport.info.hasJetStream).toBe(false)
      await expect(transport.bucket('B')).rejects.toMatchObject({ code: 'unavailable' })
      await expect(transport.objects('O')).rejects.toMatchObject({ code: 'unavailable' })
    } finally {
      await plain.close()
    }
  })
})

describe.each([['tcpUrl'], ['wsUrl']] as const)('a transport whose server restarts (%s)', (which) => {
  it('is lost, then live; requests in flight fail; subscriptions and watches go on', async () => {
    const own = await startNatsServer()
    try {
      const transport = await keep(openTransport({ servers: own[which] }))
      const turns: TransportStatus['kind'][] = []
      transport.onStatus((status) => turns.push(status.kind))
      const heard: string[] = []
      transport.subscribe('a', (message) => heard.push(read(message.data)))
      transport.subscribe('silent', () => undefined)
      const bucket = await transport.bucket('B')
      await bucket.put('k', text('before'))
      const entries: string[] = []
      let seeded = 0
      await bucket.watch(
        (entry: BucketEntry) => entries.push(read(entry.value)),
        () => (seeded += 1),
      )
      await until(() => seeded === 1)

      const inFlight = transport.request('silent', text(''), { timeoutMs: 30_000 }).catch((error: unknown) => error)
      await own.kill()
      await until(() => turns.includes('lost'))
      expect(await inFlight).toMatchObject({ code: 'unreachable' })
      expect(() => transport.publish('a', text('into the void'))).not.toThrow()
      await own.start()

      await until(() => turns.at(-1) === 'live', 20_000)
      await transport.flush()
      transport.publish('a', text('after'))
      await until(() => heard.includes('after'))
      await until(() => seeded === 2, 20_000)
      await bucket.put('k', text('behind'))
      await until(() => entries.includes('behind'))
      expect(entries).toEqual(['before', 'before', 'behind'])
    } finally {
      await own.close()
    }
  })
})

it('gives a bucket the settings of a wasmCloud host', async () => {
  const transport = await keep(openTransport({ servers: server.tcpUrl }))
  const name = `B_${fresh()}`
  await transport.bucket(name)
  const reply = await transport.request(`$JS.API.STREAM.INFO.KV_${name}`, new Uint8Array())
  expect((JSON.parse(read(reply.data)) as { config: unknown }).config).toMatchObject({
    subjects: [`$KV.${name}.>`],
    max_msgs_per_subject: 1,
    storage: 'file',
    num_replicas: 1,
    discard: 'new',
    allow_rollup_hdrs: true,
    deny_delete: true,
    deny_purge: false,
    allow_direct: true,
  })
})

it('opens a bucket and a store for everybody who asks for them at the same moment', async () => {
  const transports = await Promise.all(Array.from({ length: 6 }, () => keep(openTransport({ servers: server.tcpUrl }))))
  const name = `B_${fresh()}`
  const buckets = await Promise.all(transports.map((transport) => transport.bucket(name)))
  await buckets[0]?.put('k', text('v'))
  expect(read((await buckets[5]?.get('k'))?.value ?? new Uint8Array())).toBe('v')
  const stores = await Promise.all(transports.map((transport) => transport.objects(name)))
  await stores[1]?.put('o', text('w'))
  expect(await stores[4]?.has('o')).toBe(true)
})
