// Who a host is and how much it lets components have when its flags say so (lattice.md 2.4), asked of real node processes in
// raw JSON.

import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createKey } from '../../../../main/lattice/nkeys.js'
import { type Bench, componentFile, openBench } from './bench.js'

const limit = 60_000
let bench: Bench
vi.setConfig({ testTimeout: limit })

beforeAll(async () => {
  bench = await openBench()
}, limit)

afterAll(async () => {
  expect(bench.peer.faults).toEqual([])
  await bench.close()
}, limit)

const scale = (hostId: string, id: string, image: string, more: object = {}) => ({
  component_ref: image,
  component_id: id,
  host_id: hostId,
  count: 1,
  ...more,
})

it('[L140] is the host of the seed that it was given, in a variable or on the command line, and itself again without', async () => {
  const key = createKey('server')
  const stateDir = bench.folder('seeded')
  const own = await bench.start('own', { stateDir })
  await own.stop()
  const given = await bench.start('given', { stateDir, env: { WASMCLOUD_HOST_SEED: key.seed } })
  expect(given.hostId).toBe(key.publicKey)
  expect(await bench.peer.data(`host.get.${key.publicKey}`)).toMatchObject({ host_id: key.publicKey })
  await given.stop()
  const shown = createKey('server')
  const line = await bench.start('line', { extra: ['--host-seed', shown.seed], env: { WASMCLOUD_HOST_SEED: key.seed } })
  expect(line.hostId).toBe(shown.publicKey)
  await line.stop()
  const again = await bench.start('again', { stateDir })
  expect(again.hostId).toBe(own.hostId)
  for (const node of [given, line]) expect(node.stdout() + node.stderr()).not.toMatch(/SN[A-Z2-7]{56}/)
  await again.stop()
})

it('does not begin with a seed that is none, and does not show it', async () => {
  const entry = path.resolve(import.meta.dirname, '../../../../out/main/node.cjs')
  const seed = createKey('user').seed
  const child = spawn(process.execPath, [entry, '--nats', bench.server.tcpUrl], {
    env: { ...process.env, WASMCLOUD_HOST_SEED: seed },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(2)
  expect(said).toContain('--host-seed is no seed of a host')
  expect(said).not.toContain(seed)
})

it('[L141] takes no more components than it was told, and does not bid for more', async () => {
  const image = await bench.image('echo')
  const node = await bench.start('narrow', { extra: ['--max-components', '1'] })
  const wide = await bench.start('wide')
  const { peer } = bench
  const bidders = async (id: string): Promise<unknown[]> =>
    (await peer.replies('component.auction', { constraints: {}, component_ref: image, component_id: id }, 2))
      .map(({ response }) => (response as { host_id: string }).host_id)
      .sort()
  const command = `component.scale.${node.hostId}`
  expect(await bidders('one')).toEqual([node.hostId, wide.hostId].sort())
  // Two at once: one of them is too many, whichever is first.
  const events = await peer.during(
    node.hostId,
    () => Promise.all(['one', 'two'].map((id) => peer.ask(command, scale(node.hostId, id, image)))),
    3,
  )
  expect(events.map(({ kind }) => kind).sort()).toEqual([
    'component_scale_failed',
    'component_scaled',
    'component_scaled',
  ])
  const failed = events.find(({ kind }) => kind === 'component_scale_failed')
  expect(failed?.data['error']).toBe('This node takes no more components (--max-components 1)')
  expect(await bidders('three')).toEqual([wide.hostId])

  // The one that runs is scaled as ever, and makes room when it ends.
  const id = String(events.find(({ kind }) => kind === 'component_scaled')?.data['component_id'])
  const more = await peer.during(node.hostId, () => peer.ask(command, scale(node.hostId, id, image, { count: 3 })), 1)
  expect(more.map(({ kind }) => kind)).toEqual(['component_scaled'])
  await peer.during(node.hostId, () => peer.ask(command, scale(node.hostId, id, image, { count: 0 })), 1)
  expect(await bidders('three')).toEqual([node.hostId, wide.hostId].sort())
  await Promise.all([node.stop(), wide.stop()])
})

it('[L141] takes no larger component, and gives each what it was told and no more', async () => {
  const image = await bench.image('echo')
  const { length } = await readFile(componentFile('echo'))
  const { peer } = bench
  const small = await bench.start('small', { extra: ['--max-component-size-bytes', String(length - 1)] })
  const asked = (hostId: string, more: object = {}) =>
    peer.during(hostId, () => peer.ask(`component.scale.${hostId}`, scale(hostId, 'echo', image, more)), 1)
  const [refused] = await asked(small.hostId)
  expect(refused?.kind).toBe('component_scale_failed')
  expect(refused?.data['error']).toMatch(/has [\d.]+ MiB; the most is [\d.]+ MiB/)
  await small.stop()

  const node = await bench.start('tight', {
    extra: ['--max-component-size-bytes', String(length)],
    env: { WASMCLOUD_MAX_EXECUTION_TIME_MS: '4321', WASMCLOUD_MAX_LINEAR_MEMORY: String(48 * 1024 * 1024) },
  })
  const limits = { max_memory_limit: String(2 ** 31), max_execution_time: '3600' }
  const [started] = await asked(node.hostId, { component_limits: limits })
  expect(started?.kind).toBe('component_scaled')
  const subject = `tlos.ctl.v1.default.actor.numbers.${node.hostId}`
  const body = new TextEncoder().encode(JSON.stringify({ componentId: 'echo' }))
  const reply = await peer.connection.request(subject, body, { timeout: 20_000 })
  expect(JSON.stringify(reply.json())).toContain('"memoryBytes":50331648,"callMs":4321,"startMs":4321')
  await node.stop()
})
