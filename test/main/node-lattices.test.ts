// One folder of a headless node, and lattices of the same name on several servers: what ran in one does not appear in another.
// Real processes, real servers.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createClient } from '../../main/lattice/client.js'
import { openImages } from '../../main/lattice/images.js'
import { openTransport } from '../../main/nats/connection.js'
import { type NatsServer, startNatsServer } from '../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../support/node-process.js'
import { parseWat } from './wasm/wat.js'

let folder: string
let here: NatsServer
let there: NatsServer
let stateDir: string
let component: Uint8Array

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-node-lattices-'))
  stateDir = path.join(folder, 'node')
  ;[here, there] = await Promise.all([startNatsServer(), startNatsServer()])
  component = await parseWat(
    '(component (core module $m (func (export "f") (result i32) (i32.const 7))) (core instance $i (instantiate $m)) (func (export "seven") (result u32) (canon lift (core func $i "f"))))',
  )
}, 60_000)

afterAll(async () => {
  await Promise.all([here.close(), there.close()])
  await rm(folder, { recursive: true, force: true })
}, 60_000)

const running = async (): Promise<Record<string, { componentId: string }[]>> =>
  JSON.parse(await readFile(path.join(stateDir, 'running.json'), 'utf8')) as Record<string, { componentId: string }[]>
const idsIn = async (key: string): Promise<string[] | undefined> =>
  (await running())[key]?.map(({ componentId }) => componentId)

/** A node of this folder on a server; these run there, and then it ends. What ran there when it began. */
async function runOn(server: NatsServer, starts: readonly string[], expected: readonly string[], extra: string[] = []) {
  const transport = await openTransport({ servers: server.tcpUrl })
  let node: NodeProcess | undefined
  try {
    const client = createClient({ transport, lattice: 'default' })
    const store = openImages({ transport, lattice: 'default', cacheDir: path.join(folder, 'i'), allowFiles: false })
    const imageRef = await store.put(component)
    node = await startNodeProcess({ natsUrl: server.tcpUrl, name: 'n', stateDir, extra })
    const { hostId } = node
    const ids = async (): Promise<string[]> => (await client.inventory(hostId)).components.map(({ id }) => id).sort()
    await expect.poll(ids, { timeout: 30_000 }).toEqual([...expected].sort())
    for (const componentId of starts) await client.scale(hostId, { componentId, imageRef, count: 1, annotations: {} })
    expect(await ids()).toEqual([...expected, ...starts].sort())
  } finally {
    await node?.stop()
    await transport.close()
  }
}

it('keeps what runs by server, not by the name of the lattice alone', async () => {
  await runOn(here, ['a'], [])
  await runOn(there, ['b'], [])
  expect(await idsIn(`default at ${here.tcpUrl}`)).toEqual(['a'])
  expect(await idsIn(`default at ${there.tcpUrl}`)).toEqual(['b'])
  await runOn(here, [], ['a'])
  await runOn(there, [], ['b'])
}, 120_000)

it('takes over what an older version kept by that name, for the first server that it joins, and for that alone', async () => {
  const { [`default at ${here.tcpUrl}`]: old } = await running()
  await writeFile(path.join(stateDir, 'running.json'), JSON.stringify({ default: old }))
  await runOn(here, [], ['a'])
  expect(Object.keys(await running())).toEqual([`default at ${here.tcpUrl}`])
  await runOn(there, ['c'], [])
  expect(await idsIn(`default at ${there.tcpUrl}`)).toEqual(['c'])
}, 120_000)

it('knows a server by the name that it is given, wherever that one is now', async () => {
  await runOn(here, ['d'], [], ['--server-name', 'mine'])
  await runOn(there, [], ['d'], ['--server-name', 'mine'])
  expect(await idsIn('default at mine')).toEqual(['d'])
}, 120_000)
