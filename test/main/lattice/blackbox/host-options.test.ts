// What a host does differently when its flags say so (lattice.md 2.4), asked of real node processes in raw JSON.

import { connect, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createClient } from '../../../../main/lattice/client.js'
import { openMirror } from '../../../../main/lattice/mirror.js'
import { openTransport } from '../../../../main/nats/connection.js'
import type { NodeProcess } from '../../../support/node-process.js'
import { type Bench, openBench } from './bench.js'

const limit = 60_000
let bench: Bench
vi.setConfig({ testTimeout: limit })

beforeAll(async () => {
  bench = await openBench()
}, limit)

afterAll(async () => {
  expect(bench.peer.faults).toEqual([])
  await bench.close()
}, limit)

/** One that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('a lattice whose control subjects begin otherwise', () => {
  const ctlPrefix = 'acme.steer'
  let node: NodeProcess

  beforeAll(async () => {
    node = await bench.start('steered', { lattice: 'other', extra: ['--ctl-topic-prefix', ctlPrefix] })
  }, limit)

  it('[L100] is answered there and not where control subjects usually are', async () => {
    const peer = await bench.openPeer({ lattice: 'other', ctlPrefix })
    expect((await peer.pings(1)).map((each) => each['id'])).toEqual([node.hostId])
    expect(await peer.ask('config.put.x', { a: 'b' })).toEqual({ success: true, message: 'successfully put config' })
    const usual = await bench.openPeer({ lattice: 'other' })
    await expect(usual.connection.request(usual.subject('host.ping'))).rejects.toMatchObject({ code: '503' })
  })

  it('may be said in the variable that wash reads', async () => {
    const other = await bench.start('by-variable', {
      lattice: 'other',
      env: { WASMCLOUD_CTL_TOPIC_PREFIX: ctlPrefix },
    })
    const peer = await bench.openPeer({ lattice: 'other', ctlPrefix })
    expect((await peer.pings(2)).map((each) => each['id']).sort()).toEqual([node.hostId, other.hostId].sort())
    await other.stop()
  })

  it('is steered and seen by the client and the mirror that know it', async () => {
    const transport = await openTransport({ servers: bench.server.tcpUrl })
    const mirror = await openMirror({ transport, lattice: 'other', ctlPrefix, embedded: false })
    const client = createClient({ transport, lattice: 'other', ctlPrefix })
    try {
      expect(Object.keys(mirror.state().hosts)).toContain(node.hostId)
      await client.putLabel(node.hostId, 'zone', 'attic')
      await expect.poll(() => mirror.state().hosts[node.hostId]?.labels['zone'], { timeout: 20_000 }).toBe('attic')
    } finally {
      await mirror.close()
      await transport.close()
    }
  })
})

it('[L101] a host bids only where its auctions are on, and takes commands all the same', async () => {
  const own = await openBench({ lattice: 'auctions' })
  const image = await own.image('echo')
  const both = await own.start('bids')
  const components = await own.start('components', {
    extra: ['--enable-provider-auction', 'false', '--allow-provider', 'file:///*'],
  })
  const none = await own.start('none', {
    extra: ['--enable-component-auction=false', '--enable-provider-auction=false'],
  })
  const { peer } = own
  const bidders = async (kind: string, request: object): Promise<unknown[]> =>
    (await peer.replies(`${kind}.auction`, { constraints: {}, ...request }, 3))
      .map(({ response }) => (response as { host_id: string }).host_id)
      .sort()
  expect(await bidders('component', { component_ref: image, component_id: 'echo' })).toEqual(
    [both.hostId, components.hostId].sort(),
  )
  expect(await bidders('provider', { provider_ref: 'file:///x.par', provider_id: 'x' })).toEqual([])
  const events = await peer.during(
    none.hostId,
    () =>
      peer.ask(`component.scale.${none.hostId}`, {
        component_ref: image,
        component_id: 'asked',
        host_id: none.hostId,
        count: 1,
      }),
    2,
  )
  expect(events.map(({ kind }) => kind)).toEqual(['component_scaled', 'component_scaled'])
  await own.close()
})

it('[L102] tells over HTTP that it lives and is ready, and that it is not when its server is gone', async () => {
  const own = await openBench()
  const port = await freePort()
  try {
    const node = await own.start('watched', { extra: ['--http-admin', `127.0.0.1:${port}`] })
    const at = async (path: string, method = 'GET'): Promise<[number, string]> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method })
      return [response.status, await response.text()]
    }
    expect(await at('/livez')).toEqual([200, '{"status":"ok"}'])
    expect(await at('/readyz?verbose')).toEqual([200, '{"status":"ok"}'])
    expect(await at('/readyz', 'HEAD')).toEqual([200, ''])
    expect(await at('/livez', 'POST')).toEqual([405, 'method `POST` not supported for path `/livez`'])
    expect(await at('/metrics')).toEqual([404, 'unknown endpoint `/metrics`'])
    // What is no URL would throw where nobody catches.
    expect(await raw(port, 'GET // HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 404 /)
    expect(await at('/livez')).toEqual([200, '{"status":"ok"}'])
    await expect(own.start('second', { extra: ['--http-admin', `127.0.0.1:${port}`] })).rejects.toThrow(
      `--http-admin 127.0.0.1:${port} cannot be used`,
    )
    await own.peer.close()
    await own.server.kill()
    await expect.poll(() => at('/readyz'), { timeout: 20_000 }).toEqual([500, '{"status":"failure"}'])
    expect(await at('/livez')).toEqual([200, '{"status":"ok"}'])
    expect(await node.stop()).toBe(0)
  } finally {
    await own.close()
  }
})

/** What comes back for these bytes until the server ends the connection. */
async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('utf8').end(request)
  let said = ''
  for await (const piece of socket) said += String(piece)
  return said
}

it('[L103] asks the configuration service for credentials of registries, and starts without one', async () => {
  const asked: unknown[] = []
  const peer = await bench.openPeer({ lattice: 'configured' })
  peer.connection.subscribe('wasmbus.cfg.configured.req', {
    callback: (_error, message) => {
      asked.push(JSON.parse(new TextDecoder().decode(message.data)))
      message.respond(
        new TextEncoder().encode(
          JSON.stringify({ registryCredentials: { 'r.test': { username: 'u', password: 'p' } } }),
        ),
      )
    },
  })
  await peer.connection.flush()
  const node = await bench.start('asks', {
    lattice: 'configured',
    labels: { zone: 'hall' },
    extra: ['--config-service-enabled'],
    env: { WASMCLOUD_LABEL_floor: '2', WASMCLOUD_LABEL_zone: 'hidden' },
  })
  expect(asked).toEqual([{ labels: expect.objectContaining({ zone: 'hall', floor: '2' }) as unknown }])
  await node.stop()

  const alone = await bench.start('alone', { lattice: 'unserved', extra: ['--config-service-enabled'] })
  expect(alone.stderr()).toContain('the configuration service (wasmbus.cfg.unserved.req) gave no usable answer')
  const quiet = await bench.start('quiet', { lattice: 'unserved' })
  expect(quiet.stderr()).not.toContain('configuration service')
  await Promise.all([alone.stop(), quiet.stop()])
})
