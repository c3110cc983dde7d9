// Byte streams of wRPC that flow: bounded between peers of ours, readable for others, and ended at both ends by whoever goes,
// whatever the other side does. On a real nats-server, with peers by hand for what is hostile.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { flowWindow, largestValues } from '../../../main/lattice/rpc-limits.js'
import { openRpc, type RpcOptions } from '../../../main/lattice/rpc.js'
import type { Rpc, ServedCall } from '../../../main/lattice/rpc-types.js'
import { openTransport } from '../../../main/nats/connection.js'
import type { Message, Transport } from '../../../main/nats/transport.js'
import type { WitFunction, WitType } from '../../../preload/wit.js'
import { type NatsServer, startNatsServer } from '../../support/nats-server.js'
import { openStallingProxy } from '../../support/stalling-proxy.js'
import { failureOf } from '../wasm/open-test-runtime.js'

const mebibyte = 1024 * 1024
const long = 64 * mebibyte
const waiting = { timeout: 30_000 }
const byteStream: WitType = { kind: 'stream', element: { kind: 'u8' } }
const u32: WitType = { kind: 'u32' }
const later: WitType = { kind: 'future', inner: u32 }
/** As bodies of HTTP are: a stream and what comes behind it, in a result. */
const body: WitType = { kind: 'tuple', elements: [byteStream, later] }
const echo: WitFunction = {
  name: 'echo',
  params: [{ name: 'body', type: body }],
  result: { kind: 'result', ok: body, err: { kind: 'string' } },
}
const count: WitFunction = { name: 'count', params: [{ name: 'body', type: byteStream }], result: u32 }
const face = { name: 'ex:demo/flow@0.1.0', functions: [echo, count] }
const prefix = 'default.flow'
const subjectOf = (name: string): string => `${prefix}.wrpc.0.0.1.${face.name}.${name}`

type Bytes = AsyncIterable<Uint8Array>
type Body = readonly [Bytes, PromiseLike<number>]

const nothing = new Uint8Array(0)
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex')
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

let nats: NatsServer
const open: { close(): void | Promise<void> }[] = []
beforeAll(async () => {
  nats = await startNatsServer({ jetStream: false })
}, 60_000)
afterAll(() => nats.close())
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close()
})

async function peer(options: RpcOptions = {}, url = nats.tcpUrl): Promise<{ rpc: Rpc; transport: Transport }> {
  const transport = await openTransport({ servers: url })
  const rpc = openRpc(transport, options)
  open.push(transport, rpc)
  return { rpc, transport }
}

async function serve(handle: (call: ServedCall) => Promise<unknown>, options: RpcOptions = {}, url = nats.tcpUrl) {
  const served = await peer(options, url)
  const { rpc } = served
  const service = rpc.serve({ prefix, queue: prefix, exports: [face], flowing: [face.name], handle })
  await service.ready
  return { ...served, service }
}

const call = (rpc: Rpc, fn: WitFunction, param: unknown, more: { signal?: AbortSignal } = {}): Promise<unknown> =>
  rpc.call({ prefix, instance: face.name, fn, params: [param], timeoutMs: 30_000, isFlowing: true, ...more })

/** The answer of `echo`. */
async function callEcho(rpc: Rpc, param: unknown, more: { signal?: AbortSignal } = {}): Promise<Body> {
  const { val } = (await call(rpc, echo, param, more)) as { readonly val: Body } // by that type
  return val
}

/** Counts what is taken from it, and whether it was left. */
function source(bytes: number, size = 60_000) {
  const state = { taken: 0, isLeft: false }
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      while (state.taken < bytes) {
        const piece = new Uint8Array(Math.min(size, bytes - state.taken)).fill((state.taken / size) & 255)
        state.taken += piece.length
        await Promise.resolve()
        yield piece
      }
    } finally {
      state.isLeft = true
    }
  }
  return { state, bytes: pieces() }
}

/** Hands it back as it comes. */
const echoBack = ({ params: [given] }: ServedCall): Promise<unknown> =>
  Promise.resolve({ tag: 'ok', val: [(given as Body)[0], (given as Body)[1]] })

const countUp = async ({ params: [given] }: ServedCall): Promise<number> => {
  let sum = 0
  for await (const piece of given as Bytes) sum += piece.length
  return sum
}

async function readAll(bytes: Bytes): Promise<number> {
  let sum = 0
  for await (const piece of bytes) sum += piece.length
  return sum
}

describe('[W44, W45] a stream between two peers of ours', () => {
  it('[W44, W45] goes there and back with no more than windows of it on the way, and its future behind it', async () => {
    await serve(echoBack)
    const { rpc } = await peer()
    const { state, bytes } = source(long)
    const sum = Promise.resolve(300)
    const [back, behind] = await callEcho(rpc, [bytes, sum])
    let got = 0
    let most = 0
    for await (const piece of back) {
      expect(piece[0]).toBe(Math.floor(got / 60_000) & 255)
      got += piece.length
      most = Math.max(most, state.taken - got)
    }
    expect(got).toBe(long)
    expect(await behind).toBe(300)
    // A window each way, and the piece in the hand of whoever writes, twice.
    expect(most).toBeLessThanOrEqual(2 * (flowWindow + 64 * 1024))
  }, 120_000)

  it('[W45] waits for its reader, at both ends, and goes on with it', async () => {
    let read: () => void = () => undefined
    const mayRead = new Promise<void>((resolve) => (read = resolve))
    await serve(async (served) => {
      await mayRead
      return await countUp(served)
    })
    const { rpc } = await peer()
    const { state, bytes } = source(long)
    const counted = call(rpc, count, bytes)
    await expect.poll(() => state.taken, waiting).toBeGreaterThanOrEqual(flowWindow)
    // More would have been taken by the time that others have had their calls and answers.
    const { state: other, bytes: otherBytes } = source(10)
    const second = call(rpc, count, otherBytes)
    await expect.poll(() => other.isLeft, waiting).toBe(true)
    expect(state.taken).toBeLessThanOrEqual(flowWindow + 64 * 1024)
    read()
    expect([await counted, await second]).toEqual([long, 10])
  }, 120_000)

  it('[W46] is left by its writer when its reader goes, the one way and the other', async () => {
    const served: ReturnType<typeof source>[] = []
    await serve(({ params: [given] }) => {
      // Not read at all: what nobody can read any more is not wanted when the answer is through.
      expect(given).toHaveLength(2)
      const made = source(long)
      served.push(made)
      return Promise.resolve({ tag: 'ok', val: [made.bytes, Promise.resolve(1)] })
    })
    const { rpc } = await peer()
    const { state, bytes } = source(long)
    const [back] = await callEcho(rpc, [bytes, 1])
    for await (const piece of back) {
      expect(piece.length).toBeGreaterThan(0)
      break
    }
    await expect.poll(() => [served[0]?.state.isLeft, state.isLeft], waiting).toEqual([true, true])
    expect(served[0]?.state.taken).toBeLessThan(2 * mebibyte)
    expect(state.taken).toBeLessThan(2 * mebibyte)
  })

  it('[W46] ends with the reason when its writer fails, and never as if it were whole', async () => {
    await serve(echoBack)
    const { rpc } = await peer()
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(new Uint8Array(100_000))
      throw new Error('on purpose')
    }
    const [back, behind] = await callEcho(rpc, [broken(), Promise.reject(new Error('no sum'))])
    const failure = await failureOf(readAll(back))
    expect([failure.code, failure.message]).toEqual(['trapped', 'on purpose'])
    expect((await failureOf(Promise.resolve(behind))).message).toBe('no sum')
  })

  it('[W46] is broken off at both ends by the signal of the call', async () => {
    const heard: unknown[] = []
    await serve((served) => {
      const [given] = served.params as [Body]
      const reading = failureOf(readAll(given[0])).then((failure) => heard.push(failure.message))
      served.keep(reading)
      return Promise.resolve({ tag: 'ok', val: [source(long).bytes, 1] })
    })
    const { rpc } = await peer()
    const stop = new AbortController()
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(new Uint8Array(10))
      await new Promise(() => undefined)
    }
    const [back] = await callEcho(rpc, [slow(), 1], { signal: stop.signal })
    stop.abort()
    expect((await failureOf(readAll(back))).code).toBe('cancelled')
    await expect.poll(() => heard, waiting).toEqual([expect.stringContaining('was cancelled')])
  })

  it('[W46] is broken off when its reader leaves the lattice, and when its writer does', async () => {
    const made = source(long)
    const { rpc: serving } = await serve(() => Promise.resolve({ tag: 'ok', val: [made.bytes, 1] }))
    const first = (await peer()).rpc
    const [left] = await callEcho(first, [source(0).bytes, 1])
    await left[Symbol.asyncIterator]().next()
    const second = (await peer()).rpc
    const [back] = await callEcho(second, [source(0).bytes, 1])
    const reader = back[Symbol.asyncIterator]()
    await reader.next()
    serving.close()
    expect((await failureOf(readAll({ [Symbol.asyncIterator]: () => reader }))).code).toBe('cancelled')
    first.close()
    expect((await failureOf(readAll(left))).code).toBe('cancelled')
    await expect.poll(() => made.state.isLeft, waiting).toBe(true)
  })

  it('[W47] ends within its limit at the one side when the other is cut off, and is not taken for whole', async () => {
    const proxy = await openStallingProxy(Number(new URL(nats.tcpUrl).port))
    open.push(proxy)
    const times = { flowTimes: { stallMs: 2_000, aliveMs: 100 } }
    const made = source(long)
    await serve(() => Promise.resolve({ tag: 'ok', val: [made.bytes, 1] }), times, `nats://127.0.0.1:${proxy.port}`)
    const { rpc } = await peer(times)
    const [back] = await callEcho(rpc, [source(0).bytes, 1])
    const reader = back[Symbol.asyncIterator]()
    await reader.next()
    proxy.stall()
    const failure = await failureOf(readAll({ [Symbol.asyncIterator]: () => reader }))
    expect([failure.code, failure.message]).toEqual(['timed-out', expect.stringContaining('stood still for 2000 ms')])
    // The writer hears of no reader any more.
    await expect.poll(() => made.state.isLeft, waiting).toBe(true)
    expect(made.state.taken).toBeLessThan(2 * mebibyte)
  })

  it('[W47] is kept by a reader that is slow and there', async () => {
    const times = { flowTimes: { stallMs: 2_000, aliveMs: 50 } }
    const made = source(mebibyte)
    await serve(() => Promise.resolve({ tag: 'ok', val: [made.bytes, 1] }), times)
    const { rpc } = await peer(times)
    const [back] = await callEcho(rpc, [source(0).bytes, 1])
    await expect.poll(() => made.state.taken, waiting).toBeGreaterThanOrEqual(flowWindow)
    // Longer than a writer waits for a word; the word is what the test is about, and time is what it is about.
    await new Promise((resolve) => setTimeout(resolve, 4_500))
    expect(await readAll(back)).toBe(mebibyte)
  })

  it('[W47] ends when the connection is lost: what was on its way is not there any more', async () => {
    const own = await startNatsServer({ jetStream: false })
    try {
      const heard: unknown[] = []
      const made = source(long)
      await serve(
        (served) => {
          served.keep(failureOf(readAll((served.params as [Body])[0][0])).then(({ code }) => heard.push(code)))
          return Promise.resolve({ tag: 'ok', val: [made.bytes, 1] })
        },
        {},
        own.tcpUrl,
      )
      const { rpc } = await peer({}, own.tcpUrl)
      const given = source(long)
      const [back] = await callEcho(rpc, [given.bytes, 1])
      const reader = back[Symbol.asyncIterator]()
      await reader.next()
      await own.kill()
      expect((await failureOf(readAll({ [Symbol.asyncIterator]: () => reader }))).code).toBe('unreachable')
      await expect
        .poll(() => [heard, made.state.isLeft, given.state.isLeft], waiting)
        .toEqual([['unreachable'], true, true])
    } finally {
      for (const each of open.splice(0).reverse()) await each.close()
      await own.close()
    }
  })
})

/** A caller by hand of `count` or `echo`, whose parameters are announced; what it hears, by channel. */
async function invoke(fn: WitFunction, marks: string, headers?: Record<string, string>) {
  const { transport } = await peer()
  const inbox = transport.createInbox()
  const heard: Message[] = []
  const server = new Promise<string>((resolve) => {
    transport.subscribe(inbox, (message) => {
      heard.push(message)
      resolve(message.reply ?? '')
      transport.publish(`${message.reply}.params`, nothing)
    })
  })
  transport.subscribe(`${inbox}.>`, (message) => heard.push(message))
  transport.publish(subjectOf(fn.name), unhex(marks), { reply: inbox, headers })
  const params = `${await server}.params`
  const on = (tail: string): Message[] => heard.filter(({ subject }) => subject === `${inbox}.${tail}`)
  return { transport, params, server: await server, on, accept: heard[0] }
}

describe('a caller that is not ours', () => {
  it('[W44, W45] is understood, and told nothing that it does not know', async () => {
    await serve(echoBack)
    const { transport, params, on, accept } = await invoke(echo, '0000')
    expect(accept?.headers).toBeUndefined()
    const send = (tail: string, data: string): void => transport.publish(`${params}.${tail}`, unhex(data))
    // Cut as it comes, one chunk over two messages, two in one; the end as Go leaves it.
    for (const data of ['0361', '6263', '01640265', '66', '00']) send('0.0', data)
    await expect.poll(() => on('results.0.0').at(-1)?.data.length, waiting).toBe(0)
    send('0.1', 'ac02')
    await expect.poll(() => on('results.0.1').at(-1)?.data.length, waiting).toBe(0)
    expect(on('results').map(({ data }) => hex(data))).toEqual(['000000', ''])
    const stream = on('results.0.0').map(({ data }) => data)
    // Chunks of our own, without an empty one but the end, with the bytes of theirs.
    expect(stream.slice(-2).map(hex)).toEqual(['00', ''])
    expect(stream.slice(0, -2).map((chunk) => [chunk[0], chunk.length - 1])).toEqual(
      stream.slice(0, -2).map((chunk) => [chunk.length - 1, chunk.length - 1]),
    )
    expect(
      stream
        .slice(0, -2)
        .map((chunk) => hex(chunk.subarray(1)))
        .join(''),
    ).toBe('616263646566')
    expect(on('results.0.1').map(({ data }) => hex(data))).toEqual(['ac02', ''])
    expect(on('taken.0.0')).toEqual([])
  })

  it('[W46] sees a stream that breaks off end inside of a chunk, and its future ended', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(unhex('6869'))
      throw new Error('on purpose')
    }
    await serve(() => Promise.resolve({ tag: 'ok', val: [broken(), Promise.resolve(1)] }))
    const { on } = await invoke(echo, '0000')
    await expect.poll(() => on('results.0.0').length, waiting).toBe(3)
    expect(on('results.0.0').map(({ data }) => hex(data))).toEqual(['026869', '01', ''])
    expect(on('results.0.0').at(-1)?.headers?.['tlos-error']).toBe('on purpose')
  })

  it.each([
    ['a number that is none', ['ffffffffff'], 'invalid'],
    ['an end before its end', ['0261', ''], 'trapped'],
    ['an end and nothing else', [''], 'trapped'],
  ])('[W46] whose stream is %s fails the reader with a reason', async (_what, messages, code) => {
    const failures: unknown[] = []
    await serve(async (served) => {
      failures.push((await failureOf(countUp(served))).code)
      return 0
    })
    const { transport, params } = await invoke(count, '00')
    for (const data of messages) transport.publish(`${params}.0`, unhex(data))
    await expect.poll(() => failures, waiting).toEqual([code])
  })

  it('[W46] is not heard after the end, nor before the beginning on other channels', async () => {
    let isRead = false
    await serve(async (served) => {
      const sum = await countUp(served)
      isRead = true
      return sum
    })
    const { transport, params, on } = await invoke(count, '00')
    for (const tail of ['1', '0.0', '7.7']) transport.publish(`${params}.${tail}`, unhex('0161'))
    for (const data of ['026162', '00', '0463', '', '00', 'ffffffffff']) transport.publish(`${params}.0`, unhex(data))
    await expect.poll(() => on('results').map(({ data }) => hex(data)), waiting).toEqual(['02', ''])
    expect(isRead).toBe(true)
  })

  it('[W47] that keeps silent in the middle is given up', async () => {
    const failures: unknown[] = []
    await serve(
      async (served) => {
        failures.push((await failureOf(countUp(served))).code)
        return 0
      },
      { flowTimes: { stallMs: 200 } },
    )
    const { transport, params } = await invoke(count, '00')
    transport.publish(`${params}.0`, unhex('0561'))
    await expect.poll(() => failures, waiting).toEqual(['timed-out'])
  })

  it('[W22, W45] that sends faster than it is read is refused when too much lies here, and others are not', async () => {
    const mostHeldBytes = 4 * mebibyte
    let read: () => void = () => undefined
    const mayRead = new Promise<void>((resolve) => (read = resolve))
    const failures: unknown[] = []
    await serve(
      async (served) => {
        await mayRead
        try {
          return await countUp(served)
        } catch (error) {
          failures.push((error as { code: string }).code)
          throw error
        }
      },
      { mostHeldBytes },
    )
    expect(mostHeldBytes).toBeLessThan(largestValues)
    const { transport, params, on } = await invoke(count, '00')
    const chunk = Buffer.concat([unhex('8080' + '04'), new Uint8Array(64 * 1024)])
    for (let sent = 0; sent < 5 * mebibyte; sent += 64 * 1024) transport.publish(`${params}.0`, chunk)
    await transport.flush()
    const good = call((await peer()).rpc, count, source(100_000).bytes)
    read()
    expect(await good).toBe(100_000)
    await expect.poll(() => failures, waiting).toEqual(['too-large'])
    await expect.poll(() => on('results').length, waiting).toBe(1)
  })

  it('[W45] that promised to heed what it is told, and does not, is refused at the window', async () => {
    const failures: unknown[] = []
    let read: () => void = () => undefined
    const mayRead = new Promise<void>((resolve) => (read = resolve))
    await serve(async (served) => {
      await mayRead
      failures.push((await failureOf(countUp(served))).code)
      return 0
    })
    const { transport, params, on, accept } = await invoke(count, '00', { 'tlos-window': '999999999999999' })
    expect(accept?.headers?.['tlos-window']).toBe(String(flowWindow))
    const chunk = Buffer.concat([unhex('8080' + '04'), new Uint8Array(64 * 1024)])
    for (let at = 0; at < 6; at += 1) transport.publish(`${params}.0`, chunk)
    await expect.poll(() => on('taken.0').map(({ data }) => data.length), waiting).toEqual([0])
    read()
    await expect.poll(() => failures, waiting).toEqual(['too-large'])
  })
})

describe('a server that is not ours', () => {
  /** Answers `echo` by hand; gives what it hears, and how to say more. */
  async function answerByHand() {
    const { transport } = await peer()
    const inbox = transport.createInbox()
    const heard: Message[] = []
    transport.subscribe(`${inbox}.>`, (message) => heard.push(message))
    const called = new Promise<Message>((resolve) => transport.subscribe(subjectOf('echo'), resolve))
    await transport.flush()
    const say = async (channel: string, data: Uint8Array, headers?: Record<string, string>): Promise<void> => {
      const { reply = '' } = await called
      const isAccept = channel === ''
      transport.publish(isAccept ? reply : `${reply}.${channel}`, data, {
        reply: isAccept ? inbox : undefined,
        headers,
      })
    }
    return { transport, heard, say, called }
  }

  it('[W44, W45] gets a stream as chunks, no more at once than its NATS server takes, and an answer that flows is read', async () => {
    const { heard, say, called } = await answerByHand()
    const { state, bytes } = source(2 * mebibyte)
    const answer = callEcho((await peer()).rpc, [bytes, Promise.resolve(7)])
    expect(hex((await called).data)).toBe('0000')
    expect((await called).headers).toEqual({ 'tlos-window': String(flowWindow) })
    await say('', nothing)
    await expect.poll(() => state.isLeft, waiting).toBe(true)
    await expect.poll(() => heard.filter(({ data }) => data.length === 0).length, waiting).toBe(3)
    const on = (tail: string): Uint8Array[] =>
      heard.filter(({ subject }) => subject.endsWith(`.${tail}`)).map(({ data }) => data)
    expect(on('params').map(hex)).toEqual([''])
    expect(on('params.0.1').map(hex)).toEqual(['07', ''])
    const chunks = on('params.0.0')
    expect(chunks.slice(-2).map(hex)).toEqual(['00', ''])
    const sizes = chunks.slice(0, -2).map((chunk) => chunk.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(64 * 1024 + 3)
    expect(sizes.reduce((sum, size) => sum + size - (size > 16_384 ? 3 : size > 128 ? 2 : 1), 0)).toBe(2 * mebibyte)
    await say('results', unhex('000000'))
    await say('results.0.0', unhex('026869'))
    const [back, behind] = await answer
    await say('results.0.0', unhex('00'))
    await say('results.0.1', unhex('05'))
    expect([await readAll(back), await behind]).toEqual([2, 5])
    // Nothing that a v1 peer does not know.
    expect(heard.filter(({ subject }) => subject.includes('taken'))).toEqual([])
  })

  it('[W46] that never ends its answer is left with its reader, and heard no more', async () => {
    const { transport, say } = await answerByHand()
    const { rpc } = await peer()
    const answer = callEcho(rpc, [source(0).bytes, 1])
    await say('', nothing)
    await say('results', unhex('000000'))
    await say('results.0.0', unhex('026869'))
    const [back] = await answer
    for await (const piece of back) {
      expect(hex(piece)).toBe('6869')
      break
    }
    for (let i = 0; i < 100; i += 1) await say('results.0.0', unhex('026869'))
    await transport.flush()
    expect((await failureOf(readAll(back))).code).toBe('cancelled')
  })

  it('[W46] that fails the call leaves nobody writing', async () => {
    const { say } = await answerByHand()
    const { state, bytes } = source(long)
    const failure = failureOf(callEcho((await peer()).rpc, [bytes, 1]))
    await say('', nothing)
    await say('results', nothing)
    expect((await failure).code).toBe('trapped')
    await expect.poll(() => state.isLeft, waiting).toBe(true)
    const nobody = source(long)
    expect(
      (
        await failureOf(
          (await peer()).rpc.call({ prefix: 'no.one', instance: face.name, fn: count, params: [nobody.bytes] }),
        )
      ).code,
    ).toBe('unreachable')
    expect(nobody.state.taken).toBe(0)
  })

  it('[W47] that says its future never keeps nobody for longer than the limit', async () => {
    const { say } = await answerByHand()
    const answer = callEcho((await peer({ flowTimes: { stallMs: 1_000 } })).rpc, [source(0).bytes, 1])
    await say('', nothing)
    await say('results', unhex('000000'))
    await say('results.0.0', unhex('00'))
    const [back, behind] = await answer
    expect(await readAll(back)).toBe(0)
    expect((await failureOf(Promise.resolve(behind))).code).toBe('timed-out')
  })
})
