// The two builtin providers of a v1 host and HTTP over the lattice: started over the bus, linked and configured as with `wash`,
// real components on two nodes, real sockets.

import { type IncomingHttpHeaders, request as httpRequest } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LatticeNode } from '../../../main/lattice-node.js'
import { parseProviderPermissions } from '../../../main/provider-host/permissions.js'
import { type Archives, buildTestProvider, openArchives, script, thisTarget } from '../../support/provider-archive.js'
import { openTestLattice, type TestLattice } from '../../support/test-lattice.js'
import { buildServices } from '../wasm/services.js'
import { buildGuest } from '../wasm/wasi-guest.js'

const limit = 120_000
const soon = { timeout: 20_000, interval: 50 }
const ctl = 'wasmbus.ctl.v1.default'
const httpServer = 'wasmcloud+builtin://http-server'
const messagingNats = 'wasmcloud+builtin://messaging-nats'
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const json = (data: Uint8Array): never => JSON.parse(new TextDecoder().decode(data)) as never

let lattice: TestLattice
let archives: Archives
let first: LatticeNode
let second: LatticeNode
const kinds = new Map<string, string[]>()

const permissions = (...texts: string[]) => {
  const read = parseProviderPermissions(texts)
  if (!read.ok) throw new Error(read.why)
  return read.value
}
const ask = async (tail: string, body: unknown, timeoutMs = 20_000): Promise<{ success: boolean; message: string }> =>
  json((await lattice.transport.request(`${ctl}.${tail}`, bytes(body), { timeoutMs })).data)
const start = (on: LatticeNode, id: string, ref: string, config: readonly string[] = [], timeoutMs?: number) =>
  ask(`provider.start.${on.host.id}`, { provider_id: id, provider_ref: ref, host_id: on.host.id, config }, timeoutMs)
const stop = (on: LatticeNode, id: string) =>
  ask(`provider.stop.${on.host.id}`, { provider_id: id, host_id: on.host.id })
const until = (id: string, kind: string): Promise<void> => expect.poll(() => kinds.get(id) ?? [], soon).toContain(kind)

/** Configuration and link of a component to an HTTP server, as two commands of `wash`. */
async function linkHttp(source: string, target: string, values: Readonly<Record<string, string>>, name = 'default') {
  const config = `${source}-${target}-${name}`
  await lattice.client.putConfig(config, values)
  const reply = await ask('link.put', {
    source_id: source,
    target,
    name,
    wit_namespace: 'wasi',
    wit_package: 'http',
    interfaces: ['incoming-handler'],
    source_config: [config],
    target_config: [],
  })
  expect(reply).toMatchObject({ success: true })
}
const unlinkHttp = (source: string, name = 'default') =>
  ask('link.del', { source_id: source, name, wit_namespace: 'wasi', wit_package: 'http' })

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
const get = (
  port: number,
  target = '/',
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = httpRequest(
      { host: '127.0.0.1', port, path: target, method: options.method ?? 'GET', headers: options.headers ?? {} },
      (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (piece: string) => (body += piece))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
        response.on('error', reject)
      },
    )
    asked.on('error', reject)
    asked.end(options.body)
  })
const statusOf = (port: number, target = '/', headers: Record<string, string> = {}): Promise<number> =>
  get(port, target, { headers }).then(
    ({ status }) => status,
    () => 0,
  )

beforeAll(async () => {
  lattice = await openTestLattice()
  archives = await openArchives()
  lattice.transport.subscribe('wasmbus.evt.default.>', (message) => {
    const { type, data }: { type: string; data: { provider_id?: string } } = json(message.data)
    if (data.provider_id === undefined) return
    kinds.set(data.provider_id, [...(kinds.get(data.provider_id) ?? []), type.replace('com.wasmcloud.lattice.', '')])
  })
  await lattice.transport.flush()
  const startProviders = (name: string, ...texts: string[]) => ({
    startProviders: {
      permissions: permissions(...texts),
      folder: path.join(archives.folder, `run-${name}`),
      rpc: { url: lattice.server.tcpUrl },
    },
  })
  first = await lattice.addNode('first', startProviders('first', httpServer, messagingNats))
  second = await lattice.addNode('second', startProviders('second', 'file://*'))
  const web = await buildGuest('web')
  await lattice.start(first, 'here', web)
  await lattice.start(second, 'far', web)
  await lattice.start(second, 'net', await buildGuest('net'))
  await lattice.start(second, 'talker', await buildServices())
  await lattice.start(first, 'listener', await buildServices())
}, limit)

afterAll(async () => {
  await lattice?.close()
  await archives?.close()
}, limit)

it('a builtin provider that is not permitted is met with silence, as on a v1 host with the feature off', async () => {
  await expect(start(second, 'quiet', httpServer, [], 700)).rejects.toMatchObject({ code: 'timed-out' })
  await expect(start(second, 'quiet', messagingNats, [], 700)).rejects.toMatchObject({ code: 'timed-out' })
  expect(kinds.get('quiet')).toBeUndefined()
})

describe('the builtin HTTP server by address', () => {
  it('serves a component of this node and one of another, each on its own address', async () => {
    const [near, far] = [await freePort(), await freePort()]
    expect(await start(first, 'http', httpServer)).toEqual({ success: true, message: 'successfully started provider' })
    await until('http', 'provider_started')
    await linkHttp('http', 'here', { address: `0.0.0.0:${near}` })
    await linkHttp('http', 'far', { ADDRESS: `127.0.0.1:${far}`, cache_control: 'max-age=5' }, 'second')
    for (const port of [near, far]) await expect.poll(() => statusOf(port), soon).toBe(201)
    const asked = { method: 'PUT', headers: { 'x-asked': 'yes' }, body: 'z'.repeat(300_000) }
    for (const port of [near, far]) {
      const answer = await get(port, '/a?b=c', asked)
      expect(JSON.parse(answer.body)).toMatchObject({
        method: 'put',
        scheme: 'HTTP',
        authority: `127.0.0.1:${port}`,
        path: '/a?b=c',
        asked: ['yes'],
        body: 'z'.repeat(300_000),
      })
      expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
      expect(answer.headers['cache-control']).toBe(port === far ? 'max-age=5' : undefined)
      // A page of another name that leads here gets nothing.
      expect(await statusOf(port, '/', { host: 'evil.example' })).toBe(421)
      expect(await get(port, '/error')).toMatchObject({ status: 500, body: expect.not.stringContaining('on purpose') })
      expect(await get(port, '/empty')).toMatchObject({ status: 204, body: '' })
      expect(await statusOf(port, '/trap')).toBe(500)
      // It is started again.
      await expect.poll(() => statusOf(port), soon).toBe(201)
    }
    const reply: { response: { providers: readonly { id: string; image_ref: string }[] } } = json(
      (await lattice.transport.request(`${ctl}.host.get.${first.host.id}`, new Uint8Array())).data,
    )
    expect(reply.response.providers.find(({ id }) => id === 'http')).toMatchObject({ image_ref: 'http-server' })
    await unlinkHttp('http')
    await unlinkHttp('http', 'second')
    for (const port of [near, far]) await expect.poll(() => statusOf(port), soon).toBe(0)
  })

  it('keeps to a limit of time, to reading alone, and to the origins that are named', async () => {
    const port = await freePort()
    await linkHttp('http', 'here', {
      port: String(port),
      timeout_ms: '400',
      readonly_mode: 'true',
      cors_allowed_origins: '["https://page.example"]',
    })
    await expect.poll(() => statusOf(port), soon).toBe(201)
    expect(await statusOf(port, '/loop')).toBe(408)
    expect((await get(port, '/', { method: 'POST' })).status).toBe(405)
    const origin = 'https://page.example'
    const preflight = await get(port, '/', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET' },
    })
    expect(preflight).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': origin, 'access-control-max-age': '300' },
    })
    await expect.poll(() => statusOf(port), soon).toBe(201)
    expect((await get(port, '/', { headers: { origin } })).headers['access-control-allow-origin']).toBe(origin)
    expect((await get(port, '/', { headers: { origin: 'https://evil.example' } })).headers).not.toHaveProperty(
      'access-control-allow-origin',
    )
    await unlinkHttp('http')
    await expect.poll(() => statusOf(port), soon).toBe(0)
  })

  it('says in its health and in the log what cannot be served, and serves the rest', async () => {
    const port = await freePort()
    await linkHttp('http', 'here', { address: `192.0.2.1:${port}` })
    await until('http', 'health_check_failed')
    expect(lattice.log.join('\n')).toMatch(/192\.0\.2\.1:\d+ is not of this machine alone, which only --allow-provider/)
    await linkHttp('http', 'far', { address: `127.0.0.1:${port}` }, 'second')
    await expect.poll(() => statusOf(port), soon).toBe(201)
    // Changed to an address that can be had.
    const other = await freePort()
    await linkHttp('http', 'here', { address: `127.0.0.1:${other}` })
    await expect.poll(() => statusOf(other), soon).toBe(201)
    await expect
      .poll(
        () =>
          kinds
            .get('http')
            ?.filter((kind) => kind.startsWith('health'))
            .at(-1),
        soon,
      )
      .toBe('health_check_passed')
    expect(await stop(first, 'http')).toEqual({ success: true, message: 'successfully stopped provider' })
    for (const each of [port, other]) expect(await statusOf(each)).toBe(0)
  })
})

describe('the builtin HTTP server by path and by host', () => {
  it('leads each path to its component, and says 404 to others', async () => {
    const port = await freePort()
    await lattice.client.putConfig('by-path', { routing_mode: 'path', default_address: `127.0.0.1:${port}` })
    await start(first, 'paths', httpServer, ['by-path'])
    await until('paths', 'provider_started')
    await linkHttp('paths', 'here', { path: '/here' })
    await linkHttp('paths', 'far', { path: '/far/{*rest}' }, 'second')
    await expect.poll(() => statusOf(port, '/here?x'), soon).toBe(201)
    await expect.poll(() => statusOf(port, '/far/a/b'), soon).toBe(201)
    expect(JSON.parse((await get(port, '/far/a/b?c')).body)).toMatchObject({ path: '/far/a/b?c' })
    expect(await get(port, '/elsewhere')).toMatchObject({ status: 404, body: 'path not found\n' })
    await stop(first, 'paths')
    expect(await statusOf(port, '/here')).toBe(0)
  })

  it('leads each host to its component, says 404 to others', async () => {
    const port = await freePort()
    await lattice.client.putConfig('by-host', { routing_mode: 'host', default_address: `127.0.0.1:${port}` })
    await start(first, 'hosts', httpServer, ['by-host'])
    await until('hosts', 'provider_started')
    await linkHttp('hosts', 'here', { host: 'here.example' })
    await expect.poll(() => statusOf(port, '/', { host: 'here.example' }), soon).toBe(201)
    expect(await get(port, '/', { headers: { host: 'other.example' } })).toMatchObject({ status: 404 })
    await stop(first, 'hosts')
  })

  it('does not start with a mode that there is not', async () => {
    await lattice.client.putConfig('odd', { routing_mode: 'by-moon' })
    await start(first, 'odd', httpServer, ['odd'])
    await until('odd', 'provider_start_failed')
  })
})

describe('wrpc:http', () => {
  it('is served for a component byte for byte', async () => {
    // GET http://localhost:8080/empty without headers (wrpc.md 5.5); the path is six characters.
    const sync = Buffer.concat([
      Buffer.from('00000001', 'hex'),
      Buffer.from([6]),
      Buffer.from('/empty'),
      Buffer.from('010001', 'hex'),
      Buffer.from([14]),
      Buffer.from('localhost:8080'),
      Buffer.from([0]),
    ])
    const nothing = new Uint8Array(0)
    const bus = lattice.transport
    const inbox = bus.createInbox()
    const got: [string, string][] = []
    const subscription = bus.subscribe(`${inbox}.>`, ({ subject, data, reply }) => {
      const tail = subject.slice(inbox.length + 1)
      if (reply !== undefined) {
        bus.publish(`${reply}.params`, nothing)
        for (const at of ['0.0', '0.1']) {
          bus.publish(`${reply}.params.${at}`, Uint8Array.of(0))
          bus.publish(`${reply}.params.${at}`, nothing)
        }
      } else got.push([tail, Buffer.from(data).toString('hex')])
    })
    bus.publish('default.far.wrpc.0.0.1.wrpc:http/incoming-handler@0.1.0.handle', sync, { reply: `${inbox}.c` })
    await expect.poll(() => got.filter(([, data]) => data === '').length, soon).toBe(3)
    subscription.close()
    expect(got).toContainEqual(['c.results', '000000cc0100'])
    expect(got).toContainEqual(['c.results.0.0', '00'])
    expect(got).toContainEqual(['c.results.0.1', '00'])
  })

  it('takes a request of a component along its link, and is denied without one', async () => {
    // Whoever serves it is a peer of our own: a provider of outgoing HTTP that answers with what it was asked.
    const { outgoingExport } = await import('../../../main/wasm/wrpc-http.js')
    const service = lattice.rpc.serve({
      prefix: 'default.client',
      queue: 'default.client',
      exports: [outgoingExport],
      handle: async ({ params, headers }) => {
        const asked = params[0] as { pathWithQuery: string; authority: string; body: Uint8Array } // of that type
        const said = JSON.stringify([
          headers['source-id'],
          asked.authority,
          asked.pathWithQuery,
          asked.body.length,
          params[1] !== undefined,
        ])
        return {
          tag: 'ok',
          val: {
            body: new TextEncoder().encode(said),
            trailers: undefined,
            status: 203,
            headers: [['x-by', [new TextEncoder().encode('link')]]],
          },
        }
      },
    })
    await service.ready
    const fetch = async (what: object): Promise<unknown> => {
      const answer = await lattice.rpc.call({
        prefix: 'default.net',
        instance: '',
        fn: { name: 'act', params: [{ name: 'what', type: { kind: 'string' } }], result: { kind: 'string' } },
        params: [JSON.stringify(['fetch', what])],
      })
      return JSON.parse(answer as string)
    }
    const what = { authority: 'example.com', path: '/x?y', method: 'post', body: 'b'.repeat(5_000) }
    expect(JSON.stringify(await fetch({ authority: 'example.com' }))).toContain('HTTP-request-denied')
    expect(JSON.stringify(await fetch(what))).toContain('HTTP-request-denied')
    await ask('link.put', {
      source_id: 'net',
      target: 'client',
      name: 'default',
      wit_namespace: 'wasi',
      wit_package: 'http',
      interfaces: ['outgoing-handler'],
      source_config: [],
      target_config: [],
    })
    await expect.poll(async () => JSON.stringify(await fetch(what)), soon).toContain('203')
    expect(await fetch(what)).toEqual({
      got: {
        status: 203,
        headers: { 'x-by': 'link' },
        body: [JSON.stringify(['net', 'example.com', '/x?y', 5_000, true]), 'closed'],
      },
    })
    service.close()
  })
})

describe('the builtin messaging', () => {
  it('brings messages to linked components, and takes theirs, under its own id', async () => {
    await start(first, 'mess', messagingNats)
    await until('mess', 'provider_started')
    await lattice.client.putConfig('hears', { subscriptions: 'gossip.>', cluster_uris: lattice.server.tcpUrl })
    const handler = { wit_namespace: 'wasmcloud', wit_package: 'messaging', name: 'default', target_config: [] }
    await ask('link.put', {
      ...handler,
      source_id: 'mess',
      target: 'listener',
      interfaces: ['handler'],
      source_config: ['hears'],
    })
    await ask('link.put', {
      ...handler,
      source_id: 'talker',
      target: 'mess',
      interfaces: ['consumer'],
      source_config: [],
    })
    // Until both nodes know of both links.
    await expect
      .poll(async () => {
        await lattice.act('talker', 'publish', 'gossip.one', [1, 2])
        return JSON.stringify(await lattice.act('listener', 'heard'))
      }, soon)
      .toContain('gossip.one')
    await stop(first, 'mess')
  })

  it('says of a link to another server that it hears nothing', async () => {
    await lattice.client.putConfig('hears-far', {
      subscriptions: 'gossip.>',
      cluster_uris: 'nats://user:secret@192.0.2.1:4222',
    })
    await start(first, 'mess-far', messagingNats)
    await until('mess-far', 'provider_started')
    await ask('link.put', {
      source_id: 'mess-far',
      target: 'listener',
      name: 'default',
      wit_namespace: 'wasmcloud',
      wit_package: 'messaging',
      interfaces: ['handler'],
      source_config: ['hears-far'],
      target_config: [],
    })
    await expect.poll(() => lattice.log.join('\n'), soon).toContain('the link to listener hears nothing')
    expect(lattice.log.join('\n')).not.toContain('secret')
    await stop(first, 'mess-far')
  })
})

it(
  'a component calls a provider process along its link, found by the name of the link',
  async () => {
    const archive = await archives.add('kv.par', { [`${thisTarget}.bin`]: script(await buildTestProvider()) })
    await start(second, 'kv-process', archive)
    await until('kv-process', 'provider_started')
    await ask('link.put', {
      source_id: 'talker',
      target: 'kv-process',
      name: 'default',
      wit_namespace: 'wasi',
      wit_package: 'keyvalue',
      interfaces: ['store', 'atomics'],
      source_config: [],
      target_config: [],
    })
    await expect.poll(() => lattice.act('talker', 'kv-set', 'b', 'k', [7, 8]), soon).toBeNull()
    expect(await lattice.act('talker', 'kv-get', 'b', 'k')).toEqual([7, 8])
    expect(await lattice.act('talker', 'kv-increment', 'b', 'n', 5)).toBe('5')
    expect(await lattice.act('talker', 'kv-increment', 'b', 'n', 300)).toBe('305')
    await stop(second, 'kv-process')
  },
  limit,
)
