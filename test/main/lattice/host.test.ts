// A host seen from outside: raw JSON on raw subjects, as any v1 peer would speak to it, in memory and on a real server.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHost } from '../../../main/lattice/host.js'
import type { LatticeHost } from '../../../main/lattice/host-types.js'
import { createKey } from '../../../main/lattice/nkeys.js'
import type { Transport } from '../../../main/nats/transport.js'
import { buses, eventually, type TestBus } from './buses.js'
import { bytes, json } from './lattice-samples.js'
import { TableActors } from './sample-actors.js'

interface Reply {
  success: boolean
  message: string
  response?: unknown
}
interface Heard {
  kind: string
  source: string
  data: Record<string, unknown>
}

const empty = new Uint8Array()
const ctl = 'wasmbus.ctl.v1.default'

describe.each(buses)('a host $name', ({ open }) => {
  let bus: TestBus
  let peer: Transport
  let host: LatticeHost
  const actors = new TableActors()
  const heard: Heard[] = []
  const key = createKey('server')

  const ask = async (tail: string, body?: unknown): Promise<Reply> => {
    const data = body === undefined ? empty : body instanceof Uint8Array ? body : bytes(body)
    return json((await peer.request(`${ctl}.${tail}`, data)).data) as Reply
  }
  /** What the host says because of this, in order, up to a short quiet. */
  const eventsOf = async (run: () => Promise<unknown>, count: number): Promise<Heard[]> => {
    const from = heard.length
    await run()
    if (count > 0) await eventually(() => heard.length >= from + count)
    await new Promise((resolve) => setTimeout(resolve, 60))
    return heard.slice(from)
  }
  const scale = (body: object): Promise<Reply> => ask(`component.scale.${key.publicKey}`, body)

  beforeAll(async () => {
    bus = await open({})
    peer = await bus.connect()
    peer.subscribe('wasmbus.evt.default.>', (message) => {
      const event = json(message.data) as { type: string; source: string; data: Record<string, unknown> }
      heard.push({ kind: event.type.replace('com.wasmcloud.lattice.', ''), source: event.source, data: event.data })
    })
    await peer.flush()
    host = await openHost({
      transport: await bus.connect(),
      lattice: 'default',
      key,
      friendlyName: 'quiet-otter-1234',
      version: '0.1.0',
      labels: { zone: 'desk' },
      actors,
    })
  })
  afterAll(async () => {
    await host?.close()
    await bus?.close()
  })

  it('[L12] says that it started before anything else', async () => {
    await eventually(() => heard.length > 0)
    expect(heard[0]).toMatchObject({
      kind: 'host_started',
      source: key.publicKey,
      data: { friendly_name: 'quiet-otter-1234', uptime_seconds: 0, version: '0.1.0' },
    })
  })

  it('answers a ping and tells its inventory', async () => {
    const ping = (await ask('host.ping')).response as Record<string, unknown>
    expect(ping).toMatchObject({
      id: key.publicKey,
      lattice: 'default',
      version: '0.1.0',
      uptime_seconds: expect.any(Number) as number,
    })
    expect(ping['labels']).toMatchObject({ zone: 'desk', 'tlos.version': '0.1.0', 'hostcore.osfamily': 'unix' })
    const inventory = await ask(`host.get.${key.publicKey}`)
    expect(inventory).toMatchObject({
      success: true,
      message: '',
      response: { host_id: key.publicKey, components: [] },
    })
    expect(inventory.response).toMatchObject({
      providers: [{ id: 'kv', image_ref: 'kv-image', revision: 0, annotations: { a: 'b' } }],
    })
  })

  it('[L15] starts a component: accepted at once, then told twice', async () => {
    let reply: Reply | undefined
    const told = await eventsOf(async () => {
      reply = await scale({
        component_ref: 'ref:1',
        component_id: 'echo',
        count: 2,
        annotations: { x: 'y' },
        host_id: key.publicKey,
        unknown: 1,
      })
    }, 2)
    expect(reply).toEqual({ success: true, message: '' })
    const scaled = {
      annotations: { x: 'y' },
      component_id: 'echo',
      image_ref: 'ref:1',
      max_instances: 2,
      host_id: key.publicKey,
    }
    expect(told).toEqual([1, 2].map(() => ({ kind: 'component_scaled', source: key.publicKey, data: scaled })))
    const inventory = (await ask(`host.get.${key.publicKey}`)).response as { components: unknown[] }
    expect(inventory.components).toEqual([
      { id: 'echo', image_ref: 'ref:1', annotations: { x: 'y' }, revision: 0, max_instances: 2, limits: null },
    ])
    const entry = await (await peer.bucket('LATTICEDATA_default')).get('COMPONENT_echo')
    expect(json(entry!.value!)).toEqual({ url: 'ref:1', links: [] })
  })

  it('[L15] says once that nothing was to do', async () => {
    const same = await eventsOf(
      () => scale({ component_ref: 'ref:1', component_id: 'echo', count: 2, annotations: { other: 'z' } }),
      1,
    )
    expect(same).toMatchObject([{ kind: 'component_scaled', data: { max_instances: 2, annotations: { x: 'y' } } }])
    const none = await eventsOf(
      () => scale({ component_ref: 'r', component_id: 'nobody', count: 0, annotations: { q: '1' } }),
      1,
    )
    expect(none).toMatchObject([
      {
        kind: 'component_scaled',
        data: { component_id: 'nobody', max_instances: 0, image_ref: 'r', annotations: { q: '1' } },
      },
    ])
  })

  it('[L16] changes the limit, with the former annotations in the event and the new ones in the inventory', async () => {
    let reply: Reply | undefined
    const told = await eventsOf(async () => {
      reply = await scale({ component_ref: 'ref:2', component_id: 'echo', count: 5, annotations: { new: '1' } })
    }, 1)
    expect(reply!.message).toMatch(
      /^Requested to scale existing component to a different image reference: ref:1 != ref:2\./,
    )
    expect(told).toMatchObject([{ data: { max_instances: 5, image_ref: 'ref:1', annotations: { x: 'y' } } }])
    expect(actors.deeds.at(-1)).toBe('change echo same')
    const inventory = (await ask(`host.get.${key.publicKey}`)).response as { components: unknown[] }
    expect(inventory.components).toMatchObject([{ image_ref: 'ref:2', annotations: { new: '1' }, max_instances: 5 }])
  })

  it('[L17] updates: the last word is the new reference with the real limit', async () => {
    const reply = { success: true, message: 'component echo updating from ref:2 to ref:3' }
    const told = await eventsOf(async () => {
      const request = { component_id: 'echo', new_component_ref: 'ref:3', host_id: key.publicKey }
      expect(await ask(`component.update.${key.publicKey}`, request)).toEqual(reply)
    }, 2)
    expect(told.at(-1)).toMatchObject({ kind: 'component_scaled', data: { image_ref: 'ref:3', max_instances: 5 } })
    expect(told.every((event) => event.data['max_instances'] === 5)).toBe(true)
    expect(
      await ask(`component.update.${key.publicKey}`, { component_id: 'echo', new_component_ref: 'ref:3' }),
    ).toEqual({
      success: true,
      message: 'component echo already updated to ref:3',
    })
    expect(await ask(`component.update.${key.publicKey}`, { component_id: 'no', new_component_ref: 'r' })).toEqual({
      success: false,
      message: 'component no not found',
    })
  })

  it('[L15] says with the whole chain why a start failed', async () => {
    const told = await eventsOf(() => scale({ component_ref: 'bad', component_id: 'broken', count: 1 }), 1)
    expect(told).toMatchObject([
      {
        kind: 'component_scale_failed',
        data: {
          component_id: 'broken',
          image_ref: 'bad',
          max_instances: 1,
          error: 'cannot be started: not a component',
        },
      },
    ])
  })

  it('[L18] does one thing after another to one component', async () => {
    actors.delayMs = 50
    actors.deeds.length = 0
    await eventsOf(async () => {
      await scale({ component_ref: 'r', component_id: 'queue', count: 1 })
      await scale({ component_ref: 'r', component_id: 'queue', count: 0 })
    }, 3)
    expect(actors.deeds).toEqual(['start queue', 'started queue', 'stop queue'])
    actors.delayMs = 0
  })

  it('[L15] stops, with what was running in the event', async () => {
    const told = await eventsOf(() => scale({ component_ref: 'x', component_id: 'echo', count: 0 }), 1)
    expect(told).toMatchObject([{ kind: 'component_scaled', data: { max_instances: 0, image_ref: 'ref:3' } }])
    expect(actors.get('echo')).toBeUndefined()
  })

  it('[L14] bids only when it fits', async () => {
    const bids = async (constraints: object, component_id = 'new', component_ref = 'r'): Promise<number> => {
      const request = bytes({ component_ref, component_id, constraints })
      return (await peer.gather(`${ctl}.component.auction`, request, { windowMs: 120 })).length
    }
    expect(await bids({})).toBe(1)
    expect(await bids({ zone: 'desk', 'hostcore.osfamily': 'unix' })).toBe(1)
    expect(await bids({ zone: 'cloud' })).toBe(0)
    expect(await bids({}, 'new', 'never')).toBe(0)
    await eventsOf(() => scale({ component_ref: 'r', component_id: 'here', count: 1 }), 2)
    expect(await bids({}, 'here')).toBe(0)
    const provider = bytes({ provider_ref: 'p', provider_id: 'p', constraints: {} })
    expect(await peer.gather(`${ctl}.provider.auction`, provider, { windowMs: 120 })).toHaveLength(0)
  })

  it('[L19] sets and removes labels, but not those of the machine', async () => {
    const put = await eventsOf(() => ask(`label.put.${key.publicKey}`, { key: 'room', value: '7' }), 1)
    expect(put).toMatchObject([
      { kind: 'labels_changed', data: { host_id: key.publicKey, labels: { room: '7', zone: 'desk' } } },
    ])
    expect(await ask(`label.put.${key.publicKey}`, { key: 'HostCore.arch', value: 'x' })).toEqual({
      success: false,
      message: 'hostcore.* labels cannot be set dynamically',
    })
    const gone = await eventsOf(async () => {
      expect((await ask(`label.del.${key.publicKey}`, { key: 'room' })).message).toBe('successfully deleted label')
      expect((await ask(`label.del.${key.publicKey}`, { key: 'room' })).message).toBe(
        'successfully deleted label (no such label)',
      )
    }, 1)
    expect(gone).toHaveLength(1)
  })

  const link = {
    source_id: 'echo',
    target: 'kv',
    name: 'default',
    wit_namespace: 'wasi',
    wit_package: 'keyvalue',
    interfaces: ['store'],
    source_config: [],
    target_config: [],
  }

  it('[L20] keeps links of the whole lattice in the records of their sources', async () => {
    const told: unknown[] = []
    const provider = peer.subscribe('wasmbus.rpc.default.kv.linkdefs.*', (message) =>
      told.push([message.subject, json(message.data)]),
    )
    await peer.flush()
    const set = await eventsOf(
      async () => expect(await ask('link.put', link)).toEqual({ success: true, message: 'successfully set link' }),
      1,
    )
    expect(set).toMatchObject([{ kind: 'linkdef_set', data: link }])
    expect((await ask('link.get')).response).toEqual([link])
    expect(actors.links.get('echo')).toMatchObject([{ target: 'kv', interfaces: ['store'] }])
    const entry = await (await peer.bucket('LATTICEDATA_default')).get('COMPONENT_echo')
    expect(json(entry!.value!)).toEqual({ url: 'ref:1', links: [link] })
    const again = { ...link, interfaces: ['store', 'atomics'] }
    await eventsOf(() => ask('link.put', again), 1)
    expect((await ask('link.get')).response).toEqual([again])
    expect(told).toMatchObject([
      [
        'wasmbus.rpc.default.kv.linkdefs.put',
        { source_id: 'echo', source_config: {}, target_config: {}, source_secrets: null },
      ],
      ['wasmbus.rpc.default.kv.linkdefs.put', {}],
    ])
    provider.close()
  })

  it('[L20] refuses a link that takes an interface away from another target, or names what does not exist', async () => {
    const conflict = await eventsOf(async () => {
      expect((await ask('link.put', { ...link, target: 'other' })).message).toMatch(
        /^link already exists with different target/,
      )
    }, 1)
    expect(conflict).toMatchObject([
      { kind: 'linkdef_set_failed', data: { target: 'other', error: expect.any(String) as string } },
    ])
    expect(await ask('link.put', { ...link, target_config: ['nope', 'SECRET_s'] })).toEqual({
      success: false,
      message:
        'Failed to validate configuration and secrets. Configuration nope not found in config store. ' +
        'Secret reference SECRET_s not found in config store. ',
    })
    expect((await ask('link.put', { ...link, name: 'second', target: 'other' })).success).toBe(true)
  })

  it('[L20] deletes links by source, package and name', async () => {
    const request = { source_id: 'echo', wit_namespace: 'wasi', wit_package: 'keyvalue' }
    const gone = await eventsOf(() => ask('link.del', request), 1)
    expect(gone).toMatchObject([{ kind: 'linkdef_deleted', data: { ...request, name: 'default', target: 'kv' } }])
    const nothing = await eventsOf(() => ask('link.del', request), 1)
    expect(nothing[0]!.data).not.toHaveProperty('target')
    const noSpec = await eventsOf(async () => {
      const reply = await ask('link.del', { ...request, source_id: 'never-seen' })
      expect(reply).toEqual({ success: true, message: "successfully deleted link (spec doesn't exist)" })
    }, 0)
    expect(noSpec).toEqual([])
  })

  it('[L20] loses no link when many are put at once', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `many-${n}`)
    const replies = await Promise.all(names.map((name) => ask('link.put', { ...link, source_id: 'busy', name })))
    expect(replies.filter((reply) => !reply.success)).toEqual([])
    const links = (await ask('link.get')).response as { source_id: string; name: string }[]
    expect(
      links
        .filter((l) => l.source_id === 'busy')
        .map((l) => l.name)
        .sort(),
    ).toEqual([...names].sort())
  })

  it('[L21] keeps named configurations, and starts nothing with one that is missing', async () => {
    expect(await ask('config.get.c')).toEqual({ success: true, message: 'Configuration not found' })
    const set = await eventsOf(() => ask('config.put.c', { a: '1', b: '1' }), 1)
    expect(set).toMatchObject([{ kind: 'config_set', data: { config_name: 'c' } }])
    expect((await ask('config.get.c')).response).toEqual({ a: '1', b: '1' })
    await ask('config.put.d', { b: '2' })
    await host.useConfig(['c', 'd'])
    expect(host.configValues(['c', 'd'])).toEqual({ a: '1', b: '2' })
    await ask('config.put.d', { b: '3' })
    expect(host.configValues(['c', 'd'])).toEqual({ a: '1', b: '3' })
    expect((await ask('config.del.d')).message).toBe('successfully deleted config')
    expect(host.configValues(['c', 'd'])).toEqual({ a: '1', b: '1' })
    const failed = await eventsOf(
      () => scale({ component_ref: 'r', component_id: 'wants', count: 1, config: ['c', 'd'] }),
      1,
    )
    expect(failed).toMatchObject([{ kind: 'component_scale_failed', data: { error: 'Config d does not exist' } }])
  })

  it('tells the claims of the bucket', async () => {
    const bucket = await peer.bucket('LATTICEDATA_default')
    await bucket.put(
      'CLAIMS_MABC',
      bytes({
        call_alias: '',
        issuer: 'A1',
        name: 'Echo',
        revision: '4',
        subject: 'MABC',
        tags: ['a', 'b'],
        version: '1',
      }),
    )
    const expected = {
      call_alias: '',
      iss: 'A1',
      issuer: 'A1',
      name: 'Echo',
      rev: '4',
      revision: '4',
      sub: 'MABC',
      subject: 'MABC',
      tags: 'a,b',
      version: '1',
    }
    // The host hears of it by its watch of the bucket.
    await expect.poll(async () => (await ask('claims.get')).response).toEqual([expected])
  })

  it('starts and stops providers as far as it can', async () => {
    expect(await ask(`provider.start.${key.publicKey}`, { provider_id: 'kv', provider_ref: 'x', host_id: '' })).toEqual(
      {
        success: false,
        message: 'provider with that ID is already running',
      },
    )
    const failed = await eventsOf(
      () => ask(`provider.start.${key.publicKey}`, { provider_id: 'p', provider_ref: 'file:///p' }),
      1,
    )
    expect(failed).toMatchObject([
      { kind: 'provider_start_failed', data: { provider_ref: 'file:///p', provider_id: 'p', link_name: 'default' } },
    ])
    const started = await eventsOf(
      () =>
        ask(`provider.start.${key.publicKey}`, {
          provider_id: 'p',
          provider_ref: 'oci://x/good',
          annotations: { q: 'r' },
        }),
      1,
    )
    expect(started).toMatchObject([
      { kind: 'provider_started', data: { image_ref: 'x/good', annotations: { q: 'r' } } },
    ])
    const builtin = { provider_id: 'http', provider_ref: 'wasmcloud+builtin://http-server' }
    await expect(
      peer.request(`${ctl}.provider.start.${key.publicKey}`, bytes(builtin), { timeoutMs: 150 }),
    ).rejects.toMatchObject({ code: 'timed-out' })
    const stopped = await eventsOf(() => ask(`provider.stop.${key.publicKey}`, { provider_ref: 'kv' }), 1)
    expect(stopped).toMatchObject([
      { kind: 'provider_stopped', data: { provider_id: 'kv', reason: 'stop', annotations: { a: 'b' } } },
    ])
    expect((await ask(`provider.stop.${key.publicKey}`, { provider_id: 'kv' })).message).toBe(
      'provider with that ID is not running',
    )
  })

  it('keeps registry credentials to itself', async () => {
    expect(await ask('registry.put', { 'ghcr.io': { username: 'u', password: 'p' } })).toEqual({
      success: true,
      message: 'successfully put registries',
    })
    expect(host.registries().get('ghcr.io')).toMatchObject({ username: 'u', registryType: 'oci' })
  })

  const junk: readonly (readonly [string, string])[] = [
    ['component.auction', 'failed to deserialize component auction command'],
    [`component.scale.${key.publicKey}`, 'failed to deserialize component scale command'],
    [`component.update.${key.publicKey}`, 'failed to deserialize component update command'],
    ['provider.auction', 'failed to deserialize provider auction command'],
    [`provider.start.${key.publicKey}`, 'failed to deserialize provider start command'],
    [`provider.stop.${key.publicKey}`, 'failed to deserialize provider stop command'],
    [`host.stop.${key.publicKey}`, 'failed to deserialize stop command'],
    [`label.put.${key.publicKey}`, 'failed to deserialize put label request'],
    [`label.del.${key.publicKey}`, 'failed to deserialize delete label request'],
    ['link.put', 'failed to deserialize wrpc link definition'],
    ['link.del', 'failed to deserialize wrpc link definition'],
    ['registry.put', 'failed to deserialize registries put command'],
    ['config.put.c', 'config data should be a map of string -> string'],
  ]
  it.each(junk)('[L13] answers junk on %s with a failure and does nothing', async (tail, message) => {
    const payloads = [
      new TextEncoder().encode('{"a'),
      bytes([]),
      bytes(7),
      bytes('text'),
      Uint8Array.of(0xff, 0xfe),
      bytes(null),
    ]
    const before = actors.deeds.length
    const told = await eventsOf(async () => {
      for (const payload of payloads) expect(await ask(tail, payload)).toEqual({ success: false, message })
    }, 0)
    expect(told).toEqual([])
    expect(actors.deeds).toHaveLength(before)
  })

  it('[L13] refuses what it does not know, and what is meant for another host', async () => {
    for (const tail of [`host.reboot.${key.publicKey}`, 'link.move', 'config.get', 'config.get.a.b']) {
      expect(await ask(tail)).toEqual({ success: false, message: 'unsupported subject' })
    }
    const other = createKey('server').publicKey
    expect(await ask(`host.stop.${key.publicKey}`, { host_id: other })).toEqual({
      success: false,
      message: `invalid host_id [${other}]`,
    })
    await expect(peer.request(`wasmbus.ctl.v1.elsewhere.host.get.${key.publicKey}`, empty)).rejects.toMatchObject({
      code: 'unreachable',
    })
  })

  it('[L23] stops when it is asked to: answers, says goodbye, and is not there any more', async () => {
    const limits: number[] = []
    host.onStopRequested((limitMs) => {
      limits.push(limitMs)
      void host.close()
    })
    const told = await eventsOf(async () => {
      const reply = await ask(`host.stop.${key.publicKey}`, { host_id: key.publicKey, timeout: 1_500 })
      expect(reply).toEqual({ success: true, message: 'successfully handled stop host' })
    }, 1)
    expect(limits).toEqual([1_500])
    expect(told).toMatchObject([{ kind: 'host_stopped', data: { labels: { zone: 'desk' } } }])
    await expect(ask('host.ping')).rejects.toMatchObject({ code: 'unreachable' })
    await host.close()
  })
})

describe('a host without much around it', () => {
  it('[L12] tells its inventory with each heartbeat', async () => {
    const bus = await buses[0].open({})
    const peer = await bus.connect()
    const beats: unknown[] = []
    peer.subscribe('wasmbus.evt.l.host_heartbeat', (message) =>
      beats.push((json(message.data) as { data: unknown }).data),
    )
    const host = await openHost({
      transport: await bus.connect(),
      lattice: 'l',
      key: createKey('server'),
      friendlyName: 'n',
      version: '0.1.0',
      actors: new TableActors(),
      heartbeatMs: 20,
    })
    await eventually(() => beats.length >= 2)
    expect(beats[0]).toMatchObject({ host_id: host.id, uptime_human: '0s', components: [], version: '0.1.0' })
    await host.close()
    await bus.close()
  })

  it('[L22] works without JetStream, for itself', async () => {
    const bus = await buses[0].open({ jetStream: false })
    const peer = await bus.connect()
    const actors = new TableActors()
    const host = await openHost({
      transport: await bus.connect(),
      lattice: 'default',
      key: createKey('server'),
      friendlyName: 'n',
      version: '0.1.0',
      actors,
    })
    const put = { source_id: 'a', target: 'b', wit_namespace: 'w', wit_package: 'p', interfaces: ['i'] }
    await peer.request(`${ctl}.link.put`, bytes(put))
    await peer.request(`${ctl}.config.put.c`, bytes({ a: '1' }))
    expect(actors.links.get('a')).toHaveLength(1)
    expect(host.configValues(['c'])).toEqual({ a: '1' })
    await host.close()
    await bus.close()
  })
})
