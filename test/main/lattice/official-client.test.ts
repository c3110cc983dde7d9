// The official TypeScript client (`@wasmcloud/lattice-client-core` 0.2.3, the last on npm) against a lattice of whole tLOS
// nodes over WebSocket: every call of its API that needs no wadm. Where that client is wrong in itself the test says how,
// and that nodes answer it as a wasmCloud 1.9 host does.

import {
  LatticeClient,
  type LatticeEvent,
  canConnect,
  getCombinedInventoryFromHosts,
} from '@wasmcloud/lattice-client-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import WebSocket from 'ws'
import type { LatticeNode } from '../../../main/lattice-node.js'
import { openImages } from '../../../main/lattice/images.js'
import { openTestLattice, type TestLattice } from '../../support/test-lattice.js'
import { readWat } from '../wasm/wat.js'

const patience = { timeout: 20_000 }
let lattice: TestLattice
let north: LatticeNode
let south: LatticeNode
let client: LatticeClient
let firstRef: string
let secondRef: string
const heard: LatticeEvent[] = []

beforeAll(async () => {
  // The client takes the browser's.
  Object.assign(globalThis, { WebSocket })
  lattice = await openTestLattice()
  north = await lattice.addNode('north')
  south = await lattice.addNode('south')
  const images = openImages({
    transport: lattice.transport,
    lattice: 'default',
    cacheDir: lattice.folder,
    allowFiles: false,
  })
  firstRef = await images.put(await readWat('works'))
  secondRef = await images.put(await readWat('relay'))
  client = new LatticeClient({ config: { latticeUrl: lattice.server.wsUrl } })
  client.instance.subscribe('wasmbus.evt.default.>', (event) => heard.push(event))
  // It does not say when it listens.
  const isListening = (): boolean => {
    lattice.transport.publish('wasmbus.evt.default.probe', new TextEncoder().encode('{"type":"probe"}'))
    return heard.length > 0
  }
  await vi.waitUntil(isListening, patience)
}, 120_000)

afterAll(async () => {
  await client.instance.disconnect()
  await lattice.close()
}, 60_000)

const eventsOf = (type: string): readonly LatticeEvent[] =>
  heard.filter((event) => String(event.type) === `com.wasmcloud.lattice.${type}`)
const accepted = { success: true }
const scale = (id: string, ref: string, more: object = {}) =>
  client.components.scale({
    host_id: north.host.id,
    component_id: id,
    component_ref: ref,
    max_instances: 1,
    annotations: { by: 'official' },
    config: [],
    ...more,
  })

it('can connect, and say that it cannot', async () => {
  expect(await canConnect(lattice.server.wsUrl)).toBe(true)
  expect(await canConnect('ws://127.0.0.1:1')).toBe(false)
  expect(client.instance.config).toMatchObject({ ctlTopic: 'wasmbus.ctl.v1.default' })
})

it('gets the inventory of a host, and puts and deletes labels', async () => {
  const inventory = await client.hosts.get(north.host.id)
  expect(inventory).toMatchObject({
    success: true,
    response: { host_id: north.host.id, friendly_name: 'north', components: [], version: '0.0.0' },
  })
  expect(inventory.response.uptime_human).toEqual(expect.any(String))
  expect(await client.hosts.putLabel(north.host.id, 'room', '7')).toMatchObject(accepted)
  expect((await client.hosts.get(north.host.id)).response.labels).toMatchObject({ room: '7' })
  expect(await client.hosts.deleteLabel(north.host.id, 'room')).toMatchObject(accepted)
  expect((await client.hosts.get(north.host.id)).response.labels).not.toHaveProperty('room')
  await expect.poll(() => eventsOf('labels_changed').length, patience).toBeGreaterThanOrEqual(2)
})

it('lists hosts only from the state that wadm keeps, and fails without wadm', async () => {
  await expect(client.hosts.list({ expand: false })).rejects.toThrow()
})

it('sends a raw request, so that it can ping after all', async () => {
  const reply = await client.instance.request<unknown>('wasmbus.ctl.v1.default.host.ping')
  expect(reply).toMatchObject({
    success: true,
    response: { lattice: 'default', friendly_name: expect.stringMatching(/north|south/) as string },
  })
})

it('scales with `max_instances`, which hosts do not read: to 0 as it is, to what was meant with `count` beside it', async () => {
  // Accepted, and nothing is started: a wasmCloud 1.9 host takes a missing `count` for 0 too.
  expect(await scale('works', firstRef)).toMatchObject(accepted)
  await expect.poll(() => eventsOf('component_scaled').length, patience).toBe(1)
  expect(eventsOf('component_scaled')[0]).toMatchObject({ data: { component_id: 'works', max_instances: 0 } })
  expect(await scale('works', firstRef, { count: 3 })).toMatchObject(accepted)
  await expect
    .poll(async () => (await client.hosts.get(north.host.id)).response.components, patience)
    .toMatchObject([{ id: 'works', image_ref: firstRef, max_instances: 3, annotations: { by: 'official' } }])
})

it('updates a component to other bytes', async () => {
  const update = { host_id: north.host.id, component_id: 'works', new_component_ref: secondRef, annotations: {} }
  expect(await client.components.update(update)).toMatchObject(accepted)
  await expect
    .poll(async () => (await client.hosts.get(north.host.id)).response.components, patience)
    .toMatchObject([{ id: 'works', image_ref: secondRef }])
  expect(await client.components.update({ ...update, component_id: 'nobody' })).toMatchObject({ success: false })
})

it('hears that a start failed', async () => {
  expect(await scale('bad', 'tlos://sha256/nothing', { count: 1 })).toMatchObject(accepted)
  await expect.poll(() => eventsOf('component_scale_failed').length, patience).toBe(1)
  expect(eventsOf('component_scale_failed')[0]).toMatchObject({
    source: north.host.id,
    data: { component_id: 'bad', error: expect.any(String) as string },
  })
})

it('merges inventories by their place in the list, so that it sees one component where there are two', async () => {
  expect(await scale('other', firstRef, { host_id: south.host.id, count: 1 })).toMatchObject(accepted)
  const inventories = await expect
    .poll(async () => (await client.hosts.get(south.host.id)).response.components.length, patience)
    .toBe(1)
    .then(() => Promise.all([client.hosts.get(north.host.id), client.hosts.get(south.host.id)]))
  const combined = getCombinedInventoryFromHosts(
    Object.fromEntries(inventories.map(({ response }) => [response.host_id, response])),
  )
  expect(Object.values(combined.components)).toMatchObject([{ id: 'works', instances: [north.host.id, south.host.id] }])
})

it('puts, lists and deletes links; it names the link of a deletion by a key that hosts do not read', async () => {
  const link = { source_id: 'works', target: 'other', wit_namespace: 'tlos', wit_package: 'test', interfaces: ['run'] }
  expect(await client.links.put(link)).toMatchObject(accepted)
  expect(await client.links.put({ ...link, name: 'second' })).toMatchObject(accepted)
  expect((await client.links.list()).response).toHaveLength(2)
  const { source_id, wit_namespace, wit_package } = link
  // Meant is `second`; without `name` a host takes `default`.
  expect(await client.links.delete({ source_id, wit_namespace, wit_package, link_name: 'second' })).toMatchObject(
    accepted,
  )
  expect((await client.links.list()).response).toMatchObject([{ name: 'second' }])
  const rest = { source_id, wit_namespace, wit_package, name: 'second' }
  expect(await client.links.delete(rest)).toMatchObject(accepted)
  expect((await client.links.list()).response).toEqual([])
  await expect.poll(() => eventsOf('linkdef_deleted').length, patience).toBe(2)
  expect(eventsOf('linkdef_set')).toHaveLength(2)
})

it('puts, gets, lists and deletes configurations', async () => {
  expect(await client.configs.put('colours', { sky: 'blue' })).toMatchObject(accepted)
  expect(await client.configs.get('colours')).toMatchObject({ success: true, response: { sky: 'blue' } })
  expect(await client.configs.list({ expand: false })).toMatchObject({ success: true, response: ['colours'] })
  expect(await client.configs.list({ expand: true })).toMatchObject({
    response: [{ name: 'colours', entries: { sky: 'blue' } }],
  })
  expect(await client.configs.delete('colours')).toMatchObject(accepted)
  expect(await client.configs.get('colours')).not.toHaveProperty('response')
  await expect.poll(() => eventsOf('config_deleted').length, patience).toBe(1)
  expect(await client.configs.list({ expand: false })).toMatchObject({ response: [] })
})

it('starts providers on a subject without a host, where nobody listens, and is told no for one that does not run', async () => {
  const provider = {
    host_id: north.host.id,
    provider_id: 'p',
    provider_ref: 'ghcr.io/x/y:1',
    annotations: {},
    config: [],
  }
  await expect(client.providers.start(provider)).rejects.toMatchObject({ code: '503' })
  expect(await client.providers.stop({ host_id: north.host.id, provider_id: 'p' })).toMatchObject({ success: false })
})

it('goes on after it was told to reconnect elsewhere and back', async () => {
  expect((await client.hosts.get(north.host.id)).success).toBe(true)
  const second = new LatticeClient({ config: { latticeUrl: lattice.server.wsUrl, retryCount: 100 } })
  expect((await second.hosts.get(south.host.id)).success).toBe(true)
  await second.instance.disconnect()
})

it('stops a host, which says goodbye', async () => {
  let askedToStop = false
  south.host.onStopRequested(() => (askedToStop = true))
  expect(await client.hosts.stop(south.host.id)).toMatchObject(accepted)
  await expect.poll(() => askedToStop, patience).toBe(true)
  await south.host.close()
  await expect.poll(() => eventsOf('host_stopped').length, patience).toBe(1)
})
