// Moves of components that know nothing of moving, between real node processes on a real nats-server: their memory goes
// with them, or they stay and say why.

import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createSendCommand, type SendCommand } from '../../../main/actors/commands.js'
import { openOwners, type Owners } from '../../../main/actors/owners.js'
import { createClient, type LatticeClient } from '../../../main/lattice/client.js'
import { openImages } from '../../../main/lattice/images.js'
import { type Mirror, openMirror } from '../../../main/lattice/mirror.js'
import { isHostThere } from '../../../main/lattice/presence.js'
import { Offer, statelessAnnotation } from '../../../main/lattice/protocol/tlos.js'
import { openRpc } from '../../../main/lattice/rpc.js'
import type { Rpc } from '../../../main/lattice/rpc-types.js'
import { moveActor } from '../../../main/moves.js'
import { openTransport } from '../../../main/nats/connection.js'
import type { Transport } from '../../../main/nats/transport.js'
import type { Receipt } from '../../../preload/records.js'
import type { WitFunction, WitType } from '../../../preload/wit.js'
import { type NatsServer, startNatsServer } from '../../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../../support/node-process.js'
import { snapshotComponent } from '../../support/snapshot-components.js'
import { readWat } from '../wasm/wat.js'

const string: WitType = { kind: 'string' }
const run: WitFunction = {
  name: 'run',
  params: [
    { name: 'operation', type: string },
    { name: 'key', type: string },
    { name: 'n', type: { kind: 'u32' } },
  ],
  result: string,
}

let server: NatsServer
let folder: string
let transport: Transport
let mirror: Mirror
let client: LatticeClient
let rpc: Rpc
let send: SendCommand
let owners: Owners
let a: NodeProcess
let b: NodeProcess
const images = new Map<'script' | 'holder', string>()

const start = (name: string): Promise<NodeProcess> =>
  startNodeProcess({ natsUrl: server.tcpUrl, name, stateDir: path.join(folder, name), heartbeatMs: 2_000 })

/** The component `id` is the fixture's name. */
const startOn = (
  node: NodeProcess,
  id: 'script' | 'holder',
  annotations: Readonly<Record<string, string>> = {},
): Promise<void> =>
  client.scale(node.hostId, { componentId: id, imageRef: images.get(id) ?? '', count: 1, annotations })

const call = async (id: 'script' | 'holder', operation: string, key = '', n = 0): Promise<unknown> => {
  const instance = id === 'script' ? 'demo:script/script@0.1.0' : ''
  const params = [operation, key, n]
  return JSON.parse(String(await rpc.call({ prefix: `default.${id}`, instance, fn: run, params, timeoutMs: 10_000 })))
}

const move = (id: string, from: NodeProcess, to: NodeProcess): Promise<Receipt> =>
  moveActor({ send, mirror, askedBy: 'test' }, { componentId: id, from: from.hostId, to: to.hostId })

const runsOn = async (node: NodeProcess): Promise<string[]> =>
  (await client.inventory(node.hostId)).components.map((component) => component.id)

beforeAll(async () => {
  server = await startNatsServer()
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-snapshot-moves-'))
  transport = await openTransport({ servers: server.tcpUrl })
  client = createClient({ transport, lattice: 'default' })
  rpc = openRpc(transport)
  send = createSendCommand(transport, 'default', (hostId) => isHostThere(transport, 'default', hostId))
  owners = await openOwners(transport, 'default')
  mirror = await openMirror({ transport, lattice: 'default', embedded: false })
  const store = openImages({ transport, lattice: 'default', cacheDir: path.join(folder, 'images'), allowFiles: false })
  for (const id of ['script', 'holder'] as const) {
    images.set(id, await store.put((await snapshotComponent(id)) ?? new Uint8Array()))
  }
  ;[a, b] = await Promise.all([start('a'), start('b')])
}, 180_000)

afterAll(async () => {
  await mirror.close()
  owners.close()
  rpc.close()
  await transport.close()
  await Promise.all([a.stop(), b.stop()])
  await server.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

afterEach(async () => {
  for (const id of ['script', 'holder', 'seeded']) {
    for (const node of [a, b]) await client.stop(node.hostId, id).catch(() => undefined)
    if ((await owners.read(id)) !== undefined) await (await transport.bucket('TLOS_ACTORS_default')).delete(id)
  }
})

describe('[M8b] moving a component that knows nothing of moving', () => {
  it('takes its memory with it, there and back, under calls, and tells so', async () => {
    await startOn(a, 'script')
    expect(await call('script', 'put', 'before', 7)).toBe(1)
    const offer = await send('profile', a.hostId, { componentId: 'script' }, Offer)
    expect(offer.stateKind).toBe('snapshot')
    // Each answer is one more than the one before, or one was lost or made twice.
    let isRunning = true
    const answers: unknown[] = []
    const calling = (async () => {
      while (isRunning) answers.push(await call('script', 'grow', 'x', 0))
    })()
    const receipts = []
    for (const [from, to] of [
      [a, b],
      [b, a],
      [a, b],
    ] as const) {
      receipts.push(await move('script', from, to))
    }
    isRunning = false
    await calling
    expect(answers).toEqual(answers.map((_, index) => [index + 2, index + 1]))
    expect(answers.length).toBeGreaterThan(3)
    expect(await call('script', 'get', 'before')).toEqual({ n: 7, before: null })
    expect(receipts.map((r) => [r.outcome, r.stateKind, r.callsLost, r.callsTwice])).toEqual(
      receipts.map(() => ['moved', 'snapshot', 0, 0]),
    )
    expect(receipts.every((r) => r.stateBytes > 0)).toBe(true)
    expect(receipts.map((r) => r.epoch)).toEqual([2, 3, 4])
    expect((await owners.read('script'))?.record).toMatchObject({ owner: b.hostId, epoch: 4, phase: 'serving' })
    // What was copied is nowhere but in the instance.
    expect((await owners.read('script'))?.record.state).toBeUndefined()
    expect([await runsOn(a), await runsOn(b)]).toEqual([[], ['script']])
  }, 120_000)

  it('leaves it serving where it was when it holds what cannot be made again, and says what', async () => {
    await startOn(a, 'holder')
    expect(await call('holder', 'timer', '', 3_600_000)).toBe(1)
    await call('holder', 'request')
    await expect(move('holder', a, b)).rejects.toThrow(
      /cannot be copied: it holds an HTTP request, which cannot be made again elsewhere/,
    )
    expect(await call('holder', 'due')).toEqual([false])
    expect(await runsOn(b)).toEqual([])
    expect((await owners.read('holder'))?.record).toMatchObject({ owner: a.hostId, epoch: 1 })
  }, 60_000)

  it('takes all of its memory when the other node has another fresh instance, and only the difference does not fit', async () => {
    const store = openImages({
      transport,
      lattice: 'default',
      cacheDir: path.join(folder, 'images'),
      allowFiles: false,
    })
    const imageRef = await store.put(await readWat('seeded'))
    await client.scale(a.hostId, { componentId: 'seeded', imageRef, count: 1, annotations: {} })
    const ask = (name: 'seed' | 'count'): Promise<unknown> => {
      const fn: WitFunction = { name, params: [], result: { kind: name === 'seed' ? 'u64' : 'u32' } }
      return rpc.call({ prefix: 'default.seeded', instance: '', fn, params: [], timeoutMs: 10_000 })
    }
    const seed = await ask('seed')
    expect([await ask('count'), await ask('count')]).toEqual([1, 2])
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      expect(await move('seeded', from, to)).toMatchObject({ outcome: 'moved', stateKind: 'snapshot', callsLost: 0 })
      expect(await ask('seed')).toBe(seed)
    }
    expect(await ask('count')).toBe(3)
    await client.stop(a.hostId, 'seeded')
  }, 90_000)

  it("is nobody's when it is made many after a move, moves as those do, and is one with a memory again afterwards", async () => {
    const scale = (node: NodeProcess, count: number): Promise<void> =>
      client.scale(node.hostId, { componentId: 'script', imageRef: images.get('script') ?? '', count, annotations: {} })
    await startOn(a, 'script')
    await move('script', a, b)
    expect((await owners.read('script'))?.record).toMatchObject({ owner: b.hostId, phase: 'serving', epoch: 2 })
    await scale(b, 4)
    expect((await owners.read('script'))?.record).toMatchObject({ phase: 'parked', epoch: 2 })
    expect(await move('script', b, a)).toMatchObject({ outcome: 'moved', stateKind: 'none', pauseMs: 0 })
    expect((await owners.read('script'))?.record).toMatchObject({ phase: 'parked', epoch: 2 })
    await scale(a, 1)
    await call('script', 'put', 'k', 1)
    expect(await move('script', a, b)).toMatchObject({ outcome: 'moved', stateKind: 'snapshot' })
    expect(await call('script', 'get', 'k')).toEqual({ n: 1, before: null })
    expect((await owners.read('script'))?.record).toMatchObject({ owner: b.hostId, phase: 'serving', epoch: 4 })
  }, 90_000)

  it('may be started on two nodes until it has moved; from then on one node has it', async () => {
    await startOn(a, 'script')
    await startOn(b, 'script')
    expect(await owners.read('script')).toBeUndefined()
    await client.stop(b.hostId, 'script')
    await call('script', 'put', 'k', 1)
    await move('script', a, b)
    await expect(startOn(a, 'script')).rejects.toThrow(/move it instead/)
    // Stopped, it is nobody's, and starts afresh anywhere.
    await client.stop(b.hostId, 'script')
    expect((await owners.read('script'))?.record).toMatchObject({ phase: 'parked' })
    await startOn(a, 'script')
    expect(await call('script', 'get', 'k')).toBeNull()
    expect((await owners.read('script'))?.record).toMatchObject({ owner: a.hostId, phase: 'serving', epoch: 3 })
  }, 90_000)

  it('moves without a pause and without its memory when it was started as stateless', async () => {
    await startOn(a, 'script', { [statelessAnnotation]: 'true' })
    await call('script', 'put', 'k', 1)
    const receipt = await move('script', a, b)
    expect(receipt).toMatchObject({ outcome: 'moved', stateKind: 'none', pauseMs: 0, stateBytes: 0 })
    expect(await call('script', 'get', 'k')).toBeNull()
    expect(await owners.read('script')).toBeUndefined()
  }, 60_000)

  it('has one owner in the end, and answers, when the target is killed in the middle of the move', async () => {
    await startOn(a, 'script')
    expect(await call('script', 'put', 'k', 1)).toBe(1)
    const moving = move('script', a, b).then(
      (receipt) => receipt.outcome,
      () => 'failed' as const,
    )
    await new Promise((resolve) => setTimeout(resolve, 120))
    await b.stop('SIGKILL')
    await moving
    const found = await owners.read('script')
    if (found?.record.owner === a.hostId) {
      expect(await call('script', 'put', 'k', 2)).toBe(1)
      expect(await call('script', 'get', 'k')).toEqual({ n: 2, before: 1 })
    } else {
      // It had moved entirely: its memory died with its node.
      await startOn(a, 'script')
      expect(await call('script', 'get', 'k')).toBeNull()
    }
    expect((await owners.read('script'))?.record.owner).toBe(a.hostId)
    b = await start('b')
  }, 90_000)
})
