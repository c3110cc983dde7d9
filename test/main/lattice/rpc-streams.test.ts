// Streams and futures of wRPC: the recorded sequences with them, peers that cut, repeat or leave out what they may, and
// large ones on a real server.

import { afterEach, describe, expect, it } from 'vitest'
import { openRpc } from '../../../main/lattice/rpc.js'
import type { Rpc } from '../../../main/lattice/rpc-types.js'
import type { Message, Transport } from '../../../main/nats/transport.js'
import type { WitFunction, WitType } from '../../../preload/wit.js'
import { MemoryBus, openMemoryTransport } from '../../support/memory-transport.js'
import { buses, eventually } from './buses.js'

const open: { close(): void | Promise<void> }[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close()
})

function peer(bus: MemoryBus): { rpc: Rpc; transport: Transport } {
  const transport = openMemoryTransport(bus)
  const rpc = openRpc(transport)
  open.push(transport, rpc)
  return { rpc, transport }
}

const u32: WitType = { kind: 'u32' }
const string: WitType = { kind: 'string' }
const byteStream: WitType = { kind: 'stream', element: { kind: 'u8' } }
const words: WitType = { kind: 'stream', element: string }
const status: WitType = { kind: 'future', inner: { kind: 'result', err: string } }

const sum: WitFunction = {
  name: 'sum',
  params: [
    { name: 'start', type: u32 },
    { name: 'data', type: byteStream },
  ],
  result: u32,
}
const pair: WitFunction = {
  name: 'pair',
  params: [],
  result: { kind: 'tuple', elements: [words, { kind: 'future', inner: u32 }] },
}
/** As wrpc:blobstore has them: a stream in a tuple in a result, and a future in a result. */
const read: WitFunction = {
  name: 'read',
  params: [{ name: 'name', type: string }],
  result: { kind: 'result', ok: { kind: 'tuple', elements: [byteStream, status] }, err: string },
}
const write: WitFunction = {
  name: 'write',
  params: [
    { name: 'name', type: string },
    { name: 'data', type: byteStream },
  ],
  result: { kind: 'result', ok: status, err: string },
}
const up = { name: 'ex:demo/up', functions: [sum, pair, read, write] }

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex')
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function serve(rpc: Rpc, handle: (name: string, params: readonly unknown[]) => unknown) {
  return rpc.serve({
    prefix: 'default.echo',
    queue: 'default.echo',
    exports: [up],
    handle: async (call) => handle(call.fn.name, call.params),
  })
}

const call = (rpc: Rpc, fn: WitFunction, params: readonly unknown[] = [], timeoutMs = 5_000): Promise<unknown> =>
  rpc.call({ prefix: 'default.echo', instance: up.name, fn, params, timeoutMs })

const addUp = (_name: string, [start, data]: readonly unknown[]): number =>
  [...(data as Uint8Array)].reduce((total, byte) => total + byte, start as number)

/** Subjects as wrpc.md 1.12 writes them, with the bytes. */
function linesOf(bus: MemoryBus, side: 'R_c' | 'R_s'): string[] {
  const accept = bus.published.find(({ subject, reply }) => subject.startsWith('_INBOX') && reply !== undefined)
  return bus.published
    .map(
      ({ subject, data }) =>
        `${subject.replace(accept?.reply ?? '-', 'R_s').replace(accept?.subject ?? '-', 'R_c')} ${hex(data)}`,
    )
    .filter((line) => line.startsWith(side))
}

it('[W41, W42] sequence (c): a stream among the parameters', async () => {
  const bus = new MemoryBus()
  serve(peer(bus).rpc, addUp)
  expect(await call(peer(bus).rpc, sum, [1, Uint8Array.of(2, 3)])).toBe(6)
  await pause(20)
  expect(hex(bus.published[0]?.data ?? new Uint8Array())).toBe('0100')
  expect(linesOf(bus, 'R_s')).toEqual(['R_s.params ', 'R_s.params.1 020203', 'R_s.params.1 00', 'R_s.params.1 '])
  expect(linesOf(bus, 'R_c')).toEqual(['R_c ', 'R_c.results 06', 'R_c.results '])
})

it('[W41, W42] sequence (e): a stream and a future as the result', async () => {
  const bus = new MemoryBus()
  serve(peer(bus).rpc, () => [['a', 'bb', 'c'], 300])
  expect(await call(peer(bus).rpc, pair)).toEqual([['a', 'bb', 'c'], 300])
  await pause(20)
  expect(linesOf(bus, 'R_c')).toEqual([
    'R_c ',
    'R_c.results 0000',
    'R_c.results ',
    'R_c.results.0.0 0301610262620163',
    'R_c.results.0.0 00',
    'R_c.results.0.0 ',
    'R_c.results.0.1 ac02',
    'R_c.results.0.1 ',
  ])
})

/** A server by hand: what it answers, behind the handshake, as (channel, bytes). */
function answerWith(transport: Transport, fn: WitFunction, messages: readonly (readonly [string, string])[]): void {
  transport.subscribe(`default.echo.wrpc.0.0.1.${up.name}.${fn.name}`, ({ reply = '' }) => {
    transport.publish(reply, new Uint8Array(0), { reply: transport.createInbox() })
    for (const [channel, data] of messages) transport.publish(`${reply}.${channel}`, unhex(data))
  })
}

describe('results with streams and futures', () => {
  const recorded: readonly (readonly [string, string])[] = [
    ['results', '0000'],
    ['results', ''],
    ['results.0.0', '020161026262'],
    ['results.0.1', 'ac02'],
    ['results.0.1', ''],
    ['results.0.0', '010163'],
    ['results.0.0', '00'],
    ['results.0', ''],
    ['results.0.0', ''],
  ]
  it.each([
    ['as Rust sends them', recorded],
    ['without the ends that Go leaves out', recorded.filter(([channel, data]) => channel === 'results' || data !== '')],
    ['with the channels before the values', [...recorded.slice(2), ...recorded.slice(0, 2)]],
    [
      'one byte at a time',
      recorded.flatMap(([channel, data]) =>
        (data === '' ? [] : (data.match(/../g) ?? [])).map((byte) => [channel, byte] as const),
      ),
    ],
    ['with two ends of a stream', [...recorded, ['results.0.0', '00'] as const]],
  ])('[W12, W42] are read %s', async (_how, messages) => {
    const bus = new MemoryBus()
    answerWith(peer(bus).transport, pair, messages)
    expect(await call(peer(bus).rpc, pair)).toEqual([['a', 'bb', 'c'], 300])
  })

  it.each([
    [
      'a stream that ends early',
      [
        ['results', '0000'],
        ['results.0.0', '0161'],
        ['results.0.0', ''],
      ],
      /ended/,
    ],
    [
      'a stream cut before its end',
      [
        ['results', '0000'],
        ['results.0.0', '010161'],
        ['results.0.0', ''],
      ],
      /ended/,
    ],
    [
      'a future without its value',
      [
        ['results', '0000'],
        ['results.0.1', ''],
      ],
      /ended/,
    ],
    [
      'bytes of another type',
      [
        ['results', '0000'],
        ['results.0.1', 'ffffffffff'],
      ],
      /not of its type/,
    ],
    ['nothing at all', [['results', '']], /failed at the far side/],
  ] as const)('[W43] fail the call with %s', async (_what, messages, why) => {
    const bus = new MemoryBus()
    answerWith(peer(bus).transport, pair, messages)
    await expect(call(peer(bus).rpc, pair)).rejects.toThrow(why)
  })

  it('cost the time limit and no more when a channel stays silent', async () => {
    const bus = new MemoryBus()
    answerWith(peer(bus).transport, pair, [['results', '0000']])
    await expect(call(peer(bus).rpc, pair, [], 50)).rejects.toMatchObject({ code: 'timed-out' })
  })
})

it('[W43] does not run a function whose stream ended before its end', async () => {
  const bus = new MemoryBus()
  let runs = 0
  serve(peer(bus).rpc, () => (runs += 1))
  const { transport } = peer(bus)
  const inbox = transport.createInbox()
  const back: Message[] = []
  transport.subscribe(`${inbox}.>`, (message) => back.push(message))
  transport.subscribe(inbox, ({ reply = '' }) => {
    transport.publish(`${reply}.params`, new Uint8Array(0))
    transport.publish(`${reply}.params.1`, unhex('0161'))
    transport.publish(`${reply}.params.1`, new Uint8Array(0))
  })
  transport.publish(`default.echo.wrpc.0.0.1.${up.name}.sum`, unhex('0100'), { reply: inbox })
  await eventually(() => back.length > 0)
  expect([back.map(({ data }) => data.length), runs]).toEqual([[0], 0])
})

it('refuses values that are no stream before anything is sent', async () => {
  const bus = new MemoryBus()
  await expect(call(peer(bus).rpc, sum, [1, 'text'])).rejects.toMatchObject({ code: 'invalid' })
  await expect(call(peer(bus).rpc, sum, [1, [256]])).rejects.toMatchObject({ code: 'invalid' })
  expect(bus.published).toEqual([])
})

describe.each(buses)('streams $name', ({ open: openBus }) => {
  it('[W43] bring 5 MiB there and back whole', async () => {
    const bus = await openBus({})
    open.push(bus)
    const kept = new Map<string, Uint8Array>()
    const rpc = openRpc(await bus.connect())
    const service = serve(rpc, (name, [key, data]) => {
      if (name === 'read') {
        const found = kept.get(String(key))
        return found === undefined ? { tag: 'err', val: 'no such thing' } : { tag: 'ok', val: [found, { tag: 'ok' }] }
      }
      kept.set(String(key), data as Uint8Array)
      return { tag: 'ok', val: { tag: 'ok' } }
    })
    await service.ready
    const data = Uint8Array.from({ length: 5 * 1024 * 1024 + 1 }, (_, at) => (at * 31) & 255)
    const caller = openRpc(await bus.connect())
    expect(await call(caller, write, ['a', data], 30_000)).toEqual({ tag: 'ok', val: { tag: 'ok', val: undefined } })
    const back = (await call(caller, read, ['a'], 30_000)) as { val: [Uint8Array, unknown] }
    expect(Buffer.compare(back.val[0], data)).toBe(0)
    expect(back.val[1]).toEqual({ tag: 'ok', val: undefined })
    expect(await call(caller, read, ['b'])).toEqual({ tag: 'err', val: 'no such thing' })
    expect(await call(caller, write, ['e', new Uint8Array(0)])).toMatchObject({ tag: 'ok' })
    expect(await call(caller, read, ['e'])).toEqual({
      tag: 'ok',
      val: [new Uint8Array(0), { tag: 'ok', val: undefined }],
    })
  }, 60_000)
})
