// wadm's side of the conversation (lattice.md 8.4) with real node processes: an application from its deployment to its
// end, failures in the form that wadm reads, and hosts that come and go.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeProcess } from '../../../support/node-process.js'
import { type Bench, openBench } from './bench.js'
import { type Peer, until } from './peer.js'
import { annotationsOf, echoAfter, eligible, scale, stateFrom, unreadable } from './wadm-side.js'
import { playWadm } from './wadm-script.js'

let bench: Bench
let peer: Peer
let nodes: readonly NodeProcess[]

beforeAll(async () => {
  bench = await openBench()
  peer = bench.peer
  nodes = await Promise.all(
    ['first', 'second'].map((name) => bench.start(name, { labels: { zone: 'a', name }, heartbeatMs: 500 })),
  )
}, 60_000)

afterAll(async () => {
  expect(peer.faults).toEqual([])
  expect(unreadable(peer.everything)).toEqual([])
  await bench.close()
}, 30_000)

/** Until every host of these was heard twice more: the second heartbeat was made after now for certain. */
async function beat(hosts = nodes): Promise<void> {
  const from = peer.heartbeats.length
  const count = (id: string): number => peer.heartbeats.slice(from).filter((event) => event.source === id).length
  await until(
    () => hosts.every((node) => count(node.hostId) >= 2),
    () => 'heartbeats of every host',
  )
}

const spread = { app: 'other', component: 'c', name: 'default', requirements: {} }

describe('wadm and our nodes', () => {
  it('deploys, scales, repeats and undeploys an application', async () => {
    await playWadm({ peer, hosts: nodes.map((node) => node.hostId), ref: await bench.image('echo'), beat })
  }, 120_000)

  it('hears why a component does not start, with what it needs to know its command again', async () => {
    const [node] = nodes
    if (node === undefined) throw new Error('no node')
    const annotations = annotationsOf(spread)
    const ref = `tlos://sha256/${'2'.repeat(64)}`
    const from = peer.everything.length
    const reply = await peer.ask(`component.scale.${node.hostId}`, {
      component_ref: ref,
      component_id: 'other-c',
      count: 1,
      annotations,
      host_id: node.hostId,
    })
    expect(reply).toEqual({ success: true, message: '' })
    const failed = await echoAfter(peer, from, (event) => event.kind === 'component_scale_failed', 'the failure')
    expect(failed.source).toBe(node.hostId)
    expect(failed.data).toMatchObject({ component_id: 'other-c', image_ref: ref, annotations, max_instances: 1 })
  })

  it('hears that a provider cannot start, with the reference of its command', async () => {
    const [node] = nodes
    if (node === undefined) throw new Error('no node')
    const provider_ref = 'file:///nowhere/provider.par.gz'
    const from = peer.everything.length
    const reply = await peer.ask(`provider.start.${node.hostId}`, {
      provider_ref,
      provider_id: 'other-kv',
      annotations: annotationsOf(spread),
      host_id: node.hostId,
      config: [],
    })
    expect(reply).toEqual({ success: true, message: 'successfully started provider' })
    const failed = await echoAfter(peer, from, (event) => event.kind === 'provider_start_failed', 'the failure')
    expect(failed.data).toMatchObject({ provider_ref, provider_id: 'other-kv' })
  })

  it('moves the work to another host when one stops, and knows one that comes back', async () => {
    const [first] = nodes
    if (first === undefined) throw new Error('no node')
    const ref = await bench.image('echo')
    const annotations = annotationsOf({ ...spread, requirements: { zone: 'b' } })
    const stateDir = bench.folder('leaves')
    const leaves = await bench.start('leaves', { labels: { zone: 'b' }, heartbeatMs: 500, stateDir })
    await beat([leaves])
    expect(eligible(peer, { zone: 'b' })).toEqual([leaves.hostId])
    await scale(peer, leaves.hostId, { ref, id: 'other-moves', count: 1, annotations })
    await leaves.stop()
    await until(
      () => eligible(peer, { zone: 'b' }).length === 0,
      () => 'the goodbye',
    )
    expect(stateFrom(peer.everything).has(leaves.hostId)).toBe(false)
    await scale(peer, first.hostId, { ref, id: 'other-moves', count: 1, annotations })
    // What wadm manages is wadm's to start again: the host comes back empty.
    const back = await bench.start('leaves', { labels: { zone: 'b' }, heartbeatMs: 500, stateDir })
    expect(back.hostId).toBe(leaves.hostId)
    await beat([back])
    expect([...(stateFrom(peer.everything).get(back.hostId)?.components.keys() ?? [])]).toEqual([])
    await scale(peer, first.hostId, { ref, id: 'other-moves', count: 0, annotations })
    await back.stop()
  }, 60_000)
})
