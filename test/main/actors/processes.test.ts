// Moves between real node processes on a real nats-server, under load and with nodes killed. The actor does the counting:
// its replies must be gapless.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createSendCommand, type SendCommand } from '../../../main/actors/commands.js'
import { openOwners, type Owners } from '../../../main/actors/owners.js'
import { TlosError } from '../../../main/failure.js'
import { createClient, type LatticeClient } from '../../../main/lattice/client.js'
import { isHostThere } from '../../../main/lattice/presence.js'
import { openImages } from '../../../main/lattice/images.js'
import { type Mirror, openMirror } from '../../../main/lattice/mirror.js'
import { openRpc } from '../../../main/lattice/rpc.js'
import type { Rpc } from '../../../main/lattice/rpc-types.js'
import { moveActor } from '../../../main/moves.js'
import { openTransport } from '../../../main/nats/connection.js'
import { type Facts, tlosSubjects } from '../../../main/lattice/protocol/tlos.js'
import type { Message, Transport } from '../../../main/nats/transport.js'
import type { Receipt } from '../../../preload/records.js'
import type { WitFunction } from '../../../preload/wit.js'
import { type NatsServer, startNatsServer } from '../../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../../support/node-process.js'

const increment: WitFunction = { name: 'increment', params: [], result: { kind: 'u64' } }
const counterInstance = 'tlos:counter/counter@0.1.0'

let server: NatsServer
let folder: string
let transport: Transport
let mirror: Mirror
let client: LatticeClient
let rpc: Rpc
let send: SendCommand
let owners: Owners
let image: string
const nodes = new Map<string, NodeProcess>()

async function start(name: string): Promise<NodeProcess> {
  const node = await startNodeProcess({
    natsUrl: server.tcpUrl,
    name,
    stateDir: path.join(folder, name),
    heartbeatMs: 2_000,
  })
  nodes.set(name, node)
  return node
}

const count = async (timeoutMs = 20_000): Promise<number> =>
  Number(await rpc.call({ prefix: 'default.counter', instance: counterInstance, fn: increment, params: [], timeoutMs }))

const move = (from: NodeProcess, to: NodeProcess): Promise<Receipt> =>
  moveActor({ send, mirror, askedBy: 'test' }, { componentId: 'counter', from: from.hostId, to: to.hostId })

const startCounter = (on: NodeProcess): Promise<void> =>
  client.scale(on.hostId, { componentId: 'counter', imageRef: image, count: 1 })

/** Calls without a break until stopped; every answer in order of arrival, and what failed. */
function load(callers: number): { stop(): Promise<{ answers: number[]; failures: number }> } {
  let isRunning = true
  const answers: number[] = []
  let failures = 0
  const loops = Array.from({ length: callers }, async () => {
    while (isRunning) {
      await count().then(
        (n) => answers.push(n),
        () => (failures += 1),
      )
    }
  })
  return {
    async stop() {
      isRunning = false
      await Promise.all(loops)
      return { answers, failures }
    },
  }
}

const gapless = (answers: readonly number[], from: number): boolean =>
  [...answers].sort((a, b) => a - b).every((n, i) => n === from + i)

beforeAll(async () => {
  server = await startNatsServer()
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-moves-'))
  transport = await openTransport({ servers: server.tcpUrl })
  client = createClient({ transport, lattice: 'default' })
  rpc = openRpc(transport)
  send = createSendCommand(transport, 'default', (hostId) => isHostThere(transport, 'default', hostId))
  owners = await openOwners(transport, 'default')
  mirror = await openMirror({ transport, lattice: 'default', embedded: false })
  const images = openImages({ transport, lattice: 'default', cacheDir: path.join(folder, 'images'), allowFiles: false })
  image = await images.put(new Uint8Array(await readFile(path.resolve('out/components/counter.wasm'))))
  await Promise.all([start('a'), start('b')])
}, 90_000)

afterAll(async () => {
  await mirror.close()
  owners.close()
  rpc.close()
  await transport.close()
  await Promise.all([...nodes.values()].map((node) => node.stop()))
  await server.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

const node = (name: string): NodeProcess => {
  const found = nodes.get(name)
  if (found === undefined) throw new Error(`no node ${name}`)
  return found
}

afterEach(async () => {
  for (const one of nodes.values()) await client.stop(one.hostId, 'counter').catch(() => undefined)
  const found = await owners.read('counter')
  if (found !== undefined) await (await transport.bucket('TLOS_ACTORS_default')).delete('counter')
})

describe('moving a counter between node processes', () => {
  it('[M5] loses no call and runs none twice over ten moves under load', async () => {
    await startCounter(node('a'))
    const calls = load(4)
    const receipts: Receipt[] = []
    for (let i = 0; i < 10; i += 1) {
      const [from, to] = i % 2 === 0 ? [node('a'), node('b')] : [node('b'), node('a')]
      receipts.push(await move(from, to))
    }
    const { answers, failures } = await calls.stop()
    expect(failures).toBe(0)
    expect(answers.length).toBeGreaterThan(50)
    expect(gapless(answers, 1)).toBe(true)
    expect(receipts.map((r) => [r.outcome, r.callsLost, r.callsTwice])).toEqual(receipts.map(() => ['moved', 0, 0]))
    expect(receipts.map((r) => r.epoch)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  }, 90_000)

  it('is known with its facts to everybody who hears that it is served', async () => {
    await startCounter(node('a'))
    const heard: string[] = []
    const parse = (message: Message): unknown => JSON.parse(new TextDecoder().decode(message.data))
    const facts = transport.subscribe(tlosSubjects('default').event('facts'), (message) => {
      const told = parse(message) as Facts
      if (told.actors.some((a) => a.componentId === 'counter' && a.state === 'running'))
        heard.push(`facts ${told.hostId}`)
    })
    const events = transport.subscribe('wasmbus.evt.default.component_scaled', (message) => {
      const { data } = parse(message) as { data: { host_id: string; max_instances: number } }
      if (data.max_instances > 0) heard.push(`served ${data.host_id}`)
    })
    // Busy nodes: what they tell is spaced out.
    const calls = load(1)
    for (let i = 0; i < 4; i += 1) {
      const [from, to] = i % 2 === 0 ? [node('a'), node('b')] : [node('b'), node('a')]
      heard.length = 0
      await move(from, to)
      await expect.poll(() => heard, { timeout: 20_000 }).toContain(`served ${to.hostId}`)
      expect(heard.indexOf(`facts ${to.hostId}`)).toBeGreaterThanOrEqual(0)
      expect(heard.indexOf(`facts ${to.hostId}`)).toBeLessThan(heard.indexOf(`served ${to.hostId}`))
    }
    await calls.stop()
    facts.close()
    events.close()
  }, 60_000)

  it('[M7] leaves it serving where it was when the target is not there, and says so', async () => {
    await startCounter(node('a'))
    expect(await count()).toBe(1)
    const nowhere = { ...node('b'), hostId: `N${'A'.repeat(55)}` }
    await expect(move(node('a'), nowhere)).rejects.toThrow(/does not answer/)
    expect(await count()).toBe(2)
    expect((await owners.read('counter'))?.record).toMatchObject({ owner: node('a').hostId, epoch: 1 })
  }, 30_000)

  it('[M4] refuses to start a second one beside a living owner', async () => {
    await startCounter(node('a'))
    await expect(startCounter(node('b'))).rejects.toThrow(/move it instead/)
    expect(await count()).toBe(1)
  }, 30_000)

  it('[M4] lets go of an actor that somebody else owns with a higher epoch', async () => {
    await startCounter(node('a'))
    expect(await count()).toBe(1)
    const found = await owners.read('counter')
    if (found === undefined) throw new Error('no owner record')
    await owners.claim('counter', { ...found.record, owner: node('b').hostId as never, epoch: 9 }, found.revision)
    await expect
      .poll(async () => (await client.inventory(node('a').hostId)).components.map((c) => c.id), { timeout: 20_000 })
      .toEqual([])
  }, 30_000)

  it('goes on counting after its node was stopped and started again', async () => {
    await startCounter(node('a'))
    expect([await count(), await count(), await count()]).toEqual([1, 2, 3])
    expect(await node('a').stop()).toBe(0)
    await start('a')
    const record = async () => (await owners.read('counter'))?.record
    await expect.poll(record, { timeout: 60_000 }).toMatchObject({ phase: 'serving', epoch: 2 })
    // Owned a moment before it is on the bus. Only "nobody serves it" may be asked again: any other call might have counted.
    const countWhenServed = (): Promise<number> =>
      count().catch((error: unknown) => {
        if (error instanceof TlosError && error.code === 'unreachable') return 0
        throw error
      })
    await expect.poll(countWhenServed, { timeout: 30_000 }).toBe(4)
  }, 120_000)

  it.each([11, 12, 13, 14])(
    '[M6] has one owner in the end, and answers, when the target is killed in the middle of a move [seed %i]',
    async (seed) => {
      await startCounter(node('a'))
      expect(await count()).toBe(1)
      const delayMs = (((seed * 2_654_435_761) % 2 ** 32) / 2 ** 32) * 250
      const moving = move(node('a'), node('b')).then(
        (receipt) => receipt.outcome,
        () => 'failed' as const,
      )
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      await node('b').stop('SIGKILL')
      await moving
      const found = await owners.read('counter')
      if (found?.record.owner === node('a').hostId) expect(await count()).toBe(2)
      else {
        // It had moved entirely before the kill: what b had in memory is gone, and starting it goes on from what was saved.
        await startCounter(node('a'))
        expect(await count()).toBe(2)
      }
      expect((await owners.read('counter'))?.record.owner).toBe(node('a').hostId)
      await start('b')
    },
    90_000,
  )
})
