// A policy service of a v1 lattice, played in raw JSON, and real node processes that ask it: what they ask, what they do with a no,
// with silence, and with a change of mind.

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openTransport } from '../../../../main/nats/connection.js'
import { openRpc } from '../../../../main/lattice/rpc.js'
import type { Rpc } from '../../../../main/lattice/rpc-types.js'
import type { Transport } from '../../../../main/nats/transport.js'
import type { NodeProcess } from '../../../support/node-process.js'
import { type Archives, openArchives, script, thisTarget } from '../../../support/provider-archive.js'
import { createKey } from '../../../../main/lattice/nkeys.js'
import { signComponent } from '../../../support/sign-component.js'
import { signProvider } from '../../../support/sign-provider.js'
import { type Bench, openBench } from './bench.js'
import { encode, type Heard, type Peer } from './peer.js'

const limit = 60_000
vi.setConfig({ testTimeout: limit })

interface Question {
  readonly requestId: string
  readonly kind: string
  readonly version: string
  readonly request: Readonly<Record<string, unknown>>
  readonly host: Readonly<Record<string, unknown>>
}

let bench: Bench
let peer: Peer
let node: NodeProcess
let archives: Archives
let transport: Transport
let rpc: Rpc
const asked: Question[] = []
/** What the service says to a question; undefined: nothing. */
let decide: (question: Question) => unknown = () => ({ permitted: true })

beforeAll(async () => {
  bench = await openBench()
  peer = bench.peer
  archives = await openArchives()
  peer.connection.subscribe('acme.policy', {
    callback: (_error, message) => {
      const question = JSON.parse(new TextDecoder().decode(message.data)) as Question
      asked.push(question)
      const answer = decide(question)
      if (answer !== undefined) {
        message.respond(
          encode(typeof answer === 'string' ? answer : { requestId: question.requestId, ...(answer as object) }),
        )
      }
    },
  })
  await peer.connection.flush()
  node = await bench.start('asks', {
    labels: { zone: 'vault' },
    extra: [
      ...[
        '--policy-topic',
        'acme.policy',
        '--policy-changes-topic',
        'acme.policy.changes',
        '--policy-timeout-ms',
        '500',
      ],
      ...['--allow-provider', 'file:///*', '--allow-file-load'],
    ],
  })
  transport = await openTransport({ servers: bench.server.tcpUrl })
  rpc = openRpc(transport)
}, limit)

afterAll(async () => {
  rpc.close()
  await transport.close()
  await archives.close()
  await bench.close()
}, limit)

const scale = (id: string, ref: string, more: object = {}, events = 1): Promise<Heard[]> =>
  peer.during(
    node.hostId,
    () => peer.ask(`component.scale.${node.hostId}`, { component_id: id, component_ref: ref, count: 1, ...more }),
    events,
  )
const say = (id: string): Promise<unknown> =>
  rpc.call({
    prefix: `default.${id}`,
    instance: 'tlos:echo/echo@0.1.0',
    fn: { name: 'echo-string', params: [{ name: 's', type: { kind: 'string' } }], result: { kind: 'string' } },
    params: ['hi'],
    timeoutMs: 20_000,
  })
const since = (from: number, kind: string): Question[] => asked.slice(from).filter((question) => question.kind === kind)
const echoBytes = (): Promise<Uint8Array> =>
  readFile(path.resolve(import.meta.dirname, '../../../../out/components/echo.wasm'))

describe('a component', () => {
  it('[L104] is asked for before it starts, with its claims and the host', async () => {
    const [account, module] = [createKey('account'), createKey('module')]
    const bytes = signComponent(await echoBytes(), {
      account,
      subject: module.publicKey,
      wascap: { name: 'Echo' },
      payload: { exp: 4_000_000_000 },
    })
    const ref = await bench.putImage(bytes)
    const events = await scale('echo', ref, { count: 3, annotations: { who: 'test' } }, 2)
    expect(events.map(({ kind }) => kind)).toEqual(['component_scaled', 'component_scaled'])
    expect(asked).toEqual([
      {
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        kind: 'startComponent',
        version: 'v1',
        request: {
          componentId: 'echo',
          imageRef: ref,
          maxInstances: 3,
          annotations: { who: 'test' },
          claims: {
            publicKey: module.publicKey,
            issuer: account.publicKey,
            issuedAt: '1700000000',
            expiresAt: 4_000_000_000,
            expired: false,
          },
        },
        host: {
          publicKey: node.hostId,
          lattice: 'default',
          labels: expect.objectContaining({ zone: 'vault', 'hostcore.os': expect.any(String) as string }) as unknown,
        },
      },
    ])
  })

  it('[L104] is asked for once for each function that is called, and not for being stopped', async () => {
    const from = asked.length
    expect(await say('echo')).toBe('hi')
    expect(await say('echo')).toBe('hi')
    expect(since(from, 'performInvocation').map(({ request }) => request)).toEqual([
      {
        interface: 'tlos:echo/echo@0.1.0',
        function: 'echo-string',
        target: expect.objectContaining({
          componentId: 'echo',
          maxInstances: 0,
          annotations: { who: 'test' },
        }) as unknown,
      },
    ])
  })

  it('[L106] is not called any more when the service changes its mind, and again when it changes it back', async () => {
    const { requestId } = asked.find(({ kind }) => kind === 'performInvocation') ?? { requestId: '' }
    const change = async (permitted: boolean): Promise<void> => {
      peer.connection.publish('acme.policy.changes', encode({ requestId, permitted, message: 'curfew' }))
      await peer.connection.flush()
    }
    await change(false)
    await expect
      .poll(() => say('echo').catch((error: unknown) => String(error)), { timeout: 20_000 })
      .toMatch(/policy denied request to invoke component/)
    await change(true)
    await expect.poll(() => say('echo').catch(() => undefined), { timeout: 20_000 }).toBe('hi')
    // About requests that nobody made, and junk: nothing comes of it.
    peer.connection.publish('acme.policy.changes', encode({ requestId: 'unknown', permitted: false }))
    peer.connection.publish('acme.policy.changes', encode('{'))
    await peer.connection.flush()
    expect(await say('echo')).toBe('hi')
    expect((await scale('echo', 'x', { count: 0 }))[0]).toMatchObject({ kind: 'component_scaled' })
  })

  it('that the service refuses does not start, in its words', async () => {
    const ref = await bench.image('echo')
    decide = () => ({ permitted: false, message: 'not on a Friday' })
    const [event] = await scale('friday', ref)
    expect(event).toMatchObject({
      kind: 'component_scale_failed',
      data: { error: 'Policy denied request to scale component `friday`: `"not on a Friday"`' },
    })
    // Kept: it is not asked for again.
    const from = asked.length
    decide = () => ({ permitted: true })
    expect((await scale('friday', ref))[0]).toMatchObject({ kind: 'component_scale_failed' })
    expect(since(from, 'startComponent')).toEqual([])
  })

  it('[L105] does not start when nobody decides, or nobody understands what was decided', async () => {
    const ref = await bench.image('echo')
    for (const [id, answer] of [
      ['silent', undefined],
      ['garbled', 'yes, do'],
    ] as const) {
      decide = () => answer
      const [event] = await scale(id, ref)
      expect(event).toMatchObject({
        kind: 'component_scale_failed',
        data: { error: expect.stringMatching(/^policy request failed: /) as string },
      })
      decide = () => ({ permitted: true })
      // Nothing was decided, so it is asked for again.
      expect((await scale(id, ref, {}, 2))[0]).toMatchObject({ kind: 'component_scaled' })
    }
  })
})

it('[L104] a provider is asked for, with what its archive says of itself', async () => {
  const executable = script('setInterval(() => {}, 1000)')
  const [account, service] = [createKey('account'), createKey('service')]
  const token = signProvider({ [thisTarget]: executable }, { account, subject: service.publicKey })
  const ref = await archives.add('idle.par', { 'claims.jwt': token, [`${thisTarget}.bin`]: executable })
  const start = (id: string): Promise<Heard[]> =>
    peer.during(
      node.hostId,
      () => peer.ask(`provider.start.${node.hostId}`, { provider_id: id, provider_ref: ref, annotations: { a: 'b' } }),
      1,
    )
  const from = asked.length
  decide = ({ request }) => ({ permitted: request['providerId'] === 'wanted' })
  expect((await start('wanted'))[0]).toMatchObject({ kind: 'provider_started' })
  expect(since(from, 'startProvider').map(({ request }) => request)).toEqual([
    {
      providerId: 'wanted',
      imageRef: ref.replace('file://', ''),
      annotations: { a: 'b' },
      claims: {
        publicKey: service.publicKey,
        issuer: account.publicKey,
        issuedAt: '1700000000',
        expiresAt: null,
        expired: false,
      },
    },
  ])
  const { requestId } = (await start('unwanted'), since(from, 'startProvider')[1] ?? { requestId: '' })
  expect(peer.heard.at(-1)?.data['component_id']).toMatch(/^barrier/)
  expect(peer.heard.filter(({ kind }) => kind === 'provider_start_failed').at(-1)?.data).toMatchObject({
    provider_id: 'unwanted',
    error: `policy denied request to start provider \`${requestId}\`: \`None\``,
  })
  await peer.ask(`provider.stop.${node.hostId}`, { provider_id: 'wanted' })
})
