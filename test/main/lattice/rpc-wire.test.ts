// wRPC on a real nats-server as the wire has it: each command that a client and a server of ours send, byte for byte, and
// peers by hand that do what other implementations do.

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { openRpc } from '../../../main/lattice/rpc.js'
import type { Rpc } from '../../../main/lattice/rpc-types.js'
import { openTransport } from '../../../main/nats/connection.js'
import type { Message, Transport } from '../../../main/nats/transport.js'
import type { WitFunction, WitType } from '../../../preload/wit.js'
import { type NatsServer, startNatsServer } from '../../support/nats-server.js'
import { type NatsTap, openNatsTap, type Tapped } from '../../support/nats-tap.js'
import { failureOf } from '../wasm/open-test-runtime.js'

const string: WitType = { kind: 'string' }
const u32: WitType = { kind: 'u32' }
const bytes: WitType = { kind: 'list', element: { kind: 'u8' } }
const byteStream: WitType = { kind: 'stream', element: { kind: 'u8' } }
const fn = (name: string, params: readonly WitType[], result?: WitType): WitFunction => ({
  name,
  params: params.map((type, at) => ({ name: `p${at}`, type })),
  result,
})
const hello = fn('hello', [string], string)
const put = fn('put', [bytes], bytes)
const touch = fn('touch', [])
const sum = fn('sum', [u32, byteStream], u32)
const get = fn('get', [], { kind: 'tuple', elements: [byteStream, { kind: 'future', inner: u32 }] })
const greet = { name: 'ex:demo/greet@0.1.0', functions: [hello, put, touch, sum, get] }
const root = { name: '', functions: [hello] }
const prefix = 'default.echo'
const subjectOf = (name: string): string => `${prefix}.wrpc.0.0.1.${greet.name}.${name}`

const nothing = new Uint8Array(0)
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex')
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const waiting = { timeout: 30_000 }

let nats: NatsServer
let tap: NatsTap
const open: { close(): void | Promise<void> }[] = []
beforeAll(async () => {
  nats = await startNatsServer({ jetStream: false, maxPayload: 1024 })
}, 60_000)
afterAll(() => nats.close())
afterEach(async () => {
  vi.useRealTimers()
  for (const each of open.splice(0).reverse()) await each.close()
})

async function connect(who: string): Promise<Transport> {
  if (open.length === 0) {
    tap = openNatsTap(nats.tcpUrl)
    open.push(tap)
  }
  const transport = await openTransport({ servers: await tap.urlFor(who) })
  open.push(transport)
  return transport
}

async function peer(who: string): Promise<{ readonly rpc: Rpc; readonly transport: Transport }> {
  const transport = await connect(who)
  const rpc = openRpc(transport)
  open.push(rpc)
  return { rpc, transport }
}

async function serve(
  handle: (name: string, params: readonly unknown[]) => unknown,
  who = 'server',
): Promise<Transport> {
  const { rpc, transport } = await peer(who)
  const service = rpc.serve({
    prefix,
    queue: prefix,
    exports: [greet],
    handle: async ({ fn: { name }, params }) => handle(name, params),
  })
  await service.ready
  return transport
}

const call = (rpc: Rpc, of: WitFunction, params: readonly unknown[] = [], timeoutMs = 30_000): Promise<unknown> =>
  rpc.call({ prefix, instance: greet.name, fn: of, params, timeoutMs })

/** Which inboxes are `R_c` and `R_s` here: those of the first handshake. */
function handshake(): { readonly client: string; readonly server: string } {
  const accept = tap.log.find(({ op, subject, reply }) => op === 'PUB' && subject.startsWith('_INBOX') && reply)
  return { client: accept?.subject ?? '-', server: accept?.reply ?? '-' }
}

/** The commands of a client as wrpc.md 1.12 writes them, without those that have nothing to do with this call. */
function linesOf(who: string): string[] {
  const { client, server } = handshake()
  const base = (inbox: string): string => inbox.split('.').slice(0, 2).join('.')
  const short = (subject: string): string =>
    subject.replace(client, 'R_c').replace(server, 'R_s').replace(base(client), 'IN_c').replace(base(server), 'IN_s')
  const line = ({ op, subject, queue, reply, headers, data }: Tapped): string =>
    [
      op,
      short(subject),
      ...(queue === undefined ? [] : [queue]),
      ...(reply === undefined ? [] : [short(reply)]),
      ...(headers === undefined ? [] : [JSON.stringify(headers)]),
      ...(op === 'SUB' ? [] : [`#${data.length}${data.length > 0 && data.length < 20 ? ` ${hex(data)}` : ''}`]),
    ].join(' ')
  const isOfCall = ({ subject }: Tapped): boolean => !/^[$_]/.test(short(subject))
  return tap.log.filter((each) => each.who === who && isOfCall(each)).map(line)
}

interface ByHand {
  readonly transport: Transport
  readonly back: Message[]
  /** Of the server, once it has answered. */
  readonly params: Promise<string>
}

/** A caller by hand: the invocation, and what comes back for it. */
async function invoke(of: WitFunction, first: Uint8Array): Promise<ByHand> {
  const transport = await connect('by hand')
  const inbox = transport.createInbox()
  const back: Message[] = []
  const params = new Promise<string>((resolve) => {
    transport.subscribe(inbox, (message) => {
      back.push(message)
      resolve(`${message.reply}.params`)
    })
  })
  transport.subscribe(`${inbox}.>`, (message) => back.push(message))
  transport.publish(subjectOf(of.name), first, { reply: inbox })
  return { transport, back, params }
}

const gist = (back: readonly Message[]): string[] =>
  back.map(({ subject, data }) => `${subject.split('.').slice(2).join('.')} ${hex(data)}`.trim())

describe('the commands of a call', () => {
  it('[W1, W3, W4, W5, W8, W9] are those of Rust peers: inboxes before calls, a queue group, a handshake, both ends', async () => {
    await serve((_name, [who]) => `hi ${String(who)}`)
    const { rpc } = await peer('client')
    expect(await call(rpc, hello, ['bob'])).toBe('hi bob')
    expect(await call(rpc, touch)).toBeUndefined()
    await expect.poll(() => linesOf('client').length, waiting).toBe(5)
    await expect.poll(() => linesOf('server').length, waiting).toBe(11)
    expect(linesOf('client')).toEqual([
      'SUB IN_c.>',
      `PUB ${subjectOf('hello')} R_c #4 03626f62`,
      'PUB R_s.params #0',
      `PUB ${subjectOf('touch')} IN_c.2 #0`,
      'PUB IN_s.2.params #0',
    ])
    expect(linesOf('server')).toEqual([
      'SUB IN_s.>',
      ...greet.functions.map(({ name }) => `SUB ${subjectOf(name)} ${prefix}`),
      'PUB R_c R_s #0',
      'PUB R_c.results #7 06686920626f62',
      'PUB R_c.results #0',
      'PUB IN_c.2 IN_s.2 #0',
      'PUB IN_c.2.results #0',
    ])
  })

  it('[W1] leave no empty token for a prefix or an instance that there is not', async () => {
    const { rpc } = await peer('server')
    await rpc.serve({ prefix: '', exports: [greet], handle: () => Promise.resolve('a') }).ready
    await rpc.serve({ prefix: 'p', exports: [root], handle: () => Promise.resolve('b') }).ready
    const client = (await peer('client')).rpc
    expect(await client.call({ prefix: '', instance: greet.name, fn: hello, params: [''] })).toBe('a')
    expect(await client.call({ prefix: 'p', instance: '', fn: hello, params: [''] })).toBe('b')
    const called = tap.log.filter(({ who, subject }) => who === 'client' && subject.includes('wrpc'))
    expect(called.map(({ subject }) => subject)).toEqual([`wrpc.0.0.1.${greet.name}.hello`, 'p.wrpc.0.0.1.hello'])
  })

  it('[W3] are answered by one of those that serve', async () => {
    const runs: string[] = []
    for (const who of ['a', 'b', 'c']) await serve(() => void runs.push(who), who)
    const { rpc } = await peer('client')
    for (let i = 0; i < 20; i += 1) await call(rpc, touch)
    expect(runs).toHaveLength(20)
    expect(tap.log.filter(({ subject, who }) => who !== 'client' && subject.endsWith('.results'))).toHaveLength(20)
  })

  it('[W15] have headers in the invocation and in the end of a failure, and nowhere else', async () => {
    let isBroken = false
    await serve((_name, [data]) => {
      if (isBroken) throw new Error('no more')
      return data
    })
    const { rpc } = await peer('client')
    const data = new Uint8Array(3000)
    const withHeaders = { prefix, instance: greet.name, fn: put, params: [data], headers: { 'source-id': 'x' } }
    await rpc.call(withHeaders)
    isBroken = true
    expect((await failureOf(rpc.call(withHeaders))).message).toBe('no more')
    const headed = tap.log.filter(({ headers }) => headers !== undefined)
    expect(headed.map(({ who, subject, headers }) => [who, subject.split('.').at(-1), headers])).toEqual([
      ['client', 'put', 'NATS/1.0\r\nsource-id: x\r\n\r\n'],
      ['client', 'put', 'NATS/1.0\r\nsource-id: x\r\n\r\n'],
      ['server', 'results', 'NATS/1.0\r\ntlos-error-code: trapped\r\ntlos-error: no more\r\n\r\n'],
    ])
    expect(tap.log.length).toBeGreaterThan(headed.length * 4)
  })

  it('[W11, W42] have no empty piece but ends, also where values and chunks fill messages to the last byte', async () => {
    const value = (size: number): Uint8Array => new Uint8Array(size - 2)
    await serve((name) => (name === 'get' ? [new Uint8Array(2 * 1024), 300] : value(2 * 1024)))
    const { rpc } = await peer('client')
    // The first message has room for so much; the next one is full.
    const inboxLength = (await roomOf(rpc)).length
    await call(rpc, put, [value(2 * 1024 - inboxLength)])
    await call(rpc, get)
    const ends = new Map<string, number[]>()
    for (const { op, subject, reply, data } of tap.log.filter(({ subject: each }) => each.startsWith('_INBOX'))) {
      if (op === 'PUB' && reply === undefined) ends.set(subject, [...(ends.get(subject) ?? []), data.length])
    }
    expect(ends.size).toBeGreaterThan(6)
    // Each channel has one empty message, its last.
    for (const [subject, lengths] of ends) expect([subject, lengths.indexOf(0)]).toEqual([subject, lengths.length - 1])
    const full = [...ends.values()].filter((lengths) => lengths.includes(1024))
    expect(full).toHaveLength(2)
  })
})

/** The reply subject that the next call of this client has, give or take its number. */
async function roomOf(rpc: Rpc): Promise<string> {
  await call(rpc, touch)
  return handshake().client
}

describe('a server of ours', () => {
  it('[W7] begins when the parameters are there, without their end, and passes over what follows', async () => {
    await serve((_name, [who]) => who)
    const { transport, back, params } = await invoke(hello, unhex('03626f'))
    transport.publish(await params, unhex('62ffff'))
    transport.publish(await params, unhex('ff'))
    await expect.poll(() => gist(back), waiting).toEqual(['', 'results 03626f62', 'results'])
  })

  it('[W5, W10] shakes hands for parameters that it cannot read, and ends the results', async () => {
    let runs = 0
    await serve(() => (runs += 1))
    const { back } = await invoke(hello, unhex('02c328'))
    await expect.poll(() => gist(back), waiting).toEqual(['', 'results'])
    expect([back[0]?.reply?.startsWith('_INBOX.'), runs]).toEqual([true, 0])
  })

  it('[W14] passes over messages that nobody waits for, also ends of what is above a stream', async () => {
    await serve((_name, [start, data]) => (data as Uint8Array).length + (start as number))
    const { transport, back, params } = await invoke(sum, unhex('0100'))
    const at = await params
    for (const [path, data] of [
      ['.7', '01'],
      ['.7', ''],
      ['', ''],
      ['.1', '0161'],
      ['.1.0', ''],
      ['.1', '00'],
      ['.1', ''],
    ] as const) {
      transport.publish(`${at}${path}`, unhex(data))
    }
    await expect.poll(() => gist(back), waiting).toEqual(['', 'results 02', 'results'])
  })

  it('[W11] passes over a second end', async () => {
    await serve((_name, [who]) => who)
    const { transport, back, params } = await invoke(hello, unhex('03'))
    const at = await params
    transport.publish(at, unhex('626f62'))
    for (let i = 0; i < 3; i += 1) transport.publish(at, nothing)
    await expect.poll(() => gist(back), waiting).toEqual(['', 'results 03626f62', 'results'])
  })

  it('[W21] waits 10 s from message to message for parameters, and then fails the call', async () => {
    const serving = await serve((_name, [who]) => who)
    const { transport, back, params } = await invoke(hello, unhex('10'))
    const at = await params
    /** Everything that was sent before has reached the server: one connection, one order. */
    const arrived = (): Promise<void> =>
      new Promise((resolve) => {
        const mark = serving.createInbox()
        const marked = serving.subscribe(mark, () => {
          marked.close()
          resolve()
        })
        void serving.flush().then(() => transport.publish(mark, nothing))
      })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    for (let i = 0; i < 5; i += 1) {
      transport.publish(at, unhex('61'))
      await arrived()
      vi.advanceTimersByTime(9_900)
      await arrived()
      expect(gist(back)).toEqual([''])
    }
    vi.advanceTimersByTime(200)
    await expect.poll(() => gist(back), waiting).toEqual(['', 'results'])
    expect(decodeURIComponent(back[1]?.headers?.['tlos-error'] ?? '')).toContain('did not come within 10000 ms')
    // What comes now is nobody's.
    transport.publish(at, new Uint8Array(11).fill(0x61))
    await arrived()
    expect(gist(back)).toHaveLength(2)
  })
})

/** A server by hand for `hello` and `touch`: what it says when it is called, as (channel or '', reply, bytes). */
async function answerWith(said: (own: string) => readonly (readonly [string, string | undefined, string])[]) {
  const transport = await connect('by hand')
  const inbox = transport.createInbox()
  const heard: Message[] = []
  transport.subscribe(`${inbox}.>`, (message) => heard.push(message))
  for (const { name } of greet.functions) {
    transport.subscribe(subjectOf(name), ({ reply: to = '' }) => {
      for (const [channel, reply, data] of said(inbox)) {
        transport.publish(channel === '' ? to : `${to}.${channel}`, unhex(data), { reply })
      }
    })
  }
  await transport.flush()
  return { transport, inbox, heard }
}

describe('a client of ours', () => {
  it('[W5] heeds the first handshake only, and fails a call whose handshake says nothing', async () => {
    const { inbox, heard } = await answerWith((own) => [
      ['', `${own}.a`, ''],
      ['', `${own}.b`, ''],
      ['results', undefined, '0162'],
      ['results', undefined, ''],
    ])
    const { rpc } = await peer('client')
    expect(await call(rpc, hello, ['x'.repeat(2000)])).toBe('b')
    await expect.poll(() => heard.at(-1)?.data.length, waiting).toBe(0)
    expect(new Set(heard.map(({ subject }) => subject))).toEqual(new Set([`${inbox}.a.params`]))
    for (const each of open.splice(0).reverse()) await each.close()
    await answerWith(() => [['', undefined, '']])
    const failure = await failureOf(call((await peer('client')).rpc, touch))
    expect([failure.code, failure.message]).toEqual(['invalid', expect.stringContaining('where it listens')])
  })

  it('[W9] is done with the last byte of the results, and without results with the end of the channel', async () => {
    const { transport } = await answerWith((own) => [
      ['', `${own}.a`, ''],
      ['results', undefined, '0162'],
    ])
    const { rpc } = await peer('client')
    expect(await call(rpc, hello, ['x'])).toBe('b')
    let isDone = false
    const touched = call(rpc, touch).then(() => (isDone = true))
    // Bytes are not the end; it would be done by what comes behind them.
    expect(await call(rpc, hello, ['x'])).toBe('b')
    expect(isDone).toBe(false)
    const called = tap.log.filter(({ who, subject }) => who === 'client' && subject === subjectOf('touch'))
    transport.publish(`${called[0]?.reply}.results`, nothing)
    await touched
  })

  it('[W10] has a failure for an end without results, and a value for an error that is one', async () => {
    await answerWith((own) => [
      ['', `${own}.a`, ''],
      ['results', undefined, ''],
    ])
    const { rpc } = await peer('client')
    expect((await failureOf(call(rpc, hello, ['x']))).code).toBe('trapped')
    const asked = fn('hello', [string], { kind: 'result', ok: string, err: string })
    for (const each of open.splice(0).reverse()) await each.close()
    await answerWith((own) => [
      ['', `${own}.a`, ''],
      ['results', undefined, '01026e6f'],
    ])
    expect(await call((await peer('client')).rpc, asked, ['x'])).toEqual({ tag: 'err', val: 'no' })
  })

  it('[W14] passes over what is on subjects that it did not ask for', async () => {
    await answerWith((own) => [
      ['', `${own}.a`, ''],
      ['results.0.1', undefined, 'ac02'],
      ['results.0', undefined, ''],
      ['results.0.0', undefined, '0161'],
      ['results.9', undefined, 'ff'],
      ['elsewhere', undefined, 'ff'],
      ['results', undefined, '0000'],
      ['results', undefined, ''],
      ['results.0.0', undefined, '00'],
      ['results.0', undefined, ''],
    ])
    expect(await call((await peer('client')).rpc, get)).toEqual([unhex('61'), 300])
  })
})
