// Resources between components on nodes of a real nats-server: along links on one node and across nodes, for callers that
// are no node, and with an actor that moves.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Offer } from '../../../main/lattice/protocol/tlos.js'
import { createSendCommand, type SendCommand } from '../../../main/actors/commands.js'
import { isHostThere } from '../../../main/lattice/presence.js'
import { moveActor } from '../../../main/moves.js'
import { type Mirror, openMirror } from '../../../main/lattice/mirror.js'
import type { LatticeNode } from '../../../main/lattice-node.js'
import { dropFunction, findWitFunction, type WitWorld } from '../../../preload/wit.js'
import { decodeComponent } from '../../../main/wasm/decode-component.js'
import { openTestLattice, type TestLattice } from '../../support/test-lattice.js'
import { failureOf } from '../wasm/open-test-runtime.js'
import { readWat } from '../wasm/wat.js'

const limit = 90_000
const coins = 'demo:mint/coins@0.1.0'
const purse = 'demo:wallet/purse@0.1.0'
const dropCoin = dropFunction(coins, 'coin').name

let lattice: TestLattice
let first: LatticeNode
let second: LatticeNode
let mirror: Mirror
let send: SendCommand
const worlds = new Map<string, WitWorld>()

function worldOf(bytes: Uint8Array): WitWorld {
  const decoded = decodeComponent(bytes)
  if (!decoded.ok) throw new Error(decoded.reason)
  return decoded.value.world
}

/** As a client of the bus that is no node. */
function call(componentId: string, instance: string, name: string, ...params: readonly unknown[]): Promise<unknown> {
  const world = worlds.get(instance)
  const fn = world === undefined ? undefined : findWitFunction(world.exports, instance, name)
  if (fn === undefined) throw new Error(`${instance} has no ${name}`)
  return lattice.rpc.call({ prefix: `default.${componentId}`, instance, fn, params, timeoutMs: 30_000 })
}

const givenBy = (node: LatticeNode, id: string): number | undefined =>
  node.actors.resident(id)?.actor.instances.givenCount

const linkTo = async (node: LatticeNode, sourceId: string, target: string): Promise<void> => {
  await lattice.client.putLink({
    sourceId,
    target,
    name: 'default',
    witNamespace: 'demo',
    witPackage: 'mint',
    interfaces: ['coins'],
    sourceConfig: [],
    targetConfig: [],
  })
  await vi.waitFor(() => expect(node.actors.linksOf(sourceId).map((link) => link.target)).toContain(target), 20_000)
}

beforeAll(async () => {
  lattice = await openTestLattice()
  first = await lattice.addNode('first')
  second = await lattice.addNode('second')
  const mint = await readWat('coins')
  const wallet = await readWat('wallet')
  worlds.set(coins, worldOf(mint))
  worlds.set(purse, worldOf(wallet))
  await lattice.start(first, 'mint', mint)
  await lattice.start(first, 'near', wallet)
  await lattice.start(second, 'far', wallet)
  await linkTo(first, 'near', 'mint')
  await linkTo(second, 'far', 'mint')
  mirror = await openMirror({ transport: lattice.transport, lattice: 'default', embedded: false })
  send = createSendCommand(lattice.transport, 'default', (hostId) => isHostThere(lattice.transport, 'default', hostId))
}, limit)

afterAll(async () => {
  await mirror.close()
  await lattice.close()
}, limit)

describe('[W37] Handles over the bus', () => {
  it('[W2, W39] make, use, give away and drop a resource, as constructor, method, static and drop', async () => {
    const a = (await call('mint', coins, '[constructor]coin', 5)) as Uint8Array
    const [b, c] = (await call('mint', coins, 'roll', 2)) as Uint8Array[]
    expect([a.length, b?.length]).toEqual([16, 16])
    expect(await call('mint', coins, '[method]coin.value', a)).toBe(5)
    expect(await call('mint', coins, 'total', [a, b, c])).toBe(8)
    const sum = (await call('mint', coins, '[static]coin.melt', a, b)) as Uint8Array
    expect(await call('mint', coins, '[method]coin.value', sum)).toBe(6)
    expect(await call('mint', coins, 'try', 0)).toEqual({ tag: 'err', val: undefined })
    const before = givenBy(first, 'mint')
    for (const each of [b, c, sum]) await call('mint', coins, dropCoin, each)
    expect([before, givenBy(first, 'mint')]).toEqual([3, 0])
  })

  it('[W30] say what is wrong with one that is not known, with its code', async () => {
    const handle = (await call('mint', coins, '[constructor]coin', 5)) as Uint8Array
    await call('mint', coins, dropCoin, handle)
    for (const wrong of [handle, new Uint8Array(16), new Uint8Array(3), new Uint8Array(0), new Uint8Array(5_000)]) {
      const failure = await failureOf(call('mint', coins, '[method]coin.value', wrong))
      expect(failure.code).toBe('not-found')
      expect(failure.message).toContain('a resource of mint cannot be used')
    }
    expect((await failureOf(call('mint', coins, dropCoin, handle))).message).toContain('its handle was given back')
  })
})

describe.each([
  ['on one node', 'near', () => first],
  ['across two nodes', 'far', () => second],
])('A component that is linked to the maker of a resource, %s', (_where, id, node) => {
  it('makes, uses, lends, gives away and drops what the other makes', async () => {
    expect([
      await call(id, purse, 'add', 5),
      await call(id, purse, 'fill', 3),
      await call(id, purse, 'beg', 9),
    ]).toEqual([1, 4, 1])
    expect(await call(id, purse, 'sum')).toBe(5 + 1 + 2 + 3 + 9)
    expect([await call(id, purse, 'melt'), await call(id, purse, 'sum')]).toEqual([5, 5 + 1 + 2 + 3 + 12])
    expect(await call(id, purse, 'spend')).toBe(4)
    await expect.poll(() => givenBy(first, 'mint'), { timeout: 20_000 }).toBe(4)
    // What it hands on is good for whoever gets it, with the maker itself as well.
    const coin = (await call(id, purse, 'give')) as Uint8Array
    expect(await call('mint', coins, '[method]coin.value', coin)).toBe(3)
    expect(await call(id, purse, 'look', coin)).toBe(3)
    expect(await call(id, purse, 'take', coin)).toBe(4)
  })

  it('has what it held given back when it is stopped', async () => {
    expect(givenBy(first, 'mint')).toBe(4)
    await node().actors.stop(id)
    await expect.poll(() => givenBy(first, 'mint'), { timeout: 20_000 }).toBe(0)
    expect(await call('mint', coins, 'alive')).toBe(0)
  })
})

describe('An actor that runs on two nodes', () => {
  it(
    '[W37] is reached at the one that gave a handle out, wherever the bus brings a call to',
    async () => {
      const bytes = await readWat('coins')
      await lattice.start(first, 'wide', bytes)
      await lattice.start(second, 'wide', bytes)
      const made: Uint8Array[] = []
      // Which node makes one is the bus's choice; both will have had their turn.
      for (let turn = 0; turn < 200 && !(givenBy(first, 'wide') && givenBy(second, 'wide')); turn += 1) {
        made.push((await call('wide', coins, '[constructor]coin', turn + 1)) as Uint8Array)
      }
      expect([givenBy(first, 'wide'), givenBy(second, 'wide')]).not.toContain(0)
      for (let turn = 0; turn < 5; turn += 1) {
        const values = await Promise.all(made.map((coin) => call('wide', coins, '[method]coin.value', coin)))
        expect(values).toEqual(made.map((_coin, index) => index + 1))
      }
      await Promise.all(made.map((coin) => call('wide', coins, dropCoin, coin)))
      expect([givenBy(first, 'wide'), givenBy(second, 'wide')]).toEqual([0, 0])
      expect((await failureOf(call('wide', coins, '[method]coin.value', made[0]))).code).toBe('not-found')
      expect((await failureOf(call('wide', coins, '[method]coin.value', new Uint8Array(16)))).code).toBe('not-found')
      await Promise.all([first.actors.stop('wide'), second.actors.stop('wide')])
    },
    limit,
  )
})

describe('A move', () => {
  const move = (id: string, from: LatticeNode, to: LatticeNode) =>
    moveActor({ send, mirror, askedBy: 'test' }, { componentId: id, from: from.host.id, to: to.host.id })

  it(
    '[M8b] takes the handles along where memory is copied: who holds one goes on with it',
    async () => {
      await lattice.start(first, 'mover', await readWat('coins'))
      const coin = (await call('mover', coins, '[constructor]coin', 8)) as Uint8Array
      const spent = (await call('mover', coins, '[constructor]coin', 1)) as Uint8Array
      await call('mover', coins, dropCoin, spent)
      const receipt = await move('mover', first, second)
      expect([receipt.outcome, receipt.stateKind, receipt.reason]).toEqual(['moved', 'snapshot', undefined])
      expect([givenBy(second, 'mover'), first.actors.resident('mover')]).toEqual([1, undefined])
      expect(await call('mover', coins, '[method]coin.value', coin)).toBe(8)
      expect((await failureOf(call('mover', coins, '[method]coin.value', spent))).code).toBe('not-found')
      await call('mover', coins, dropCoin, coin)
      expect([await call('mover', coins, 'alive'), await call('mover', coins, 'dead')]).toEqual([0, 2])
    },
    limit,
  )

  it(
    '[M8b] takes along what the actor holds of others, which stays out',
    async () => {
      await lattice.start(first, 'keeper', await readWat('wallet'))
      await linkTo(first, 'keeper', 'mint')
      await call('keeper', purse, 'fill', 3)
      expect((await move('keeper', first, second)).outcome).toBe('moved')
      expect(await call('keeper', purse, 'sum')).toBe(6)
      expect(await call('keeper', purse, 'spend')).toBe(2)
      await expect.poll(() => givenBy(first, 'mint'), { timeout: 20_000 }).toBe(2)
      await second.actors.stop('keeper')
      await expect.poll(() => givenBy(first, 'mint'), { timeout: 20_000 }).toBe(0)
    },
    limit,
  )

  it(
    'is refused in words while handles would be lost, and is possible once they are given back',
    async () => {
      const bytes = await readWat('coins')
      await lattice.start(first, 'stateless', bytes)
      const resident = first.actors.resident('stateless')
      if (resident === undefined) throw new Error('it does not run')
      // Of many instances none is the actor, so nothing is copied.
      await first.actors.change('stateless', { ...resident.actor.spec, maxInstances: 2 }, 'same')
      const coin = (await call('stateless', coins, '[constructor]coin', 8)) as Uint8Array
      const offer = await send('profile', first.host.id, { componentId: 'stateless' }, Offer)
      expect([offer.stateKind, offer.handles]).toEqual(['none', 1])
      const failure = await failureOf(move('stateless', first, second))
      expect(failure.message).toContain('a resource that it gave out would be lost for whoever holds it')
      expect(await call('stateless', coins, '[method]coin.value', coin)).toBe(8)
      await call('stateless', coins, dropCoin, coin)
      expect((await move('stateless', first, second)).outcome).toBe('moved')
    },
    limit,
  )
})
