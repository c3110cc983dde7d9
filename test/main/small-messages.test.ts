// A node has more to say than its server takes in one message: it is cut, or refused in words, and nothing ends.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cutFacts, cutLog } from '../../main/actors/message-size.js'
import { createClient, type LatticeClient } from '../../main/lattice/client.js'
import {
  decodeReply,
  encodeDone,
  encodeJson,
  Facts,
  LogReply,
  type NodeCommand,
  tlosSubjects,
} from '../../main/lattice/protocol/tlos.js'
import { openTransport } from '../../main/nats/connection.js'
import type { Transport } from '../../main/nats/transport.js'
import type { ComponentId, HostId } from '../../preload/records.js'
import { type NatsServer, startNatsServer } from '../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../support/node-process.js'
import { parseWat } from './wasm/wat.js'

describe('What a node tells of its actors', () => {
  const factsOf = (count: number): Facts => ({
    hostId: 'H' as HostId,
    load: 0.5,
    whole: true,
    actors: Array.from({ length: count }, (_, n) => ({
      componentId: `actor-${n}` as ComponentId,
      state: 'running' as const,
      stateKind: 'none' as const,
      hasWindow: false,
      activity: 0,
    })),
    links: [],
  })

  it('is one message when it fits', () => {
    const facts = factsOf(3)
    expect(cutFacts(facts, 100_000)).toEqual({ pieces: [facts], leftOut: 0 })
    expect(cutFacts(factsOf(0), 100_000).pieces).toEqual([factsOf(0)])
  })

  it('is so many as it takes, of which the first begins anew, and none is larger than may be', () => {
    const facts = factsOf(200)
    for (const most of [500, 1_000, 4_096, 8_000]) {
      const { pieces, leftOut } = cutFacts(facts, most)
      expect(leftOut).toBe(0)
      expect(pieces.length).toBeGreaterThan(1)
      expect(pieces.map(({ whole }) => whole)).toEqual(pieces.map((_, index) => index === 0))
      expect(pieces.flatMap(({ actors }) => actors)).toEqual(facts.actors)
      for (const piece of pieces) expect(encodeDone(piece).length).toBeLessThanOrEqual(most)
    }
  })

  it('goes without what fits into no message', () => {
    const facts = factsOf(3)
    const [first, long, last] = facts.actors
    if (first === undefined || long === undefined || last === undefined) throw new Error('there are three')
    const given = { ...facts, actors: [first, { ...long, problem: 'x'.repeat(5_000) }, last] }
    const { pieces, leftOut } = cutFacts(given, 2_000)
    expect([pieces.flatMap(({ actors }) => actors), leftOut]).toEqual([[first, last], 1])
  })
})

describe('A log', () => {
  const lines = Array.from({ length: 50 }, (_, n) => ({
    atMs: n,
    level: 'info' as const,
    text: `${n} ${'é"'.repeat(20)}`,
  }))

  it('is whole when it fits', () => {
    expect(cutLog(lines, 100_000)).toEqual(lines)
    expect(cutLog([], 1_000)).toEqual([])
  })

  it('is its newest lines when it does not, and says how many are missing', () => {
    const cut = cutLog(lines, 2_000)
    expect(encodeDone(cut).length).toBeLessThanOrEqual(2_000)
    const [note, ...rest] = cut
    expect(rest).toEqual(lines.slice(-rest.length))
    expect(rest.length).toBeGreaterThan(5)
    expect(note).toEqual({
      atMs: 0,
      level: 'info',
      by: 'node',
      text: `${50 - rest.length} older lines are more than a message holds`,
    })
  })
})

describe('A node on a server that takes little in one message', () => {
  const maxPayload = 4_096
  const count = 24
  const lattice = 'small'
  const subjects = tlosSubjects(lattice)
  let folder: string
  let server: NatsServer
  let node: NodeProcess
  let transport: Transport
  let client: LatticeClient

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-small-'))
    server = await startNatsServer({ maxPayload, jetStream: false })
    node = await startNodeProcess({ natsUrl: server.tcpUrl, name: 'small', lattice, extra: ['--allow-file-load'] })
    transport = await openTransport({ servers: server.tcpUrl, name: 'who asks' })
    client = createClient({ transport, lattice })
  }, 60_000)
  afterAll(async () => {
    await transport.close()
    await node.stop()
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  async function install(name: string, text: string): Promise<string> {
    const file = path.join(folder, name)
    await writeFile(file, await parseWat(text))
    return pathToFileURL(file).href
  }
  const ask = async (command: NodeCommand, componentId: string): Promise<Uint8Array> =>
    (
      await transport.request(subjects.command(command, node.hostId), encodeJson({ componentId }), {
        timeoutMs: 20_000,
      })
    ).data

  it('tells of all its actors, in pieces', async () => {
    const heard: string[] = []
    transport.subscribe(subjects.event('facts'), ({ data }) => {
      expect(data.length).toBeLessThanOrEqual(maxPayload)
      heard.push(...(JSON.parse(new TextDecoder().decode(data)) as Facts).actors.map(({ componentId }) => componentId))
    })
    await transport.flush()
    const imageRef = await install('plain.wasm', '(component)')
    const ids = Array.from({ length: count }, (_, n) => `actor-number-${String(n).padStart(2, '0')}`)
    await Promise.all(
      ids.map((componentId) => client.scale(node.hostId, { componentId, imageRef, count: 1, limitMs: 50_000 })),
    )
    const replies = await transport.gather(subjects.facts, new Uint8Array(), { windowMs: 2_000 })
    const pieces = replies.map(({ data }) => decodeReply(Facts, data))
    expect(pieces.length).toBeGreaterThan(1)
    const told = pieces.flatMap((piece) => (piece.ok ? piece.value.actors.map(({ componentId }) => componentId) : []))
    expect(told.sort()).toEqual(ids)
    await expect.poll(() => [...new Set(heard)].sort(), { timeout: 20_000 }).toEqual(ids)
  }, 90_000)

  it('gives the newest lines of a log, and refuses in words what cannot be cut', async () => {
    const exports = Array.from(
      { length: 120 },
      (_, n) => `(func (export "called-${n}") (canon lift (core func $i "f")))`,
    )
    const imageRef = await install(
      'noisy.wasm',
      `(component
        (import "wasi:logging/logging@0.1.0-draft" (instance $logging
          (type $level (enum "trace" "debug" "info" "warn" "error" "critical"))
          (export "level" (type $l (eq $level)))
          (export "log" (func (param "level" $l) (param "context" string) (param "message" string)))))
        (core module $libc (memory (export "memory") 1) (data (i32.const 0) "${'x'.repeat(200)}"))
        (core instance $libc (instantiate $libc))
        (core func $log (canon lower (func $logging "log") (memory (core memory $libc "memory"))))
        (core module $m
          (import "logging" "log" (func $log (param i32 i32 i32 i32 i32)))
          (func $say (local $left i32)
            (local.set $left (i32.const 60))
            (loop $again
              (call $log (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 0) (i32.add (i32.const 100) (local.get $left)))
              (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))
          (func (export "f"))
          (start $say))
        (core instance $i (instantiate $m (with "logging" (instance (export "log" (func $log))))))
        ${exports.join('\n')})`,
    )
    await client.scale(node.hostId, { componentId: 'noisy', imageRef, count: 1, limitMs: 50_000 })
    await expect
      .poll(async () => {
        const log = decodeReply(LogReply, await ask('log', 'noisy'))
        if (!log.ok) return log.reason
        const [note, ...lines] = log.value
        return [note?.text.replace(/\d+/, 'so many'), lines.at(-1)?.text]
      })
      .toEqual(['so many older lines are more than a message holds', expect.stringMatching(/x{101}$/)])
    const world = JSON.parse(new TextDecoder().decode(await ask('describe', 'noisy'))) as unknown
    expect(world).toEqual({
      success: false,
      message: expect.stringMatching(/^the answer has \d+ bytes, and the NATS server takes 4096 in one message$/),
    })
    expect((await client.ping()).map(({ id }) => id)).toEqual([node.hostId])
  }, 90_000)
})
