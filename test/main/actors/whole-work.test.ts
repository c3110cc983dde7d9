// A move, a start with new grants and other bytes for one actor, at the same time: whole nodes on a real server. Each of them
// holds the gate; the one that comes second is refused, and no call is let in between.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LatticeNode } from '../../../main/lattice-node.js'
import { type Mirror, openMirror } from '../../../main/lattice/mirror.js'
import { nothing } from '../../../main/lattice/protocol/tlos.js'
import { moveActor } from '../../../main/moves.js'
import type { WitFunction, WitType } from '../../../preload/wit.js'
import { snapshotComponent } from '../../support/snapshot-components.js'
import { openTestLattice, type TestLattice } from '../../support/test-lattice.js'

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

let lattice: TestLattice
let mirror: Mirror
let a: LatticeNode
let b: LatticeNode
let bytes: Uint8Array

const call = async (operation: string, key = '', n = 0): Promise<unknown> =>
  JSON.parse(
    String(
      await lattice.rpc.call({
        prefix: 'default.holder',
        instance: '',
        fn: run,
        params: [operation, key, n],
        timeoutMs: 30_000,
      }),
    ),
  )
const move = (from: LatticeNode, to: LatticeNode) =>
  moveActor({ send: from.send, mirror, askedBy: 'test' }, { componentId: 'holder', from: from.host.id, to: to.host.id })

beforeAll(async () => {
  lattice = await openTestLattice()
  bytes = (await snapshotComponent('holder')) ?? new Uint8Array()
  ;[a, b] = await Promise.all([lattice.addNode('a'), lattice.addNode('b')])
  mirror = await openMirror({ transport: lattice.transport, lattice: 'default', embedded: false })
  await lattice.start(a, 'holder', bytes)
}, 300_000)

afterAll(async () => {
  await mirror.close()
  await lattice.close()
}, 60_000)

/** A call that waits so long, and is inside; what it gives is in an array, since a promise of it would be waited for. */
async function callInHand(node: LatticeNode, ms: number): Promise<[Promise<unknown>]> {
  const index = Number(await call('timer', '', ms)) - 1
  const inHand = call('wait', '', index).catch(() => 'failed')
  await expect.poll(() => node.actors.resident('holder')?.actor.gate.inside, { timeout: 20_000 }).toBe(1)
  return [inHand]
}

const stateOf = (node: LatticeNode) => node.actors.resident('holder')?.actor.state

describe('what is done with an actor as a whole', () => {
  it('is not a move while it is started again with new grants, and the other way round', async () => {
    // The start waits for the call in hand, up to its limit, and whoever asks for a move meanwhile comes second.
    const [endless] = await callInHand(a, 3_600_000)
    const renewing = a.renew('holder')
    await expect(move(a, b)).rejects.toThrow('holder is being started again')
    expect(await renewing).toBe(true)
    expect(await endless).toBe('failed')
    // It is whole: calls are answered, and it moves now.
    expect(await call('due')).toEqual([])
    const [inHand] = await callInHand(a, 3_000)
    const moving = move(a, b)
    await expect.poll(() => stateOf(a), { timeout: 20_000 }).toBe('moving')
    await expect(a.actors.renew('holder')).rejects.toThrow('holder is being moved')
    expect(await inHand).not.toBe('failed')
    expect(await moving).toMatchObject({ outcome: 'moved', callsLost: 0, callsTwice: 0 })
    expect(await call('due')).toEqual([true])
  }, 90_000)

  it('is not other bytes, nor a start by hand, while it moves: its memory arrives whole', async () => {
    const spec = b.actors.resident('holder')?.actor.spec
    if (spec === undefined) throw new Error('it is not there')
    const [inHand] = await callInHand(b, 3_000)
    const moving = move(b, a)
    await expect.poll(() => stateOf(b), { timeout: 20_000 }).toBe('moving')
    await expect(b.actors.change('holder', spec, 'new')).rejects.toThrow('holder is being moved')
    await expect(a.send('restart', b.host.id, { componentId: 'holder' }, nothing)).rejects.toThrow(
      'holder is being moved',
    )
    expect(await inHand).not.toBe('failed')
    expect(await moving).toMatchObject({ outcome: 'moved', callsLost: 0 })
    expect(await call('due')).toEqual([true, true])
  }, 90_000)
})
