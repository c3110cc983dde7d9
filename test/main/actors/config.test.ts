// A configuration of the lattice as a component on the node that acknowledged it reads it: a real nats-server, a whole node.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestLattice, type TestLattice } from '../../support/test-lattice.js'
import { buildServices } from '../wasm/services.js'

const limit = 60_000
let lattice: TestLattice

beforeAll(async () => {
  lattice = await openTestLattice()
  const node = await lattice.addNode('one')
  await lattice.client.putConfig('settings', { at: '0' })
  await lattice.start(node, 'reader', await buildServices(), ['settings'])
}, limit)
afterAll(async () => {
  await lattice.close()
}, limit)

const read = async (): Promise<unknown> => ((await lattice.act('reader', 'config', 'at')) as unknown[])[0]

it(
  'is never an older one once a change was acknowledged',
  async () => {
    for (let at = 1; at <= 30; at += 1) {
      // What the store tells of the first must not take the place of the second.
      await lattice.client.putConfig('settings', { at: `${at} first` })
      await lattice.client.putConfig('settings', { at: String(at) })
      expect(await read()).toBe(String(at))
    }
  },
  limit,
)

it(
  'is nothing once it was deleted, and what it was not named for changes nothing',
  async () => {
    await lattice.client.putConfig('others', { at: 'of others' })
    await lattice.client.deleteConfig('settings')
    expect(await read()).toBeNull()
    await lattice.client.putConfig('settings', { at: 'again' })
    expect(await read()).toBe('again')
  },
  limit,
)
