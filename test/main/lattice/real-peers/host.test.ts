// Real hosts of wasmCloud v1 in the place of ours and beside ours: the same conversations, our client and mirror against them,
// and calls between components of both.

import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, describe, expect, it, type TestContext } from 'vitest'
import { encodeHostData } from '../../../../main/lattice/protocol/host-data.js'
import { createClient, type LatticeClient } from '../../../../main/lattice/client.js'
import { type Mirror, openMirror } from '../../../../main/lattice/mirror.js'
import { openRpc } from '../../../../main/lattice/rpc.js'
import type { Rpc } from '../../../../main/lattice/rpc-types.js'
import { openTransport } from '../../../../main/nats/connection.js'
import type { Transport } from '../../../../main/nats/transport.js'
import { decodeComponent } from '../../../../main/wasm/decode-component.js'
import type { Link } from '../../../../preload/records.js'
import type { WitFunction } from '../../../../preload/wit.js'
import type { NodeProcess } from '../../../support/node-process.js'
import { thisTarget } from '../../../support/provider-archive.js'
import { sampleHostData, shapeOf } from '../golden-shapes.js'
import { createRandom } from '../../wasm/random.js'
import { randomValue } from '../../wasm/random-values.js'
import { readWat } from '../../wasm/wat.js'
import { type Bench, openBench } from '../blackbox/bench.js'
import { type Peer, until } from '../blackbox/peer.js'
import { playWadm } from '../blackbox/wadm-script.js'
import { doubler, mirrorInInterface, passer, sayer } from './components.js'
import { findPeer, openRealPeers, patience, record, type RealPeers } from './peers.js'

const limit = 400_000
const seed = 40_027

interface Scene {
  readonly opened: Bench
  readonly real: RealPeers
  readonly file: string
  readonly host: string
  readonly ours: NodeProcess
  readonly transport: Transport
  readonly client: LatticeClient
  readonly mirror: Mirror
  readonly rpc: Rpc
  /** Writes a component where both kinds of hosts can load it. */
  put(name: string, bytes: Uint8Array): Promise<string>
}

const closing: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const close of closing.reverse()) await close()
}, 60_000)

let scene: Promise<Scene> | undefined

/** One real host and one of ours, the same for all tests that ask. */
function openScene(context: TestContext): Promise<Scene> {
  const file = findPeer(context, 'wasmcloud_host', 'wasmcloud')
  scene ??= (async () => {
    const opened = await openBench()
    await record(opened)
    const real = openRealPeers(opened)
    closing.push(opened.close, real.close)
    const host = await real.startHost(file, { WASMCLOUD_LABEL_zone: 'a' })
    const extra = ['--allow-file-load']
    const ours = await opened.start('ours', { heartbeatMs: 1_000, labels: { zone: 'a' }, extra })
    const transport = await openTransport({ servers: opened.server.tcpUrl })
    closing.push(() => transport.close())
    const rpc = openRpc(transport)
    const mirror = await openMirror({ transport, lattice: 'default', embedded: false })
    closing.push(
      () => mirror.close(),
      () => Promise.resolve(rpc.close()),
    )
    const client = createClient({ transport, lattice: 'default', requestMs: 20_000, windowMs: 4_000 })
    return {
      opened,
      real,
      file,
      host,
      ours,
      transport,
      client,
      mirror,
      rpc,
      async put(name, bytes) {
        const where = path.join(opened.folder('.'), `${name}.wasm`)
        await writeFile(where, bytes)
        return `file://${where}`
      },
    }
  })()
  return scene
}

const linkTo = (sourceId: string, target: string, witPackage: string, name: string): Link => ({
  sourceId,
  target,
  name: 'default',
  witNamespace: 'demo',
  witPackage,
  interfaces: [name],
  sourceConfig: [],
  targetConfig: [],
})

const say: WitFunction = { name: 'say', params: [], result: { kind: 'string' } }
const twice: WitFunction = { name: 'twice', params: [{ name: 'n', type: { kind: 'u32' } }], result: { kind: 'u32' } }
const start = (client: LatticeClient, hostId: string, componentId: string, imageRef: string, count = 4) =>
  client.scale(hostId, { componentId, imageRef, count, limitMs: 180_000 })

async function beatOf(peer: Peer, hosts: readonly string[]): Promise<void> {
  const from = peer.heartbeats.length
  const count = (id: string): number => peer.heartbeats.slice(from).filter((event) => event.source === id).length
  await until(
    () => hosts.every((id) => count(id) >= 2),
    () => 'heartbeats of every host',
  )
}

describe('a real host beside ours', () => {
  it('is steered and shown by our shell', { timeout: limit }, async (context) => {
    const { client, mirror, host, ours, put, opened, rpc } = await openScene(context)
    const ref = await put('hello', await sayer('hello'))
    const shown = (id: string) =>
      Object.values(mirror.state().components).find((each) => each.id === id && String(each.hostId) === host)

    expect((await client.ping()).map(({ id }) => id).sort()).toEqual([host, ours.hostId].sort())
    await expect.poll(() => mirror.state().hosts[host]?.liveness, patience).toBe('fresh')
    expect(mirror.state().hosts[host]).toMatchObject({ kind: 'wasmcloud', labels: { zone: 'a' } })
    expect((await client.auctionComponent(ref, 'steered', { zone: 'a' })).sort()).toEqual([host, ours.hostId].sort())
    expect(await client.auctionComponent(ref, 'steered', { zone: 'b' })).toEqual([])

    await client.putConfig('steered', { a: 'b' })
    await client.scale(host, {
      componentId: 'steered',
      imageRef: ref,
      count: 3,
      annotations: { who: 'shell' },
      config: ['steered'],
      limitMs: 180_000,
    })
    await expect
      .poll(() => shown('steered'), patience)
      .toMatchObject({ maxInstances: 3, imageRef: ref, annotations: { who: 'shell' } })
    expect((await client.inventory(host)).components).toMatchObject([{ id: 'steered', maxInstances: 3 }])
    await start(client, host, 'steered', ref, 9)
    await expect.poll(() => shown('steered')?.maxInstances, patience).toBe(9)
    const says = (): Promise<unknown> =>
      rpc.call({ prefix: 'default.steered', instance: 'demo:words/words@0.1.0', fn: say, params: [] })
    expect(await says()).toBe('hello')
    const other = await put('goodbye', await sayer('goodbye'))
    await client.update(host, 'steered', other, {}, 180_000)
    await expect.poll(() => shown('steered')?.imageRef, patience).toBe(other)
    expect(await says()).toBe('goodbye')
    await client.stop(host, 'steered', 60_000)
    await expect.poll(() => shown('steered'), patience).toBeUndefined()
    await expect.poll(() => says().catch(String), patience).toMatch(/nobody|not running|does not/i)

    await expect(start(client, host, 'none', 'file:///nowhere/at.wasm')).rejects.toMatchObject({ code: 'refused' })
    await expect(start(client, host, 'none', 'not a reference at all')).rejects.toMatchObject({ code: 'refused' })
    await client.putLabel(host, 'room', '7')
    await expect.poll(() => mirror.state().hosts[host]?.labels['room'], patience).toBe('7')
    await client.deleteLabel(host, 'room')
    await expect.poll(() => mirror.state().hosts[host]?.labels['room'], patience).toBeUndefined()
    await client.deleteConfig('steered')
    expect(await client.getConfig('steered')).toBeUndefined()
    expect([...mirror.junk()]).toEqual([])
    expect(opened.peer.faults).toEqual([])
  })

  it('calls ours and is called by ours, and links reach both', { timeout: limit }, async (context) => {
    const { client, host, ours, put, rpc } = await openScene(context)
    const far = await put('doubler', await doubler())
    const relay = await put('relay', await readWat('relay'))
    for (const [relayOn, farOn, name] of [
      [ours.hostId, host, 'out'],
      [host, ours.hostId, 'in'],
    ] as const) {
      await start(client, farOn, `far-${name}`, far)
      await start(client, relayOn, `relay-${name}`, relay)
      const ask = (): Promise<unknown> =>
        rpc
          .call({ prefix: `default.relay-${name}`, instance: 'demo:near/numbers@0.1.0', fn: twice, params: [5] })
          .catch(String)
      expect([name, await ask()]).toEqual([name, expect.any(String)])
      await client.putLink(linkTo(`relay-${name}`, `far-${name}`, 'far', 'numbers'))
      await expect.poll(ask, patience).toBe(20)
      const all = await Promise.all(Array.from({ length: 32 }, () => again(ask)))
      expect(all).toEqual(all.map(() => 20))
      await client.deleteLink(linkTo(`relay-${name}`, `far-${name}`, 'far', 'numbers'))
      await expect.poll(ask, patience).toEqual(expect.any(String))
      await client.stop(relayOn, `relay-${name}`, 60_000)
      await client.stop(farOn, `far-${name}`, 60_000)
    }
  })

  it(`takes and gives values of every type (seed ${seed})`, { timeout: limit }, async (context) => {
    const { client, host, ours, put, rpc } = await openScene(context)
    const mirrorBytes = await mirrorInInterface()
    const decoded = decodeComponent(mirrorBytes)
    if (!decoded.ok) throw new Error(decoded.reason)
    const functions = decoded.value.world.exports[0]?.functions ?? []
    const ref = await put('mirror', mirrorBytes)
    const pass = await put('passer', await passer())
    await start(client, host, 'mirror-there', ref)
    await start(client, ours.hostId, 'mirror-here', ref)
    await start(client, host, 'pass-there', pass)
    await start(client, ours.hostId, 'pass-here', pass)
    await client.putLink(linkTo('pass-there', 'mirror-here', 'mirror', 'io'))
    await client.putLink(linkTo('pass-here', 'mirror-there', 'mirror', 'io'))
    const random = createRandom(seed)
    const wrong: string[] = []
    for (const fn of functions) {
      const type = fn.params[0]?.type
      if (type === undefined) throw new Error(`${fn.name} takes nothing`)
      for (let n = 0; n < 8; n += 1) {
        const value = randomValue(random, type)
        for (const [prefix, instance] of [
          ['mirror-there', 'demo:mirror/io@0.1.0'],
          ['pass-there', 'demo:pass/io@0.1.0'],
          ['pass-here', 'demo:pass/io@0.1.0'],
        ] as const) {
          const call = { prefix: `default.${prefix}`, instance, fn, params: [value], timeoutMs: 30_000 }
          const got = await again(() => rpc.call(call).catch(String))
          if (!isDeepStrictEqual(whole(got), whole(value)))
            wrong.push(`${prefix} ${fn.name}: ${show(value)} came back as ${show(got)}`)
        }
      }
    }
    expect(wrong).toEqual([])
  })

  it('takes over what runs here and gives it back while it is called', { timeout: limit }, async (context) => {
    const { client, host, ours, put, rpc } = await openScene(context)
    const ref = await put('doubler', await doubler())
    const double: WitFunction = { ...twice, name: 'double' }
    await start(client, ours.hostId, 'moved', ref)
    let goesOn = true
    const failed: string[] = []
    let calls = 0
    let step = ''
    const caller = (async () => {
      while (goesOn) {
        const call = {
          prefix: 'default.moved',
          instance: 'demo:far/numbers@1.2.0',
          fn: double,
          params: [4],
          timeoutMs: 20_000,
        }
        // As it was when the call went out: one that gets no answer is known much later.
        const during = step
        const got = await rpc.call(call).catch(String)
        if (got !== 8) failed.push(`${during}: ${String(got)}`)
        calls += 1
      }
    })()
    for (const [from, to] of [
      [ours.hostId, host],
      [host, ours.hostId],
    ] as const) {
      step = `starting on ${to}`
      await start(client, to, 'moved', ref)
      step = `stopping on ${from}`
      await client.stop(from, 'moved', 60_000)
      const before = calls
      step = `only on ${to}`
      await expect.poll(() => calls > before + 5, patience).toBe(true)
    }
    goesOn = false
    await caller
    // A v1 host drops the call that is under way when it stops a component, without a word to the caller; ours answers it first.
    expect(failed.filter((each) => !each.startsWith(`stopping on ${host}`))).toEqual([])
    expect(failed.length).toBeLessThanOrEqual(1)
  })

  it('shares the work of the lattice with ours, and both play wadm’s script', { timeout: limit }, async (context) => {
    const { opened, real, file, host, ours, put } = await openScene(context)
    const { peer } = opened
    const second = await real.startHost(file, { WASMCLOUD_LABEL_zone: 'a' })
    await peer.ask(`label.put.${ours.hostId}`, { key: 'zone', value: 'ours' })
    const ref = await put('doubler', await doubler())
    await playWadm({ peer, hosts: [host, second], ref, beat: () => beatOf(peer, [host, second]) })
    await peer.ask(`label.put.${ours.hostId}`, { key: 'zone', value: 'a' })

    const hosts = [host, second, ours.hostId].sort()
    expect((await peer.pings(3)).map((answer) => answer['id']).sort()).toEqual(hosts)
    const served = (): string[] => [
      ...new Set(peer.heard.flatMap((event) => (event.kind === 'config_set' ? [event.source] : []))),
    ]
    for (let n = 0; served().length < 3 && n < 2_000; n += 1) {
      expect(await peer.ask(`config.put.mixed-${n % 5}`, { n: String(n) })).toMatchObject({ success: true })
    }
    expect(served().sort()).toEqual(hosts)
    expect(await peer.countReplies('link.get', undefined, 20)).toBe(20)
    expect(await peer.countReplies('claims.get', undefined, 20)).toBe(20)
    expect(peer.faults).toEqual([])
  })

  it('gives providers what ours gives them', { timeout: limit }, async (context) => {
    const wash = findPeer(context, 'wash')
    const { opened, real, client, host } = await openScene(context)
    const at = (name: string): string => path.join(opened.folder('.'), name)
    const file = at('host-data')
    await writeFile(at('listens'), `#!/bin/sh\n/bin/cat > ${file}\nexec /bin/sleep 600\n`, { mode: 0o755 })
    // Real hosts take signed archives alone.
    const made = ['--arch', thisTarget, '--binary', at('listens'), '--destination', at('listens.par')]
    await real.wash(wash, 'par', 'create', '--vendor', 'tests', '--name', 'listens', ...made)
    const ref = `file://${at('listens.par')}`
    await client.putConfig('listens', { a: 'b' })
    await client.putLink({ ...linkTo('listens', 'other', 'far', 'numbers'), sourceConfig: ['listens'] })
    await client.startProvider(host, { providerId: 'listens', providerRef: ref, config: ['listens'] })
    const read = async (): Promise<string> => await readFile(file, 'utf8').catch(() => '')
    await expect.poll(read, patience).toMatch(/\n$/)
    const said: unknown = JSON.parse(Buffer.from((await read()).trim(), 'base64').toString())
    if (process.env['TLOS_REAL_PEERS_RECORD'] !== undefined) console.log(JSON.stringify(said))
    expect(shapeOf(said)).toEqual(shapeOf(JSON.parse(new TextDecoder().decode(encodeHostData(sampleHostData)))))
    await client.stopProvider(host, 'listens')
  })

  it('says goodbye when our shell stops it', { timeout: limit }, async (context) => {
    const { client, host, mirror } = await openScene(context)
    await client.stopHost(host, 5_000)
    await expect.poll(() => mirror.state().hosts[host], patience).toMatchObject({ liveness: 'gone', reason: 'stopped' })
  })
})

/**
 * Once more when nothing came back: of the calls that a real host makes some are lost inside it, most likely by the race
 * in wrpc-transport-nats 0.29.0 that drops a message which comes before its subscription is known (1 in 64 and 1 in 750 were seen).
 */
async function again(ask: () => Promise<unknown>): Promise<unknown> {
  for (let n = 0; n < 2; n += 1) {
    const got = await ask()
    if (typeof got !== 'string' || !got.includes('did not answer within')) return got
    console.log(`lost: ${got}`)
  }
  return await ask()
}

/** An arm of a result without a value may have it as `undefined` or not at all. */
function whole(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) return value.map(whole)
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, whole(each)]])),
  )
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each))?.slice(0, 300)
