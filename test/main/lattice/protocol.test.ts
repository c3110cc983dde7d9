// The codecs of the control interface, events and buckets: what peers write is read, what we write is what they read,
// and junk is a reason.

import { describe, expect, it } from 'vitest'
import type { Link } from '../../../preload/records.js'
import {
  claimsCodec,
  decodeLatticeEntry,
  linkCodec,
  mergeConfig,
  specCodec,
} from '../../../main/lattice/protocol/buckets.js'
import * as control from '../../../main/lattice/protocol/control.js'
import {
  decodeLatticeEvent,
  encodeLatticeEvent,
  type EventBody,
  latticeEventKinds,
} from '../../../main/lattice/protocol/events.js'
import { formatUptime, inventoryCodec, pingReplySchema } from '../../../main/lattice/protocol/inventory.js'
import { controlSubjects, isLatticeName } from '../../../main/lattice/protocol/subjects.js'
import { bytes, hostId, json, seededRandom } from './lattice-samples.js'

const link: Link = {
  sourceId: 'http-hello',
  target: 'kv',
  name: 'default',
  witNamespace: 'wasi',
  witPackage: 'keyvalue',
  interfaces: ['atomics', 'store'],
  sourceConfig: [],
  targetConfig: ['redis-url'],
}

const bodies: readonly EventBody[] = [
  { kind: 'host_started', friendlyName: 'brave-otter-4821', labels: { a: 'b' }, uptimeSeconds: 0, version: '1.9.2' },
  { kind: 'host_stopped', labels: { a: 'b' } },
  {
    kind: 'host_heartbeat',
    inventory: {
      hostId: hostId(1),
      components: [
        {
          id: 'hello',
          imageRef: 'ghcr.io/x/y:1.0',
          name: undefined,
          annotations: {},
          revision: 0,
          maxInstances: 1,
          limits: undefined,
        },
      ],
      providers: [{ id: 'kv', imageRef: 'x', name: 'KV', revision: 2, annotations: { a: 'b' } }],
      friendlyName: 'n',
      labels: {},
      version: '1.0.0',
      uptimeSeconds: 61,
    },
  },
  { kind: 'labels_changed', hostId: hostId(1), labels: {} },
  {
    kind: 'component_scaled',
    componentId: 'c',
    hostId: hostId(1),
    imageRef: 'r',
    maxInstances: 4_294_967_295,
    annotations: { a: 'b' },
  },
  {
    kind: 'component_scale_failed',
    componentId: 'c',
    hostId: hostId(1),
    imageRef: 'r',
    maxInstances: 1,
    annotations: {},
    error: 'outer: inner',
  },
  { kind: 'provider_started', providerId: 'p', hostId: hostId(1), imageRef: 'r', annotations: {} },
  { kind: 'provider_start_failed', providerId: 'p', hostId: hostId(1), providerRef: 'file:///r', error: 'e' },
  { kind: 'provider_stopped', providerId: 'p', hostId: hostId(1), annotations: {}, reason: 'stop' },
  { kind: 'health_check_passed', hostId: hostId(1), providerId: 'p' },
  { kind: 'health_check_failed', hostId: hostId(1), providerId: 'p' },
  { kind: 'health_check_status', hostId: hostId(1), providerId: 'p' },
  { kind: 'linkdef_set', link },
  { kind: 'linkdef_set_failed', link, error: 'no' },
  { kind: 'linkdef_deleted', sourceId: 's', name: 'default', witNamespace: 'wasi', witPackage: 'keyvalue' },
  { kind: 'config_set', configName: 'c' },
  { kind: 'config_deleted', configName: 'c' },
]

describe('events', () => {
  it('[L5] of every kind come back as they were written, with all CloudEvents attributes', () => {
    expect(new Set(bodies.map((body) => body.kind))).toEqual(new Set(latticeEventKinds))
    for (const body of bodies) {
      const event = { id: 'e-1', source: hostId(1), time: '2026-01-01T00:00:00.000Z', body }
      const data = encodeLatticeEvent(event)
      expect(json(data)).toMatchObject({
        specversion: '1.0',
        id: 'e-1',
        type: `com.wasmcloud.lattice.${body.kind}`,
        source: hostId(1),
        datacontenttype: 'application/json',
        time: '2026-01-01T00:00:00.000Z',
      })
      const decoded = decodeLatticeEvent(data)
      expect(decoded).toMatchObject({ ok: true, value: event })
    }
  })

  it('write the fields that wadm asks for', () => {
    const heartbeat = bodies.find((body) => body.kind === 'host_heartbeat')!
    const data = json(encodeLatticeEvent({ id: '1', source: hostId(1), time: 't', body: heartbeat })) as {
      data: object
    }
    expect(data.data).toEqual({
      host_id: hostId(1),
      friendly_name: 'n',
      labels: {},
      version: '1.0.0',
      uptime_human: '1m 1s',
      uptime_seconds: 61,
      components: [
        { id: 'hello', image_ref: 'ghcr.io/x/y:1.0', annotations: {}, revision: 0, max_instances: 1, limits: null },
      ],
      providers: [{ id: 'kv', image_ref: 'x', name: 'KV', revision: 2, annotations: { a: 'b' } }],
    })
  })

  it('of signed components keep their name', () => {
    const decoded = decodeLatticeEvent(
      bytes({
        specversion: '1.0',
        id: '1',
        type: 'com.wasmcloud.lattice.component_scaled',
        source: hostId(2),
        datacontenttype: 'application/json',
        time: '2026-01-01T00:00:00Z',
        data: {
          component_id: 'c',
          host_id: hostId(2),
          image_ref: 'r',
          max_instances: 1,
          annotations: null,
          public_key: 'M',
          claims: { name: 'Echo', issuer: 'A', tags: null, version: '0.1', expires_human: 'never', unknown: [1] },
        },
      }),
    )
    expect(decoded).toMatchObject({ ok: true, value: { body: { annotations: {}, claims: { name: 'Echo' } } } })
  })

  it('[L4] from anybody but a host, or of kinds nobody knows, are a reason', () => {
    const event = { specversion: '1.0', id: '1', type: 'com.wasmcloud.lattice.host_stopped', source: 'wadm', data: {} }
    expect(decodeLatticeEvent(bytes(event))).toMatchObject({ ok: false, reason: /source/ })
    const unknown = { ...event, source: hostId(1), type: 'com.wasmcloud.lattice.actor_started' }
    expect(decodeLatticeEvent(bytes(unknown))).toMatchObject({ ok: false, reason: /unknown event/ })
  })
})

describe('requests', () => {
  it('[L3] for scaling have 0 when `count` is not there, whatever `max_instances` says', () => {
    const request = control.scaleCodec.decode(bytes({ component_id: 'c', max_instances: 5 }))
    expect(request).toEqual({
      ok: true,
      value: {
        componentRef: '',
        componentId: 'c',
        annotations: {},
        count: 0,
        limits: undefined,
        hostId: '',
        config: [],
        allowUpdate: false,
      },
    })
  })

  it('for scaling are written with `count`', () => {
    const request = {
      componentRef: 'r',
      componentId: 'c',
      annotations: {},
      count: 3,
      limits: undefined,
      hostId: 'N',
      config: ['a'],
      allowUpdate: true,
    }
    expect(json(control.scaleCodec.encode(request))).toEqual({
      component_ref: 'r',
      component_id: 'c',
      annotations: {},
      count: 3,
      host_id: 'N',
      config: ['a'],
      allow_update: true,
    })
  })

  it('to stop a provider may have its id under `provider_ref`', () => {
    expect(control.stopProviderCodec.decode(bytes({ provider_ref: 'p' }))).toMatchObject({
      ok: true,
      value: { providerId: 'p' },
    })
    expect(control.stopProviderCodec.decode(bytes({}))).toMatchObject({ ok: true, value: { providerId: '' } })
  })

  it('of wrong types are refused', () => {
    for (const count of [-1, 1.5, 4_294_967_296, '1', null]) {
      expect(control.scaleCodec.decode(bytes({ component_id: 'c', count })).ok).toBe(false)
    }
    expect(control.putLabelCodec.decode(bytes({ key: 'a' })).ok).toBe(false)
    expect(linkCodec.decode(bytes({ ...(linkCodec.toWire(link) as object), target: 'a.b' })).ok).toBe(false)
  })
})

describe('replies', () => {
  it('are data, done, or a failure', () => {
    expect(json(control.encodeResponse([]))).toEqual({ success: true, message: '', response: [] })
    expect(json(control.encodeSuccess('done'))).toEqual({ success: true, message: 'done' })
    expect(json(control.encodeFailure('no'))).toEqual({ success: false, message: 'no' })
    expect(control.decodeControlReply(control.configMap, control.encodeSuccess('Configuration not found'))).toEqual({
      ok: true,
      value: { isSuccess: true, message: 'Configuration not found' },
    })
  })

  it('of hosts before 1.9 are read', () => {
    const reply = bytes({ success: true, response: { id: hostId(1), friendly_name: 'x', more: { deep: 1 } } })
    expect(control.decodeControlReply(pingReplySchema, reply)).toMatchObject({
      ok: true,
      value: { response: { id: hostId(1), labels: {}, uptimeSeconds: 0 } },
    })
  })
})

describe('inventories', () => {
  it('[L2] leave out an entry that does not fit, and know the name `actors`', () => {
    const wire = { host_id: hostId(1), actors: [{ id: 'a b' }, 7, { id: 'ok', image_ref: 'r' }], providers: [null] }
    const decoded = inventoryCodec.decode(bytes(wire))
    expect(decoded.ok && decoded.value.components.map((c) => c.id)).toEqual(['ok'])
    expect(decoded.ok && decoded.value.providers).toEqual([])
  })

  it('tell the uptime as hosts do', () => {
    expect([0, 59, 60, 3_723, 86_400].map(formatUptime)).toEqual(['0s', '59s', '1m', '1h 2m 3s', '1day'])
    expect([2 * 86_400, 2_630_016, 2 * 31_557_600 + 86_401].map(formatUptime)).toEqual([
      '2days',
      '1month',
      '2years 1day 1s',
    ])
  })
})

describe('bucket entries', () => {
  it('come back as they were written, links with their defaults', () => {
    const entry = decodeLatticeEntry('COMPONENT_a_b', specCodec.encode({ url: 'u', links: [link] }))
    expect(entry).toEqual({ ok: true, value: { kind: 'spec', id: 'a_b', spec: { url: 'u', links: [link] } } })
    const short = { source_id: 's', target: 't', wit_namespace: 'w', wit_package: 'p', interfaces: [] }
    const filled = { name: 'default', sourceConfig: [], targetConfig: [] }
    expect(linkCodec.decode(bytes(short))).toMatchObject({ ok: true, value: filled })
  })

  it('of signed things tell component and provider apart', () => {
    expect(claimsCodec.decode(bytes({ tags: 'a,b', iss: 'A', sub: 'M' }))).toMatchObject({
      ok: true,
      value: { kind: 'component', tags: ['a', 'b'], issuer: 'A', subject: 'M' },
    })
    expect(claimsCodec.decode(bytes({ issuer: 'A', subject: 'V' }))).toMatchObject({ value: { kind: 'provider' } })
  })

  it('of other kinds and deleted ones are told', () => {
    expect(decodeLatticeEntry('REFMAP_x', bytes({}))).toMatchObject({ value: { kind: 'other' } })
    expect(decodeLatticeEntry('nothing', bytes({}))).toMatchObject({ value: { kind: 'other' } })
    expect(decodeLatticeEntry('COMPONENT_x', undefined)).toEqual({
      ok: true,
      value: { kind: 'spec', id: 'x', spec: undefined },
    })
  })

  it('with several configurations have the later values', () => {
    expect(mergeConfig([{ a: '1', b: '1' }, { b: '2' }])).toEqual({ a: '1', b: '2' })
  })
})

describe('subjects', () => {
  const subjects = controlSubjects('default')

  it('[L6] of every operation parse back to what they ask for', () => {
    expect(subjects.parse(subjects.ping)).toEqual({ kind: 'ping' })
    expect(subjects.parse(subjects.component('scale', 'N1'))).toEqual({
      kind: 'component',
      command: 'scale',
      hostId: 'N1',
    })
    expect(subjects.parse(subjects.config('get', 'a'))).toEqual({ kind: 'config', command: 'get', name: 'a' })
    expect(subjects.parse(subjects.link('del'))).toEqual({ kind: 'link', command: 'del' })
    expect(subjects.component('scale', 'N1')).toBe('wasmbus.ctl.v1.default.component.scale.N1')
    expect(controlSubjects('l', 'x.ctl').ping).toBe('x.ctl.v1.l.host.ping')
  })

  it('[L6] of no operation do not parse', () => {
    for (const tail of [
      'config.get',
      'config.get.a.b',
      'link.get.x',
      'host.ping.x',
      'host.reboot.N',
      'x',
      '',
      'link.',
    ]) {
      expect(subjects.parse(`wasmbus.ctl.v1.default.${tail}`), tail).toBeUndefined()
    }
    expect(subjects.parse('wasmbus.ctl.v1.other.host.ping')).toBeUndefined()
  })

  it('[L11] of a host are those of v1, with the queue groups of the lattice', () => {
    const queues = subjects.ofHost('N1').filter((s) => s.queue !== undefined)
    expect(queues).toEqual([
      { pattern: 'wasmbus.ctl.v1.default.link.*', queue: 'wasmbus.ctl.v1.default.link' },
      { pattern: 'wasmbus.ctl.v1.default.claims.get', queue: 'wasmbus.ctl.v1.default.claims' },
      { pattern: 'wasmbus.ctl.v1.default.config.>', queue: 'wasmbus.ctl.v1.default.config' },
    ])
    expect(subjects.ofHost('N1')).toHaveLength(11)
  })

  it('have lattice names of one token', () => {
    expect(['default', 'a-b_c'].every(isLatticeName)).toBe(true)
    expect(['', 'a.b', '*', 'a b', 'ä'].some(isLatticeName)).toBe(false)
  })
})

describe('decoders', () => {
  const seed = 20_261_123
  it(`[L1] give a result for anything (seed ${seed})`, () => {
    const random = seededRandom(seed)
    const samples = bodies.map((body) => encodeLatticeEvent({ id: '1', source: hostId(1), time: 't', body }))
    const decoders = [
      decodeLatticeEvent,
      control.scaleCodec.decode,
      control.updateCodec.decode,
      control.registriesCodec.decode,
      specCodec.decode,
      inventoryCodec.decode,
      (data: Uint8Array) => control.decodeControlReply(control.linkList, data),
      (data: Uint8Array) => decodeLatticeEntry('COMPONENT_x', data),
    ]
    for (let round = 0; round < 3_000; round++) {
      const sample = Uint8Array.from(samples[Math.floor(random() * samples.length)]!)
      for (let flip = 0; flip < 1 + random() * 6; flip++) {
        sample[Math.floor(random() * sample.length)] = Math.floor(random() * 256)
      }
      const cut = random() < 0.3 ? sample.subarray(0, Math.floor(random() * sample.length)) : sample
      for (const decode of decoders) expect(typeof decode(cut).ok).toBe('boolean')
    }
    const deep = new TextEncoder().encode('['.repeat(200_000))
    for (const decode of decoders) expect(decode(deep).ok).toBe(false)
    const closed = new TextEncoder().encode(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)
    for (const decode of decoders) expect(decode(closed).ok).toBe(false)
  })
})
