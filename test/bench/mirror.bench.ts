// What the picture of a big lattice costs: messages reduced, 1,000 hosts with 30 components each read over a real server,
// memory, and a day of their heartbeats. The hosts are one process that answers for all of them, this same file again.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { apply, emptyState } from '../../preload/changes.js'
import { openMirror } from '../../main/lattice/mirror.js'
import { decodeLatticeEvent, encodeLatticeEvent, type EventBody } from '../../main/lattice/protocol/events.js'
import { inventoryCodec, pingReplyCodec } from '../../main/lattice/protocol/inventory.js'
import { encodeResponse } from '../../main/lattice/protocol/control.js'
import { emptyPicture, type Picture } from '../../main/lattice/protocol/picture.js'
import { type PictureInput, reduce } from '../../main/lattice/protocol/reduce.js'
import { controlSubjects, eventSubject } from '../../main/lattice/protocol/subjects.js'
import { openTransport } from '../../main/nats/connection.js'
import { hostId, seededRandom } from '../main/lattice/lattice-samples.js'
import { startNatsServer } from '../support/nats-server.js'

export const name = 'the picture of 1,000 hosts with 30 components each'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly aim?: number
  readonly samples?: number
}

const serverVariable = 'TLOS_BENCH_MIRROR_SERVER'
const lattice = 'bench'
const hostCount = 1_000
const perHost = 30
const ids = Array.from({ length: hostCount }, (_, n) => hostId(n))
const live = { state: 'live', lattice, url: 'nats://x', embedded: false, hasJetStream: true } as const

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

function heapBytes(): number {
  gc()
  gc()
  return process.memoryUsage().heapUsed
}

const inventoryOf = (id: string, uptimeSeconds: number, count = perHost) => ({
  hostId: id,
  components: Array.from({ length: count }, (_, n) => ({
    id: `app-component_${n}`,
    imageRef: `ghcr.io/example/component-${n}:1.${n}.0`,
    name: `Component ${n}`,
    annotations: { 'wasmcloud.dev/managed-by': 'wadm', 'wasmcloud.dev/appspec': 'app' },
    revision: 0,
    maxInstances: 10,
    limits: undefined,
  })),
  providers: [],
  friendlyName: `host-${id.slice(1, 5)}`,
  labels: { 'hostcore.arch': 'x86_64', 'hostcore.os': 'linux', 'hostcore.osfamily': 'unix', zone: 'a' },
  version: '1.9.2',
  uptimeSeconds,
})

let eventNumber = 0
const eventOf = (source: string, body: EventBody) => ({ id: String((eventNumber += 1)), source, time: '', body })

/** Decoded from bytes of their own, as the ones of a real lattice are: nothing is shared between hosts by chance. */
function decoded(source: string, body: EventBody): PictureInput {
  const event = decodeLatticeEvent(encodeLatticeEvent(eventOf(source, body)))
  if (!event.ok) throw new Error(event.reason)
  return { kind: 'event', event: event.value }
}

function fullPicture(nowMs: number, count = perHost): Picture {
  let picture = emptyPicture(live)
  for (const id of ids) {
    const inventory = inventoryOf(id, 0, count)
    picture = reduce(picture, decoded(id, { kind: 'host_heartbeat', inventory }), nowMs).state
  }
  return picture
}

/** Starts, stops, labels, failures and heartbeats of all hosts, as a busy lattice has them. */
function measureReduce(): Row[] {
  const random = seededRandom(1)
  const pick = (n: number): number => Math.floor(random() * n)
  const inputs = Array.from({ length: 50_000 }, (_, n): PictureInput => {
    const id = ids[pick(hostCount)] ?? ''
    const about = {
      componentId: `app-component_${pick(perHost)}`,
      hostId: id,
      imageRef: 'ghcr.io/example/other:2',
      annotations: { 'wasmcloud.dev/managed-by': 'wadm' },
      maxInstances: pick(5),
    }
    if (n % 20 === 0) return decoded(id, { kind: 'host_heartbeat', inventory: inventoryOf(id, n) })
    if (n % 20 === 1) return decoded(id, { kind: 'labels_changed', hostId: id, labels: { zone: String(pick(3)) } })
    if (n % 20 === 2) return decoded(id, { kind: 'component_scale_failed', ...about, error: 'no such image' })
    return decoded(id, { kind: 'component_scaled', ...about })
  })
  const rates: number[] = []
  const start = fullPicture(0)
  for (let round = 0; round < 6; round++) {
    let picture = start
    const before = process.cpuUsage()
    inputs.forEach((input, n) => (picture = reduce(picture, input, n).state))
    const { user, system } = process.cpuUsage(before)
    // The first one is for the compiler.
    if (round > 0) rates.push((user + system) / inputs.length)
  }
  rates.sort((a, b) => a - b)
  return [
    {
      name: 'processor time of one event reduced into a picture of 30,000 components, median (20 µs: 50,000 events/s)',
      value: rates[2] ?? 0,
      unit: 'µs',
      aim: 20,
      samples: rates.length * inputs.length,
    },
  ]
}

/**
 * Time is an argument: 2,880 heartbeats of each host, one every 30 s, and a tick every 10 s. Five components each, so that it
 * takes seconds and not minutes; what could grow grows with heartbeats.
 */
function measureDay(say: (text: string) => void): Row[] {
  const heartbeats = ids.map((id) => ({ id, inventory: inventoryOf(id, 0, 5) }))
  let picture = fullPicture(0, 5)
  let changes = 0
  let atMs = 0
  const beat = (): void => {
    for (const [n, { id, inventory }] of heartbeats.entries()) {
      const at = atMs + n * 30
      const event = eventOf(id, { kind: 'host_heartbeat', inventory: { ...inventory, uptimeSeconds: at / 1_000 } })
      const reduction = reduce(picture, { kind: 'event', event }, at)
      picture = reduction.state
      changes += reduction.changes.length
      if (n % 333 === 0) picture = reduce(picture, { kind: 'tick' }, at).state
    }
    atMs += 30_000
  }
  for (let n = 0; n < 120; n++) beat()
  const before = heapBytes()
  const startedMs = performance.now()
  for (let n = 120; n < 2_880; n++) beat()
  const after = heapBytes()
  say(`a day of heartbeats took ${((performance.now() - startedMs) / 1_000).toFixed(1)} s, ${changes} changes`)
  const fresh = Object.values(picture.hosts.shards).flatMap((shard) => [...shard.values()])
  if (fresh.length !== hostCount || fresh.some((host) => host.liveness !== 'fresh')) throw new Error('hosts aged')
  return [
    {
      name: 'heap after 23 more hours of heartbeats of 1,000 hosts, beside the heap after the first',
      value: (after - before) / 1_048_576,
      unit: 'MiB more',
      aim: 1,
      samples: 2_760 * hostCount,
    },
  ]
}

async function measureSeed(servers: string, rounds: number): Promise<Row[]> {
  const times: number[] = []
  let bytesEach = 0
  let batches: { atMs: number; changes: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const transport = await openTransport({ servers })
    const before = heapBytes()
    const startedMs = performance.now()
    batches = []
    const mirror = await openMirror({ transport, lattice, embedded: false })
    let shown = { ...emptyState(lattice), ...mirror.state() }
    mirror.onChanges((changes) => {
      batches.push({ atMs: performance.now(), changes: changes.length })
      shown = apply(shown, changes)
    })
    while (Object.keys(mirror.state().components).length < hostCount * perHost) {
      if (performance.now() - startedMs > 60_000) throw new Error('it never saw them all')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    times.push(performance.now() - startedMs)
    shown = emptyState(lattice)
    // The first picture alone: what a closed one leaves for the collector would be counted against the next.
    if (round === 0) bytesEach = (heapBytes() - before) / (hostCount * perHost)
    if (Object.keys(mirror.state().components).length === 0) throw new Error('it was let go while it was measured')
    await mirror.close()
    await transport.close()
  }
  times.sort((a, b) => a - b)
  return [
    {
      name: '1,000 hosts with 30,000 components seeded from inventories over a server, median',
      value: times[Math.floor(times.length / 2)] ?? 0,
      unit: 'ms',
      aim: 2_000,
      samples: times.length,
    },
    { name: 'memory of the picture for each component', value: bytesEach, unit: 'bytes', aim: 2_048 },
  ]
}

/** All hosts beat every 3 s and one in ten starts something: what goes to the renderer. */
async function measureBatches(servers: string, child: ChildProcess): Promise<Row[]> {
  const transport = await openTransport({ servers })
  const mirror = await openMirror({ transport, lattice, embedded: false, probeMs: 3_600_000 })
  const times: number[] = []
  let changes = 0
  mirror.onChanges((batch) => {
    times.push(performance.now())
    changes += batch.length
  })
  child.send('beat')
  await once(child, 'message', { signal: AbortSignal.timeout(60_000) })
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  await mirror.close()
  await transport.close()
  const gaps = times.slice(1).map((at, n) => at - (times[n] ?? 0))
  return [
    {
      name: 'shortest time between two batches under events',
      value: Math.min(...gaps),
      unit: 'ms',
      samples: times.length,
    },
    // 300 starts, and of each host one sign of life, which is shown every 10 s at most.
    { name: 'records sent for 3,000 heartbeats and 300 starts', value: changes, unit: 'records' },
  ]
}

export async function run(context: { say: (text: string) => void }): Promise<Row[]> {
  const rows = [...measureReduce(), ...measureDay(context.say)]
  const server = await startNatsServer({ jetStream: false })
  let child: ChildProcess | undefined
  try {
    child = fork(fileURLToPath(import.meta.url), { env: { ...process.env, [serverVariable]: server.tcpUrl } })
    await once(child, 'message', { signal: AbortSignal.timeout(15_000) })
    rows.push(...(await measureSeed(server.tcpUrl, 5)), ...(await measureBatches(server.tcpUrl, child)))
  } finally {
    child?.kill()
    await server.close()
  }
  return rows
}

/** The process that is all the hosts. */
async function serve(servers: string): Promise<void> {
  const transport = await openTransport({ servers })
  const subjects = controlSubjects(lattice)
  const inventories = new Map(ids.map((id) => [id, encodeResponse(inventoryCodec.toWire(inventoryOf(id, 60)))]))
  const pings = ids.map((id) =>
    encodeResponse(
      pingReplyCodec.toWire({ ...inventoryOf(id, 60), id, ctlHost: '', rpcHost: '', jsDomain: undefined, lattice }),
    ),
  )
  transport.subscribe(subjects.ping, ({ reply }) => {
    for (const ping of pings) if (reply !== undefined) transport.publish(reply, ping)
  })
  transport.subscribe(subjects.host('get', '*'), ({ subject, reply }) => {
    const inventory = inventories.get(subject.slice(subject.lastIndexOf('.') + 1))
    if (inventory !== undefined && reply !== undefined) transport.publish(reply, inventory)
  })
  await transport.flush()
  process.on('message', () => {
    void (async () => {
      for (let round = 0; round < 3; round++) {
        for (const [n, id] of ids.entries()) {
          const say = (body: EventBody): void =>
            transport.publish(eventSubject(lattice, body.kind), encodeLatticeEvent(eventOf(id, body)))
          say({ kind: 'host_heartbeat', inventory: inventoryOf(id, 60 + round) })
          if (n % 10 === round) {
            const about = { hostId: id, imageRef: 'r', annotations: {}, maxInstances: 1 }
            say({ kind: 'component_scaled', componentId: `new-${round}`, ...about })
          }
          if (n % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 50))
        }
      }
      await transport.flush()
      process.send?.('done')
    })()
  })
  process.send?.('ready')
}

const servers = process.env[serverVariable]
if (servers !== undefined && process.send !== undefined) void serve(servers)
