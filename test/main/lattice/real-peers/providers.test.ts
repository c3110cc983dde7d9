// Real providers of wasmCloud v1, built with its SDK, as processes of our node: told of links and configurations, asked for their health, called
// by our components and calling them, and stopped.

import { readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, it, type TestContext } from 'vitest'
import { openRpc } from '../../../../main/lattice/rpc.js'
import { openTransport } from '../../../../main/nats/connection.js'
import type { WitFunction } from '../../../../preload/wit.js'
import type { NodeProcess } from '../../../support/node-process.js'
import { openArchives, thisTarget } from '../../../support/provider-archive.js'
import { buildServices, handsInterface } from '../../wasm/services.js'
import { buildGuest } from '../../wasm/wasi-guest.js'
import { type Bench, openBench } from '../blackbox/bench.js'
import type { Peer } from '../blackbox/peer.js'
import { findPeer, patience, record } from './peers.js'

const limit = 400_000
const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
}, 60_000)

interface Scene {
  readonly opened: Bench
  readonly peer: Peer
  readonly node: NodeProcess
  startProvider(id: string, config?: readonly string[]): Promise<void>
  startComponent(id: string, bytes: Uint8Array): Promise<void>
  link(source: string, target: string, of: string, interfaces: readonly string[], config?: object): Promise<void>
  unlink(source: string, of: string): Promise<void>
  /** What was told of a provider, in order. */
  kinds(id: string): readonly string[]
}

async function openScene(context: TestContext, program: string): Promise<Scene> {
  const file = findPeer(context, program)
  const archives = await openArchives()
  const opened = await openBench()
  await record(opened)
  closing.push(
    () => archives.close(),
    () => opened.close(),
  )
  const ref = await archives.add(`${program}.par`, { [`${thisTarget}.bin`]: await readFile(file) })
  const { peer } = opened
  const node = await opened.start('runs', { heartbeatMs: 1_000, extra: ['--allow-provider', ref] })
  const kinds = (id: string): readonly string[] =>
    peer.heard.flatMap(({ kind, data }) => (data['provider_id'] === id ? [kind] : []))
  const done = async (tail: string, body: unknown): Promise<void> => {
    expect([tail, await peer.ask(tail, body)]).toEqual([tail, expect.objectContaining({ success: true })])
  }
  return {
    opened,
    peer,
    node,
    kinds,
    async startProvider(id, config = []) {
      await done(`provider.start.${node.hostId}`, { provider_id: id, provider_ref: ref, host_id: node.hostId, config })
      await expect.poll(() => kinds(id), patience).toContain('provider_started')
      await expect.poll(() => kinds(id), patience).toContain('health_check_passed')
    },
    async startComponent(id, bytes) {
      const component_ref = await opened.putImage(bytes)
      await done(`component.scale.${node.hostId}`, { component_id: id, component_ref, count: 1, host_id: node.hostId })
      await expect
        .poll(
          () => peer.heard.some(({ kind, data }) => kind === 'component_scaled' && data['component_id'] === id),
          patience,
        )
        .toBe(true)
    },
    async link(source, target, of, interfaces, config) {
      const [wit_namespace, wit_package] = of.split(':')
      const name = `${source}-${target}`
      if (config !== undefined) await done(`config.put.${name}`, config)
      const source_config = config === undefined ? [] : [name]
      await done('link.put', {
        source_id: source,
        target,
        name: 'default',
        wit_namespace,
        wit_package,
        interfaces,
        source_config,
      })
    },
    async unlink(source, of) {
      const [wit_namespace, wit_package] = of.split(':')
      await done('link.del', { source_id: source, name: 'default', wit_namespace, wit_package })
    },
  }
}

const act: WitFunction = {
  name: 'act',
  params: [{ name: 'what', type: { kind: 'string' } }],
  result: { kind: 'result', ok: { kind: 'string' }, err: { kind: 'string' } },
}

async function openHands(url: string, id: string): Promise<(...what: readonly unknown[]) => Promise<unknown>> {
  const transport = await openTransport({ servers: url })
  const rpc = openRpc(transport)
  closing.push(
    () => transport.close(),
    () => Promise.resolve(rpc.close()),
  )
  return async (...what) => {
    const call = { prefix: `default.${id}`, instance: handsInterface, fn: act, params: [JSON.stringify(what)] }
    const { tag, val } = (await rpc.call({ ...call, timeoutMs: 30_000 })) as { tag: string; val: string } // of that type
    return tag === 'ok' ? (JSON.parse(val) as unknown) : { err: val }
  }
}

const bytes = (text: string): number[] => [...new TextEncoder().encode(text)]

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('a real provider under our node', () => {
  it('messaging-nats brings messages to a component and takes its own', { timeout: limit }, async (context) => {
    const { opened, peer, node, startProvider, startComponent, link, unlink, kinds } = await openScene(
      context,
      'messaging-nats-provider',
    )
    const cluster_uris = opened.server.tcpUrl
    await startComponent('listener', await buildServices())
    // One link before it starts, in its HostData; one while it runs.
    await link('broker', 'listener', 'wasmcloud:messaging', ['handler'], { subscriptions: 'real.>', cluster_uris })
    // Without a server in the configuration it takes the usual one, not that of the lattice.
    expect(await peer.ask('config.put.broker', { cluster_uris })).toMatchObject({ success: true })
    await startProvider('broker', ['broker'])
    await link('listener', 'broker', 'wasmcloud:messaging', ['consumer'])
    const hands = await openHands(opened.server.tcpUrl, 'listener')
    const heard = async (): Promise<unknown> => await hands('heard')

    // Until its subscription is there.
    await expect
      .poll(async () => {
        peer.connection.publish('real.news', Uint8Array.from(bytes('first')))
        return JSON.stringify(await heard())
      }, patience)
      .toContain('"real.news"')
    const answer = await peer.connection.request('real.question', Uint8Array.from(bytes('abc')), { timeout: 30_000 })
    expect([...answer.data]).toEqual(bytes('cba'))

    const got: string[] = []
    peer.connection.subscribe('outside', {
      callback: (_error, message) => {
        got.push(message.string())
        message.respond(Uint8Array.from(bytes('back')))
      },
    })
    await peer.connection.flush()
    await expect.poll(() => hands('publish', 'outside', bytes('told')), patience).toBeNull()
    await expect.poll(() => got, patience).toContain('told')
    expect(await hands('request', 'outside', bytes('asked'), 20_000)).toEqual([bytes('back'), null])

    await unlink('broker', 'wasmcloud:messaging')
    const isHeard = (): Promise<boolean> =>
      peer.connection.request('real.question', Uint8Array.from(bytes('x')), { timeout: 2_000 }).then(
        () => true,
        () => false,
      )
    await expect.poll(isHeard, patience).toBe(false)
    expect(
      await peer.ask(`provider.stop.${node.hostId}`, { provider_id: 'broker', host_id: node.hostId }),
    ).toMatchObject({
      success: true,
    })
    expect(kinds('broker').at(-1)).toBe('provider_stopped')
    expect(kinds('broker')).not.toContain('health_check_failed')
    expect(peer.faults).toEqual([])
  })

  it('http-server brings requests to a component', { timeout: limit }, async (context) => {
    const { peer, node, startProvider, startComponent, link, unlink, kinds } = await openScene(
      context,
      'http-server-provider',
    )
    const address = `127.0.0.1:${await freePort()}`
    await startComponent('web', await buildGuest('web'))
    await startProvider('server')
    await link('server', 'web', 'wasi:http', ['incoming-handler'], { address })
    const get = (path: string, init: RequestInit = {}): Promise<Response | undefined> =>
      fetch(`http://${address}${path}`, init).catch(() => undefined)
    await expect.poll(async () => (await get('/'))?.status, patience).toBe(201)

    const body = 'x'.repeat(300_000)
    const answer = await get('/some/where?a=1', { method: 'PUT', body, headers: { 'x-asked': 'yes' } })
    expect(answer?.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await answer?.json()).toMatchObject({ method: 'put', path: '/some/where?a=1', asked: ['yes'], body })
    expect((await get('/empty'))?.status).toBe(204)
    expect((await get('/error'))?.status).toBe(500)
    const many = await Promise.all(Array.from({ length: 20 }, (_, n) => get(`/many/${n}`)))
    expect(many.map((each) => each?.status)).toEqual(many.map(() => 201))

    await unlink('server', 'wasi:http')
    await expect.poll(async () => (await get('/'))?.status, patience).toBeUndefined()
    expect(
      await peer.ask(`provider.stop.${node.hostId}`, { provider_id: 'server', host_id: node.hostId }),
    ).toMatchObject({
      success: true,
    })
    expect(kinds('server').at(-1)).toBe('provider_stopped')
    expect(peer.faults).toEqual([])
  })

  it('http-server passes long bodies that flow, in and out', { timeout: limit }, async (context) => {
    const { startProvider, startComponent, link } = await openScene(context, 'http-server-provider')
    const address = `127.0.0.1:${await freePort()}`
    await startComponent('flow', await buildGuest('flow'))
    await startProvider('server')
    await link('server', 'flow', 'wasi:http', ['incoming-handler'], { address })
    const post = (path: string, body: Uint8Array<ArrayBuffer>): Promise<Response | undefined> =>
      fetch(`http://${address}${path}`, { method: 'POST', body }).catch(() => undefined)
    await expect.poll(async () => (await post('/last', new Uint8Array(0)))?.status, patience).toBe(200)
    const body = Uint8Array.from({ length: 32 * 1024 * 1024 }, (_, at) => (at * 31 + (at >> 12)) & 255)
    expect(await (await post('/count', body))?.json()).toEqual([body.length, 'closed'])
    const back = Buffer.from((await (await post('/echo', body))?.arrayBuffer()) ?? new ArrayBuffer(0))
    expect([back.length, Buffer.compare(back, body)]).toEqual([body.length, 0])
    // Left unfinished by the component: an error, or less than was said, and never the next one's trouble.
    await post('/half', new Uint8Array(0)).then(async (answer) => await answer?.arrayBuffer().catch(() => undefined))
    expect(await (await post('/count', body.subarray(0, 100)))?.json()).toEqual([100, 'closed'])
  })
})
