// The law of the picture under any history: whatever came, in whatever order, lost or twice, the changes add up to what is
// known. Seeded.

import { describe, it } from 'vitest'
import type { PictureInput } from '../../../main/lattice/protocol/reduce.js'
import { hostId, seededRandom } from './lattice-samples.js'
import { answer, beat, event, failed, h1, h2, link, live, run, scaled, t0, tick, told } from './reduce-samples.js'

const installed = (id: string) => ({
  id: id as never,
  imageRef: 'r',
  name: id,
  sizeBytes: 1,
  installedAtMs: 1,
})
const v2 = {
  id: 'a-v2-host',
  friendlyName: 'second',
  version: '2.7.0',
  labels: {},
  startedAtMs: 1,
  load: 0.5,
  about: {
    workloads: 0,
    components: 0,
    hostname: '',
    system: '',
    memoryTotalBytes: 1,
    memoryFreeBytes: 1,
    imports: [],
    exports: [],
  },
}

describe('any history', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    it(`[L30] in any order, with loss and repetition, adds up to what is known (seed ${seed})`, () => {
      const random = seededRandom(seed)
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
      const ids = ['a', 'b', 'c']
      const some = (): string[] => ids.filter(() => random() < 0.5)
      const hosts = [h1, h2, hostId(3)]
      const make: readonly (() => PictureInput)[] = [
        () => beat(pick(hosts), some()),
        () => answer(pick(hosts), some(), random() < 0.5 ? { 'tlos.version': '1' } : {}),
        () => scaled(pick(hosts), pick(ids), Math.floor(random() * 3)),
        () => failed(pick(hosts), pick(ids)),
        () =>
          told(
            pick(hosts),
            some().map((id) => ({
              componentId: id as never,
              state: pick(['starting', 'running', 'failed', 'moving'] as const),
              activity: Math.floor(random() * 5),
            })),
            random() < 0.3,
            random() < 0.5
              ? []
              : [
                  {
                    sourceId: pick(ids),
                    target: 'kv',
                    name: 'default',
                    interface: 'wasi:keyvalue/store',
                    traffic: { perSecond: Math.floor(random() * 5), errorsPerSecond: 0 },
                  },
                ],
          ),
        () => ({ kind: 'no-responders', hostId: pick(hosts) }),
        () => ({ kind: 'v2', heartbeat: { ...v2, about: { ...v2.about, workloads: Math.floor(random() * 3) } } }),
        () => event(pick(hosts), { kind: 'health_check_failed', hostId: pick(hosts), providerId: 'kv' }),
        () => ({
          kind: 'tlos',
          event: {
            kind: 'actor_moving',
            data: {
              moveId: 'm',
              componentId: pick(ids) as never,
              from: pick(hosts) as never,
              to: h2 as never,
              phase: pick(['saving', 'done'] as const),
            },
          },
        }),
        () => ({ kind: 'all-installed', records: some().map(installed) }),
        () => ({ kind: 'installed', id: pick(ids), record: random() < 0.5 ? undefined : installed(pick(ids)) }),
        () => event(pick(hosts), { kind: 'host_stopped', labels: {} }),
        () =>
          event(pick(hosts), { kind: 'host_started', friendlyName: 'x', labels: {}, uptimeSeconds: 0, version: '1' }),
        () => event(pick(hosts), { kind: 'labels_changed', hostId: h1, labels: { a: 'b' } }),
        () =>
          event(pick(hosts), {
            kind: 'provider_started',
            providerId: 'kv',
            hostId: h1,
            imageRef: 'r',
            annotations: {},
          }),
        () =>
          event(pick(hosts), {
            kind: 'provider_stopped',
            providerId: 'kv',
            hostId: h1,
            annotations: {},
            reason: 'stop',
          }),
        () => event(pick(hosts), { kind: 'linkdef_set', link: { ...link, sourceId: pick(ids) } }),
        () => ({ kind: 'links', links: some().map((sourceId) => ({ ...link, sourceId })) }),
        () => ({ kind: 'entry', entry: { kind: 'spec', id: pick(ids), spec: undefined } }),
        () => ({ kind: 'own', hostId: pick(hosts) }),
        () => ({ kind: 'forget', hostId: pick(hosts) }),
        () => ({
          kind: 'connection',
          record: { ...live, state: pick(['live', 'live', 'lost'] as const), hasJetStream: random() < 0.8 },
        }),
        () => tick,
      ]
      const history: (readonly [number, PictureInput])[] = []
      let atMs = t0
      for (let step = 0; step < 1_500; step++) {
        atMs += Math.floor(random() * random() * 20_000)
        const input = pick(make)()
        const times = random() < 0.1 ? 2 : random() < 0.1 ? 0 : 1
        for (let n = 0; n < times; n++)
          history.splice(Math.max(0, history.length - Math.floor(random() * 4)), 0, [atMs, input])
      }
      run(history)
    })
  }
})
