// The picture of a lattice as a pure machine: what each message means, and liveness by time as an argument.

import { describe, expect, it } from 'vitest'
import type { LatticeState } from '../../../preload/records.js'
import { linkKey, onHostKey } from '../../../preload/records.js'
import { describePicture, emptyPicture } from '../../../main/lattice/protocol/picture.js'
import { type PictureInput, reduce } from '../../../main/lattice/protocol/reduce.js'
import { lookUp } from '../../../main/lattice/protocol/table.js'
import { hostId } from './lattice-samples.js'
import {
  answer,
  beat,
  event,
  failed,
  h1,
  h2,
  inventoryOf,
  link,
  live,
  run,
  scaled,
  silence,
  t0,
  tick,
  told,
} from './reduce-samples.js'

describe('a host', () => {
  it('[L31] turns stale after one and a half intervals without a sign', () => {
    const steps = [[t0, beat(h1)]] as const
    expect(run([...steps, [t0 + 45_000, tick]]).host?.liveness).toBe('fresh')
    expect(run([...steps, [t0 + 45_001, tick]]).host).toMatchObject({ liveness: 'stale', reason: 'not heard' })
  })

  it('[L31] is measured by its own interval once that is known, whatever one beat out of turn says', () => {
    const second = [0, 1, 2].map((n) => [t0 + n * 1_000, beat(h1)] as const)
    expect(run([...second, [t0 + 3_600, tick]]).host?.liveness).toBe('stale')
    const early = [0, 30_000, 31_000].map((ms) => [t0 + ms, beat(h1)] as const)
    expect(run([...early, [t0 + 70_000, tick]]).host?.liveness).toBe('fresh')
  })

  it('[L31] turns stale at once when nobody answers for it', () => {
    expect(
      run([
        [t0, answer(h1)],
        [t0 + 1, silence],
      ]).host,
    ).toMatchObject({ liveness: 'stale', reason: 'no answer' })
  })

  it('[L32] is gone when nobody answered for 8 s, and not before', () => {
    const steps = [
      [t0, answer(h1, ['c'])],
      [t0 + 1_000, silence],
    ] as const
    expect(run([...steps, [t0 + 8_999, silence]]).host?.liveness).toBe('stale')
    const gone = run([...steps, [t0 + 9_000, silence]])
    expect(gone.host).toMatchObject({ liveness: 'gone', reason: 'no answer', heardAtMs: t0 })
    expect(gone.c).toMatchObject({ id: 'c', state: 'running' })
    const answered = run([...steps, [t0 + 5_000, answer(h1)], [t0 + 9_000, silence]])
    expect(answered.host?.liveness).toBe('stale')
  })

  it('[L32] is gone after 70 s of silence', () => {
    expect(
      run([
        [t0, answer(h1)],
        [t0 + 69_999, tick],
      ]).host?.liveness,
    ).toBe('stale')
    expect(
      run([
        [t0, answer(h1)],
        [t0 + 70_000, tick],
      ]).host,
    ).toMatchObject({ liveness: 'gone', reason: 'not heard' })
  })

  it('[L32] that says goodbye is gone at once and stays in the picture until it is forgotten', () => {
    const bye = event(h1, { kind: 'host_stopped', labels: {} })
    const stopped = run([
      [t0, answer(h1, ['c'])],
      [t0 + 1, bye],
      [t0 + 500_000, tick],
    ])
    expect(stopped.host).toMatchObject({ liveness: 'gone', reason: 'stopped' })
    expect(stopped.c).toBeDefined()
    const forgotten = run([[t0 + 500_001, { kind: 'forget', hostId: h1 }]], stopped)
    expect(forgotten.shown).toMatchObject({ hosts: {}, components: {} })
  })

  it('[L33] is fresh again when it is heard, and starts anew when it starts', () => {
    const steps = [
      [t0, answer(h1, ['c'])],
      [t0 + 70_000, tick],
    ] as const
    expect(run([...steps, [t0 + 70_001, beat(h1, ['c'])]]).host).toMatchObject({ liveness: 'fresh', reason: undefined })
    const body = { kind: 'host_started', friendlyName: 'n', labels: {}, uptimeSeconds: 0, version: '1.0.0' } as const
    const started = run([...steps, [t0 + 70_001, event(h1, body)]])
    expect(started.host).toMatchObject({ liveness: 'fresh', friendlyName: 'n', startedAtMs: t0 + 70_001 })
    expect(started.c).toBeUndefined()
  })

  it('[L34] does not age while the connection is lost, nor at once after it came back', () => {
    const lost = { ...live, state: 'lost' } as const
    const steps = [
      [t0, answer(h1)],
      [t0 + 1_000, { kind: 'connection', record: lost }],
      [t0 + 200_000, tick],
      [t0 + 200_000, { kind: 'connection', record: live }],
      [t0 + 201_000, tick],
      [t0 + 202_000, silence],
    ] as const
    expect(run(steps).host?.liveness).toBe('fresh')
    expect(run([...steps, [t0 + 205_001, silence]]).host?.liveness).toBe('stale')
  })

  it('[L38] is this shell, another tLOS node or any wasmCloud host', () => {
    const own: PictureInput = { kind: 'own', hostId: h1 }
    const labels = { 'tlos.version': '0.1.0' }
    const three = run([
      [t0, answer(h1, [], labels)],
      [t0, answer(h2, [], labels)],
      [t0, answer(hostId(3))],
      [t0, own],
    ])
    expect(
      Object.values(three.shown.hosts)
        .map((host) => host.kind)
        .sort(),
    ).toEqual(['desktop', 'tlos', 'wasmcloud'])
    const cordoned = run([[t0, answer(h1, [], { 'tlos.cordoned': 'true' })]])
    expect(cordoned.host?.cordoned).toBe(true)
  })

  it('[L39] that only gives signs of life changes the picture every 10 s at most', () => {
    let picture = reduce(emptyPicture(live), answer(h1, ['c']), t0).state
    let changes = 0
    for (let ms = 2_000; ms <= 60_000; ms += 2_000) {
      const reduction = reduce(
        picture,
        { ...answer(h1, ['c']), inventory: { ...inventoryOf(h1, ['c']), uptimeSeconds: ms / 1000 } } as PictureInput,
        t0 + ms,
      )
      picture = reduction.state
      changes += reduction.changes.length
    }
    expect(changes).toBe(6)
  })

  it('[L40] that nobody introduced is not shown, and not many of them are remembered', () => {
    let picture = emptyPicture(live)
    for (let n = 0; n < 5_000; n++) {
      const reduction = reduce(picture, scaled(hostId(n), 'c', 1), t0)
      picture = reduction.state
      expect(reduction.changes).toEqual([])
    }
    expect(picture.hosts.size).toBe(1_000)
    expect(run([[t0, answer(hostId(9_999))]], { picture, shown: describePicture(picture) }).shown.hosts).toHaveProperty(
      hostId(9_999),
    )
    expect(reduce(picture, tick, t0 + 70_000).state.hosts.size).toBe(0)
  })
})

describe('a picture that somebody floods', () => {
  it('[L41] has room for 5,000 hosts; a new one takes the place of the one gone for longest', () => {
    let picture = emptyPicture(live)
    for (let n = 0; n < 5_100; n++) picture = reduce(picture, answer(hostId(n)), t0 + n).state
    expect(picture.hosts.size).toBe(5_000)
    const bye = (n: number): PictureInput => event(hostId(n), { kind: 'host_stopped', labels: {} })
    for (const n of [7, 3, 9]) picture = reduce(picture, bye(n), t0 + 10_000).state
    const full = { picture, shown: describePicture(picture) }
    const { shown } = run([[t0 + 10_001, answer(hostId(5_050))]], full)
    expect(Object.keys(shown.hosts)).toHaveLength(5_000)
    expect([shown.hosts[hostId(3)], shown.hosts[hostId(5_050)]?.liveness]).toEqual([undefined, 'fresh'])
    expect(shown.hosts[hostId(7)]?.liveness).toBe('gone')
  })

  it('[L41] takes 2,000 components of a host from events, and an inventory of any length', () => {
    let picture = reduce(emptyPicture(live), answer(h1), t0).state
    for (let n = 0; n < 3_000; n++) {
      picture = reduce(picture, scaled(h1, `c${n}`, 1), t0).state
      picture = reduce(picture, failed(h1, `f${n}`), t0).state
      picture = reduce(picture, told(h1, [{ componentId: `t${n}` as never }]), t0).state
    }
    expect(Object.keys(describePicture(picture).components)).toHaveLength(4_000)
    expect(lookUp(picture.hosts, h1)?.facts.size).toBe(2_000)
    const many = Array.from({ length: 3_000 }, (_, n) => `c${n}`)
    const listed = run([[t0, answer(h1, many)]], { picture, shown: describePicture(picture) })
    expect(Object.values(listed.shown.components).filter(({ state }) => state === 'running')).toHaveLength(3_000)
    // What is there can still change and go.
    expect(run([[t0, scaled(h1, 'c7', 0)]], listed).shown.components[onHostKey(h1, 'c7')]).toBeUndefined()
  })
})

describe('a component', () => {
  it('[L35] that is scaled twice alike changes the picture once', () => {
    const before = run([[t0, answer(h1)]])
    const first = reduce(before.picture, scaled(h1, 'c', 1), t0 + 1)
    expect(first.changes).toHaveLength(1)
    expect(reduce(first.state, scaled(h1, 'c', 1), t0 + 2).changes).toEqual([])
  })

  it('[L36] is there when the inventory has it, and no longer when it has not', () => {
    const steps = [[t0, answer(h1, ['c', 'd'])]] as const
    expect(Object.keys(run(steps).shown.components)).toHaveLength(2)
    expect(run([...steps, [t0 + 1, answer(h1, ['d'])]]).c).toBeUndefined()
    expect(run([...steps, [t0 + 1, scaled(h1, 'c', 0)]]).c).toBeUndefined()
  })

  it('[L36] that failed to start stays visible with the reason until it is scaled or ten minutes old', () => {
    const steps = [
      [t0, answer(h1)],
      [t0 + 1, failed(h1, 'c')],
      [t0 + 2, answer(h1)],
    ] as const
    expect(run(steps).c).toMatchObject({ state: 'failed', problem: 'not a component', imageRef: 'bad' })
    expect(run([...steps, [t0 + 3, scaled(h1, 'c', 0)]]).c).toBeUndefined()
    expect(run([...steps, [t0 + 3, scaled(h1, 'c', 1)]]).c).toMatchObject({ state: 'running', problem: undefined })
    expect(run([...steps, [t0 + 600_001, answer(h1)], [t0 + 600_001, tick]]).c).toBeUndefined()
    const running = run([
      [t0, answer(h1, ['c'])],
      [t0 + 1, failed(h1, 'c')],
    ])
    expect(running.c).toMatchObject({ state: 'running', imageRef: 'ref-c' })
  })

  it('has what its node tells of it, from the start on', () => {
    const starting = run([
      [t0, answer(h1)],
      [t0 + 1, told(h1, [{ state: 'starting', hasWindow: false }])],
    ])
    expect(starting.c).toMatchObject({ state: 'starting', hasWindow: false })
    const nearly = run(
      [
        [t0 + 2, answer(h1)],
        [t0 + 3, told(h1, [{ state: 'running', epoch: 2 }])],
      ],
      starting,
    )
    expect(nearly.c).toMatchObject({ state: 'running', hasWindow: true })
    const there = run([[t0 + 4, scaled(h1, 'c', 1)]], nearly)
    expect(there.c).toMatchObject({ epoch: 2, stateKind: 'exported', imageRef: 'ref-c' })
    expect(run([[t0 + 5, answer(h1)]], there).c).toBeUndefined()
  })

  it('that is prepared for a move and not served is not shown', () => {
    expect(
      run([
        [t0, answer(h1)],
        [t0 + 1, told(h1, [{ state: 'running' }])],
      ]).c,
    ).toBeUndefined()
  })

  it('moves from the first step of the move to its end', () => {
    const moving = (phase: 'saving' | 'done' | 'failed'): PictureInput => ({
      kind: 'tlos',
      event: {
        kind: 'actor_moving',
        data: { moveId: 'm', componentId: 'c' as never, from: h1 as never, to: h2 as never, phase },
      },
    })
    const steps = [
      [t0, answer(h1, ['c'])],
      [t0 + 1, moving('saving')],
    ] as const
    expect(run(steps).c?.state).toBe('moving')
    expect(run([...steps, [t0 + 2, moving('failed')]]).c?.state).toBe('running')
  })
})

describe('providers and links', () => {
  it('show health as it is told', () => {
    const inventory = {
      ...inventoryOf(h1),
      providers: [{ id: 'kv', imageRef: 'r', name: undefined, revision: 0, annotations: {} }],
    }
    const listed = run([[t0, { kind: 'inventory', hostId: h1, inventory }]])
    const health = (s: { shown: LatticeState }) => s.shown.providers[onHostKey(h1, 'kv')]?.health
    expect(health(listed)).toBe('unknown')
    const passed = run([[t0, event(h1, { kind: 'health_check_passed', hostId: h1, providerId: 'kv' })]], listed)
    expect(health(passed)).toBe('running')
    expect(health(run([[t0, { kind: 'inventory', hostId: h1, inventory }]], passed))).toBe('running')
    const bad = event(h1, { kind: 'health_check_failed', hostId: h1, providerId: 'kv' })
    expect(health(run([[t0, bad]], passed))).toBe('failed')
  })

  it('[L37] are those of the records; events count only without JetStream', () => {
    const set = event(h1, { kind: 'linkdef_set', link })
    expect(run([[t0, set]]).shown.links).toEqual({})
    const spec = { kind: 'spec', id: 'a', spec: { url: '', links: [link, { ...link, sourceId: 'other' }] } } as const
    expect(Object.keys(run([[t0, { kind: 'entry', entry: spec }]]).shown.links)).toEqual([linkKey(link)])
    const without: PictureInput = { kind: 'connection', record: { ...live, hasJetStream: false } }
    const there = run([
      [t0, without],
      [t0, set],
    ])
    expect(Object.keys(there.shown.links)).toEqual([linkKey(link)])
    const { sourceId, name, witNamespace, witPackage } = link
    const deleted = event(h1, { kind: 'linkdef_deleted', sourceId, name, witNamespace, witPackage })
    expect(run([[t0, deleted]], there).shown.links).toEqual({})
  })

  it('have the traffic of all hosts that count it, as long as they live', () => {
    const count = (host: string, perSecond: number): PictureInput =>
      told(host, [], false, [
        {
          sourceId: 'a',
          target: 'kv',
          name: 'default',
          interface: 'wasi:keyvalue/store',
          traffic: { perSecond, errorsPerSecond: 0, p99Ms: perSecond },
        },
      ])
    const links: PictureInput = { kind: 'links', links: [link] }
    const both = run([
      [t0, answer(h1)],
      [t0, answer(h2)],
      [t0, links],
      [t0, count(h1, 2)],
      [t0, count(h2, 3)],
    ])
    expect(both.shown.links[linkKey(link)]?.traffic).toMatchObject({ perSecond: 5, p99Ms: 3 })
    const one = run([[t0, event(h2, { kind: 'host_stopped', labels: {} })]], both)
    expect(one.shown.links[linkKey(link)]?.traffic).toMatchObject({ perSecond: 2 })
    expect(run([[t0, { kind: 'links', links: [] }]], one).shown.links).toEqual({})
  })
})
