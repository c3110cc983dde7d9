// A host on a bus that means no good: every subject with bodies as large as the server takes, random JSON, answers too
// large to send, and a server without JetStream. The host answers, goes on, and says nothing untrue.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeProcess } from '../../../support/node-process.js'
import { seededRandom } from '../lattice-samples.js'
import { type Bench, openBench } from './bench.js'
import { encode, type Peer, until } from './peer.js'

describe('on a hostile bus', () => {
  let bench: Bench
  let peer: Peer
  let node: NodeProcess
  let id: string

  beforeAll(async () => {
    bench = await openBench()
    peer = bench.peer
    node = await bench.start('target', { heartbeatMs: 300 })
    id = node.hostId
  }, 60_000)

  afterAll(async () => {
    expect(peer.faults).toEqual([])
    await bench.close()
  }, 30_000)

  const tails = (): readonly string[] => [
    'host.ping',
    `host.get.${id}`,
    'component.auction',
    'provider.auction',
    `component.scale.${id}`,
    `component.update.${id}`,
    `provider.start.${id}`,
    `provider.stop.${id}`,
    `label.put.${id}`,
    `label.del.${id}`,
    'link.get',
    'link.put',
    'link.del',
    'config.get.x',
    'config.put.x',
    'config.del.x',
    'claims.get',
    'registry.put',
  ]

  const isWell = async (): Promise<void> => {
    expect((await peer.pings(1))[0]?.['id']).toBe(id)
    expect(await peer.data(`host.get.${id}`)).toMatchObject({ host_id: id, components: [] })
  }

  it('bodies as large as the server takes get an answer on every subject', async () => {
    const size = 1_048_576 - 1_024
    const bodies = [
      new Uint8Array(size),
      encode(`{"a":"${'x'.repeat(size - 10)}"}`),
      encode('['.repeat(size)),
      encode(`{${Array.from({ length: 60_000 }, (_, n) => `"key-${n}":"v"`).join(',')}}`),
    ]
    for (const tail of tails()) {
      for (const body of bodies) {
        const reply = await peer.ask(tail, body)
        expect(typeof reply.success, tail).toBe('boolean')
      }
    }
    await peer.ask('config.del.x')
    await isWell()
  }, 60_000)

  it('[L27] an answer that the server would not take is a failure in words, heartbeats go on when it is over', async () => {
    const value = 'x'.repeat(700_000)
    expect((await peer.ask(`label.put.${id}`, { key: 'large-1', value })).success).toBe(true)
    await peer.ask(`label.put.${id}`, { key: 'large-2', value })
    for (const tail of ['host.ping', `host.get.${id}`]) {
      expect(await peer.ask(tail)).toEqual({
        success: false,
        message: expect.stringMatching(
          /^The answer has \d+ bytes, and the NATS server takes 1048576 in one message$/,
        ) as string,
      })
    }
    // Longer than a heartbeat, told by the host's own clock: it was asked to beat and could not, and lives.
    for (const key of ['large-1', 'large-2']) expect((await peer.ask(`label.del.${id}`, { key })).success).toBe(true)
    const before = peer.heartbeats.length
    await until(
      () => peer.heartbeats.length >= before + 2,
      () => 'two heartbeats',
    )
    await isWell()
  }, 60_000)

  it('random JSON on every subject never stops it', async () => {
    const seed = Number(process.env['TLOS_FUZZ_SEED'] ?? Date.now() % 1_000_000)
    const random = seededRandom(seed)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
    const keys = [
      'component_id',
      'component_ref',
      'count',
      'annotations',
      'constraints',
      'config',
      'provider_id',
      'key',
    ]
    const more = [
      'value',
      'source_id',
      'target',
      'wit_namespace',
      'wit_package',
      'interfaces',
      'name',
      '__proto__',
      'a',
    ]
    const value = (depth: number): unknown => {
      const kind = Math.floor(random() * (depth > 3 ? 5 : 7))
      if (kind === 0) return null
      if (kind === 1) return random() < 0.5
      if (kind === 2) return pick([0, 1, -1, 1.5, 4294967295, 4294967296, 1e300, -0])
      if (kind === 3) return pick(['', 'x', 'a.b', '*', '>', ' ', '\u0000', 'SECRET_x', 'é'.repeat(300), '../..'])
      if (kind === 4) return pick(['default', 'kv', 'wasi', 'nobody'])
      if (kind === 5) return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1))
      const entries = Array.from({ length: Math.floor(random() * 9) }, () => [
        pick([...keys, ...more]),
        value(depth + 1),
      ])
      return Object.fromEntries(entries) as unknown
    }
    const asked: Promise<unknown>[] = []
    for (let n = 0; n < 1_500; n += 1) {
      const tail = pick(tails())
      const body = value(0)
      const request = peer.connection.request(peer.subject(tail), encode(body), { timeout: 30_000 })
      // Auctions that it does not bid for and starts of what it has not are not answered.
      const isSilent = tail.endsWith('auction') || tail.startsWith('provider.start')
      asked.push(
        request.then(
          (reply) => JSON.parse(new TextDecoder().decode(reply.data)) as unknown,
          (error: unknown) => {
            if (!isSilent) throw new Error(`seed ${seed}: ${tail} ${JSON.stringify(body)}: ${String(error)}`)
          },
        ),
      )
      if (isSilent) void asked.pop()?.catch(() => undefined)
      if (asked.length >= 100) await Promise.all(asked.splice(0))
    }
    await Promise.all(asked)
    const { components } = (await peer.data(`host.get.${id}`)) as { components: unknown[] }
    expect(components, `seed ${seed}`).toEqual([])
    await isWell()
  }, 120_000)

  it('10,000 junk messages without a reply subject do it no harm', async () => {
    const junk = encode('{"component_id":')
    for (let n = 0; n < 10_000; n += 1) peer.connection.publish(peer.subject(`component.scale.${id}`), junk)
    await peer.connection.flush()
    await isWell()
    expect(node.stdout().split('\n')).toHaveLength(2)
  }, 60_000)
})

describe('[L22] on a server without JetStream', () => {
  it('a host works for itself: links and configurations are kept in memory, images are refused in words', async () => {
    const bench = await openBench({ jetStream: false })
    const { peer } = bench
    const { hostId } = await bench.start('alone')
    expect(await peer.data(`host.get.${hostId}`)).toMatchObject({ components: [] })
    const link = {
      source_id: 'a',
      target: 'b',
      name: 'default',
      wit_namespace: 'n',
      wit_package: 'p',
      interfaces: ['i'],
      source_config: ['c'],
      target_config: [],
    }
    expect((await peer.ask('link.put', link)).success).toBe(false)
    expect(await peer.ask('config.put.c', { a: 'b' })).toEqual({ success: true, message: 'successfully put config' })
    expect(await peer.ask('link.put', link)).toEqual({ success: true, message: 'successfully set link' })
    expect(await peer.data('link.get')).toEqual([link])
    expect(await peer.data('config.get.c')).toEqual({ a: 'b' })
    expect(await peer.data('claims.get')).toEqual([])
    const told = await peer.during(
      hostId,
      () =>
        peer.ask(`component.scale.${hostId}`, {
          component_ref: `tlos://sha256/${'0'.repeat(64)}`,
          component_id: 'x',
          count: 1,
        }),
      1,
    )
    expect(told).toMatchObject([
      { kind: 'component_scale_failed', data: { error: expect.stringContaining('no JetStream') as string } },
    ])
    expect(await peer.ask('config.del.c')).toEqual({ success: true, message: 'successfully deleted config' })
    expect(await peer.ask('config.get.c')).toEqual({ success: true, message: 'Configuration not found' })
    expect((await peer.ask(`host.stop.${hostId}`)).success).toBe(true)
    await until(
      () => peer.heard.some((event) => event.kind === 'host_stopped'),
      () => 'the goodbye',
    )
    expect(peer.faults).toEqual([])
    await bench.close()
  }, 60_000)
})
