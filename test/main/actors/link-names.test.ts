// `wasmcloud:bus/lattice`: a component with several links for one interface chooses among them by name. Real components on a node of a real
// nats-server; the second store is a wRPC server of its own, as a provider is.

import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Link } from '../../../preload/records.js'
import { carriedInterfaces } from '../../../main/wasm/runtime.js'
import { openTestLattice, type TestLattice } from '../../support/test-lattice.js'
import { buildServices } from '../wasm/services.js'

const limit = 60_000
const store = 'wasi:keyvalue/store'

let lattice: TestLattice
/** What the other store was called with: function, key, and the headers by which a provider tells its callers. */
const heard: unknown[] = []

const link = (name: string, target: string): Link => ({
  sourceId: 'chooser',
  target,
  name,
  witNamespace: 'wasi',
  witPackage: 'keyvalue',
  interfaces: ['store'],
  sourceConfig: [],
  targetConfig: [],
})

const get = ['kv-get', 'b', 'k']
const here = [1]
const other = [2]

beforeAll(async () => {
  lattice = await openTestLattice()
  const node = await lattice.addNode('node')
  await lattice.rpc.serve({
    prefix: 'default.other-store',
    queue: 'default.other-store',
    exports: carriedInterfaces,
    handle: ({ fn, params, headers }) => {
      heard.push([fn.name, params[1], headers['source-id'], headers['link-name']])
      return Promise.resolve({ tag: 'ok', val: Uint8Array.from(other) })
    },
  }).ready
  await lattice.start(node, 'chooser', await buildServices())
  await lattice.client.putLink(link('default', 'keyvalue'))
  await lattice.client.putLink(link('cache', 'other-store'))
  await vi.waitUntil(() => node.actors.linksOf('chooser').length === 2, { timeout: 20_000 })
  await lattice.act('chooser', 'kv-set', 'b', 'k', here)
}, limit)

afterAll(async () => {
  await lattice.close()
}, limit)

it.each(['link-name', 'link-name-1'])(
  '[L29] [%s] goes along the link of that name until it is told otherwise, and tells the far side which',
  async (verb) => {
    heard.length = 0
    expect(
      await lattice.act('chooser', 'all', get, [verb, 'cache', store], get, [verb, 'default', store], get),
    ).toEqual([here, null, other, null, here])
    expect(heard).toEqual([['get', 'k', 'chooser', 'cache']])
  },
  limit,
)

it('[L29] has forgotten it in the next call, as on a v1 host', { timeout: limit }, async () => {
  expect(await lattice.act('chooser', 'all', ['link-name', 'cache', store], get)).toEqual([null, other])
  expect(await lattice.act('chooser', ...get)).toEqual(here)
})

it(
  'chooses for the interfaces that it names alone',
  async () => {
    expect(await lattice.act('chooser', 'all', ['link-name-1', 'cache', 'wasi:blobstore/blobstore'], get)).toEqual([
      null,
      here,
    ])
  },
  limit,
)

it(
  'says in 2.0 when there is no such link and changes nothing, and fails in 1.0 when it is used',
  async () => {
    expect(await lattice.act('chooser', 'all', ['link-name', 'none', store], get)).toEqual([
      { err: `interface \`${store}\` does not have an existing link with name \`none\`` },
      here,
    ])
    expect(await lattice.act('chooser', 'all', ['link-name-1', 'none', store], get)).toEqual([
      null,
      { err: `chooser has no link named none for ${store}` },
    ])
  },
  limit,
)

it(
  'refuses a name without end',
  async () => {
    await expect(lattice.act('chooser', 'link-name', 'x'.repeat(256), store)).rejects.toThrow('255 are allowed')
  },
  limit,
)
