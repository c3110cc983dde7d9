// The life of a host process as the lattice sees it (lattice.md 1.2, 1.5, 2.1 to 2.3): who it is, what it says first and
// last, what it listens to, how it stops, and what becomes of commands that were accepted meanwhile.

import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isPublicKey } from '../../../../main/lattice/nkeys.js'
import { customSection } from '../../../support/sign-component.js'
import type { NodeProcess } from '../../../support/node-process.js'
import { type Bench, componentFile, openBench } from './bench.js'
import { type Heard, type Peer, until } from './peer.js'

let bench: Bench
let peer: Peer

beforeAll(async () => {
  bench = await openBench({ monitor: true })
  peer = bench.peer
}, 60_000)

afterAll(async () => {
  expect(peer.faults).toEqual([])
  await bench.close()
}, 30_000)

const from = (node: NodeProcess): Heard[] => peer.heard.filter((event) => event.source === node.hostId)
const beats = (node: NodeProcess): Heard[] => peer.heartbeats.filter((event) => event.source === node.hostId)
const exit = (node: NodeProcess): Promise<number | string | null> => node.stop('SIGTERM')

/** `major.minor.patch`, as the crate that wadm reads it with takes it. */
const semver = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-.]+)?$/

describe('[L10] who a host is', () => {
  it('its id is a server nkey, kept with its folder and new without one', async () => {
    const stateDir = bench.folder('kept')
    const first = await bench.start('kept', { stateDir })
    expect(isPublicKey(first.hostId, 'server')).toBe(true)
    await exit(first)
    const second = await bench.start('kept', { stateDir })
    expect(second.hostId).toBe(first.hostId)
    // A power cut changes nothing of it.
    await second.stop('SIGKILL')
    const third = await bench.start('kept', { stateDir })
    expect(third.hostId).toBe(first.hostId)
    await exit(third)
    const other = await bench.start('other')
    expect(other.hostId).not.toBe(first.hostId)
    await exit(other)
  }, 60_000)
})

describe('[L11] what it listens to', () => {
  it('is what a v1 host subscribes, in the queue groups of the lattice', async () => {
    const node = await bench.start('listens')
    const { connections } = (await bench.server.ask('connz?subs=detail')) as {
      connections: { name?: string; subscriptions_list_detail?: { subject: string; qgroup?: string }[] }[]
    }
    const subscriptions = connections
      .filter((each) => each.name?.startsWith('tlos') === true)
      .flatMap((each) => each.subscriptions_list_detail ?? [])
      .filter((each) => each.subject.startsWith('wasmbus.ctl.'))
      .map((each) => [each.subject, each.qgroup])
    const p = 'wasmbus.ctl.v1.default'
    expect(new Map(subscriptions as [string, string | undefined][])).toEqual(
      new Map([
        [`${p}.registry.put`, undefined],
        [`${p}.host.ping`, undefined],
        [`${p}.component.*.${node.hostId}`, undefined],
        [`${p}.provider.*.${node.hostId}`, undefined],
        [`${p}.label.*.${node.hostId}`, undefined],
        [`${p}.host.*.${node.hostId}`, undefined],
        [`${p}.component.auction`, undefined],
        [`${p}.provider.auction`, undefined],
        [`${p}.link.*`, `${p}.link`],
        [`${p}.claims.get`, `${p}.claims`],
        [`${p}.config.>`, `${p}.config`],
      ]),
    )
    expect(subscriptions).toHaveLength(11)
    await exit(node)
  }, 60_000)
})

describe('[L12] what it says', () => {
  it('first that it started, then heartbeats with the whole inventory, at last that it stopped', async () => {
    const node = await bench.start('speaks', { heartbeatMs: 200, labels: { zone: 'desk' } })
    await until(
      () => beats(node).length >= 3,
      () => 'three heartbeats',
    )
    const all = peer.everything.filter((event) => event.source === node.hostId).map((event) => event.kind)
    expect(all.slice(0, 2)).toEqual(['host_started', 'host_heartbeat'])
    const labels = expect.objectContaining({ zone: 'desk', 'hostcore.os': expect.any(String) as string }) as object
    expect(from(node)).toEqual([
      {
        kind: 'host_started',
        source: node.hostId,
        data: { friendly_name: 'speaks', labels, uptime_seconds: 0, version: expect.stringMatching(semver) as string },
      },
    ])
    const inventory = (await peer.data(`host.get.${node.hostId}`)) as Record<string, unknown>
    const beat = beats(node).at(-1)
    expect(Object.keys(beat?.data ?? {}).sort()).toEqual(Object.keys(inventory).sort())
    const timeless = { ...inventory, uptime_human: expect.any(String), uptime_seconds: expect.any(Number) } as object
    expect(beat?.data).toEqual(timeless)
    expect(beat?.data['version']).toMatch(semver)
    expect(await exit(node)).toBe(0)
    await until(
      () => from(node).length >= 2,
      () => 'the goodbye',
    )
    expect(from(node).slice(1)).toEqual([{ kind: 'host_stopped', source: node.hostId, data: { labels } }])
    expect(peer.everything.filter((event) => event.source === node.hostId).at(-1)?.kind).toBe('host_stopped')
  }, 60_000)
})

describe('[L23] how it stops', () => {
  it.each([
    ['an empty request', undefined],
    ['an empty id', { host_id: '' }],
    ['its id and a time in milliseconds', { timeout: 9_000 }],
  ])(
    'with %s: answers, says goodbye, ends its process, and is not there any more',
    async (_name, body) => {
      const node = await bench.start('stops')
      const { hostId } = node
      await peer.during(
        hostId,
        async () =>
          peer.ask(`component.scale.${hostId}`, {
            component_ref: await bench.image('echo'),
            component_id: 'gone',
            count: 1,
            host_id: hostId,
          }),
        2,
      )
      const request = body !== undefined && 'timeout' in body ? { ...body, host_id: hostId } : body
      expect(await peer.ask(`host.stop.${hostId}`, request)).toEqual({
        success: true,
        message: 'successfully handled stop host',
      })
      await until(
        () => from(node).some((event) => event.kind === 'host_stopped'),
        () => 'the goodbye',
      )
      // Nobody sends it a signal: it ends by itself.
      expect(await node.exited).toBe(0)
      // What ran there ends without a word, as on a v1 host.
      const kinds = from(node).map((event) => event.kind)
      expect(kinds.slice(kinds.lastIndexOf('component_scaled') + 1)).toEqual(['host_stopped'])
      await expect(peer.connection.request(peer.subject(`host.get.${hostId}`))).rejects.toMatchObject({ code: '503' })
    },
    60_000,
  )

  it('answers nothing after the answer to the stop, though it still saves what runs', async () => {
    const node = await bench.start('quiet')
    await peer.ask(`host.stop.${node.hostId}`)
    // Whether the process is still there or not: nobody hears this.
    await peer.connection.flush()
    const late = peer.connection.request(peer.subject(`component.scale.${node.hostId}`), new Uint8Array(), {
      timeout: 5_000,
    })
    await expect(late).rejects.toMatchObject({ code: '503' })
    expect(await node.exited).toBe(0)
  }, 60_000)

  it('whatever was accepted has its event before the goodbye, which is the last word', async () => {
    const node = await bench.start('busy')
    const { hostId } = node
    // Bytes that nobody prepared yet, so that the starts are still going on at the stop.
    const bytes = new Uint8Array(await readFile(componentFile('echo')))
    const ids = ['busy-1', 'busy-2', 'busy-3']
    for (const component_id of ids) {
      const component_ref = await bench.putImage(Buffer.concat([bytes, customSection('note', component_id)]))
      const reply = await peer.ask(`component.scale.${hostId}`, {
        component_ref,
        component_id,
        count: 1,
        host_id: hostId,
      })
      expect(reply).toEqual({ success: true, message: '' })
    }
    expect((await peer.ask(`host.stop.${hostId}`)).success).toBe(true)
    expect(await node.exited).toBe(0)
    await until(
      () => from(node).some((event) => event.kind === 'host_stopped'),
      () => 'the goodbye',
    )
    const told = from(node)
    expect(told.at(-1)?.kind).toBe('host_stopped')
    for (const id of ids) {
      const kinds = new Set(told.filter((event) => event.data['component_id'] === id).map((event) => event.kind))
      expect([...kinds], id).toHaveLength(1)
      expect(['component_scaled', 'component_scale_failed']).toContain([...kinds][0])
    }
  }, 60_000)
})
