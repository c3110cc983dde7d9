// Calls and serves over the bus in memory: the recorded sequences of wRPC message for message, hostile and silent peers,
// and what a move stands on: holding, handing on and draining.

import { afterEach, expect, it } from 'vitest'
import { openRpc } from '../../../main/lattice/rpc.js'
import type { Admission, Rpc } from '../../../main/lattice/rpc-types.js'
import type { Message, Transport } from '../../../main/nats/transport.js'
import type { WitFunction, WitType } from '../../../preload/wit.js'
import { MemoryBus, openMemoryTransport } from '../../support/memory-transport.js'

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

const fn = (name: string, params: readonly WitType[], result?: WitType): WitFunction => ({
  name,
  params: params.map((type, i) => ({ name: `p${i}`, type })),
  result,
})
const string: WitType = { kind: 'string' }
const u32: WitType = { kind: 'u32' }
const bytes: WitType = { kind: 'list', element: { kind: 'u8' } }
const hello = fn('hello', [string], string)
const get = fn('get', [], u32)
const put = fn('put', [bytes, u32], bytes)
const touch = fn('touch', [])
const greet = { name: 'ex:demo/greet@0.1.0', functions: [hello, get, put, touch] }
const subjectOf = (name: string, prefix = 'default.echo'): string => `${prefix}.wrpc.0.0.1.${greet.name}.${name}`

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex')
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

/**
 * What each side published, in order, with subjects as wrpc.md 1.12 writes them. Between the sides only this is fixed: the
 * invocation comes first, and the caller sends nothing to `R_s` before it knows it.
 */
function sequence(bus: MemoryBus): { readonly client: string[]; readonly server: string[] } {
  const accept = bus.published.find((message) => message.subject.startsWith('_INBOX') && message.reply !== undefined)
  const named = bus.published.map(({ subject, data }) => {
    const short = subject.replace(accept?.reply ?? '-', 'R_s').replace(accept?.subject ?? '-', 'R_c')
    return `${short} #${data.length}${data.length > 0 && data.length < 20 ? ` ${hex(data)}` : ''}`
  })
  const isServer = (line: string): boolean => line.startsWith('R_c')
  expect(isServer(named[0] ?? '')).toBe(false)
  const firstRest = named.findIndex((line) => line.startsWith('R_s'))
  if (firstRest >= 0) expect(named.indexOf('R_c #0')).toBeLessThan(firstRest)
  return { client: named.filter((line) => !isServer(line)), server: named.filter(isServer) }
}

function serve(rpc: Rpc, handle: (name: string, params: readonly unknown[]) => unknown, prefix = 'default.echo') {
  return rpc.serve({
    prefix,
    queue: prefix,
    exports: [greet],
    handle: async (call) => handle(call.fn.name, call.params),
  })
}

const call = (rpc: Rpc, f: WitFunction, params: readonly unknown[] = [], timeoutMs = 5_000): Promise<unknown> =>
  rpc.call({ prefix: 'default.echo', instance: greet.name, fn: f, params, timeoutMs })

it('[W1, W5] sequence (a): one string there, one back', async () => {
  const bus = new MemoryBus()
  serve(peer(bus).rpc, (_name, [who]) => `hi ${String(who)}`.slice(0, 6))
  expect(await call(peer(bus).rpc, hello, ['bob'])).toBe('hi bob')
  await pause(20)
  expect(sequence(bus)).toEqual({
    client: [`${subjectOf('hello')} #4 03626f62`, 'R_s.params #0'],
    server: ['R_c #0', 'R_c.results #7 06686920626f62', 'R_c.results #0'],
  })
})

it('[W8] sequence (b): without parameters the end of the parameters is sent all the same', async () => {
  const bus = new MemoryBus()
  serve(peer(bus).rpc, () => 300)
  expect(await call(peer(bus).rpc, get)).toBe(300)
  await pause(20)
  expect(sequence(bus)).toEqual({
    client: [`${subjectOf('get')} #0`, 'R_s.params #0'],
    server: ['R_c #0', 'R_c.results #2 ac02', 'R_c.results #0'],
  })
})

it('[W13] sequence (d): large values are cut to what the server takes', async () => {
  const bus = new MemoryBus({ maxPayload: 1024 })
  const { rpc, transport } = peer(bus)
  serve(rpc, (_name, [data]) => data)
  const data = new Uint8Array(2500).fill(0xab)
  expect(await call(peer(bus).rpc, put, [data, 9])).toEqual(data)
  await pause(20)
  const reply = bus.published[0]?.reply ?? ''
  // Room for the length of R_c, as Rust peers leave it: 52 characters there make 972 bytes, as recorded.
  const first = transport.info.maxPayload - reply.length
  expect(sequence(bus)).toEqual({
    client: [
      `${subjectOf('put')} #${first}`,
      'R_s.params #1024',
      `R_s.params #${2503 - 1024 - first}`,
      'R_s.params #0',
    ],
    server: ['R_c #0', 'R_c.results #1024', 'R_c.results #1024', 'R_c.results #454', 'R_c.results #0'],
  })
})

it('[W10, W30] sequence (f): a failure at the far side is told, with the reason beside it', async () => {
  for (const f of [get, touch]) {
    const bus = new MemoryBus()
    serve(peer(bus).rpc, () => {
      throw new Error('inside: 100 % \ud800 kaputt, größer\r\n')
    })
    await expect(call(peer(bus).rpc, f)).rejects.toMatchObject({
      code: 'trapped',
      message: 'inside: 100 % \ufffd kaputt, größer',
    })
    await pause(20)
    expect(sequence(bus)).toEqual({
      client: [`${subjectOf(f.name)} #0`, 'R_s.params #0'],
      server: ['R_c #0', 'R_c.results #0'],
    })
  }
})

it('[W30] cuts the reason of a failure to what the server takes', async () => {
  const bus = new MemoryBus({ maxPayload: 256 })
  serve(peer(bus).rpc, () => {
    throw new Error('größer '.repeat(200))
  })
  await expect(call(peer(bus).rpc, get)).rejects.toMatchObject({ message: expect.stringMatching(/^größer größer /) })
  expect(bus.thrown).toEqual([])
})

it('[W6] sequence (g): nobody serves it', async () => {
  const bus = new MemoryBus()
  await expect(call(peer(bus).rpc, get)).rejects.toMatchObject({ code: 'unreachable' })
  expect(bus.published.map(({ subject, data }) => [subject, data.length])).toEqual([[subjectOf('get'), 0]])
})

it('[W9] a function without results ends with the end of the channel', async () => {
  const bus = new MemoryBus()
  let touched = 0
  serve(peer(bus).rpc, () => void (touched += 1))
  expect(await call(peer(bus).rpc, touch)).toBeUndefined()
  expect(touched).toBe(1)
})

it('[W20] a silent peer costs the time limit and no more; an abort ends the wait at once', async () => {
  const bus = new MemoryBus()
  const { rpc, transport } = peer(bus)
  transport.subscribe(subjectOf('get'), () => undefined)
  await expect(call(rpc, get, [], 60)).rejects.toMatchObject({ code: 'timed-out' })
  const stop = new AbortController()
  const waiting = rpc.call({ prefix: 'default.echo', instance: greet.name, fn: get, params: [], signal: stop.signal })
  stop.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
})

it('arguments that do not fit are refused before anything is sent', async () => {
  const bus = new MemoryBus()
  serve(peer(bus).rpc, () => 'x')
  await expect(call(peer(bus).rpc, hello, [7])).rejects.toMatchObject({ code: 'invalid' })
  await expect(call(peer(bus).rpc, hello, [])).rejects.toMatchObject({ code: 'invalid' })
  expect(bus.published).toEqual([])
})

it('ends calls in flight when the serving side closes: running, arriving and held ones [W24]', async () => {
  const bus = new MemoryBus()
  const never = new Promise<never>(() => undefined)
  const { rpc } = peer(bus)
  serve(rpc, () => never)
  rpc.serve({ prefix: 'held', exports: [greet], handle: () => never, admit: () => never })
  const caller = peer(bus).rpc
  const running = call(caller, hello, ['bob'])
  const held = caller.call({ prefix: 'held', instance: greet.name, fn: get, params: [], timeoutMs: 5_000 })
  const arriving = callByHand(bus, 'hello', [unhex('03')], false)
  await pause(20)
  rpc.close()
  await expect(running).rejects.toMatchObject({ code: 'cancelled' })
  await expect(held).rejects.toMatchObject({ code: 'cancelled' })
  const back = await arriving
  await expect
    .poll(() => back.map(({ subject, data }) => [subject.split('.').at(-1), data.length]), { timeout: 20_000 })
    .toEqual([['results', 0]])
})

it('refuses what is more than all calls together may hold, and goes on with the others [W22]', async () => {
  const bus = new MemoryBus()
  const transport = openMemoryTransport(bus)
  const rpc = openRpc(transport, { mostHeldBytes: 260_000 })
  open.push(transport, rpc)
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  serve(rpc, async (name) => {
    if (name === 'put') await gate
    return name === 'put' ? new Uint8Array(0) : 7
  })
  const caller = peer(bus).rpc
  const large = new Uint8Array(50_000)
  const calls = Array.from({ length: 7 }, () => call(caller, put, [large, 1]))
  const outcomes = Promise.allSettled(calls)
  await expect(Promise.race(calls)).rejects.toMatchObject({ code: 'unavailable' })
  release()
  expect((await outcomes).filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  expect(await call(caller, get)).toBe(7)
  expect(await call(caller, put, [large, 1])).toEqual(new Uint8Array(0))
})

/** A client by hand: sends these pieces of parameters, the first with the call, and tells what comes back. */
async function callByHand(
  bus: MemoryBus,
  name: string,
  pieces: readonly Uint8Array[],
  hasEnd = true,
): Promise<Message[]> {
  const { transport } = peer(bus)
  const inbox = transport.createInbox()
  const back: Message[] = []
  transport.subscribe(`${inbox}.>`, (message) => back.push(message))
  transport.subscribe(inbox, ({ reply }) => {
    for (const piece of pieces.slice(1)) transport.publish(`${reply}.params`, piece)
    if (hasEnd) transport.publish(`${reply}.params`, new Uint8Array(0))
  })
  transport.publish(subjectOf(name), pieces[0] ?? new Uint8Array(0), { reply: inbox })
  await pause(40)
  return back
}

it('[W12] takes parameters one byte at a time, also behind an empty first message', async () => {
  const bus = new MemoryBus()
  serve(peer(bus).rpc, (_name, [who]) => who)
  const single = [...unhex('03626f62')].map((byte) => new Uint8Array([byte]))
  for (const pieces of [single, [new Uint8Array(0), ...single]]) {
    const back = await callByHand(bus, 'hello', pieces)
    expect(back.map((message) => hex(message.data))).toEqual(['03626f62', ''])
  }
})

it.each(['', '03', '0362', '03626f', 'ffffffff0f', 'ffffffffff', '03ffffff'])(
  '[W10] answers parameters %j with the end of the results alone, without running anything',
  async (params) => {
    const bus = new MemoryBus()
    let runs = 0
    serve(peer(bus).rpc, () => void (runs += 1))
    const back = await callByHand(bus, 'hello', [unhex(params)])
    expect([back.map((message) => hex(message.data)), runs]).toEqual([[''], 0])
  },
)

it('[W16] hands a held call on to another prefix, from where the answer comes', async () => {
  const bus = new MemoryBus()
  let decide: ((admission: Admission) => void) | undefined
  let ranAtA = 0
  const a = peer(bus).rpc.serve({
    prefix: 'default.echo',
    queue: 'default.echo',
    exports: [greet],
    handle: async () => void (ranAtA += 1),
    admit: () => new Promise<Admission>((resolve) => (decide = resolve)),
  })
  serve(peer(bus).rpc, (_name, [who]) => `B ${String(who)}`, 'node.b')
  await a.ready
  const answer = call(peer(bus).rpc, hello, ['bob'])
  await pause(20)
  expect(bus.published.some((message) => message.subject.startsWith('_INBOX'))).toBe(false)
  const drained = a.drain()
  decide?.({ kind: 'forward', prefix: 'node.b' })
  expect(await answer).toBe('B bob')
  await drained
  expect(ranAtA).toBe(0)
})

it('loses no call and runs none twice while one node drains to another under load', async () => {
  const bus = new MemoryBus()
  const runs = new Map<unknown, number>()
  const run = async (_name: string, [who]: readonly unknown[]): Promise<unknown> => {
    runs.set(who, (runs.get(who) ?? 0) + 1)
    await pause(1)
    return who
  }
  let isMoved = false
  const a = peer(bus).rpc.serve({
    prefix: 'default.echo',
    queue: 'default.echo',
    exports: [greet],
    handle: (served) => run(served.fn.name, served.params),
    admit: () => (isMoved ? { kind: 'forward', prefix: 'node.b' } : { kind: 'serve' }),
  })
  const b = peer(bus).rpc
  serve(b, run, 'node.b')
  const caller = peer(bus).rpc
  const answers: Promise<unknown>[] = []
  for (let i = 0; i < 600; i += 1) {
    answers.push(call(caller, hello, [`c${i}`]))
    if (i === 200) isMoved = true
    if (i === 400) {
      serve(b, run)
      void a.drain()
    }
    if (i % 10 === 0) await pause(0)
  }
  expect(await Promise.all(answers)).toEqual(answers.map((_, i) => `c${i}`))
  expect([...runs.values()].every((count) => count === 1)).toBe(true)
})

it('fails calls in flight when the connection goes', async () => {
  const bus = new MemoryBus()
  const { rpc, transport } = peer(bus)
  transport.subscribe(subjectOf('get'), () => undefined)
  const waiting = call(rpc, get).catch((error: unknown) => error)
  bus.cut()
  expect(await waiting).toMatchObject({ code: 'unreachable' })
})

it('[W8] ends the parameters of a call it no longer waits for, so that the peer is not kept waiting', async () => {
  const bus = new MemoryBus()
  const { rpc, transport } = peer(bus)
  let reply: string | undefined
  transport.subscribe(subjectOf('get'), (message) => (reply = message.reply))
  await expect(call(rpc, get, [], 40)).rejects.toMatchObject({ code: 'timed-out' })
  let ends = 0
  transport.subscribe('late.params', () => (ends += 1))
  transport.publish(reply!, new Uint8Array(0), { reply: 'late' })
  await pause(30)
  expect(ends).toBe(1)
})
