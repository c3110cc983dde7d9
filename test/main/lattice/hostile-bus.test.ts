// A bus on which somebody wants harm, over a real server: floods, huge messages, replies of strangers, events again and out
// of order, a listener on everything that hides that nobody is there, permissions that forbid. Nothing breaks, nothing
// grows, each reason is said once.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import { onHostKey } from '../../../preload/records.js'
import { openHost } from '../../../main/lattice/host.js'
import { openMirror, type MirrorOptions } from '../../../main/lattice/mirror.js'
import { createKey } from '../../../main/lattice/nkeys.js'
import { encodeLatticeEvent, type EventBody } from '../../../main/lattice/protocol/events.js'
import { controlSubjects, eventSubject } from '../../../main/lattice/protocol/subjects.js'
import { openTransport } from '../../../main/nats/connection.js'
import type { Message } from '../../../main/nats/transport.js'
import { createNotices } from '../../../main/notices.js'
import { tellRefusals } from '../../../main/refusal-notices.js'
import { type NatsServerOptions, startNatsServer } from '../../support/nats-server.js'
import { bytes, hostId, seededRandom } from './lattice-samples.js'
import { TableActors } from './sample-actors.js'

const ending: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end()
})
const patience = { timeout: 25_000 }

async function open(options: NatsServerOptions = {}) {
  const server = await startNatsServer(options)
  ending.push(() => server.close())
  const connect = async (more = {}) => {
    const transport = await openTransport({ servers: server.tcpUrl, ...more })
    ending.push(() => transport.close())
    return transport
  }
  return { connect }
}

async function look(transport: Awaited<ReturnType<typeof openTransport>>, more: Partial<MirrorOptions> = {}) {
  const mirror = await openMirror({
    transport,
    lattice: 'default',
    embedded: false,
    probeMs: 200,
    tickMs: 100,
    ...more,
  })
  ending.push(() => mirror.close())
  return mirror
}

async function addHost(transport: Awaited<ReturnType<typeof openTransport>>) {
  const actors = new TableActors()
  const key = createKey('server')
  const host = await openHost({ transport, lattice: 'default', key, friendlyName: 'honest', version: '0.1.0', actors })
  ending.push(() => host.close())
  return { host, actors }
}

let count = 0
const event = (source: string, body: EventBody): Uint8Array =>
  encodeLatticeEvent({ id: String((count += 1)), source, time: '', body })
const scaled = (source: string, componentId: string, maxInstances = 1): Uint8Array =>
  event(source, { kind: 'component_scaled', componentId, hostId: source, imageRef: 'r', maxInstances, annotations: {} })
const spec = (componentId: string) => ({ componentId, imageRef: 'r', annotations: {}, maxInstances: 1, config: [] })

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void
const heapMiB = (): number => {
  gc()
  return process.memoryUsage().heapUsed / 1_048_576
}

describe('a hostile bus', () => {
  it('[L54] 50,000 pieces of junk, made-up hosts and huge events: said once, nothing grows, the honest host is served', async () => {
    const { connect } = await open({ maxPayload: 4_000_000 })
    const { host, actors } = await addHost(await connect())
    const logged: string[] = []
    const mirror = await look(await connect(), { log: (_, text) => logged.push(text) })
    const stranger = await connect()
    const random = seededRandom(21)
    const markReason = 'event: specversion: Invalid key: Expected "specversion" but received undefined'
    const shapes: readonly (() => readonly [string, Uint8Array])[] = [
      () => ['wasmbus.evt.default.x', new Uint8Array([0xff, 0xfe, 0x00])],
      () => ['wasmbus.evt.default.x', bytes({ specversion: '1.0', id: 1, type: 7 })],
      () => ['wasmbus.evt.default.component_scaled', scaled(hostId(Math.floor(random() * 1e9)), 'made-up')],
      () => ['wasmbus.evt.default.component_scaled', scaled(host.id, `made-up-${Math.floor(random() * 1e9)}`)],
      () => [
        'tlos.evt.default.facts',
        bytes({ hostId: hostId(Math.floor(random() * 1e9)), whole: true, actors: 'no' }),
      ],
      () => ['tlos.evt.default.nonsense', bytes({})],
      () => ['runtime.operator.heartbeat.x', bytes({ id: `other-${random()}` })],
      () => [`wasmbus.ctl.v1.default.component.scale.${host.id}`, bytes({ component_id: ['x'], count: 'many' })],
      () => [`wasmbus.ctl.v1.default.${random()}.x.${host.id}`, bytes(null)],
    ]
    const flood = async (messages: number): Promise<void> => {
      for (let n = 0; n < messages; n++) {
        stranger.publish(...shapes[Math.floor(random() * shapes.length)]!())
        if (n % 500 === 499) await stranger.flush()
      }
      stranger.publish(eventSubject('default', 'huge'), bytes({ specversion: '1.0', junk: 'x'.repeat(3_000_000) }))
      stranger.publish(eventSubject('default', 'labels_changed'), scaled(host.id, 'x'.repeat(200_000)))
      await stranger.flush()
      // Behind all of it, in order.
      stranger.publish(eventSubject('default', 'linkdef_set'), bytes({ mark: messages }))
      const before = mirror.junk().get(markReason) ?? 0
      await expect.poll(() => mirror.junk().get(markReason) ?? 0, { timeout: 60_000 }).toBeGreaterThan(before)
    }
    await flood(10_000)
    const before = heapMiB()
    await flood(40_000)
    expect(heapMiB() - before).toBeLessThan(40)
    expect(mirror.junk().size).toBeLessThan(40)
    expect(logged).toHaveLength(mirror.junk().size)
    expect(new Set(logged).size).toBe(logged.length)
    expect(Object.keys(mirror.state().hosts)).toEqual([host.id])
    // What the host itself says stands: its next inventory has none of what was made up.
    actors.running.set('real', spec('real'))
    await expect.poll(() => Object.values(mirror.state().components).map(({ id }) => id), patience).toEqual(['real'])
  }, 120_000)

  it('[L30] events again and out of order end in what the host says', async () => {
    const { connect } = await open()
    const { host, actors } = await addHost(await connect())
    const mirror = await look(await connect())
    const stranger = await connect()
    const recorded = Array.from({ length: 200 }, (_, n) => scaled(host.id, `c${n % 7}`, n % 3))
    recorded.push(event(host.id, { kind: 'host_stopped', labels: {} }))
    const random = seededRandom(5)
    for (let n = 0; n < 2_000; n++) {
      stranger.publish('wasmbus.evt.default.x', recorded[Math.floor(random() * recorded.length)]!)
    }
    actors.running.set('real', spec('real'))
    // It said goodbye in one of them: it is heard again when it is asked or tells something.
    host.emitScaled({ componentId: 'real', imageRef: 'r', annotations: {}, maxInstances: 1 })
    await expect.poll(() => Object.values(mirror.state().components).map(({ id }) => id), patience).toEqual(['real'])
    expect(mirror.state().hosts[host.id]?.liveness).toBe('fresh')
  })

  it('[L54] replies of strangers: for another host, of another lattice, from a stranger’s inbox', async () => {
    const { connect } = await open()
    const { host, actors } = await addHost(await connect())
    actors.running.set('real', spec('real'))
    const stranger = await connect()
    const subjects = controlSubjects('default')
    const other = hostId(77)
    const reply = (message: Message, response: unknown): void => {
      if (message.reply !== undefined) stranger.publish(message.reply, bytes({ success: true, message: '', response }))
    }
    stranger.subscribe(subjects.ping, (message) => {
      reply(message, { id: other, lattice: 'elsewhere', labels: {}, friendly_name: 'x' })
      reply(message, { id: 'nobody', lattice: 'default' })
      reply(message, { id: other, lattice: 'default', labels: {}, friendly_name: 'liar' })
    })
    // It answers for itself with the inventory of somebody else, which must not become theirs.
    stranger.subscribe(subjects.host('get', other), (message) =>
      reply(message, { host_id: host.id, components: [], providers: [], friendly_name: 'liar', labels: {} }),
    )
    stranger.subscribe('tlos.ctl.default.facts', (message) => reply(message, { hostId: 'x', actors: 1 }))
    await stranger.flush()
    const mirror = await look(await connect())
    await expect
      .poll(() => [...mirror.junk().keys()], patience)
      .toEqual(expect.arrayContaining(['ping: of another lattice', 'inventory: of another host than asked']))
    expect(mirror.state().hosts[host.id]).toMatchObject({ friendlyName: 'honest', liveness: 'fresh' })
    expect(mirror.state().components[onHostKey(host.id, 'real')]).toBeDefined()
    expect(Object.keys(mirror.state().hosts).sort()).toEqual([host.id, other].sort())
  })

  it('[L32] a listener on everything hides that nobody is there: the host that was killed ages by its silence', async () => {
    const { connect } = await open()
    const killed = await connect()
    const { host } = await addHost(killed)
    const startMs = Date.now()
    // A minute passes in a second and a half.
    const mirror = await look(await connect(), { now: () => startMs + (Date.now() - startMs) * 40 })
    expect(mirror.state().hosts[host.id]?.liveness).toBe('fresh')
    const listener = await connect()
    const silent: string[] = []
    listener.subscribe('>', (message) => silent.push(message.subject))
    await listener.flush()
    await killed.close()
    await expect.poll(() => mirror.state().hosts[host.id]?.liveness, patience).toBe('gone')
    expect(mirror.state().hosts[host.id]?.reason).toBe('not heard')
  })

  it('[L56] what permissions forbid is shown with its subject, and said in one notice', async () => {
    const { connect } = await open({
      user: 'narrow',
      password: 'pw',
      permissions:
        'subscribe: { deny: ["tlos.evt.>", "runtime.>"] }, publish: { deny: ["*.ctl.v1.default.host.ping"] }',
    })
    const transport = await connect({ user: 'narrow', password: 'pw' })
    const notices = createNotices(() => 0)
    ending.push(tellRefusals([transport], notices))
    const mirror = await look(transport)
    const subjects = ['tlos.evt.default.>', 'runtime.operator.heartbeat.*', 'wasmbus.ctl.v1.default.host.ping']
    await expect
      .poll(
        () =>
          mirror
            .state()
            .connection.refused?.map(({ subject }) => subject)
            .sort(),
        patience,
      )
      .toEqual([...subjects].sort())
    await expect.poll(() => notices.list().length, patience).toBe(1)
    for (const subject of subjects) expect(notices.list()[0]?.text).toContain(subject)
    await mirror.reseed()
    expect(mirror.state().connection).toMatchObject({ state: 'live' })
  })
})
