// wasmCloud v2 hosts as they write their heartbeats, and what the picture makes of them.

import { afterEach, describe, expect, it } from 'vitest'
import { askWhere } from '../../../main/actors/ask.js'
import { openMirror } from '../../../main/lattice/mirror.js'
import { describePicture, emptyPicture, type Picture } from '../../../main/lattice/protocol/picture.js'
import { type PictureInput, reduce } from '../../../main/lattice/protocol/reduce.js'
import { decodeHeartbeatV2, heartbeatSubject } from '../../../main/lattice/protocol/v2.js'
import { openTransport } from '../../../main/nats/connection.js'
import { startNatsServer } from '../../support/nats-server.js'
import { bytes, hostId, seededRandom } from './lattice-samples.js'

const id = '6f1ed002-ab5c-4b1e-9a3c-0a1b2c3d4e5f'
const subject = heartbeatSubject(id)
/** As wash-runtime 2.7 writes it: protobuf JSON, counts as texts, what is zero left out. */
const heartbeat = {
  id,
  hostname: 'rack-7',
  friendlyName: 'lively-field-1234',
  version: '2.7.0',
  labels: { hostgroup: 'default' },
  startedAt: '2026-02-28T23:59:30.500Z',
  osArch: 'x86_64',
  osName: 'linux',
  osKernel: 'unix',
  systemCpuUsage: 12.5,
  systemMemoryTotal: '16777216000',
  systemMemoryFree: '8388608000',
  componentCount: '5',
  workloadCount: '3',
  imports: [{ namespace: 'wasi', package: 'keyvalue', version: '0.2.0-draft', interfaces: ['store', 'atomics'] }],
  httpPort: 8080,
  environment: 'staging',
}

const live = { state: 'live', lattice: 'default', url: 'nats://x', embedded: false, hasJetStream: true } as const
const beat = (fields: object = {}): PictureInput => {
  const decoded = decodeHeartbeatV2(subject, bytes({ ...heartbeat, ...fields }))
  if (!decoded.ok) throw new Error(decoded.reason)
  return { kind: 'v2', heartbeat: decoded.value }
}

describe('a heartbeat of wasmCloud v2', () => {
  it('[L90] is read from JSON with either spelling, counts as text or number, and defaults', () => {
    const decoded = decodeHeartbeatV2(subject, bytes(heartbeat))
    expect(decoded).toMatchObject({
      ok: true,
      value: {
        id,
        friendlyName: 'lively-field-1234',
        load: 0.125,
        startedAtMs: Date.UTC(2026, 1, 28, 23, 59, 30, 500),
        about: {
          workloads: 3,
          components: 5,
          system: 'linux x86_64',
          memoryFreeBytes: 8_388_608_000,
          httpPort: 8080,
          environment: 'staging',
          imports: ['wasi:keyvalue/store,atomics@0.2.0-draft'],
          exports: [],
        },
      },
    })
    const snake = { id, friendly_name: 'x', workload_count: 7, started_at: '2024-02-29T01:00:00+01:00', newer: [1] }
    expect(decodeHeartbeatV2(subject, bytes(snake))).toMatchObject({
      ok: true,
      value: { friendlyName: 'x', startedAtMs: Date.UTC(2024, 1, 29), about: { workloads: 7, components: 0 } },
    })
    expect(decodeHeartbeatV2(subject, bytes({ id, hostname: 'h' }))).toMatchObject({ value: { friendlyName: 'h' } })
  })

  it('[L90] reads any time as JavaScript does', () => {
    const random = seededRandom(11)
    for (let n = 0; n < 500; n++) {
      const ms = Math.floor(random() * 4e12)
      const decoded = decodeHeartbeatV2(subject, bytes({ id, startedAt: new Date(ms).toISOString() }))
      expect(decoded.ok && decoded.value.startedAtMs).toBe(ms)
    }
  })

  it('[L90] is a reason when it is of somebody else, or no heartbeat', () => {
    const reasons = [
      decodeHeartbeatV2(heartbeatSubject('other'), bytes(heartbeat)),
      decodeHeartbeatV2(heartbeatSubject(hostId(1)), bytes({ ...heartbeat, id: hostId(1) })),
      decodeHeartbeatV2(subject, bytes([heartbeat])),
      decodeHeartbeatV2(subject, bytes({ ...heartbeat, workloadCount: '-1' })),
      decodeHeartbeatV2(subject, bytes({ ...heartbeat, labels: [1] })),
      decodeHeartbeatV2(subject, new Uint8Array([8, 150, 1])),
    ].map((decoded) => (decoded.ok ? 'taken' : decoded.reason))
    expect(reasons).not.toContain('taken')
    expect(new Set(reasons).size).toBeGreaterThan(3)
  })
})

describe('a wasmCloud v2 host', () => {
  function run(steps: readonly (readonly [number, PictureInput])[]): Picture {
    let picture = emptyPicture(live)
    for (const [atMs, input] of steps) picture = reduce(picture, input, atMs).state
    return picture
  }
  const hostOf = (picture: Picture) => describePicture(picture).hosts[id]
  const tick: PictureInput = { kind: 'tick' }

  it('[L91] is a place of its own kind and ages by its heartbeats of 15 s, gone after 60', () => {
    const fresh = run([[1_000, beat()]])
    expect(hostOf(fresh)).toMatchObject({ kind: 'wasmcloud-v2', liveness: 'fresh', v2: { workloads: 3 }, load: 0.125 })
    expect(
      hostOf(
        run([
          [1_000, beat()],
          [23_500, tick],
        ]),
      )?.liveness,
    ).toBe('fresh')
    expect(
      hostOf(
        run([
          [1_000, beat()],
          [23_501, tick],
        ]),
      )?.liveness,
    ).toBe('stale')
    expect(
      hostOf(
        run([
          [1_000, beat()],
          [60_999, tick],
        ]),
      )?.liveness,
    ).toBe('stale')
    expect(
      hostOf(
        run([
          [1_000, beat()],
          [61_000, tick],
        ]),
      ),
    ).toMatchObject({ liveness: 'gone', load: undefined })
    const back = run([
      [1_000, beat()],
      [61_000, tick],
      [62_000, beat({ workloadCount: '4' })],
    ])
    expect(hostOf(back)).toMatchObject({ liveness: 'fresh', v2: { workloads: 4 } })
  })

  it('[L91] that says the same again changes nothing', () => {
    const picture = run([[1_000, beat()]])
    expect(reduce(picture, beat(), 2_000).changes).toEqual([])
  })
})

describe('on a bus with v1 and v2 hosts', () => {
  const ending: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end()
  })

  it('[L92] v2 hosts are shown, never asked anything, and refuse what is dropped on them, saying why', async () => {
    const server = await startNatsServer()
    ending.push(() => server.close())
    const [publisher, transport] = [
      await openTransport({ servers: server.tcpUrl }),
      await openTransport({ servers: server.wsUrl }),
    ]
    ending.push(
      () => publisher.close(),
      () => transport.close(),
    )
    const asked: string[] = []
    publisher.subscribe('runtime.host.>', (message) => asked.push(message.subject))
    publisher.subscribe(`wasmbus.ctl.v1.default.*.*.${id}`, (message) => asked.push(message.subject))
    await publisher.flush()
    const mirror = await openMirror({ transport, lattice: 'default', embedded: false, probeMs: 50 })
    ending.push(() => mirror.close())
    publisher.publish(subject, bytes(heartbeat))
    publisher.publish(subject, bytes({ id: 'junk' }))
    await expect.poll(() => mirror.state().hosts[id]?.v2?.workloads, { timeout: 10_000 }).toBe(3)
    publisher.publish(subject, bytes({ ...heartbeat, workloadCount: '2' }))
    await expect.poll(() => mirror.state().hosts[id]?.v2?.workloads, { timeout: 10_000 }).toBe(2)
    expect([...mirror.junk().keys()]).toEqual([expect.stringContaining('another host than its subject')])
    // The actor's own node does not answer either, so the reason is the host's own.
    const verdicts = await askWhere(
      {
        transport,
        lattice: 'default',
        hosts: () => Object.values(mirror.state().hosts),
        // What a node says of an actor that it would give away.
        send: () => Promise.resolve(offer as never),
      },
      'counter',
      hostId(1),
    )
    expect(verdicts).toMatchObject([
      { hostId: id, kind: 'refuses', summary: expect.stringContaining('operator'), points: [{ code: 'v2' }] },
    ])
    await mirror.reseed()
    expect(asked).toEqual([])
  })
})

const offer = {
  componentId: 'counter',
  imageRef: 'tlos://sha256/x',
  stateKind: 'none',
  sizeBytes: 1,
  memoryBytes: 1,
  imports: [],
  annotations: {},
  constraints: {},
  links: [],
}
