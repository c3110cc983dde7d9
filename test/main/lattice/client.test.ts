// The client against a host that is played here in plain JSON on a real nats-server, as a v1 host speaks: accepted first,
// the outcome as an event, references without their scheme, silence where v1 hosts are silent.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createTools } from '../../../main/desktop-tools.js'
import { createClient, type LatticeClient } from '../../../main/lattice/client.js'
import { startComponent, startProvider } from '../../../main/lattice/client-place.js'
import { createKey } from '../../../main/lattice/nkeys.js'
import { emptyState } from '../../../preload/changes.js'
import { handleHttp, incomingHandler } from '../../../main/lattice/protocol/http.js'
import { type Mirror, openMirror } from '../../../main/lattice/mirror.js'
import { readSecret, writeSecret } from '../../../main/lattice/protocol/secret.js'
import { openRpc } from '../../../main/lattice/rpc.js'
import { createSpy } from '../../../main/lattice/spy.js'
import { openTransport } from '../../../main/nats/connection.js'
import type { Message, Transport } from '../../../main/nats/transport.js'
import { type NatsServer, startNatsServer } from '../../support/nats-server.js'
import { bytes, json } from './lattice-samples.js'

const patience = { timeout: 20_000, interval: 20 }

let server: NatsServer
let transport: Transport
let host: Transport
let client: LatticeClient
const hostId = createKey('server').publicKey
const otherId = createKey('server').publicKey
const closers: (() => void)[] = []

beforeAll(async () => {
  server = await startNatsServer()
  transport = await openTransport({ servers: server.tcpUrl })
  host = await openTransport({ servers: server.tcpUrl })
  client = createClient({ transport, lattice: 'default', windowMs: 300 })
})

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

afterAll(async () => {
  await transport.close()
  await host.close()
  await server.close()
})

/** Answers on a control subject; undefined is silence. */
async function answer(tail: string, reply: (body: unknown, message: Message) => unknown): Promise<void> {
  const subscription = host.subscribe(`wasmbus.ctl.v1.default.${tail}`, (message) => {
    const body = message.data.length === 0 ? undefined : json(message.data)
    const said = reply(body, message)
    if (said !== undefined && message.reply !== undefined) host.publish(message.reply, bytes(said))
  })
  closers.push(() => subscription.close())
  await host.flush()
}

const accepted = { success: true, message: '' }

function emit(name: string, data: object, source = hostId): void {
  const event = {
    specversion: '1.0',
    id: 'e',
    type: `com.wasmcloud.lattice.${name}`,
    source,
    datacontenttype: 'application/json',
    time: new Date().toISOString(),
    data,
  }
  host.publish(`wasmbus.evt.default.${name}`, bytes(event))
}

const scaled = (id: string, count: number, image = 'ghcr.io/a/b:1') => ({
  annotations: {},
  host_id: hostId,
  image_ref: image,
  max_instances: count,
  component_id: id,
})

describe('a component', () => {
  const request = { componentId: 'hello', imageRef: 'ghcr.io/a/b:1', count: 2 }

  it('[L60] has started when its host says so, not when that was accepted, nor when another host says it', async () => {
    let tell = (): void => undefined
    const asked = new Promise<void>((resolve) => (tell = resolve))
    const bodies: unknown[] = []
    await answer(`component.scale.${hostId}`, (body) => {
      bodies.push(body)
      tell()
      return accepted
    })
    let isDone = false
    const start = client.scale(hostId, { ...request, config: ['c'], limits: { max_memory_limit: '1' } })
    void start.then(() => (isDone = true))
    await asked
    emit('component_scaled', scaled('hello', 2), otherId)
    emit('component_scaled', scaled('else', 2))
    emit('component_scaled', scaled('hello', 1))
    await host.flush()
    await transport.flush()
    expect(isDone).toBe(false)
    emit('component_scaled', scaled('hello', 2))
    emit('component_scaled', scaled('hello', 2))
    await start
    expect(bodies).toEqual([
      {
        component_ref: 'ghcr.io/a/b:1',
        component_id: 'hello',
        annotations: {},
        count: 2,
        component_limits: { max_memory_limit: '1' },
        host_id: hostId,
        config: ['c'],
        allow_update: false,
      },
    ])
  })

  it('[L61] did not start when nothing was heard, and the error says that it was accepted', async () => {
    await answer(`component.scale.${hostId}`, () => accepted)
    await expect(client.scale(hostId, { ...request, limitMs: 200 })).rejects.toMatchObject({
      code: 'timed-out',
      message: 'hello did not start: accepted, but nothing was heard for 0.2 s',
    })
  })

  it('fails with the words of its host', async () => {
    await answer(`component.scale.${hostId}`, () => {
      emit('component_scale_failed', { ...scaled('hello', 2), error: 'no such image' })
      return accepted
    })
    await expect(client.scale(hostId, request)).rejects.toMatchObject({ code: 'refused', message: 'no such image' })
    await expect(client.scale(otherId, request)).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('[L62] starts where a host offers itself, and is told when none does', async () => {
    await answer('component.auction', (body) => {
      const { component_ref, constraints } = body as { component_ref: string; constraints: Record<string, string> }
      // A v1 host puts the reference where the id belongs.
      return constraints['zone'] === 'home'
        ? { ...accepted, response: { component_ref, component_id: component_ref, host_id: hostId, constraints } }
        : undefined
    })
    await answer(`component.scale.${hostId}`, () => {
      emit('component_scaled', scaled('hello', 2))
      return accepted
    })
    expect(await startComponent(client, request, { constraints: { zone: 'home' } })).toBe(hostId)
    await expect(startComponent(client, request, { constraints: { zone: 'moon' } })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/^No host with zone=moon offered to run hello/),
    })
  })

  it('is updated when the new reference runs; the zero that v1 hosts send after it means nothing', async () => {
    await answer(`host.get.${hostId}`, () => ({
      ...accepted,
      response: {
        host_id: hostId,
        components: [{ id: 'hello', image_ref: 'old:1', max_instances: 2 }],
        providers: [],
        labels: { 'tlos.version': '0.1.0' },
      },
    }))
    await answer(`component.update.${hostId}`, () => {
      emit('component_scaled', scaled('hello', 2, 'new:2'))
      emit('component_scaled', scaled('hello', 0, 'new:2'))
      return accepted
    })
    await client.update(hostId, 'hello', 'new:2')
    await expect(client.update(hostId, 'hello', 'old:1')).rejects.toMatchObject({ code: 'conflict' })
  })

  it('[L57] is stopped and started again where a v1 host would go on serving the old bytes after an update', async () => {
    await answer(`host.get.${hostId}`, () => ({
      ...accepted,
      response: {
        host_id: hostId,
        components: [{ id: 'hello', image_ref: 'old:1', max_instances: 2 }],
        providers: [],
        labels: { zone: 'a' },
      },
    }))
    const asked: unknown[] = []
    await answer(`component.scale.${hostId}`, (body) => {
      const { component_ref, count } = body as { component_ref: string; count: number }
      asked.push([component_ref, count])
      emit('component_scaled', scaled('hello', count, component_ref))
      return accepted
    })
    await client.update(hostId, 'hello', 'new:2')
    expect(asked).toEqual([
      ['old:1', 0],
      ['new:2', 2],
    ])
  })
})

describe('a provider', () => {
  it('has started when its host says so, by a reference without its scheme', async () => {
    await answer('provider.auction', (body) => ({ ...accepted, response: { ...(body as object), host_id: hostId } }))
    await answer(`provider.start.${hostId}`, () => {
      emit('provider_started', { host_id: hostId, provider_id: 'http', image_ref: '/opt/http.par', annotations: {} })
      return accepted
    })
    const request = { providerId: 'http', providerRef: 'file:///opt/http.par', limitMs: 5_000 }
    expect(await startProvider(client, request, { constraints: {} })).toBe(hostId)
  })

  it('stays unstarted where a host is silent, as v1 hosts are about a builtin that is off', async () => {
    await answer(`provider.start.${hostId}`, () => undefined)
    const impatient = createClient({ transport, lattice: 'default', requestMs: 200 })
    await expect(
      impatient.startProvider(hostId, { providerId: 'http', providerRef: 'wasmcloud+builtin://http-server' }),
    ).rejects.toMatchObject({ code: 'timed-out' })
  })

  it('[L63] has stopped when its host said it to all and answered', async () => {
    await answer(`provider.stop.${hostId}`, (body) => {
      if ((body as { provider_id: string }).provider_id !== 'http') {
        return { success: false, message: 'provider with that ID is not running' }
      }
      emit('provider_stopped', { host_id: hostId, provider_id: 'http', annotations: {}, reason: 'stop' })
      return { success: true, message: 'successfully stopped provider' }
    })
    await client.stopProvider(hostId, 'http')
    await expect(client.stopProvider(hostId, 'other')).rejects.toMatchObject({
      code: 'refused',
      message: 'provider with that ID is not running',
    })
  })
})

describe('all hosts', () => {
  it('[L64] are counted when they take credentials; none, some, and one that refuses', async () => {
    const login = { 'ghcr.io': { username: 'me', password: 'secret', registryType: 'oci' } }
    expect(await client.putRegistries(login)).toBe(0)
    const seen: unknown[] = []
    await answer('registry.put', (body) => {
      seen.push(body)
      return { success: true, message: 'successfully put registries' }
    })
    await answer('registry.put', () => ({ success: true, message: 'successfully put registries' }))
    expect(await client.putRegistries(login)).toBe(2)
    expect(seen).toEqual([login])
    await answer('registry.put', () => ({ success: false, message: 'not here' }))
    await expect(client.putRegistries(login)).rejects.toMatchObject({ code: 'refused', message: 'not here' })
  })

  it('are listed as far as they answer in time; junk among the answers is passed over', async () => {
    await answer('host.ping', (_body, message) => {
      if (message.reply !== undefined) host.publish(message.reply, Buffer.from('{nonsense'))
      return { ...accepted, response: { id: hostId, friendly_name: 'a', labels: {}, lattice: 'default' } }
    })
    expect((await client.ping()).map(({ id }) => id)).toEqual([hostId])
  })
})

describe('whichever host answers', () => {
  it('tells the claims of the lattice, or that there are none', async () => {
    const claims = { name: 'hello', sub: 'MA', iss: 'AA', version: '1.0', tags: 'a,b' }
    let response: unknown[] = []
    await answer('claims.get', () => ({ ...accepted, response }))
    expect(await client.claims()).toEqual([])
    response = [claims]
    expect(await client.claims()).toEqual([claims])
  })
})

describe('the tools of the desktop', () => {
  let mirror: Mirror
  beforeAll(async () => {
    mirror = await openMirror({ transport, lattice: 'default', embedded: false })
  })
  afterAll(() => mirror.close())

  it('[L65] tell who answered the roll and who, though known, did not', async () => {
    const rpc = openRpc(transport)
    closers.push(() => rpc.close())
    const tools = createTools({ transport, lattice: 'default', client, mirror, rpc })
    closers.push(() => tools.close())
    const inventory = (id: string) => ({
      host_id: id,
      friendly_name: id.slice(0, 4),
      components: [],
      providers: [],
      labels: {},
      version: '1.9.2',
      uptime_human: '1s',
      uptime_seconds: 1,
    })
    await answer('host.ping', () => ({
      ...accepted,
      response: { id: hostId, friendly_name: 'a', labels: {}, lattice: 'default', version: '1.9.2' },
    }))
    await answer(`host.get.${hostId}`, () => ({ ...accepted, response: inventory(hostId) }))
    // Somebody listens for it, and says nothing.
    await answer(`host.get.${otherId}`, () => undefined)
    emit('host_heartbeat', inventory(hostId))
    emit('host_heartbeat', inventory(otherId), otherId)
    await expect.poll(() => Object.keys(mirror.state().hosts).sort(), patience).toEqual([hostId, otherId].sort())
    expect(await tools.refresh()).toEqual({ answered: [hostId], silent: [otherId] })
  })

  it('[L131] cut all links one after the other, those of the lattice or of one source, and stop at the first that fails', async () => {
    const rpc = openRpc(transport)
    closers.push(() => rpc.close())
    const tools = createTools({ transport, lattice: 'default', client, mirror, rpc })
    closers.push(() => tools.close())
    const link = (source: string, name: string) => ({
      source_id: source,
      target: 'kv',
      name,
      wit_namespace: 'wasi',
      wit_package: 'keyvalue',
      interfaces: ['store'],
    })
    const links = [link('a', 'default'), link('b', 'default'), link('a', 'second'), link('c', 'default')]
    await answer('link.get', () => ({ ...accepted, response: links }))
    const cut: unknown[] = []
    await answer('link.del', (body) => {
      const { source_id: source, name } = body as { source_id: string; name: string }
      if (source === 'c') return { success: false, message: 'not today' }
      cut.push([source, name])
      return accepted
    })
    expect(await tools.cutAll('a')).toEqual({ cut: 2, left: 0 })
    expect(await tools.cutAll('nobody')).toEqual({ cut: 0, left: 0 })
    expect(cut.splice(0)).toEqual([
      ['a', 'default'],
      ['a', 'second'],
    ])
    expect(await tools.cutAll(undefined)).toEqual({
      cut: 3,
      left: 1,
      failure: { code: 'refused', message: 'not today' },
    })
    expect(cut.map((one) => (one as string[])[0])).toEqual(['a', 'b', 'a'])
  })

  it('call a function by its name, for a text', async () => {
    const rpc = openRpc(transport)
    const far = openRpc(host)
    closers.push(
      () => rpc.close(),
      () => far.close(),
    )
    const tools = createTools({ transport, lattice: 'default', client, mirror, rpc })
    const greet = { name: 'greet', params: [], result: { kind: 'string' } } as const
    const sources: (string | undefined)[] = []
    const service = far.serve({
      prefix: 'default.hello',
      queue: 'default.hello',
      exports: [{ name: 'example:hello/greeter@0.1.0', functions: [greet] }],
      handle: ({ headers }) => {
        sources.push(headers['source-id'])
        return Promise.resolve('good day')
      },
    })
    closers.push(() => service.close())
    await service.ready
    expect(await tools.invoke('hello', 'example:hello/greeter@0.1.0.greet')).toBe('good day')
    expect(sources).toEqual(['tlos-shell'])
    await expect(tools.invoke('nobody', 'example:hello/greeter@0.1.0.greet')).rejects.toMatchObject({
      code: 'unreachable',
    })
    await expect(tools.invoke('hello', 'greet')).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('an HTTP request by hand', () => {
  it('goes over wRPC as a provider of HTTP sends it, and its answer is read', async () => {
    const rpc = openRpc(transport)
    const far = openRpc(host)
    closers.push(
      () => rpc.close(),
      () => far.close(),
    )
    const tools = createTools({
      transport,
      lattice: 'default',
      client,
      mirror: { state: () => emptyState('default'), reseed: () => Promise.resolve() },
      rpc,
    })
    const seen: unknown[] = []
    const service = far.serve({
      prefix: 'default.web',
      exports: [{ name: incomingHandler, functions: [handleHttp] }],
      handle: ({ params }) => {
        seen.push(params[0])
        const { pathWithQuery } = params[0] as { pathWithQuery: string }
        if (pathWithQuery === '/late') return Promise.resolve({ tag: 'err', val: { tag: 'HTTP-response-timeout' } })
        if (pathWithQuery === '/bad') {
          return Promise.resolve({ tag: 'err', val: { tag: 'internal-error', val: 'out of tea' } })
        }
        const headers = [['content-type', [Buffer.from('text/plain')]]]
        return Promise.resolve({
          tag: 'ok',
          val: { body: Buffer.from('hello'), trailers: undefined, status: 201, headers },
        })
      },
    })
    closers.push(() => service.close())
    await service.ready
    const request = {
      method: 'POST',
      path: '/say?a=1',
      authority: 'localhost:8080',
      headers: { accept: '*/*' },
      body: 'hi',
    }
    expect(await tools.request('web', request)).toEqual({
      status: 201,
      headers: [['content-type', 'text/plain']],
      body: 'hello',
    })
    expect(seen[0]).toMatchObject({
      method: { tag: 'post' },
      pathWithQuery: '/say?a=1',
      scheme: { tag: 'HTTP' },
      authority: 'localhost:8080',
      headers: [['accept', [Uint8Array.from(Buffer.from('*/*'))]]],
      body: Uint8Array.from(Buffer.from('hi')),
    })
    await expect(tools.request('web', { ...request, path: 'say' })).rejects.toMatchObject({ code: 'invalid' })
    await tools.request('web', { ...request, method: 'PROPFIND' })
    expect(seen[1]).toMatchObject({ method: { tag: 'other', val: 'PROPFIND' } })
    await expect(tools.request('web', { ...request, path: '/late' })).rejects.toMatchObject({
      code: 'refused',
      message: 'HTTP-response-timeout',
    })
    await expect(tools.request('web', { ...request, path: '/bad' })).rejects.toMatchObject({
      message: 'internal-error: out of tea',
    })
  })
})

describe('looking at traffic', () => {
  it('[L66] hears what goes to a component, to it on one node, and from it to what it is linked to', async () => {
    const spy = createSpy({ transport, lattice: 'default', targetsOf: () => ['kv'], now: () => 7 })
    closers.push(() => spy.close())
    expect(spy.read('hello', 0)).toEqual({ messages: [], last: 0, missed: 0 })
    await transport.flush()
    const say = (subject: string, source: string | undefined): void =>
      host.publish(subject, Buffer.from('hi'), source === undefined ? {} : { headers: { 'source-id': source } })
    say('default.hello.wrpc.0.0.1.a:b/c@1.0.0.d', 'http')
    say(`tlos.rpc.default.${hostId}.hello.wrpc.0.0.1.a:b/c@1.0.0.d`, 'shell')
    say('default.kv.wrpc.0.0.1.wrpc:keyvalue/store@0.2.0-draft.get', 'hello')
    say('default.kv.wrpc.0.0.1.wrpc:keyvalue/store@0.2.0-draft.get', 'stranger')
    say('default.hello.wrpc.0.0.1.bare', undefined)
    await expect.poll(() => spy.read('hello', 0).last, patience).toBe(4)
    const { messages } = spy.read('hello', 0)
    expect(messages.map(({ from, to, instance, functionName }) => [from, to, instance, functionName])).toEqual([
      ['http', 'hello', 'a:b/c@1.0.0', 'd'],
      ['shell', 'hello', 'a:b/c@1.0.0', 'd'],
      ['hello', 'kv', 'wrpc:keyvalue/store@0.2.0-draft', 'get'],
      ['', 'hello', '', 'bare'],
    ])
    expect(messages[0]).toMatchObject({ number: 1, atMs: 7, sizeBytes: 2, hex: '6869' })
    expect(spy.read('hello', 3).messages.map(({ number }) => number)).toEqual([4])
  })

  it('keeps the newest of many and says how many it let go', async () => {
    const spy = createSpy({ transport, lattice: 'default', targetsOf: () => [], now: () => 0 })
    closers.push(() => spy.close())
    spy.read('busy', 0)
    await transport.flush()
    for (let n = 0; n < 600; n += 1) host.publish('default.busy.wrpc.0.0.1.a:b/c.d', Buffer.alloc(2_000))
    await expect.poll(() => spy.read('busy', 600).last, patience).toBe(600)
    const { messages, missed } = spy.read('busy', 0)
    expect([messages.length, missed, messages[0]?.number, messages[0]?.hex.length]).toEqual([500, 100, 101, 1_024])
  })
})

describe('a reference to a secret', () => {
  it('is written as wash writes it, and read back', async () => {
    const secret = { name: 'token', backend: 'nats-kv', key: 'k', field: 'f', policyProperties: { a: 'b' } }
    const written = writeSecret(secret)
    expect(written).toEqual({
      name: 'token',
      type: 'secret.wasmcloud.dev/v1alpha1',
      backend: 'nats-kv',
      key: 'k',
      field: 'f',
      policy: '{"type":"properties.secret.wasmcloud.dev/v1alpha1","properties":{"a":"b"}}',
    })
    expect(readSecret(written)).toMatchObject(secret)
    expect(readSecret({ greeting: 'hello' })).toBeUndefined()
    expect(readSecret({ backend: 'b', key: 'k', policy: 'no JSON' })?.policyProperties).toEqual({})
  })
})
