// The line itself fails: a proxy that stops passing bytes without closing anything, a server that drops a client which does
// not read, nodes that are killed. Every call ends, and the picture is right again.

import { afterEach, describe, expect, it } from 'vitest'
import { onHostKey } from '../../../preload/records.js'
import { createClient } from '../../../main/lattice/client.js'
import { openHost } from '../../../main/lattice/host.js'
import { openMirror } from '../../../main/lattice/mirror.js'
import { createKey } from '../../../main/lattice/nkeys.js'
import { openRpc } from '../../../main/lattice/rpc.js'
import { eventSubject } from '../../../main/lattice/protocol/subjects.js'
import { openTransport } from '../../../main/nats/connection.js'
import type { WitFunction } from '../../../preload/wit.js'
import { type NatsServerOptions, startNatsServer } from '../../support/nats-server.js'
import { openStallingProxy } from '../../support/stalling-proxy.js'
import { TableActors } from './sample-actors.js'

const ending: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end()
})

const patience = { timeout: 25_000 }

async function open(options: NatsServerOptions = {}) {
  const server = await startNatsServer(options)
  ending.push(() => server.close())
  const proxy = await openStallingProxy(Number(new URL(server.tcpUrl).port))
  ending.push(() => proxy.close())
  const connect = async (port?: number) => {
    const transport = await openTransport({
      servers: port === undefined ? server.tcpUrl : `nats://127.0.0.1:${port}`,
      pingMs: 250,
      connectTimeoutMs: 1_500,
    })
    ending.push(() => transport.close())
    return transport
  }
  return { server, proxy, connect }
}

async function addHost(transport: Awaited<ReturnType<typeof openTransport>>, name: string) {
  const actors = new TableActors()
  const host = await openHost({
    transport,
    lattice: 'default',
    key: createKey('server'),
    friendlyName: name,
    version: '0.1.0',
    actors,
  })
  ending.push(() => host.close())
  return { host, actors }
}

const spec = (componentId: string) => ({ componentId, imageRef: 'r', annotations: {}, maxInstances: 1, config: [] })

describe('a partition', () => {
  it('[L55] is noticed although nothing was closed; afterwards all is read again', async () => {
    const { proxy, connect } = await open()
    const { host, actors } = await addHost(await connect(), 'one')
    actors.running.set('before', spec('before'))
    const cut = await connect(proxy.port)
    const mirror = await openMirror({ transport: cut, lattice: 'default', embedded: false, probeMs: 200 })
    ending.push(() => mirror.close())
    expect(mirror.state().components[onHostKey(host.id, 'before')]).toBeDefined()
    proxy.stall()
    await expect.poll(() => mirror.state().connection.state, patience).toBe('lost')
    actors.running.delete('before')
    actors.running.set('after', spec('after'))
    proxy.flow()
    await expect.poll(() => mirror.state().connection.state, patience).toBe('live')
    // Heartbeats come every 30 s, later than is waited here: it is asked for.
    await expect
      .poll(() => Object.values(mirror.state().components).map((one) => one.id), { ...patience, interval: 20 })
      .toEqual(['after'])
    expect(mirror.state().hosts[host.id]?.liveness).toBe('fresh')
  })

  it('[L61] under load ends every call and command, one way or the other, and calls go on afterwards', async () => {
    const { proxy, connect } = await open()
    const { host } = await addHost(await connect(), 'one')
    const near = await connect()
    const far = await connect(proxy.port)
    const [serving, calling] = [openRpc(near), openRpc(far)]
    ending.push(
      () => serving.close(),
      () => calling.close(),
    )
    const fn: WitFunction = { name: 'twice', params: [{ name: 'n', type: { kind: 'u32' } }], result: { kind: 'u32' } }
    const { ready } = serving.serve({
      prefix: 'default.math',
      exports: [{ name: 'tlos:test/math', functions: [fn] }],
      handle: ({ params: [n] }) => Promise.resolve(Number(n) * 2),
    })
    await ready
    const client = createClient({ transport: far, lattice: 'default', windowMs: 200 })
    const call = (n: number) =>
      calling.call({ prefix: 'default.math', instance: 'tlos:test/math', fn, params: [n], timeoutMs: 2_000 })
    expect(await call(4)).toBe(8)
    let isOver = false
    const outcomes = { done: 0, failed: 0, wrong: 0 }
    const worker = async (first: number): Promise<void> => {
      for (let n = first; !isOver; n += 1) {
        const outcome = await call(n).then(
          (answer) => (answer === n * 2 ? 'done' : 'wrong'),
          (error: { code?: string }) => (/timed-out|unreachable/.test(error.code ?? '') ? 'failed' : 'wrong'),
        )
        outcomes[outcome] += 1
        if (outcome === 'failed') await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
    const workers = [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000].map(worker)
    await expect.poll(() => outcomes.done, patience).toBeGreaterThan(100)
    proxy.stall()
    const command = client.putLabel(host.id, 'a', 'b').then(
      () => 'done',
      (error: { code?: string }) => error.code,
    )
    await expect.poll(() => far.status.kind, patience).toBe('lost')
    expect(['timed-out', 'unreachable']).toContain(await command)
    await expect.poll(() => outcomes.failed, patience).toBeGreaterThan(0)
    proxy.flow()
    await expect.poll(() => far.status.kind, patience).toBe('live')
    const before = outcomes.done
    await expect.poll(() => outcomes.done, patience).toBeGreaterThan(before + 100)
    isOver = true
    await Promise.all(workers)
    expect(outcomes.wrong).toBe(0)
    await client.putLabel(host.id, 'c', 'd')
  })
})

describe('a client that does not read', () => {
  it('[L55] is dropped by the server as a slow consumer, comes back and reads all again', async () => {
    const { proxy, connect } = await open({ lines: ['max_pending: 1MB', 'write_deadline: "1s"'] })
    const near = await connect()
    const { host, actors } = await addHost(near, 'one')
    const slow = await connect(proxy.port)
    const mirror = await openMirror({ transport: slow, lattice: 'default', embedded: false, probeMs: 200 })
    ending.push(() => mirror.close())
    const states: string[] = []
    slow.onStatus(({ kind }) => states.push(kind))
    const connections = proxy.taken
    proxy.stall('to-client')
    const heap = new Uint8Array(60_000).fill(0x20)
    // More than every buffer on the way holds.
    for (let n = 0; n < 400 && proxy.taken === connections && !states.includes('lost'); n++) {
      near.publish(eventSubject('default', 'noise'), heap)
      if (n % 20 === 0) await near.flush()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    actors.running.set('meanwhile', spec('meanwhile'))
    await expect.poll(() => states[0], patience).toBe('lost')
    proxy.flow()
    await expect.poll(() => mirror.state().connection.state, patience).toBe('live')
    // Heartbeats come every 30 s, later than is waited here: it is asked for.
    await expect
      .poll(() => mirror.state().components[onHostKey(host.id, 'meanwhile')], { ...patience, interval: 20 })
      .toBeDefined()
  })
})
