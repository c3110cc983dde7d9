// The control interface of a real node process, raw: every operation of lattice.md 1.3 that needs no component, its
// envelope, its error texts, its silences. What components do is in `scale.test.ts`, links and buckets in theirs.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeProcess } from '../../../support/node-process.js'
import { type Bench, openBench } from './bench.js'
import type { Peer } from './peer.js'

let bench: Bench
let peer: Peer
let node: NodeProcess
let id: string

beforeAll(async () => {
  bench = await openBench()
  peer = bench.peer
  node = await bench.start('quiet-otter', { labels: { zone: 'desk' } })
  id = node.hostId
}, 60_000)

afterAll(async () => {
  expect(peer.faults).toEqual([])
  await bench.close()
}, 30_000)

const stranger = `N${'A'.repeat(55)}`

describe('a ping and an inventory', () => {
  it('a ping has exactly the fields of a v1 host without a JetStream domain', async () => {
    const text = await peer.askText('host.ping')
    expect(JSON.parse(text)).toEqual({
      success: true,
      message: '',
      response: {
        id,
        labels: expect.objectContaining({ zone: 'desk' }) as unknown,
        friendly_name: 'quiet-otter',
        uptime_seconds: expect.any(Number) as number,
        uptime_human: expect.stringMatching(/^(\d+h )?(\d+m )?\d+s$|^\d+h$|^\d+m$/) as string,
        version: expect.stringMatching(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/) as string,
        ctl_host: bench.server.tcpUrl,
        rpc_host: bench.server.tcpUrl,
        lattice: 'default',
      },
    })
  })

  it('has the labels of its machine', async () => {
    const [answer] = await peer.pings(1)
    expect(answer?.['labels']).toMatchObject({
      'hostcore.arch': { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch,
      'hostcore.os': { darwin: 'macos', win32: 'windows' }[process.platform as string] ?? process.platform,
      'hostcore.osfamily': process.platform === 'win32' ? 'windows' : 'unix',
    })
  })

  it('an inventory has exactly the fields of a v1 host', async () => {
    const inventory = (await peer.data(`host.get.${id}`)) as Record<string, unknown>
    expect(inventory).toEqual({
      host_id: id,
      friendly_name: 'quiet-otter',
      labels: expect.objectContaining({ zone: 'desk', 'hostcore.osfamily': expect.any(String) as string }) as unknown,
      version: (await peer.pings(1))[0]?.['version'],
      uptime_human: expect.any(String) as string,
      uptime_seconds: expect.any(Number) as number,
      components: [],
      providers: expect.any(Array) as unknown[],
    })
    for (const provider of inventory['providers'] as Record<string, unknown>[]) {
      expect(provider).toMatchObject({ id: expect.any(String) as string, revision: 0, annotations: {} })
      expect(provider['image_ref']).not.toContain('://')
    }
  })

  it('hears neither another lattice nor another host', async () => {
    await expect(peer.connection.request(peer.subject(`host.get.${stranger}`))).rejects.toMatchObject({ code: '503' })
    await expect(peer.connection.request('wasmbus.ctl.v1.elsewhere.host.ping')).rejects.toMatchObject({ code: '503' })
  })

  it('does without a reply subject what it does with one', async () => {
    const told = await peer.during(
      id,
      () => Promise.resolve(peer.tell(`label.put.${id}`, { key: 'told', value: 'once' })),
      1,
    )
    expect(told).toMatchObject([{ kind: 'labels_changed', data: { labels: { told: 'once' } } }])
    await peer.ask(`label.del.${id}`, { key: 'told' })
  })
})

describe('[L19] labels', () => {
  it('are put and deleted, each with the whole map as event', async () => {
    const put = await peer.during(
      id,
      async () =>
        expect(await peer.askText(`label.put.${id}`, { key: 'room', value: '7', more: true })).toBe(
          '{"success":true,"message":"successfully put label"}',
        ),
      1,
    )
    const [pinged] = await peer.pings(1)
    expect(put).toEqual([{ kind: 'labels_changed', source: id, data: { host_id: id, labels: pinged?.['labels'] } }])
    expect(pinged?.['labels']).toMatchObject({ room: '7', zone: 'desk' })
    const gone = await peer.during(
      id,
      async () => {
        expect(await peer.ask(`label.del.${id}`, { key: 'room' })).toEqual({
          success: true,
          message: 'successfully deleted label',
        })
        expect(await peer.ask(`label.del.${id}`, { key: 'room' })).toEqual({
          success: true,
          message: 'successfully deleted label (no such label)',
        })
      },
      1,
    )
    expect(gone).toHaveLength(1)
    expect(gone[0]?.data['labels']).not.toHaveProperty('room')
  })

  it.each(['hostcore.os', 'HOSTCORE.os', 'HostCore.mine'])('%s cannot be put', async (key) => {
    const told = await peer.during(
      id,
      async () =>
        expect(await peer.ask(`label.put.${id}`, { key, value: 'x' })).toEqual({
          success: false,
          message: 'hostcore.* labels cannot be set dynamically',
        }),
      0,
    )
    expect(told).toEqual([])
  })

  it('deleting has no such check: a label of the machine can go', async () => {
    const before = ((await peer.pings(1))[0]?.['labels'] as Record<string, string>)['hostcore.osfamily']
    expect(await peer.ask(`label.del.${id}`, { key: 'hostcore.osfamily' })).toEqual({
      success: true,
      message: 'successfully deleted label',
    })
    expect((await peer.pings(1))[0]?.['labels']).not.toHaveProperty('hostcore.osfamily')
    expect(before).toBeDefined()
  })
})

describe('[L14] auctions', () => {
  const auction = (request: Record<string, unknown>) => peer.replies('component.auction', request, 1)

  it('acks when every constraint is a label', async () => {
    const request = { component_ref: 'ghcr.io/x/y:1', component_id: 'new', constraints: { zone: 'desk' } }
    const [ack, ...more] = await auction({ ...request, component_ref: await bench.image('echo') })
    expect(more).toEqual([])
    expect(ack).toEqual({
      success: true,
      message: '',
      response: {
        component_ref: await bench.image('echo'),
        component_id: expect.any(String) as string, // real hosts put the reference here: nobody relies on it
        host_id: id,
        constraints: { zone: 'desk' },
      },
    })
  })

  it.each([{ zone: 'cloud' }, { nothing: 'here' }, { zone: 'desk', more: 'too' }, { zone: '' }])(
    'is silent for %j',
    async (constraints) => {
      expect(await auction({ component_ref: await bench.image('echo'), component_id: 'new', constraints })).toEqual([])
      expect(await peer.replies('provider.auction', { provider_ref: 'x', provider_id: 'p', constraints }, 1)).toEqual(
        [],
      )
    },
  )

  it('is silent for an id that runs here', async () => {
    const image = await bench.image('echo')
    await peer.during(
      id,
      () => peer.ask(`component.scale.${id}`, { component_ref: image, component_id: 'here', count: 1, host_id: id }),
      2,
    )
    expect(await auction({ component_ref: image, component_id: 'here', constraints: {} })).toEqual([])
    const [provider] = ((await peer.data(`host.get.${id}`)) as { providers: { id: string; image_ref: string }[] })
      .providers
    expect(
      await peer.replies(
        'provider.auction',
        { provider_ref: provider?.image_ref, provider_id: provider?.id, constraints: {} },
        1,
      ),
    ).toEqual([])
    await peer.during(
      id,
      () => peer.ask(`component.scale.${id}`, { component_ref: image, component_id: 'here', host_id: id }),
      1,
    )
  })
})

describe('providers', () => {
  it('answers a start of what runs, and a stop of what does not, with a failure', async () => {
    const [running] = ((await peer.data(`host.get.${id}`)) as { providers: { id: string }[] }).providers
    expect(
      await peer.ask(`provider.start.${id}`, { provider_id: running?.id, provider_ref: 'x', host_id: id }),
    ).toEqual({ success: false, message: 'provider with that ID is already running' })
    for (const body of [{ provider_id: 'nobody', host_id: id }, { provider_ref: 'nobody' }, {}]) {
      expect(await peer.ask(`provider.stop.${id}`, body)).toEqual({
        success: false,
        message: 'provider with that ID is not running',
      })
    }
  })

  it('accepts a start, and tells by an event that it failed, with the reference as it was asked for', async () => {
    const provider_ref = 'file:///nowhere/provider.par.gz'
    const told = await peer.during(
      id,
      async () =>
        expect(
          await peer.ask(`provider.start.${id}`, { provider_id: 'lost', provider_ref, host_id: id, config: [] }),
        ).toEqual({ success: true, message: 'successfully started provider' }),
      1,
    )
    expect(told).toEqual([
      {
        kind: 'provider_start_failed',
        source: id,
        data: {
          provider_ref,
          provider_id: 'lost',
          host_id: id,
          error: expect.stringMatching(/^[^\n]+$/) as string,
          link_name: 'default',
        },
      },
    ])
  })
})

describe('registry credentials', () => {
  it('are taken with and without a reply subject, and shown to nobody', async () => {
    peer.tell('registry.put', { 'ghcr.io': { token: 'quiet-secret-1' } })
    expect(
      await peer.askText('registry.put', {
        'ghcr.io': { username: 'u', password: 'quiet-secret-2', registryType: 'oci' },
        'other:5000': {},
      }),
    ).toBe('{"success":true,"message":"successfully put registries"}')
    const shown = JSON.stringify([await peer.askText('host.ping'), await peer.askText(`host.get.${id}`), peer.heard])
    expect(shown).not.toContain('quiet-secret')
    expect(node.stdout()).not.toContain('quiet-secret')
  })
})

describe('[L13] what cannot be understood', () => {
  const texts: readonly (readonly [string, string])[] = [
    ['component.auction', 'failed to deserialize component auction command'],
    ['component.scale.ID', 'failed to deserialize component scale command'],
    ['component.update.ID', 'failed to deserialize component update command'],
    ['provider.auction', 'failed to deserialize provider auction command'],
    ['provider.start.ID', 'failed to deserialize provider start command'],
    ['provider.stop.ID', 'failed to deserialize provider stop command'],
    ['host.stop.ID', 'failed to deserialize stop command'],
    ['label.put.ID', 'failed to deserialize put label request'],
    ['label.del.ID', 'failed to deserialize delete label request'],
    ['link.put', 'failed to deserialize wrpc link definition'],
    ['link.del', 'failed to deserialize wrpc link definition'],
    ['registry.put', 'failed to deserialize registries put command'],
    ['config.put.x', 'config data should be a map of string -> string'],
  ]

  it.each(texts)('%s: %s', async (tail, message) => {
    const bodies = ['{"a', '', ' ', 'null', '7', '"text"', '{"key":', Uint8Array.of(0xff, 0xfe), '['.repeat(50_000)]
    const told = await peer.during(
      id,
      async () => {
        for (const body of bodies) {
          // An empty body is a valid stop of a host.
          if (tail === 'host.stop.ID' && body === '') continue
          expect(await peer.ask(tail.replace('ID', id), body), JSON.stringify(body).slice(0, 40)).toEqual({
            success: false,
            message,
          })
        }
      },
      0,
    )
    expect(told).toEqual([])
  })

  const wrong: readonly (readonly [string, unknown, string])[] = [
    ['component.scale.ID', {}, 'failed to deserialize component scale command'],
    ['component.scale.ID', { component_id: 7 }, 'failed to deserialize component scale command'],
    ['component.scale.ID', { component_id: 'a', count: -1 }, 'failed to deserialize component scale command'],
    ['component.scale.ID', { component_id: 'a', count: 4294967296 }, 'failed to deserialize component scale command'],
    ['component.scale.ID', { component_id: 'a', count: 1.5 }, 'failed to deserialize component scale command'],
    ['component.scale.ID', { component_id: 'a', count: '1' }, 'failed to deserialize component scale command'],
    ['component.scale.ID', { component_id: 'a', config: 'x' }, 'failed to deserialize component scale command'],
    ['component.scale.ID', { component_id: 'a', annotations: [] }, 'failed to deserialize component scale command'],
    [
      'component.scale.ID',
      { component_id: 'a', annotations: { a: 1 } },
      'failed to deserialize component scale command',
    ],
    ['component.scale.ID', { component_id: 'a', allow_update: 'yes' }, 'failed to deserialize component scale command'],
    ['component.auction', { component_ref: 'x', component_id: 'y' }, 'failed to deserialize component auction command'],
    ['provider.auction', { provider_ref: 'x', constraints: {} }, 'failed to deserialize provider auction command'],
    ['provider.start.ID', { provider_ref: 'x' }, 'failed to deserialize provider start command'],
    ['label.put.ID', { key: 'x' }, 'failed to deserialize put label request'],
    ['host.stop.ID', { timeout: '1' }, 'failed to deserialize stop command'],
    ['host.stop.ID', { timeout: -1 }, 'failed to deserialize stop command'],
    [
      'link.put',
      { source_id: 'a', target: 'b', wit_namespace: 'n', wit_package: 'p' },
      'failed to deserialize wrpc link definition',
    ],
    [
      'link.put',
      { source_id: 'a', target_id: 'b', wit_namespace: 'n', wit_package: 'p', interfaces: [] },
      'failed to deserialize wrpc link definition',
    ],
    ['link.del', { source_id: 'a', wit_namespace: 'n' }, 'failed to deserialize wrpc link definition'],
    ['config.put.x', { a: 1 }, 'config data should be a map of string -> string'],
    ['config.put.x', { a: null }, 'config data should be a map of string -> string'],
    ['config.put.x', ['a'], 'config data should be a map of string -> string'],
    ['registry.put', { 'ghcr.io': 'token' }, 'failed to deserialize registries put command'],
  ]

  it.each(wrong)('%s with %j', async (tail, body, message) => {
    expect(await peer.ask(tail.replace('ID', id), body)).toEqual({ success: false, message })
  })

  it('an update of nothing in particular is of a component that is not there', async () => {
    expect(await peer.ask(`component.update.${id}`, {})).toEqual({ success: false, message: 'component  not found' })
  })

  it.each(['host.reboot.ID', 'component.stop.ID', 'provider.restart.ID', 'label.get.ID', 'link.move', 'config.get'])(
    '%s is no operation',
    async (tail) => {
      expect(await peer.ask(tail.replace('ID', id))).toEqual({ success: false, message: 'unsupported subject' })
    },
  )

  it('a name of a configuration is one token', async () => {
    for (const tail of ['config.get.a.b', 'config.put.a.b', 'config.del.a.b', 'config.move.a']) {
      expect(await peer.ask(tail, { a: 'b' })).toEqual({ success: false, message: 'unsupported subject' })
    }
  })

  it('a stop for another host is refused, and so is one without that host in its subject', async () => {
    expect(await peer.ask(`host.stop.${id}`, { host_id: stranger })).toEqual({
      success: false,
      message: `invalid host_id [${stranger}]`,
    })
    expect((await peer.pings(1))[0]?.['id']).toBe(id)
  })
})
