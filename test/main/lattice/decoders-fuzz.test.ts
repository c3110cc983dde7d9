// Every decoder of the lattice's protocol and of wRPC against bytes that are nearly right: cut, doubled, with bits turned,
// with fields of other types. A decoder gives a value or a reason; it never throws, and what it gives is of its type.

import { describe, expect, it } from 'vitest'
import {
  LogReply,
  decodeEvent,
  decodeReply,
  encodeDone,
  encodeJson,
  Facts,
  Offer,
  verdictReply,
} from '../../../main/lattice/protocol/tlos.js'
import { decodeLatticeEntry, linkCodec } from '../../../main/lattice/protocol/buckets.js'
import * as control from '../../../main/lattice/protocol/control.js'
import { decodeLatticeEvent, encodeLatticeEvent, type EventBody } from '../../../main/lattice/protocol/events.js'
import {
  inventoryCodec,
  inventorySchema,
  pingReplyCodec,
  pingReplySchema,
} from '../../../main/lattice/protocol/inventory.js'
import { controlSubjects } from '../../../main/lattice/protocol/subjects.js'
import { decodeHeartbeatV2, heartbeatSubject } from '../../../main/lattice/protocol/v2.js'
import { decodeValues } from '../../../main/wrpc/decode.js'
import { encodeValues } from '../../../main/wrpc/encode.js'
import { Gathering } from '../../../main/wrpc/gathering.js'
import type { WitType } from '../../../preload/wit.js'
import { bytes, hostId, json, seededRandom } from './lattice-samples.js'

const id = hostId(1)
const link = {
  sourceId: 'a',
  target: 'b',
  name: 'default',
  witNamespace: 'wasi',
  witPackage: 'keyvalue',
  interfaces: ['store'],
  sourceConfig: [],
  targetConfig: ['c'],
}
const inventory = {
  hostId: id,
  components: [
    { id: 'c', imageRef: 'r', name: 'n', annotations: { a: 'b' }, revision: 1, maxInstances: 3, limits: { m: '1' } },
  ],
  providers: [{ id: 'p', imageRef: 'r', name: undefined, revision: 0, annotations: {} }],
  friendlyName: 'n',
  labels: { x: 'y' },
  version: '1.9.2',
  uptimeSeconds: 3,
}
const ofComponent = { componentId: 'c', hostId: id, imageRef: 'r', annotations: {}, maxInstances: 2 }
const bodies: readonly EventBody[] = [
  { kind: 'host_started', friendlyName: 'n', labels: {}, uptimeSeconds: 0, version: '1' },
  { kind: 'host_stopped', labels: { a: 'b' } },
  { kind: 'host_heartbeat', inventory },
  { kind: 'labels_changed', hostId: id, labels: {} },
  { kind: 'component_scaled', ...ofComponent },
  { kind: 'component_scale_failed', ...ofComponent, error: 'e' },
  { kind: 'provider_started', providerId: 'p', hostId: id, imageRef: 'r', annotations: {} },
  { kind: 'provider_start_failed', providerId: 'p', providerRef: 'r', hostId: id, error: 'e' },
  { kind: 'provider_stopped', providerId: 'p', hostId: id, annotations: {}, reason: 'stop' },
  { kind: 'health_check_passed', hostId: id, providerId: 'p' },
  { kind: 'linkdef_set', link },
  { kind: 'linkdef_set_failed', link, error: 'e' },
  { kind: 'linkdef_deleted', sourceId: 'a', name: 'default', witNamespace: 'w', witPackage: 'p' },
  { kind: 'config_set', configName: 'c' },
]

type Decode = (data: Uint8Array) => { readonly ok: boolean }
const samples: readonly (readonly [string, Decode, Uint8Array])[] = [
  ...bodies.map(
    (body) =>
      [`event ${body.kind}`, decodeLatticeEvent, encodeLatticeEvent({ id: '1', source: id, time: '', body })] as const,
  ),
  [
    'ping',
    (data) => control.decodeControlReply(pingReplySchema, data),
    control.encodeResponse(
      json(pingReplyCodec.encode({ ...inventory, id, ctlHost: '', rpcHost: '', jsDomain: 'd', lattice: 'default' })),
    ),
  ],
  [
    'inventory',
    (data) => control.decodeControlReply(inventorySchema, data),
    control.encodeResponse(inventoryCodec.toWire(inventory)),
  ],
  [
    'links',
    (data) => control.decodeControlReply(control.linkList, data),
    control.encodeResponse([linkCodec.toWire(link)]),
  ],
  ['claims', (data) => control.decodeControlReply(control.claimsList, data), control.encodeResponse([{ sub: 'x' }])],
  [
    'scale',
    (data) => control.scaleCodec.decode(data),
    bytes({
      component_ref: 'r',
      component_id: 'c',
      annotations: {},
      count: 2,
      config: ['a'],
      allow_update: true,
      component_limits: { a: '1' },
    }),
  ],
  [
    'update',
    (data) => control.updateCodec.decode(data),
    bytes({ component_id: 'c', new_component_ref: 'r', annotations: {} }),
  ],
  [
    'auction',
    (data) => control.componentAuctionCodec.decode(data),
    bytes({ component_ref: 'r', component_id: 'c', constraints: { a: 'b' } }),
  ],
  [
    'provider auction',
    (data) => control.providerAuctionCodec.decode(data),
    bytes({ provider_ref: 'r', provider_id: 'c', constraints: {} }),
  ],
  [
    'start provider',
    (data) => control.startProviderCodec.decode(data),
    bytes({ provider_id: 'p', provider_ref: 'r', config: [], annotations: {} }),
  ],
  ['stop provider', (data) => control.stopProviderCodec.decode(data), bytes({ provider_id: 'p', host_id: id })],
  ['link', (data) => control.putLinkCodec.decode(data), linkCodec.encode(link)],
  [
    'delete link',
    (data) => control.deleteLinkCodec.decode(data),
    bytes({ source_id: 'a', name: 'n', wit_namespace: 'w', wit_package: 'p' }),
  ],
  ['stop host', (data) => control.stopHostCodec.decode(data), bytes({ host_id: id, timeout: 3 })],
  ['label', (data) => control.putLabelCodec.decode(data), bytes({ key: 'a', value: 'b' })],
  [
    'registries',
    (data) => control.registriesCodec.decode(data),
    bytes({ 'ghcr.io': { username: 'u', password: 'p' } }),
  ],
  [
    'bucket entry',
    (data) => decodeLatticeEntry('COMPONENT_a', data),
    bytes({ url: 'r', links: [linkCodec.toWire(link)] }),
  ],
  [
    'claims entry',
    (data) => decodeLatticeEntry('CLAIMS_M', data),
    bytes({ call_alias: '', issuer: 'A', name: 'n', revision: '1', subject: 'M', tags: ['t'], version: '1' }),
  ],
  [
    'facts',
    (data) => decodeEvent('tlos.evt.default.facts', data),
    encodeJson({
      hostId: id,
      whole: true,
      actors: [{ componentId: 'c', state: 'running', stateKind: 'none', hasWindow: false, activity: 1 }],
      links: [],
    }),
  ],
  ['facts reply', (data) => decodeReply(Facts, data), encodeDone({ hostId: id, whole: true, actors: [], links: [] })],
  ['offer', (data) => decodeReply(Offer, data), encodeDone({})],
  [
    'verdict',
    (data) => decodeReply(verdictReply, data),
    encodeDone({ hostId: id, kind: 'accepts', summary: 's', details: [] }),
  ],
  ['log', (data) => decodeReply(LogReply, data), encodeDone([{ atMs: 1, level: 'info', text: 't' }])],
  [
    'v2 heartbeat',
    (data) => decodeHeartbeatV2(heartbeatSubject('v2'), data),
    bytes({
      id: 'v2',
      friendlyName: 'n',
      labels: { a: 'b' },
      startedAt: '2026-01-01T00:00:00Z',
      workloadCount: '3',
      imports: [{ namespace: 'w', package: 'p', interfaces: ['i'] }],
    }),
  ],
]

type Random = () => number
const below = (random: Random, n: number): number => Math.floor(random() * n)

/** Bits turned, pieces cut out, doubled or filled, as a broken or hostile sender would. */
function mutateBytes(random: Random, data: Uint8Array): Uint8Array {
  const copy = [...data]
  for (let times = 1 + below(random, 4); times > 0; times--) {
    const at = below(random, copy.length + 1)
    const length = below(random, 9)
    const kind = below(random, 5)
    if (kind === 0 && copy.length > 0) copy[below(random, copy.length)]! ^= 1 << below(random, 8)
    else if (kind === 1) copy.splice(at, length)
    else if (kind === 2) copy.splice(at, 0, ...copy.slice(at, at + length))
    else if (kind === 3) copy.splice(at, 0, ...Array.from({ length }, () => below(random, 256)))
    else copy.length = at
  }
  return new Uint8Array(copy)
}

const oddities: readonly unknown[] = [
  ...[null, true, -1, 1e308, 0.5, 4_294_967_296, '', 'x'.repeat(5_000), '\u0000', '__proto__', [], [[]], {}, [null]],
  JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "toString": 2}'),
]

/** Valid JSON with some value of it replaced, left out or put elsewhere. */
function mutateJson(random: Random, value: unknown): unknown {
  if (random() < 0.15) return oddities[below(random, oddities.length)]
  if (Array.isArray(value)) {
    const list = value.map((one: unknown) => (random() < 0.5 ? mutateJson(random, one) : one))
    return random() < 0.1 ? [...list, ...list, oddities[below(random, oddities.length)]] : list
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .filter(() => random() > 0.05)
    .map(([key, one]): [string, unknown] => [key, random() < 0.5 ? mutateJson(random, one) : one])
  if (random() < 0.1) entries.push(['unheard_of', oddities[below(random, oddities.length)]])
  return Object.fromEntries(entries)
}

describe('[L1] decoders of the lattice', () => {
  it.each(samples.filter(([name]) => name !== 'offer'))(
    '[L1] %s: the sample itself is understood',
    (_, decode, data) => {
      expect(decode(data)).toMatchObject({ ok: true })
    },
  )

  for (const seed of [1, 2, 3]) {
    it(`[L1] give a value or a reason for bytes nearly right, and pollute nothing (seed ${seed})`, () => {
      const random = seededRandom(seed)
      let taken = 0
      let refused = 0
      for (let round = 0; round < 150; round++) {
        for (const [, decode, data] of samples) {
          const input = random() < 0.5 ? mutateBytes(random, data) : bytes(mutateJson(random, json(data)))
          const decoded = decode(input)
          if (decoded.ok) taken += 1
          else {
            refused += 1
            expect((decoded as { reason?: unknown }).reason).toEqual(expect.any(String))
          }
        }
      }
      // Both happen often, else the fuzz is too gentle or too rough to show anything.
      expect(Math.min(taken, refused)).toBeGreaterThan(300)
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    })
  }

  it('[L6] subjects of any form are parsed or are none', () => {
    const random = seededRandom(4)
    const { parse } = controlSubjects('default')
    const parts = [
      'wasmbus',
      'ctl',
      'v1',
      'default',
      'host',
      'get',
      'component',
      'scale',
      id,
      '',
      '*',
      '>',
      'config',
      'ping',
    ]
    for (let n = 0; n < 20_000; n++) {
      const tail = Array.from({ length: below(random, 6) }, () => parts[below(random, parts.length)]).join('.')
      const address = parse(random() < 0.7 ? `wasmbus.ctl.v1.default.${tail}` : tail)
      if (address !== undefined) expect(address).toHaveProperty('kind')
    }
  })
})

const u8: WitType = { kind: 'u8' }
const text: WitType = { kind: 'string' }
const wrpcTypes: readonly (readonly [WitType, unknown])[] = [
  [{ kind: 'list', element: text }, ['a', 'bc', 'déf', '']],
  [
    {
      kind: 'record',
      fields: [
        { name: 'a', type: { kind: 'u64' } },
        { name: 'b', type: { kind: 'option', inner: text } },
      ],
    },
    { a: 7n, b: 'x' },
  ],
  [
    { kind: 'result', ok: { kind: 'list', element: u8 }, err: text },
    { tag: 'ok', val: new Uint8Array([1, 2, 3]) },
  ],
  [
    { kind: 'variant', cases: [{ name: 'none' }, { name: 'some', type: { kind: 's32' } }] },
    { tag: 'some', val: -5 },
  ],
  [{ kind: 'tuple', elements: [{ kind: 'char' }, { kind: 'f64' }, { kind: 'bool' }] }, ['é', 1.5, true]],
  [{ kind: 'enum', cases: ['a', 'b'] }, 'b'],
  [
    { kind: 'flags', names: ['x', 'y'] },
    { x: true, y: false },
  ],
  [
    { kind: 'list', element: { kind: 'list', element: { kind: 'option', inner: { kind: 'u32' } } } },
    [[1, undefined], []],
  ],
]

describe('decoding wRPC', () => {
  for (const seed of [1, 2, 3]) {
    it(`gives values, wants more or gives a reason, whole and in pieces alike (seed ${seed})`, () => {
      const random = seededRandom(seed)
      const seen = { done: 0, more: 0, bad: 0 }
      for (let round = 0; round < 500; round++) {
        const chosen = wrpcTypes.filter(() => random() < 0.4)
        const types = chosen.map(([type]) => type)
        const fields = types.map((type, n) => ({ name: `p${n}`, type }))
        const sample = encodeValues(
          fields,
          chosen.map(([, value]) => value),
        ).bytes
        const input = random() < 0.1 ? sample : mutateBytes(random, sample)
        const whole = decodeValues(types, input)
        seen[whole.kind] += 1
        const gathering = new Gathering(types, 1_000_000)
        let last = gathering.add(new Uint8Array(0))
        for (let at = 0; at < input.length && last.kind === 'more';) {
          const length = 1 + below(random, 5)
          last = gathering.add(input.slice(at, at + length))
          at += length
        }
        expect(last.kind).toBe(whole.kind)
        if (last.kind === 'done' && whole.kind === 'done') expect(last.values).toEqual(whole.values)
      }
      expect(Math.min(seen.done, seen.more, seen.bad)).toBeGreaterThan(20)
    })
  }
})
