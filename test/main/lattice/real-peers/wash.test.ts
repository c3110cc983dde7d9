// The real `wash` against our nodes: every command of its table that touches the bus (lattice.md 9.2), as a person types it.

import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, describe, expect, it, type TestContext } from 'vitest'
import type { NodeProcess } from '../../../support/node-process.js'
import { buildGuest } from '../../wasm/wasi-guest.js'
import { type Bench, openBench } from '../blackbox/bench.js'
import { sayer } from './components.js'
import { findPeer, openRealPeers, patience, record, type RealPeers } from './peers.js'

const limit = 300_000
/** Of commands that wait for an event. */
const patiently = ['--timeout-ms', '120000']
let bench: Bench | undefined
let peers: RealPeers | undefined

afterEach(async () => {
  await peers?.close()
  await bench?.close()
}, 60_000)

interface Scene {
  readonly opened: Bench
  readonly node: NodeProcess
  readonly wash: (...args: readonly string[]) => Promise<string>
  readonly json: (...args: readonly string[]) => Promise<unknown>
}

async function openScene(context: TestContext, name: string, extra: readonly string[] = []): Promise<Scene> {
  const file = findPeer(context, 'wash')
  const opened = (bench = await openBench())
  await record(opened)
  const real = (peers = openRealPeers(opened))
  const node = await opened.start(name, { heartbeatMs: 1_000, extra })
  const wash = (...args: readonly string[]): Promise<string> => real.wash(file, ...args)
  return { opened, node, wash, json: async (...args) => JSON.parse(await wash(...args)) as unknown }
}

describe('the real wash', () => {
  it('lists, inspects, configures, links, labels and stops our node', { timeout: limit }, async (context) => {
    const { opened, node, wash, json } = await openScene(context, 'washed')
    const { peer } = opened
    expect(await wash('get', 'hosts')).toContain(node.hostId)
    expect(await json('get', 'inventory', node.hostId)).toMatchObject({
      inventories: [{ host_id: node.hostId, friendly_name: 'washed', components: [] }],
    })
    // Other commands find a host by a part of its name; this one takes whole keys alone.
    await expect(wash('get', 'inventory', 'washed')).rejects.toThrow(/should be 56 characters/)
    await wash('label', 'wash', 'found=yes')
    expect((await peer.pings(1))[0]?.['labels']).toMatchObject({ found: 'yes' })
    expect(await json('get', 'claims')).toMatchObject({ claims: [] })

    await wash('config', 'put', 'washed', 'a=b', 'c=d e')
    expect(await peer.data('config.get.washed')).toEqual({ a: 'b', c: 'd e' })
    expect(await wash('config', 'get', 'washed')).toContain('d e')

    await wash('secrets', 'put', 'key', 'vault', 'path/of/key', '--property', 'p=q')
    expect(await wash('secrets', 'get', 'key')).toContain('vault')
    await wash('secrets', 'del', 'key')

    const put = ['link', 'put', 'one', 'two', 'wasi', 'keyvalue', '--interface', 'store', '--interface', 'atomics']
    await wash(...put, '--source-config', 'washed')
    expect(await peer.data('link.get')).toMatchObject([
      { source_id: 'one', target: 'two', interfaces: ['store', 'atomics'], source_config: ['washed'] },
    ])
    expect(await wash('link', 'query')).toContain('keyvalue')
    expect(await wash('get', 'links')).toContain('"one"')
    await expect(wash(...put.map((word) => (word === 'two' ? 'three' : word)))).rejects.toThrow(/different target/)
    await wash(...put.map((word) => (word === 'two' ? 'three' : word)), '--link-name', 'second')
    await wash('link', 'del', 'one', 'wasi', 'keyvalue', '--link-name', 'default')
    expect(await peer.data('link.get')).toMatchObject([{ name: 'second', target: 'three' }])
    await wash('link', 'del', '--all', '--force')
    expect(await peer.data('link.get')).toEqual([])

    await wash('label', node.hostId, 'room=7')
    expect((await peer.pings(1))[0]?.['labels']).toMatchObject({ room: '7' })
    await wash('label', node.hostId, 'room', '--delete')
    expect((await peer.pings(1))[0]?.['labels']).not.toHaveProperty('room')

    await wash('config', 'del', 'washed')
    await wash('stop', 'host', node.hostId)
    expect(await node.exited).toBe(0)
    expect(peer.faults).toEqual([])
  })

  it('starts, calls, scales, updates and stops a component on our node', { timeout: limit }, async (context) => {
    const { opened, node, wash, json } = await openScene(context, 'host', ['--allow-file-load'])
    const { peer } = opened
    const file = path.join(opened.folder('.'), 'sayer.wasm')
    await writeFile(file, await sayer('hello'))
    const other = await opened.putImage(await sayer('goodbye'))
    const call = ['call', 'sayer', 'demo:words/words@0.1.0.say']

    // By an auction, as a person leaves it to the lattice.
    expect(await wash('start', 'component', file, 'sayer', ...patiently)).toContain('started on host')
    expect(await json(...call)).toMatchObject({ result: 'hello' })
    await wash('scale', 'component', node.hostId, `file://${file}`, 'sayer', '--max-instances', '7', ...patiently)
    const running = async (): Promise<unknown> =>
      ((await peer.data(`host.get.${node.hostId}`)) as { components: unknown }).components
    expect(await running()).toMatchObject([{ id: 'sayer', max_instances: 7, image_ref: `file://${file}` }])
    expect(await json('get', 'inventory')).toMatchObject({ inventories: [{ components: [{ id: 'sayer' }] }] })

    await wash('update', 'component', 'sayer', other)
    await expect.poll(() => json(...call).catch(String), patience).toMatchObject({ result: 'goodbye' })
    expect(await running()).toMatchObject([{ id: 'sayer', max_instances: 7, image_ref: other }])
    await wash('stop', 'component', 'sayer')
    expect(await running()).toEqual([])
    // Its words for whatever went wrong, also for "nobody is there".
    await expect(wash(...call)).rejects.toThrow(/is component \[sayer\] running/)
    await expect(wash('start', 'component', '/nowhere/at.wasm', 'none', ...patiently)).rejects.toThrow()
    expect(peer.faults).toEqual([])
  })

  it('asks a component over HTTP', { timeout: limit }, async (context) => {
    const { opened, wash, json } = await openScene(context, 'host')
    const ref = await opened.putImage(await buildGuest('web'))
    await wash('start', 'component', ref, 'web', ...patiently)
    const words = ['--http-method', 'POST', '--http-body', 'abc', '--http-content-type', 'text/plain']
    const answer = await json('call', 'web', 'wasi:http/incoming-handler.handle', ...words)
    expect(answer).toMatchObject({ response: { status: 201 } })
    expect(JSON.stringify(answer)).toContain('abc')
    expect(opened.peer.faults).toEqual([])
  })

  it('starts and stops a provider on our node', { timeout: limit }, async (context) => {
    const ref = 'wasmcloud+builtin://messaging-nats'
    const { opened, node, wash } = await openScene(context, 'host', ['--allow-provider', ref])
    // wash waits for a reference that it strips of `file://` alone, so for a builtin one it cannot know the event.
    await wash('start', 'provider', ref, 'broker', '--host-id', node.hostId, '--skip-wait')
    const running = async (): Promise<unknown> =>
      ((await opened.peer.data(`host.get.${node.hostId}`)) as { providers: unknown }).providers
    await expect
      .poll(running, patience)
      .toContainEqual(expect.objectContaining({ id: 'broker', image_ref: 'messaging-nats' }))
    await wash('stop', 'provider', 'broker')
    expect(await running()).not.toContainEqual(expect.objectContaining({ id: 'broker' }))
    expect(opened.peer.faults).toEqual([])
  })
})
