// wRPC over a real NATS server: what only a server can show. Moves under load, targets that died, limits and permissions.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Rpc, RpcCall } from '../../../main/lattice/rpc-types.js'
import { openRpc } from '../../../main/lattice/rpc.js'
import { openTransport, type TransportOptions } from '../../../main/nats/connection.js'
import type { Transport } from '../../../main/nats/transport.js'
import type { WitFunction, WitType } from '../../../preload/wit.js'
import { type NatsServer, startNatsServer } from '../../support/nats-server.js'

const u32: WitType = { kind: 'u32' }
const bytes: WitType = { kind: 'list', element: { kind: 'u8' } }
const count: WitFunction = { name: 'count', params: [{ name: 'n', type: u32 }], result: u32 }
const echo: WitFunction = { name: 'echo', params: [{ name: 'data', type: bytes }], result: bytes }
const face = { name: 'ex:demo/work@0.1.0', functions: [count, echo] }
const subjectOf = (prefix: string, name: string): string => `${prefix}.wrpc.0.0.1.${face.name}.${name}`
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

let server: NatsServer
const open: { close(): void | Promise<void> }[] = []
beforeAll(async () => {
  server = await startNatsServer({ jetStream: false })
})
afterAll(() => server.close())
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close()
})

async function peer(options?: Partial<TransportOptions>): Promise<{ rpc: Rpc; transport: Transport }> {
  const transport = await openTransport({ servers: server.tcpUrl, ...options })
  const rpc = openRpc(transport)
  open.push(transport, rpc)
  return { rpc, transport }
}

const callOf = (prefix: string, fn: WitFunction, param: unknown, timeoutMs = 10_000): RpcCall => ({
  prefix,
  instance: face.name,
  fn,
  params: [param],
  timeoutMs,
})

let lastPrefix = 0
const fresh = (): string => `t${process.pid}.x${(lastPrefix += 1)}`

describe('a move under load', () => {
  it('loses no call and runs none twice while service goes to and fro between two nodes [W16]', async () => {
    const prefix = fresh()
    const runs = new Map<unknown, number>()
    const nodes = await Promise.all([peer(), peer()])
    const run = async (params: readonly unknown[]): Promise<unknown> => {
      const [n] = params
      runs.set(n, (runs.get(n) ?? 0) + 1)
      await pause(1)
      return n
    }
    let owner = 0
    /** Calls held while nobody owns it, as the move protocol holds them. */
    let arrived: Promise<void> | undefined
    const serveAt = (node: number) => {
      const { rpc } = nodes[node]!
      return rpc.serve({
        prefix,
        queue: prefix,
        exports: [face],
        handle: ({ params }) => run(params),
        admit: async () => {
          await arrived
          return owner === node ? { kind: 'serve' } : { kind: 'forward', prefix: `${prefix}.n${owner}` }
        },
      })
    }
    for (const node of [0, 1]) {
      const direct = nodes[node]!.rpc.serve({
        prefix: `${prefix}.n${node}`,
        exports: [face],
        handle: ({ params }) => run(params),
      })
      await direct.ready
    }
    let service = serveAt(0)
    await service.ready

    const callers = await Promise.all([peer(), peer(), peer()])
    let isMoving = true
    let next = 0
    const answers = new Map<number, unknown>()
    const load = callers.map(async ({ rpc }) => {
      const lane = async (): Promise<void> => {
        while (isMoving) {
          const n = (next += 1)
          answers.set(n, await rpc.call(callOf(prefix, count, n)))
        }
      }
      await Promise.all(Array.from({ length: 8 }, lane))
    })
    let forwarded = 0
    const watch = (await peer()).transport
    for (const node of [0, 1]) watch.subscribe(subjectOf(`${prefix}.n${node}`, 'count'), () => (forwarded += 1))
    await watch.flush()
    for (let move = 0; move < 10; move += 1) {
      await pause(60)
      const target = 1 - owner
      let arrive: () => void = () => undefined
      arrived = new Promise((resolve) => (arrive = resolve))
      await pause(10)
      const following = serveAt(target)
      await following.ready
      owner = target
      arrive()
      await service.drain()
      service = following
    }
    isMoving = false
    await Promise.all(load)
    expect(answers.size).toBe(next)
    expect([...answers].filter(([n, answer]) => answer !== n)).toEqual([])
    expect([...runs].filter(([, times]) => times !== 1)).toEqual([])
    expect([runs.size, forwarded > 0, next > 500]).toEqual([next, true, true])
  })

  it('ends a call that was handed on to a prefix nobody serves any more within its limit [W20]', async () => {
    const prefix = fresh()
    const { rpc } = await peer()
    const service = rpc.serve({
      prefix,
      queue: prefix,
      exports: [face],
      handle: async () => 1,
      admit: () => ({ kind: 'forward', prefix: `${prefix}.dead` }),
    })
    await service.ready
    const { rpc: caller } = await peer()
    const ended: number[] = []
    const calls = [8_000, 300].map((limitMs) =>
      expect(caller.call(callOf(prefix, count, 1, limitMs)).finally(() => ended.push(limitMs))).rejects.toMatchObject({
        code: 'timed-out',
      }),
    )
    await Promise.all(calls)
    // Each by its own limit: the one that began later ends first.
    expect(ended).toEqual([300, 8_000])
    await service.drain()
  })

  it('ends calls in flight when the serving node leaves [W24]', async () => {
    const prefix = fresh()
    const { rpc } = await peer()
    let isInside = false
    const handle = (): Promise<unknown> => {
      isInside = true
      return new Promise(() => undefined)
    }
    await rpc.serve({ prefix, queue: prefix, exports: [face], handle }).ready
    const calls = (await peer()).rpc.call(callOf(prefix, count, 1)).catch((error: unknown) => error)
    await expect.poll(() => isInside).toBe(true)
    rpc.close()
    expect(await calls).toMatchObject({ code: 'cancelled', message: expect.stringMatching(/left the lattice/) })
  })
})

describe('limits of the server', () => {
  it('cuts parameters and results to a small max_payload, with headers that leave no room, too [W13]', async () => {
    const small = await startNatsServer({ jetStream: false, maxPayload: 512 })
    try {
      const prefix = fresh()
      const { rpc } = await peer({ servers: small.tcpUrl })
      await rpc.serve({ prefix, queue: prefix, exports: [face], handle: async ({ params }) => params[0] }).ready
      const caller = (await peer({ servers: small.tcpUrl })).rpc
      const data = Uint8Array.from({ length: 5_000 }, (_, i) => i % 256)
      expect(await caller.call(callOf(prefix, echo, data))).toEqual(data)
      const headers = { 'source-id': 'x'.repeat(470) }
      expect(await caller.call({ ...callOf(prefix, echo, data), headers })).toEqual(data)
      const tooLong = { 'source-id': 'x'.repeat(600) }
      await expect(caller.call({ ...callOf(prefix, echo, data), headers: tooLong })).rejects.toMatchObject({
        code: 'too-large',
      })
    } finally {
      for (const each of open.splice(0).reverse()) await each.close()
      await small.close()
    }
  })
})

describe('permissions', () => {
  it('are told to callers and servers at once, by the subject, and logged once for each [W6]', async () => {
    const guarded = await startNatsServer({
      jetStream: false,
      user: 'u',
      password: 'p',
      permissions: 'publish: { deny: "secret.>" }, subscribe: { deny: ["hidden.>", "silent.>"] }',
    })
    const logged: string[] = []
    try {
      const options = { servers: guarded.tcpUrl, user: 'u', password: 'p' }
      const { rpc, transport } = await peer({ ...options, log: (_level, text) => logged.push(text) })
      for (const n of [1, 2]) {
        await expect(rpc.call(callOf('secret', count, n))).rejects.toMatchObject({
          code: 'refused',
          message: expect.stringContaining(subjectOf('secret', 'count')),
        })
      }
      const hidden = rpc.serve({ prefix: 'hidden', queue: 'hidden', exports: [face], handle: async () => 1 })
      await expect(hidden.ready).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringContaining(subjectOf('hidden', 'count')),
      })
      await expect(transport.request('secret.x', new Uint8Array(0))).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringContaining('secret.x'),
      })
      expect(await transport.gather('secret.y', new Uint8Array(0), { windowMs: 600_000 })).toEqual([])
      expect(logged.filter((line) => line.includes(subjectOf('secret', 'count')))).toHaveLength(1)
      expect(logged.filter((line) => line.includes(subjectOf('hidden', 'count')))).toHaveLength(1)
      const open = rpc.serve({ prefix: 'open', queue: 'open', exports: [face], handle: async () => 1 })
      await open.ready
      expect(await rpc.call(callOf('open', count, 1))).toBe(1)
    } finally {
      for (const each of open.splice(0).reverse()) await each.close()
      await guarded.close()
    }
  })

  it('fail every call at once when they forbid the inbox that answers come to', async () => {
    const deaf = await startNatsServer({
      jetStream: false,
      user: 'u',
      password: 'p',
      permissions: 'subscribe: { deny: "_INBOX.>" }',
    })
    try {
      const { rpc } = await peer({ servers: deaf.tcpUrl, user: 'u', password: 'p' })
      for (const n of [1, 2]) {
        await expect(rpc.call(callOf('any', count, n))).rejects.toMatchObject({ code: 'refused' })
      }
    } finally {
      for (const each of open.splice(0).reverse()) await each.close()
      await deaf.close()
    }
  })
})
