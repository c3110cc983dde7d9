// What every host of a lattice does for the whole of it (lattice.md 1.2, 4.3): links, configurations and claims are
// answered by exactly one host, and each is able to; what one host was told reaches what runs on the others.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRpc } from '../../../../main/lattice/rpc.js'
import type { Rpc } from '../../../../main/lattice/rpc-types.js'
import { openTransport } from '../../../../main/nats/connection.js'
import type { Transport } from '../../../../main/nats/transport.js'
import type { WitFunction } from '../../../../preload/wit.js'
import type { NodeProcess } from '../../../support/node-process.js'
import { buildServices, handsInterface } from '../../wasm/services.js'
import { type Bench, openBench } from './bench.js'
import type { Peer } from './peer.js'

let bench: Bench
let peer: Peer
let transport: Transport
let rpc: Rpc
const nodes: NodeProcess[] = []

const limit = { timeout: 20_000 }

beforeAll(async () => {
  bench = await openBench({ monitor: true })
  peer = bench.peer
  transport = await openTransport({ servers: bench.server.tcpUrl })
  rpc = openRpc(transport)
  nodes.push(
    ...(await Promise.all([
      bench.start('one', { labels: { zone: 'a' } }),
      bench.start('two', { labels: { zone: 'b' } }),
      bench.start('three', { labels: { zone: 'b' } }),
    ])),
  )
}, 60_000)

afterAll(async () => {
  rpc.close()
  await transport.close()
  expect(peer.faults).toEqual([])
  await bench.close()
}, 30_000)

const idOf = (name: string): string => {
  const node = nodes.find((each) => each.name === name)
  if (node === undefined) throw new Error(`no node ${name}`)
  return node.hostId
}

const link = (source_id: string, name = 'default') => ({
  source_id,
  target: 'kv',
  name,
  wit_namespace: 'wasi',
  wit_package: 'keyvalue',
  interfaces: ['store'],
  source_config: [],
  target_config: [],
})

/** Asks again and again until every host of these has said an event of that kind; all of them succeed. */
async function untilAllSaid(kind: string, hosts: number, ask: (n: number) => Promise<unknown>): Promise<void> {
  const from = peer.heard.length
  const sources = (): number =>
    new Set(peer.heard.slice(from).flatMap((event) => (event.kind === kind ? [event.source] : []))).size
  for (let n = 0; sources() < hosts; n += 1) {
    if (n > 2_000) throw new Error(`after ${n} requests only ${sources()} hosts had said ${kind}`)
    expect(await ask(n)).toMatchObject({ success: true })
  }
}

describe('three hosts', () => {
  it('each answers a ping, and each that fits an auction', async () => {
    const ids = (await peer.pings(3)).map((answer) => answer['id']).sort()
    expect(ids).toEqual(nodes.map((node) => node.hostId).sort())
    const auction = { component_ref: await bench.image('echo'), component_id: 'new', constraints: { zone: 'b' } }
    const acks = await peer.replies('component.auction', auction, 3)
    expect(acks.map((ack) => (ack.response as { host_id: string }).host_id).sort()).toEqual(
      [idOf('two'), idOf('three')].sort(),
    )
  })

  it.each([
    ['link.get', undefined],
    ['claims.get', undefined],
    ['config.get.nothing', undefined],
    ['config.put.once', { a: 'b' }],
    ['config.del.once', undefined],
    ['link.put', link('once')],
    ['link.del', { source_id: 'once', wit_namespace: 'wasi', wit_package: 'keyvalue' }],
    ['link.put', { junk: true }],
    ['config.get', undefined],
  ])('%s is answered by exactly one of them', async (tail, body) => {
    expect(await peer.countReplies(tail, body, 20)).toBe(20)
  })

  it('registry.put is for all of them', async () => {
    expect(await peer.replies('registry.put', { 'ghcr.io': { token: 't' } }, 3)).toHaveLength(3)
  })

  it('every one of them can do it', async () => {
    await untilAllSaid('config_set', 3, (n) => peer.ask(`config.put.able-${n % 5}`, { n: String(n) }))
    await untilAllSaid('config_deleted', 3, (n) => peer.ask(`config.del.able-${n % 5}`))
    await untilAllSaid('linkdef_set', 3, (n) => peer.ask('link.put', link('able', `name-${n % 5}`)))
    const able = async (): Promise<number> =>
      ((await peer.data('link.get')) as { source_id: string }[]).filter((each) => each.source_id === 'able').length
    const there = await able()
    expect(there).toBeGreaterThan(0)
    await untilAllSaid('linkdef_deleted', 3, (n) => peer.ask('link.del', { ...link('able', `name-${n % 5}`) }))
  })

  it('hosts that put links of one source at once lose none', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `at-once-${n}`)
    const replies = await Promise.all(names.map((name) => peer.ask('link.put', link('at-once', name))))
    expect(replies.filter((reply) => !reply.success)).toEqual([])
    const stored = await peer.stored('LATTICEDATA_default', 'COMPONENT_at-once')
    const { links } = JSON.parse(stored?.text ?? '{}') as { links: { name: string }[] }
    expect(links.map((each) => each.name).sort()).toEqual([...names].sort())
  })

  it('what one was told all of them know soon', async () => {
    await peer.ask('link.put', link('known'))
    await peer.store('LATTICEDATA_default', 'CLAIMS_MKNOWN', {
      call_alias: '',
      issuer: 'A',
      name: 'Known',
      revision: '1',
      subject: 'MKNOWN',
      tags: [],
      version: '1',
    })
    const answers = async (tail: string, word: string): Promise<boolean[]> => {
      const texts: string[] = []
      for (let n = 0; n < 30; n += 1) texts.push(await peer.askText(tail))
      return [...new Set(texts.map((text) => text.includes(word)))]
    }
    await expect.poll(() => answers('link.get', '"known"'), limit).toEqual([true])
    await expect.poll(() => answers('claims.get', 'MKNOWN'), limit).toEqual([true])
  })
})

describe('what runs on a host', () => {
  const act: WitFunction = {
    name: 'act',
    params: [{ name: 'what', type: { kind: 'string' } }],
    result: { kind: 'result', ok: { kind: 'string' }, err: { kind: 'string' } },
  }
  /** What the component of `test/fixtures-services` says when it is told to do this. */
  async function hands(...what: readonly unknown[]): Promise<unknown> {
    const answer = (await rpc.call({
      prefix: 'default.hands',
      instance: handsInterface,
      fn: act,
      params: [JSON.stringify(what)],
      timeoutMs: 30_000,
    })) as { tag: string; val: string } // decoded by that type
    return answer.tag === 'ok' ? (JSON.parse(answer.val) as unknown) : { err: answer.val }
  }

  it('[L26] begins with the links and configurations of now, and sees each change, whoever was asked for it', async () => {
    const id = idOf('one')
    const component_ref = await bench.putImage(await buildServices())
    await peer.ask('config.put.hands', { who: 'first', only: 'here' })
    await peer.ask('config.put.over', { who: 'second' })
    // Past the hosts: the record is read when the component starts.
    const far = { ...link('hands'), target: 'far-kv' }
    await peer.store('LATTICEDATA_default', 'COMPONENT_hands', { url: '', links: [far] })
    const told = await peer.during(
      id,
      () =>
        peer.ask(`component.scale.${id}`, {
          component_ref,
          component_id: 'hands',
          count: 1,
          config: ['hands', 'over'],
          host_id: id,
        }),
      2,
    )
    expect(told.map((event) => event.kind)).toEqual(['component_scaled', 'component_scaled'])
    const valueOf = async (key: string): Promise<unknown> => ((await hands('config', key)) as unknown[])[0]
    expect(await valueOf('who')).toBe('second')
    expect(await valueOf('only')).toBe('here')
    await peer.ask('config.put.over', { who: 'third' })
    await expect.poll(() => valueOf('who'), limit).toBe('third')
    await peer.ask('config.del.over')
    await expect.poll(() => valueOf('who'), limit).toBe('first')

    // Its calls go along its links, under the names that providers serve, and say whose they are.
    const calls: unknown[] = []
    const heard = (at: string) =>
      peer.connection.subscribe(`default.${at}.wrpc.>`, {
        callback: (_error, message) =>
          calls.push([message.subject, message.headers?.get('source-id'), message.headers?.get('link-name')]),
      })
    heard('far-kv')
    heard('farther-kv')
    await peer.connection.flush()
    const get = 'wrpc.0.0.1.wrpc:keyvalue/store@0.2.0-draft.get'
    hands('kv-get', 'box', 'key').catch(() => undefined) // Nobody answers it: what matters is how it is sent.
    await expect.poll(() => calls, limit).toEqual([[`default.far-kv.${get}`, 'hands', 'default']])
    await peer.ask('link.del', link('hands'))
    await peer.ask('link.put', { ...link('hands'), target: 'farther-kv' })
    // The host of the component may hear of it a little later than whoever served the command.
    await expect
      .poll(async () => {
        if (calls.length < 2) hands('kv-get', 'box', 'key').catch(() => undefined)
        await peer.pings(3)
        return calls.at(-1)
      }, limit)
      .toEqual([`default.farther-kv.${get}`, 'hands', 'default'])
  }, 120_000)

  it('is called under its id, in the queue group of that prefix', async () => {
    const { connections } = (await bench.server.ask('connz?subs=detail')) as {
      connections: { name?: string; subscriptions_list_detail?: { subject: string; qgroup?: string }[] }[]
    }
    const served = connections
      .filter((each) => each.name === 'tlos one')
      .flatMap((each) => each.subscriptions_list_detail ?? [])
      .filter((each) => each.subject.startsWith('default.hands.'))
    expect(served).toContainEqual(
      expect.objectContaining({ subject: `default.hands.wrpc.0.0.1.${handsInterface}.act`, qgroup: 'default.hands' }),
    )
    expect(served.map((each) => each.qgroup)).toEqual(served.map(() => 'default.hands'))
  })
})

describe('a host that joins later', () => {
  it('knows the links, configurations and claims there are, alone as well', async () => {
    const links = await peer.data('link.get')
    const claims = await peer.data('claims.get')
    await peer.ask('config.put.kept', { a: 'b' })
    const node = await bench.start('late')
    await Promise.all(nodes.map((each) => each.stop()))
    expect((await peer.pings(1))[0]?.['id']).toBe(node.hostId)
    const byText = (list: unknown): string[] => (list as unknown[]).map((each) => JSON.stringify(each)).sort()
    expect(byText(await peer.data('link.get'))).toEqual(byText(links))
    expect(byText(await peer.data('claims.get'))).toEqual(byText(claims))
    expect(await peer.data('config.get.kept')).toEqual({ a: 'b' })
  }, 60_000)
})
