// The messaging provider by its interface: publishing, asking and hearing, on the bus in memory and on a real server; and
// the subjects that it keeps components away from.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TlosError } from '../../../main/failure.js'
import type { Transport } from '../../../main/nats/transport.js'
import { openMessaging } from '../../../main/providers/messaging.js'
import type { BrokerMessage } from '../../../main/providers/messaging-types.js'
import { findPublishTrouble, findSubscribeTrouble } from '../../../main/providers/subjects.js'
import type { Provider, ProviderLink } from '../../../main/providers/types.js'
import { buses, eventually, type TestBus } from '../lattice/buses.js'

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value)
const asText = (value: Uint8Array): string => new TextDecoder().decode(value)
const ok = (val?: unknown) => ({ tag: 'ok', val })
const err = (words: RegExp): unknown => ({ tag: 'err', val: expect.stringMatching(words) as string })

describe('the subjects that a component may use', () => {
  it.each(['orders', 'orders.new', 'a.b.c.d', 'default', 'default.news', 'ä.😀', 'tlos-news.x'])(
    'are its own words [%s]',
    (subject) => {
      expect(findPublishTrouble(subject)).toBeUndefined()
      expect(findSubscribeTrouble(subject, 'default')).toBeUndefined()
    },
  )

  it.each([
    'wasmbus.ctl.v1.default.host.stop.NABC',
    'wasmbus.evt.default.host_stopped',
    'wasmbus.rpc.default.keyvalue.linkdefs.put',
    'default.notes.wrpc.0.0.1.tlos:notes/notes@0.1.0.set-text',
    'other-lattice.notes.wrpc.0.0.1.f',
    'tlos.ctl.v1.default.actor.move.NABC',
    'tlos.rpc.default.NABC.notes.wrpc.0.0.1.f',
    'tlos.evt.default.facts',
    'tlos.reply.default.0.1',
    '$JS.API.STREAM.DELETE.KV_TLOS_KEYVALUE_default',
    '$KV.TLOS_ACTORS_default.counter',
    '$SYS.REQ.SERVER.PING',
    '$SRV.PING',
    '_INBOX.abc.def',
    'wadm.api.default.model.put',
    'wasmcloud.secrets.v1.vault.get',
  ])('are never those of the lattice [%s]', (subject) => {
    expect(findPublishTrouble(subject)).toMatch(/belongs to the lattice/)
    expect(findSubscribeTrouble(subject, 'default')).toMatch(/belongs to the lattice/)
  })

  it.each(['', '.', 'a..b', 'a.', '.a', 'a b', 'a\r\nPUB x 0', 'a.\u0000', 'a.*', 'a.>', '>', 'long'.repeat(251)])(
    'are whole subjects to publish to [%#]',
    (subject) => {
      expect(findPublishTrouble(subject)).toMatch(/not a subject/)
    },
  )

  it.each(['>', '*', '*.ctl.>', '*.*.wrpc.>', 'default.>', 'default.*.>', 'default.*.*', 'default.x.wrpc.>', '$JS.>'])(
    'never take in those of the lattice when it listens [%s]',
    (pattern) => {
      expect(findSubscribeTrouble(pattern, 'default')).toBeDefined()
    },
  )

  it.each(['orders.>', 'orders.*', 'orders.*.eu', 'default.*', 'defaults.>'])('may be patterns [%s]', (pattern) => {
    expect(findSubscribeTrouble(pattern, 'default')).toBeUndefined()
  })
})

describe.each(buses)('the messaging provider $name', ({ open }) => {
  let bus: TestBus
  let outside: Transport
  let transports: Transport[]
  let messaging: Provider
  let log: string[]
  let heard: { target: string; message: BrokerMessage }[]
  let answer: (message: BrokerMessage) => Promise<unknown>

  async function openOne(): Promise<Provider> {
    const transport = await bus.connect()
    transports.push(transport)
    return openMessaging({
      transport,
      lattice: 'default',
      log: (text) => log.push(text),
      call: (target, instance, fn, [message]) => {
        expect([instance, fn.name]).toEqual(['wasmcloud:messaging/handler@0.2.0', 'handle-message'])
        heard.push({ target, message: message as BrokerMessage })
        return answer(message as BrokerMessage)
      },
    })
  }

  beforeEach(async () => {
    bus = await open({})
    log = []
    heard = []
    transports = []
    answer = () => Promise.resolve({ tag: 'ok' })
    outside = await bus.connect()
    messaging = await openOne()
  })
  afterEach(async () => {
    messaging.close?.()
    await bus.close()
  })

  const call = (functionName: string, ...params: readonly unknown[]): Promise<unknown> =>
    messaging.handle({
      instance: 'wasmcloud:messaging/consumer@0.2.0',
      functionName,
      params,
      sourceId: 'talker',
      linkName: 'default',
    })
  const publish = (subject: string, body = 'x', replyTo?: string): Promise<unknown> =>
    call('publish', { subject, body: bytes(body), replyTo })
  const link = (subscriptions: string, over: Partial<ProviderLink> = {}): ProviderLink => ({
    target: 'listener',
    name: 'default',
    interfaces: ['wasmcloud:messaging/handler'],
    values: { subscriptions },
    ...over,
  })
  /** The server knows of every subscription. */
  const settle = (): Promise<unknown> => Promise.all(transports.map((transport) => transport.flush()))
  const texts = (): string[] => heard.map(({ message }) => asText(message.body))

  it('publishes for components and asks for them', async () => {
    const got: string[] = []
    outside.subscribe('news.*', (message) =>
      got.push(`${message.subject} ${asText(message.data)} ${message.reply ?? ''}`),
    )
    outside.subscribe('ask', ({ data, reply }) => outside.publish(reply ?? '', bytes(`${asText(data)}!`)))
    await outside.flush()
    expect(await publish('news.a', 'one')).toEqual(ok())
    expect(await publish('news.b', 'two', 'answers.here')).toEqual(ok())
    expect(await call('request', 'ask', bytes('well'), 5_000)).toEqual(
      ok({ subject: 'ask', body: bytes('well!'), replyTo: undefined }),
    )
    await eventually(() => got.length === 2)
    expect(got).toEqual(['news.a one ', 'news.b two answers.here'])
  })

  it('says in words what cannot be done', async () => {
    outside.subscribe('silent', () => undefined)
    await outside.flush()
    expect(await call('request', 'nobody.there', bytes('x'), 5_000)).toEqual(err(/nobody answers on nobody\.there/))
    expect(await call('request', 'silent', bytes('x'), 20)).toEqual(err(/no answer came on silent in time/))
    expect(await publish('news', 'x'.repeat(1_048_576))).toEqual(err(/1048576 bytes; the NATS server takes/))
    expect(await publish('wasmbus.ctl.v1.default.host.ping')).toEqual(err(/belongs to the lattice/))
    expect(await call('request', 'tlos.ctl.v1.default.facts', bytes('x'), 50)).toEqual(err(/belongs to the lattice/))
    expect(await publish('news', 'x', '$JS.API.INFO')).toEqual(err(/no answer can go there/))
    expect(await publish('news', 'x', '_INBOX.abc')).toEqual(err(/no answer can go there/))
  })

  it('rejects what its types do not have', async () => {
    for (const [name, ...params] of [
      ['publish', 'text'],
      ['publish', { subject: 'a', body: 'text' }],
      ['publish', { subject: 'a', body: bytes('x'), replyTo: 1 }],
      ['request', 'a', 'text', 1],
      ['request', 'a', bytes('x')],
    ] as const) {
      await expect(call(name, ...params)).rejects.toMatchObject({ code: 'invalid' })
    }
    await expect(call('constructor')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('publishes nothing while there is no server, and goes on when there is one again', async () => {
    const isEverywhere = (kind: string): boolean => transports.every((each) => each.status.kind === kind)
    await bus.cut()
    await eventually(() => isEverywhere('lost'), 20_000)
    expect(await publish('news')).toEqual(err(/no connection/))
    await bus.mend()
    await eventually(() => isEverywhere('live'), 20_000)
    expect(await publish('news')).toEqual(ok())
  }, 40_000)

  it('hands a component what its link names, and stops when the link goes', async () => {
    messaging.setLinks?.([link('news.* , orders.>'), link('other', { interfaces: ['wasmcloud:messaging/consumer'] })])
    await settle()
    for (const subject of ['news.a', 'news.a.b', 'orders.a.b', 'other']) outside.publish(subject, bytes(subject))
    await eventually(() => heard.length === 2)
    expect(texts()).toEqual(['news.a', 'orders.a.b'])
    messaging.setLinks?.([link('news.*')])
    messaging.setLinks?.([])
    await settle()
    outside.publish('news.a', bytes('late'))
    await outside.request('nothing', bytes('')).catch(() => undefined)
    expect(texts()).toEqual(['news.a', 'orders.a.b'])
    expect(log).toEqual([])
  })

  it('hands each message to a component once, however many nodes have the provider', async () => {
    const others = [await openOne(), await openOne()]
    for (const provider of [messaging, ...others]) provider.setLinks?.([link('news,queued|workers')])
    await settle()
    for (let n = 0; n < 100; n += 1) outside.publish(n % 2 === 0 ? 'news' : 'queued', bytes(String(n)))
    await eventually(() => heard.length >= 100)
    await outside.request('nothing', bytes('')).catch(() => undefined)
    expect(texts().sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 100 }, (_, n) => String(n)))
    for (const provider of others) provider.close?.()
  })

  it('lets a component answer whoever asked, from any node, without reaching an inbox by itself', async () => {
    const elsewhere = await openOne()
    let place = ''
    answer = async ({ replyTo = '', body }) => {
      place = replyTo
      const answering = asText(body) === 'near' ? messaging : elsewhere
      return await answering.handle({
        instance: 'wasmcloud:messaging/consumer@0.2.0',
        functionName: 'publish',
        params: [{ subject: replyTo, body: bytes(`answer to ${asText(body)}`), replyTo: undefined }],
        sourceId: 'listener',
        linkName: 'default',
      })
    }
    messaging.setLinks?.([link('asked')])
    await settle()
    for (const body of ['near', 'far']) {
      const reply = await outside.request('asked', bytes(body), { timeoutMs: 5_000 })
      expect(asText(reply.data)).toBe(`answer to ${body}`)
    }
    expect(place).toMatch(/^tlos\.reply\.default\./)
    expect(await publish(place.replace(/.$/, 'g'))).toEqual(err(/belongs to the lattice/))
    heard.length = 0
    outside.publish('asked', bytes('x'), { reply: 'wasmbus.ctl.v1.default.host.ping' })
    outside.publish('asked', bytes('y'), { reply: 'mine.own' })
    await eventually(() => heard.length === 2)
    expect(heard.map(({ message }) => message.replyTo)).toEqual([undefined, 'mine.own'])
    elsewhere.close?.()
  })

  it('drops what a component cannot take in time, and says so once', async () => {
    const waiting: (() => void)[] = []
    answer = () => new Promise((resolve) => waiting.push(() => resolve({ tag: 'ok' })))
    messaging.setLinks?.([link('flood')])
    await settle()
    for (let n = 0; n < 1_200; n += 1) outside.publish('flood', bytes(String(n)))
    await eventually(() => log.length > 0)
    expect(log).toEqual([expect.stringMatching(/listener does not keep up: messages for it are dropped/)])
    expect(heard).toHaveLength(16)
    for (let n = 0; n < 1_016; n += 1) {
      await eventually(() => waiting.length > 0)
      waiting.shift()?.()
    }
    await eventually(() => heard.length === 1_016)
    expect(texts().slice(0, 1_016)).toEqual(Array.from({ length: 1_016 }, (_, n) => String(n)))
  }, 30_000)

  it('says why a component hears nothing, and goes on after a component that failed', async () => {
    messaging.setLinks?.([link('default.>,fine')])
    expect(log).toEqual([expect.stringMatching(/listener hears nothing under default\.>: .* belongs to the lattice/)])
    answer = ({ body }) =>
      asText(body) === 'bad'
        ? Promise.reject(new TlosError('unreachable', 'it is gone'))
        : Promise.resolve({ tag: 'ok' })
    await settle()
    outside.publish('fine', bytes('bad'))
    outside.publish('fine', bytes('good'))
    await eventually(() => heard.length === 2)
    expect(texts()).toEqual(['bad', 'good'])
  })
})
