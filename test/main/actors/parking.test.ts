// Unmodified components whose node ends and comes back, as real node processes on a real nats-server: they go on as they were, or
// begin afresh with the reason said, and nobody suffers for another.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createSendCommand, type SendCommand } from '../../../main/actors/commands.js'
import { openOwners, type Owners } from '../../../main/actors/owners.js'
import { createClient, type LatticeClient } from '../../../main/lattice/client.js'
import { openImages } from '../../../main/lattice/images.js'
import { type Mirror, openMirror } from '../../../main/lattice/mirror.js'
import { isHostThere } from '../../../main/lattice/presence.js'
import { openRpc } from '../../../main/lattice/rpc.js'
import type { Rpc } from '../../../main/lattice/rpc-types.js'
import { moveActor } from '../../../main/moves.js'
import { openTransport } from '../../../main/nats/connection.js'
import type { Transport } from '../../../main/nats/transport.js'
import { decodeParked, encodeParked } from '../../../main/parked-format.js'
import type { WitFunction, WitType } from '../../../preload/wit.js'
import { type NatsServer, startNatsServer } from '../../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../../support/node-process.js'
import { snapshotComponent } from '../../support/snapshot-components.js'

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
/** Where in an image the hash of the tools is (image.ts): after its magic, format and the component's. */
const toolAt = 8 + 4 + 32

let server: NatsServer
let folder: string
let transport: Transport
let mirror: Mirror
let client: LatticeClient
let rpc: Rpc
let send: SendCommand
let owners: Owners
let node: NodeProcess
const refs = new Map<'script' | 'holder', string>()
/** What nodes said of their actors: `id: text`. */
const notes: string[] = []

const start = (name = 'a'): Promise<NodeProcess> =>
  startNodeProcess({ natsUrl: server.tcpUrl, name, stateDir: path.join(folder, name), heartbeatMs: 2_000 })

const startOn = (on: NodeProcess, id: string, kind: 'script' | 'holder' = 'script'): Promise<void> =>
  client.scale(on.hostId, { componentId: id, imageRef: refs.get(kind) ?? '', count: 1, annotations: {} })

const call = async (id: string, operation: string, key = '', n = 0): Promise<unknown> => {
  const instance = id.startsWith('holder') ? '' : 'demo:script/script@0.1.0'
  const params = [operation, key, n]
  return JSON.parse(String(await rpc.call({ prefix: `default.${id}`, instance, fn: run, params, timeoutMs: 10_000 })))
}

const runsOn = async (on: NodeProcess): Promise<string[]> =>
  (await client.inventory(on.hostId)).components.map((component) => component.id).sort()
const untilRuns = (on: NodeProcess, ids: readonly string[]): Promise<void> =>
  expect.poll(() => runsOn(on), { timeout: 60_000 }).toEqual([...ids].sort())

/** What lies on its disk, by component. */
async function parked(name = 'a'): Promise<Map<string, string>> {
  const at = path.join(folder, name, 'parked')
  const all = (await readdir(at, { recursive: true }).catch(() => [])).filter((each) => /\.\w+$/.test(each))
  const found = new Map<string, string>()
  for (const each of all) {
    const decoded = decodeParked(await readFile(path.join(at, each)))
    found.set(decoded.ok ? decoded.file.header.componentId : each, path.join(at, each))
  }
  return found
}

/** As a person who quits; it must not be ended by its own limit, which would be code 1. */
async function quit(): Promise<void> {
  expect(await node.stop()).toBe(0)
}

beforeAll(async () => {
  server = await startNatsServer()
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-parking-'))
  transport = await openTransport({ servers: server.tcpUrl })
  client = createClient({ transport, lattice: 'default' })
  rpc = openRpc(transport)
  send = createSendCommand(transport, 'default', (hostId) => isHostThere(transport, 'default', hostId))
  owners = await openOwners(transport, 'default')
  mirror = await openMirror({ transport, lattice: 'default', embedded: false })
  mirror.onTlosEvent((event) => {
    if (event.kind === 'actor_note') notes.push(`${event.data.componentId}: ${event.data.text}`)
  })
  const store = openImages({ transport, lattice: 'default', cacheDir: path.join(folder, 'images'), allowFiles: false })
  for (const kind of ['script', 'holder'] as const) {
    refs.set(kind, await store.put((await snapshotComponent(kind)) ?? new Uint8Array()))
  }
  node = await start()
}, 180_000)

afterAll(async () => {
  await mirror.close()
  owners.close()
  rpc.close()
  await transport.close()
  await node.stop()
  await server.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

afterEach(async () => {
  for (const id of await runsOn(node)) {
    await client.stop(node.hostId, id).catch(() => undefined)
    if ((await owners.read(id)) !== undefined) await (await transport.bucket('TLOS_ACTORS_default')).delete(id)
  }
  notes.length = 0
})

describe('an unmodified actor whose node ends', () => {
  it('goes on at the next start as it was, with its random numbers, and only once', async () => {
    await startOn(node, 'script')
    await startOn(node, 'script-2')
    expect(await call('script', 'put', 'k', 7)).toBe(1)
    for (let n = 0; n < 5; n += 1) await call('script', 'next')
    await call('script-2', 'put', 'other', 1)
    await quit()
    expect([...(await parked()).keys()].sort()).toEqual(['script', 'script-2'])
    node = await start()
    await untilRuns(node, ['script', 'script-2'])
    expect(await call('script', 'get', 'k')).toEqual({ n: 7, before: null })
    expect(await call('script', 'next')).toBe(5)
    expect(await call('script-2', 'get', 'other')).toEqual({ n: 1, before: null })
    expect((await parked()).size).toBe(0)
    await expect.poll(() => notes.filter((note) => note.includes('goes on from')).length).toBe(2)
    // Nothing is owned by it that was not before.
    expect(await owners.read('script')).toBeUndefined()
    await node.stop('SIGKILL')
    node = await start()
    await untilRuns(node, ['script', 'script-2'])
    expect(await call('script', 'get', 'k')).toBeNull()
  }, 120_000)

  it('goes on at its owner when it had moved, with the next epoch', async () => {
    const other = await start('b')
    try {
      await startOn(other, 'script')
      await call('script', 'put', 'k', 7)
      await moveActor({ send, mirror, askedBy: 't' }, { componentId: 'script', from: other.hostId, to: node.hostId })
      await quit()
      expect((await owners.read('script'))?.record).toMatchObject({ phase: 'parked', isKept: true, epoch: 2 })
      node = await start()
      await untilRuns(node, ['script'])
      expect(await call('script', 'get', 'k')).toEqual({ n: 7, before: null })
      expect((await owners.read('script'))?.record).toMatchObject({ owner: node.hostId, phase: 'serving', epoch: 3 })
    } finally {
      await other.stop()
    }
  }, 120_000)

  it('that went on elsewhere meanwhile begins afresh: what was kept of it is not it any more', async () => {
    const other = await start('b')
    try {
      await startOn(other, 'script')
      await call('script', 'put', 'k', 7)
      await moveActor({ send, mirror, askedBy: 't' }, { componentId: 'script', from: other.hostId, to: node.hostId })
      await quit()
      await startOn(other, 'script')
      expect(await call('script', 'get', 'k')).toBeNull()
      await expect
        .poll(() => notes)
        .toContainEqual(expect.stringMatching(/^script: script begins afresh.*keeps it, on which it ended/))
      await call('script', 'put', 'k', 8)
      await client.stop(other.hostId, 'script')
      node = await start()
      await untilRuns(node, ['script'])
      expect(await call('script', 'get', 'k')).toBeNull()
      await expect.poll(() => notes).toContainEqual(expect.stringContaining('it went on elsewhere meanwhile'))
    } finally {
      await other.stop()
    }
  }, 120_000)

  it.each([
    [
      'damaged',
      (bytes: Buffer) => bytes.subarray(0, bytes.length - 10),
      /script begins afresh.*cut short or damaged \(it was kept as/,
    ],
    [
      'made by other tools',
      (bytes: Buffer) => {
        const decoded = decodeParked(bytes)
        if (!decoded.ok) throw new Error(decoded.why)
        const image = Uint8Array.from(decoded.file.image)
        image[toolAt] = (image[toolAt] ?? 0) ^ 1
        return encodeParked({ ...decoded.file, image })
      },
      /script begins afresh.*made by another version of the component runtime/,
    ],
  ])(
    'begins afresh and says so when its copy is %s, and the others go on',
    async (_what, change, said) => {
      await startOn(node, 'script')
      await startOn(node, 'script-2')
      await call('script', 'put', 'k', 7)
      await call('script-2', 'put', 'k', 8)
      await quit()
      const file = (await parked()).get('script') ?? ''
      await writeFile(file, change(await readFile(file)))
      node = await start()
      await untilRuns(node, ['script', 'script-2'])
      expect(await call('script', 'get', 'k')).toBeNull()
      expect(await call('script-2', 'get', 'k')).toEqual({ n: 8, before: null })
      await expect.poll(() => notes).toContainEqual(expect.stringMatching(said))
      await call('script', 'put', 'k', 9)
      await quit()
      // What was set aside is gone by now, what is new is there.
      expect([...(await parked()).keys()].sort()).toEqual(['script', 'script-2'])
      node = await start()
      await untilRuns(node, ['script', 'script-2'])
      expect(await call('script', 'get', 'k')).toEqual({ n: 9, before: null })
    },
    120_000,
  )

  it('begins afresh and says why when it is in a call that does not end, which holds up neither the end nor the others', async () => {
    await startOn(node, 'holder', 'holder')
    await startOn(node, 'script')
    await call('script', 'put', 'k', 7)
    await call('holder', 'timer', '', 3_600_000)
    const waiting = call('holder', 'wait', '', 0).catch(() => 'failed')
    await expect.poll(async () => (await client.inventory(node.hostId)).components.length).toBe(2)
    await quit()
    expect(await waiting).toBe('failed')
    node = await start()
    await untilRuns(node, ['holder', 'script'])
    expect(await call('script', 'get', 'k')).toEqual({ n: 7, before: null })
    expect(await call('holder', 'due')).toEqual([])
    await expect.poll(() => notes).toContainEqual(expect.stringMatching(/^holder: .*its call did not end/))
  }, 120_000)
})
