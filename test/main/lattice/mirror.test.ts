// The live picture and the client against real hosts: what one asks for, the other shows; killed hosts, a server that
// goes and comes back, and a bus full of junk.

import { afterEach, describe, expect, it } from 'vitest'
import { apply, emptyState } from '../../../preload/changes.js'
import type { LatticeState } from '../../../preload/records.js'
import { onHostKey } from '../../../preload/records.js'
import { createClient } from '../../../main/lattice/client.js'
import { openHost } from '../../../main/lattice/host.js'
import type { LatticeHost } from '../../../main/lattice/host-types.js'
import { type Mirror, type MirrorOptions, openMirror } from '../../../main/lattice/mirror.js'
import { createKey } from '../../../main/lattice/nkeys.js'
import { encodeDone, encodeJson, tlosSubjects } from '../../../main/lattice/protocol/tlos.js'
import { buses, eventually, type TestBus } from './buses.js'
import { bytes, hostId, seededRandom } from './lattice-samples.js'
import { TableActors } from './sample-actors.js'

const link = {
  sourceId: 'echo',
  target: 'kv',
  name: 'default',
  witNamespace: 'wasi',
  witPackage: 'keyvalue',
  interfaces: ['store'],
  sourceConfig: [],
  targetConfig: [],
}

describe.each(buses)('a lattice $name', ({ open }) => {
  const ending: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end()
  })

  async function openBus(options = {}): Promise<TestBus> {
    const bus = await open(options)
    ending.push(() => bus.close())
    return bus
  }

  async function join(bus: TestBus, name: string, heartbeatMs = 30_000) {
    const transport = await bus.connect()
    const actors = new TableActors()
    const host = await openHost({
      transport,
      lattice: 'default',
      key: createKey('server'),
      friendlyName: name,
      version: '0.1.0',
      actors,
      heartbeatMs,
    })
    ending.push(() => host.close())
    return { host, actors, transport }
  }

  async function look(bus: TestBus, options: Partial<MirrorOptions> = {}) {
    const transport = await bus.connect()
    const mirror = await openMirror({
      transport,
      lattice: 'default',
      embedded: false,
      probeMs: 200,
      tickMs: 50,
      ...options,
    })
    ending.push(() => mirror.close())
    return { mirror, client: createClient({ transport, lattice: 'default', windowMs: 150 }), transport }
  }

  const liveness = (mirror: Mirror, host: LatticeHost) => mirror.state().hosts[host.id]?.liveness

  it('[L50] is there as soon as the mirror is open: hosts, components, links, what is installed', async () => {
    const bus = await openBus()
    const one = await join(bus, 'one')
    await join(bus, 'two')
    one.actors.running.set('echo', { componentId: 'echo', imageRef: 'r', annotations: {}, maxInstances: 3, config: [] })
    const { client, transport } = await look(bus)
    await client.putLink(link)
    const bucket = await transport.bucket('TLOS_INSTALLED_default')
    const installed = { id: 'clock', imageRef: 'tlos://sha256/x', name: 'Clock', sizeBytes: 7, installedAtMs: 1 }
    await bucket.put('clock', encodeJson(installed))
    const late = await look(bus, { ownHostId: one.host.id })
    const state = late.mirror.state()
    expect(
      Object.values(state.hosts)
        .map((host) => [host.friendlyName, host.kind, host.liveness])
        .sort(),
    ).toEqual([
      ['one', 'desktop', 'fresh'],
      ['two', 'tlos', 'fresh'],
    ])
    expect(state.components[onHostKey(one.host.id, 'echo')]).toMatchObject({ maxInstances: 3, state: 'running' })
    expect(Object.values(state.links)).toMatchObject([{ sourceId: 'echo', target: 'kv' }])
    expect(state.installed).toMatchObject({ clock: installed })
    expect(state.connection).toMatchObject({ state: 'live', hasJetStream: true, lattice: 'default' })
    await bucket.delete('clock')
    await client.deleteLink(link)
    await eventually(() => Object.keys(late.mirror.state().installed).length === 0)
    await eventually(() => Object.keys(late.mirror.state().links).length === 0)
  })

  it('[L60] does what the client asks and says when it is done', async () => {
    const bus = await openBus()
    const { host, actors } = await join(bus, 'one')
    const { mirror, client } = await look(bus)
    actors.delayMs = 100
    await client.scale(host.id, { componentId: 'echo', imageRef: 'r:1', count: 2, annotations: { a: 'b' } })
    expect(actors.get('echo')).toBeDefined()
    await eventually(() => mirror.state().components[onHostKey(host.id, 'echo')]?.maxInstances === 2)
    await client.update(host.id, 'echo', 'r:2')
    await eventually(() => mirror.state().components[onHostKey(host.id, 'echo')]?.imageRef === 'r:2')
    await expect(client.update(host.id, 'echo', 'r:2')).rejects.toMatchObject({ code: 'conflict' })
    await client.stop(host.id, 'echo')
    await eventually(() => mirror.state().components[onHostKey(host.id, 'echo')] === undefined)
    const bad = { componentId: 'x', imageRef: 'bad', count: 1 }
    await expect(client.scale(host.id, bad)).rejects.toMatchObject({
      code: 'refused',
      message: 'cannot be started: not a component',
    })
    await eventually(() => mirror.state().components[onHostKey(host.id, 'x')]?.state === 'failed')
    await expect(client.stop(host.id, 'nobody')).rejects.toMatchObject({ code: 'not-found' })
    await client.putLabel(host.id, 'room', '7')
    await eventually(() => mirror.state().hosts[host.id]?.labels['room'] === '7')
    await client.deleteLabel(host.id, 'room')
    await eventually(() => mirror.state().hosts[host.id]?.labels['room'] === undefined)
    await client.startProvider(host.id, { providerId: 'p', providerRef: 'oci://good' })
    await expect(client.startProvider(host.id, { providerId: 'q', providerRef: 'nope' })).rejects.toMatchObject({
      code: 'refused',
    })
    await client.stopProvider(host.id, 'kv')
    await client.putConfig('c', { a: '1' })
    expect(await client.getConfig('c')).toEqual({ a: '1' })
    expect(await client.listConfigs()).toEqual(['c'])
    await client.deleteConfig('c')
    expect(await client.getConfig('c')).toBeUndefined()
    expect(await client.auctionComponent('r', 'new')).toEqual([host.id])
    expect((await client.ping()).map((h) => h.id)).toEqual([host.id])
    expect((await client.findHost('one')).id).toBe(host.id)
    await expect(client.findHost('nobody')).rejects.toMatchObject({ code: 'not-found' })
    await client.stopHost(host.id)
    await eventually(() => mirror.state().hosts[host.id]?.reason === 'stopped')
  })

  it('[L61] gives every wait a limit, and refuses empty ids before sending', async () => {
    const bus = await openBus()
    const { host, actors } = await join(bus, 'one')
    const { client } = await look(bus)
    actors.delayMs = 500
    const slow = { componentId: 'slow', imageRef: 'r', count: 1, limitMs: 50 }
    await expect(client.scale(host.id, slow)).rejects.toMatchObject({
      code: 'timed-out',
      message: /slow did not start/,
    })
    await expect(client.scale(createKey('server').publicKey, slow)).rejects.toMatchObject({ code: 'unreachable' })
    await expect(client.scale(host.id, { ...slow, componentId: ' ' })).rejects.toMatchObject({
      message: 'Component ID cannot be empty',
    })
    await expect(client.inventory('a.b')).rejects.toMatchObject({ code: 'invalid' })
  })

  it('[L53] notices at once that a host was killed, and that it is back', async () => {
    const bus = await openBus()
    const { host, transport } = await join(bus, 'one')
    const { mirror } = await look(bus, { now: fastClock(5) })
    expect(liveness(mirror, host)).toBe('fresh')
    await new Promise((resolve) => setTimeout(resolve, 1_200)) // past the grace after connecting: 6 s of the fast clock
    const reasons = new Set<string>()
    mirror.onChanges(() => {
      const { liveness: now, reason } = mirror.state().hosts[host.id] ?? {}
      if (now === 'stale' || now === 'gone') reasons.add(String(reason))
    })
    await transport.close()
    await eventually(() => liveness(mirror, host) === 'gone', 10_000)
    expect(mirror.state().hosts[host.id]).toMatchObject({ reason: 'no answer' })
    // From the first on it was asked and did not answer: had it only been silent, that would be the reason.
    expect([...reasons]).toEqual(['no answer'])
    mirror.forget(host.id)
    await eventually(() => mirror.state().hosts[host.id] === undefined)
  })

  it('[L51] is right again after the server went and came back', async () => {
    const bus = await openBus()
    const one = await join(bus, 'one')
    const { mirror, client, transport } = await look(bus)
    await client.putLink(link)
    await eventually(() => Object.keys(mirror.state().links).length === 1)
    const wrong: string[] = []
    mirror.onChanges(() => {
      const host = mirror.state().hosts[one.host.id]
      if (host?.liveness !== 'fresh') wrong.push(`${host?.liveness}: ${host?.reason}`)
    })
    await bus.cut()
    await eventually(() => mirror.state().connection.state === 'lost')
    expect(mirror.state().connection.problem).not.toBe('')
    one.actors.running.set('new', { componentId: 'new', imageRef: 'r', annotations: {}, maxInstances: 1, config: [] })
    await bus.mend()
    await eventually(() => mirror.state().connection.state === 'live')
    await eventually(() => mirror.state().components[onHostKey(one.host.id, 'new')])
    await (await transport.bucket('LATTICEDATA_default')).delete('COMPONENT_echo')
    await eventually(() => Object.keys(mirror.state().links).length === 0)
    expect(wrong).toEqual([])
  })

  it('[L52] announces numbered batches that add up to its state, at most one per 50 ms', async () => {
    const bus = await openBus()
    const { host } = await join(bus, 'one')
    const { mirror, client } = await look(bus)
    const { state, next } = mirror.snapshot()
    let copy: LatticeState = state
    let expected = next
    const times: number[] = []
    mirror.onChanges((changes, number) => {
      expect(number).toBe(expected)
      expected += 1
      copy = apply(copy, changes)
      times.push(performance.now())
      expect(mirror.snapshot().next).toBe(expected)
    })
    for (let n = 0; n < 40; n++) {
      host.emitScaled({ componentId: `c${n % 5}`, imageRef: 'r', annotations: {}, maxInstances: 1 + n })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await client.putLabel(host.id, 'last', '1')
    await eventually(() => mirror.state().hosts[host.id]?.labels['last'])
    expect(copy).toEqual(mirror.state())
    expect(times.length).toBeGreaterThan(2)
    // A timer counts from the beginning of the turn that set it, so it is early by as long as that turn had run.
    const gaps = times.slice(1).map((at, index) => at - times[index]!)
    expect(Math.min(...gaps)).toBeGreaterThan(35)
  })

  it('asks tLOS nodes for what they did not tell', async () => {
    const bus = await openBus()
    const { host, actors, transport } = await join(bus, 'one')
    actors.running.set('echo', { componentId: 'echo', imageRef: 'r', annotations: {}, maxInstances: 1, config: [] })
    const actor = { componentId: 'echo', state: 'running', stateKind: 'exported', hasWindow: true, activity: 4 }
    let asked = 0
    transport.subscribe(tlosSubjects('default').facts, (message) => {
      asked += 1
      // The first question is lost.
      if (asked > 1)
        transport.publish(message.reply!, encodeDone({ hostId: host.id, whole: true, actors: [actor], links: [] }))
    })
    await transport.flush()
    const { mirror } = await look(bus)
    await eventually(() => mirror.state().components[onHostKey(host.id, 'echo')]?.hasWindow === true)
    expect(asked).toBe(2)
  })

  it('[L54] counts junk by reason and goes on', async () => {
    const bus = await openBus()
    const { host, actors } = await join(bus, 'one')
    const logged: string[] = []
    const { mirror } = await look(bus, { log: (_, text) => logged.push(text) })
    const stranger = await bus.connect()
    const seed = 7
    const random = seededRandom(seed)
    const shapes = [
      () => crypto.getRandomValues(new Uint8Array(20)),
      () =>
        bytes({
          specversion: '1.0',
          id: '1',
          type: 'com.wasmcloud.lattice.component_scaled',
          source: host.id,
          data: { max_instances: -1 },
        }),
      () =>
        bytes({
          specversion: '1.0',
          id: '1',
          type: 'com.wasmcloud.lattice.host_heartbeat',
          source: 'not a host',
          data: {},
        }),
      () => bytes({ specversion: '1.0', id: '1', type: 'com.wasmcloud.lattice.unheard_of', source: host.id, data: {} }),
      () => bytes([[[[]]]]),
      () =>
        bytes({
          specversion: '1.0',
          id: '1',
          type: 'com.wasmcloud.lattice.component_scaled',
          source: host.id,
          data: {
            component_id: '__proto__',
            max_instances: 1,
            image_ref: 'x',
            annotations: JSON.parse('{"__proto__": "x"}') as object,
          },
        }),
    ]
    for (let n = 0; n < 3_000; n++) {
      const shape = shapes[Math.floor(random() * shapes.length)]!()
      stranger.publish(random() < 0.8 ? 'wasmbus.evt.default.x' : 'tlos.evt.default.facts', shape)
    }
    // Strangers answer pings with hosts of other lattices and with nonsense.
    stranger.subscribe('wasmbus.ctl.v1.default.host.ping', (message) => {
      stranger.publish(
        message.reply!,
        bytes({ success: true, message: '', response: { id: hostId(3), lattice: 'other', labels: {} } }),
      )
      stranger.publish(message.reply!, bytes({ success: 'yes' }))
    })
    await stranger.flush()
    await mirror.reseed()
    actors.running.set('still', { componentId: 'still', imageRef: 'r', annotations: {}, maxInstances: 1, config: [] })
    await eventually(() => mirror.state().components[onHostKey(host.id, 'still')])
    expect(Object.keys(mirror.state().hosts)).toEqual([host.id])
    const counted = [...mirror.junk().values()].reduce((sum, count) => sum + count, 0)
    expect(counted).toBeGreaterThan(2_000)
    expect(logged).toHaveLength(mirror.junk().size)
    expect(mirror.junk().size).toBeLessThan(20)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  it('[L56] works without JetStream and says that there is none', async () => {
    const bus = await openBus({ jetStream: false })
    const { host } = await join(bus, 'one')
    const { mirror, client } = await look(bus)
    expect(mirror.state().connection.hasJetStream).toBe(false)
    expect(liveness(mirror, host)).toBe('fresh')
    await client.putLink(link)
    await eventually(() => Object.keys(mirror.state().links).length === 1)
    const late = await look(bus)
    expect(Object.keys(late.mirror.state().links)).toHaveLength(1)
    await expect(client.listConfigs()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('starts from nothing and keeps what was said for looking at', async () => {
    const bus = await openBus()
    const { mirror } = await look(bus)
    expect(mirror.state()).toEqual({ ...emptyState('default'), connection: mirror.state().connection })
    const { host } = await join(bus, 'one')
    await eventually(() => liveness(mirror, host) === 'fresh')
    expect(mirror.recentEvents()).toMatchObject([
      { type: 'host_started', source: host.id, data: { friendly_name: 'one' } },
    ])
  })
})

/** Time that passes so many times as fast. */
function fastClock(factor: number): () => number {
  const startMs = Date.now()
  return () => startMs + (Date.now() - startMs) * factor
}
