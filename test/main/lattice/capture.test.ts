// What is recorded of a lattice, and the file that wash would read. The server is a real one: the stream is its own.

import { gunzipSync } from 'node:zlib'
import { list } from 'tar'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Capture, createCapture, recorded } from '../../../main/lattice/capture.js'
import { captureName } from '../../../main/lattice/capture-file.js'
import type { Inventory } from '../../../main/lattice/protocol/inventory.js'
import { openTransport } from '../../../main/nats/connection.js'
import { createRecording } from '../../../main/nats/recording.js'
import type { Transport } from '../../../main/nats/transport.js'
import { type NatsServer, startNatsServer } from '../../support/nats-server.js'

const host = (id: string): Inventory => ({
  hostId: id,
  friendlyName: id.slice(0, 4),
  components: [],
  providers: [],
  labels: { floor: 'top' },
  version: '1.9.2',
  uptimeSeconds: 61,
})
const [east, west] = [`N${'A'.repeat(55)}`, `N${'B'.repeat(55)}`]

function captureOf(transport: Transport, lattice = 'default'): Capture {
  return createCapture(createRecording({ transport, ...recorded(lattice) }), {
    ping: () => Promise.resolve([{ id: east }, { id: west }] as never),
    inventory: (id) => (id === east ? Promise.resolve(host(east)) : Promise.reject(new Error('no answer'))),
  })
}

/** Entries of a packed tar by name, in order, as tar itself reads them. */
async function unpack(bytes: Uint8Array): Promise<readonly (readonly [string, unknown])[]> {
  const found: (readonly [string, unknown])[] = []
  await new Promise<void>((resolve, reject) => {
    const reader = list({
      onReadEntry(entry) {
        const pieces: Buffer[] = []
        entry.on('data', (piece: Buffer) => pieces.push(piece))
        entry.on('end', () => found.push([entry.path, JSON.parse(Buffer.concat(pieces).toString())]))
      },
    })
    reader.on('end', resolve).on('error', reject)
    reader.end(gunzipSync(bytes))
  })
  return found
}

describe('a recording', () => {
  let server: NatsServer
  let transport: Transport
  beforeAll(async () => {
    server = await startNatsServer()
    transport = await openTransport({ servers: server.tcpUrl })
  })
  afterAll(async () => {
    await transport.close()
    await server.close()
  })

  it('is off at first, keeps what nodes say to providers while it is on, and nothing of it afterwards', async () => {
    const capture = captureOf(transport)
    expect(await capture.state()).toBeUndefined()
    await expect(capture.write()).rejects.toThrow('Nothing is being recorded')
    await capture.begin()
    // Somebody else may have switched it on.
    await capture.begin()
    expect(await capture.state()).toMatchObject({ messages: 0, bytes: 0, windowMs: 3_600_000 })
    transport.publish('wasmbus.rpc.default.kv.health', Buffer.from('{}'))
    transport.publish('wasmbus.rpc.elsewhere.kv.health', Buffer.from('{}'))
    transport.publish('wasmbus.evt.default.host_heartbeat', Buffer.from('{}'))
    await expect.poll(async () => (await capture.state())?.messages, { timeout: 20_000 }).toBe(1)
    await capture.end()
    expect(await capture.state()).toBeUndefined()
    await capture.end()
  })

  it('[L130] is written as wash writes it: the inventories, then each message in its order', async () => {
    const before = Date.now()
    const capture = captureOf(transport)
    await capture.begin()
    transport.publish('wasmbus.rpc.default.kv.linkdefs.put', Buffer.from([0, 255, 7]), {
      headers: { 'source-id': 'counter', Two: 'words here' },
      reply: 'elsewhere',
    })
    for (let i = 0; i < 70; i += 1) transport.publish(`wasmbus.rpc.default.kv.n${i}`, Buffer.from(String(i)))
    await expect.poll(async () => (await capture.state())?.messages, { timeout: 20_000 }).toBe(71)
    const file = await capture.write()
    await capture.end()
    expect(file).toMatchObject({ messages: 71, leftOut: 0, hosts: 1, silent: [west] })
    const entries = await unpack(file.bytes)
    expect(entries[0]).toEqual([
      'inventory.json',
      [expect.objectContaining({ host_id: east, friendly_name: 'NAAA', labels: { floor: 'top' }, uptime_seconds: 61 })],
    ])
    const [path, first] = entries[1] ?? []
    expect(path).toMatch(/^messages\/0-\d{4}-\d\d-\d\dT[\d:.]+Z\.json$/)
    const { published, headers, ...rest } = first as Record<string, unknown>
    expect(rest).toEqual({
      subject: 'wasmbus.rpc.default.kv.linkdefs.put',
      reply: null,
      payload: [0, 255, 7],
      description: null,
      length: expect.any(Number),
    })
    expect(headers).toEqual({ inner: { 'source-id': [{ inner: 'counter' }], Two: [{ inner: 'words here' }] } })
    const [year, day, hour, minute, second, nano, ...zone] = published as number[]
    const at = Date.UTC(year ?? 0, 0, day, hour, minute, second, (nano ?? 0) / 1e6)
    expect(at).toBeGreaterThanOrEqual(before - 1)
    expect(at).toBeLessThanOrEqual(Date.now() + 1)
    expect(zone).toEqual([0, 0, 0])
    expect(entries.slice(2).map(([, message]) => (message as { subject: string }).subject)).toEqual(
      Array.from({ length: 70 }, (_, i) => `wasmbus.rpc.default.kv.n${i}`),
    )
  })

  it('[L130] answers nobody: whoever asks on its subjects hears the one that was asked', async () => {
    const recording = createRecording({ transport, ...recorded('asked') })
    await recording.begin()
    const subject = 'wasmbus.rpc.asked.kv.health'
    await expect(transport.request(subject, Buffer.from(''), { timeoutMs: 1_000 })).rejects.toThrow()
    const kv = transport.subscribe(subject, ({ reply }) =>
      transport.publish(reply ?? '', Buffer.from('{"healthy":true}')),
    )
    await transport.flush()
    for (let i = 0; i < 20; i += 1) {
      const answer = await transport.request(subject, Buffer.from(''))
      expect(Buffer.from(answer.data).toString()).toBe('{"healthy":true}')
    }
    kv.close()
    await recording.end()
  })

  it('of which only the newest are wanted says how many it leaves out', async () => {
    const recording = createRecording({ transport, ...recorded('few') })
    await recording.begin()
    for (let i = 0; i < 5; i += 1) transport.publish(`wasmbus.rpc.few.n${i}`, Buffer.from('x'))
    await expect.poll(async () => (await recording.state())?.messages, { timeout: 20_000 }).toBe(5)
    const { messages, leftOut } = await recording.read(2)
    expect([messages.map(({ subject }) => subject), leftOut]).toEqual([['wasmbus.rpc.few.n3', 'wasmbus.rpc.few.n4'], 3])
    await recording.end()
  })
})

describe('a server without JetStream', () => {
  it('records nothing and says why', async () => {
    const server = await startNatsServer({ jetStream: false })
    const transport = await openTransport({ servers: server.tcpUrl })
    try {
      await expect(captureOf(transport).begin()).rejects.toMatchObject({
        code: 'unavailable',
        message: 'The NATS server has no JetStream, so nothing can be recorded.',
      })
    } finally {
      await transport.close()
      await server.close()
    }
  })
})

it('gets a name that says when', () => {
  expect(captureName(new Date(Date.UTC(2026, 10, 27, 3, 4, 5, 678)))).toBe('2026-11-27T03-04-05Z.washcapture')
})
