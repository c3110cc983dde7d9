// The real wadm, steered by raw requests and by the real `wash`, with our nodes as its hosts.

import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, describe, expect, it, type TestContext } from 'vitest'
import { stringify } from 'yaml'
import type { NodeProcess } from '../../../support/node-process.js'
import { type Bench, openBench } from '../blackbox/bench.js'
import { stateFrom, unreadable } from '../blackbox/wadm-side.js'
import { findPeer, openRealPeers, patience, record, type RealPeers } from './peers.js'

const limit = 400_000
let bench: Bench | undefined
let peers: RealPeers | undefined

afterEach(async () => {
  await peers?.close()
  await bench?.close()
}, 60_000)

type Answer = Record<string, unknown>

interface Scene {
  readonly opened: Bench
  readonly real: RealPeers
  readonly nodes: readonly NodeProcess[]
  /** One request of wadm's API. */
  readonly ask: (tail: string, body?: unknown) => Promise<Answer>
}

async function openScene(context: TestContext): Promise<Scene> {
  const file = findPeer(context, 'wadm')
  const opened = (bench = await openBench())
  const [major = 0, minor = 0] = (opened.peer.connection.info?.version ?? '').split('.').map(Number)
  if (major === 2 && minor < 10) {
    // It says so in its log alone, takes manifests, and never sends a command.
    context.skip('wadm 0.21 needs nats-server 2.10 or later: TLOS_NATS_SERVER names one')
  }
  await record(opened)
  const real = (peers = openRealPeers(opened))
  const provider = ['--allow-provider', 'wasmcloud+builtin://messaging-nats']
  const nodes = [
    await opened.start('managed', { heartbeatMs: 1_000, labels: { zone: 'a' }, extra: provider }),
    await opened.start('other', { heartbeatMs: 1_000, labels: { zone: 'b' }, extra: provider }),
  ]
  real.startWadm(file)
  const ask = async (tail: string, body: unknown = {}): Promise<Answer> => {
    const data = new TextEncoder().encode(JSON.stringify(body))
    const reply = await opened.peer.connection.request(`wadm.api.default.model.${tail}`, data, { timeout: 20_000 })
    return reply.json()
  }
  await expect.poll(() => ask('get').catch(() => undefined), patience).toMatchObject({ result: 'success' })
  return { opened, real, nodes, ask }
}

/** Everything that wadm makes of a manifest: a component with a configuration, a link with one, a provider, two spreads. */
const manifestOf = (image: string, instances: number, version: string): object => ({
  apiVersion: 'core.oam.dev/v1beta1',
  kind: 'Application',
  metadata: { name: 'played', annotations: { version, description: 'An application of the tests' } },
  spec: {
    components: [
      {
        name: 'echo',
        type: 'component',
        properties: { image, config: [{ name: 'settings', properties: { greeting: 'hello' } }] },
        traits: [
          {
            type: 'spreadscaler',
            properties: {
              instances,
              spread: [
                { name: 'here', weight: 50, requirements: { zone: 'a' } },
                { name: 'there', weight: 50, requirements: { zone: 'b' } },
              ],
            },
          },
          {
            type: 'link',
            properties: {
              target: { name: 'broker' },
              namespace: 'wasmcloud',
              package: 'messaging',
              interfaces: ['consumer'],
            },
          },
        ],
      },
      {
        name: 'broker',
        type: 'capability',
        properties: { image: 'wasmcloud+builtin://messaging-nats' },
        traits: [
          { type: 'spreadscaler', properties: { instances: 1, spread: [{ name: 'a', requirements: { zone: 'a' } }] } },
          {
            type: 'link',
            properties: {
              target: { name: 'echo' },
              namespace: 'wasmcloud',
              package: 'messaging',
              interfaces: ['handler'],
              source: { config: [{ name: 'heard', properties: { subscriptions: 'played.>' } }] },
            },
          },
        ],
      },
    ],
  },
})

describe('the real wadm', () => {
  it('deploys an application on our nodes, changes it, and takes it away', { timeout: limit }, async (context) => {
    const { opened, nodes, ask } = await openScene(context)
    const { peer } = opened
    const ref = await opened.image('echo')
    const counts = (): (number | undefined)[] =>
      nodes.map((node) => stateFrom(peer.everything).get(node.hostId)?.components.get('played-echo')?.count)
    const providers = (): (readonly string[])[] =>
      nodes.map((node) => [...(stateFrom(peer.everything).get(node.hostId)?.providers.keys() ?? [])])
    const status = async (): Promise<unknown> => (await ask('status.played'))['status']

    expect(await ask('put', manifestOf(ref, 2, 'v1'))).toMatchObject({ result: 'created' })
    expect(await ask('deploy.played')).toMatchObject({ result: 'acknowledged' })
    await expect.poll(counts, patience).toEqual([1, 1])
    await expect.poll(providers, patience).toEqual([expect.arrayContaining(['played-broker']), expect.anything()])
    await expect.poll(status, patience).toMatchObject({ status: { type: 'deployed' } })
    expect(await peer.data('config.get.played-settings')).toEqual({ greeting: 'hello' })
    const links = (): Promise<unknown> => peer.data('link.get')
    expect(await links()).toHaveLength(2)

    expect(await ask('put', manifestOf(ref, 6, 'v2'))).toMatchObject({ result: 'newversion' })
    expect(await ask('deploy.played', { version: 'v2' })).toMatchObject({ result: 'acknowledged' })
    await expect.poll(counts, patience).toEqual([3, 3])
    await expect.poll(status, patience).toMatchObject({ status: { type: 'deployed' } })

    // Somebody takes one away behind its back: it is put back.
    await peer.ask(`component.scale.${nodes[0]?.hostId ?? ''}`, { component_id: 'played-echo', component_ref: ref })
    // wadm is quick: it is gone for less than a tenth of a second.
    await expect.poll(counts, { ...patience, timeout: 20_000, interval: 2 }).toEqual([undefined, 3])
    await expect.poll(counts, patience).toEqual([3, 3])

    expect(await ask('undeploy.played')).toMatchObject({ result: 'acknowledged' })
    await expect.poll(counts, patience).toEqual([undefined, undefined])
    await expect.poll(() => providers().flat().includes('played-broker'), patience).toBe(false)
    await expect.poll(links, patience).toEqual([])
    expect(unreadable(peer.everything)).toEqual([])
    expect(peer.faults).toEqual([])
  })

  it('is steered by wash: put, deploy, status, history, undeploy, delete', { timeout: limit }, async (context) => {
    const wash = findPeer(context, 'wash')
    const { opened, real, nodes } = await openScene(context)
    const tell = (...args: readonly string[]): Promise<string> => real.wash(wash, 'app', ...args)
    const file = path.join(opened.folder('.'), 'wadm.yaml')
    await writeFile(file, stringify(manifestOf(await opened.image('echo'), 2, 'v1')))
    const ran = (): boolean[] =>
      nodes.map(({ hostId }) => stateFrom(opened.peer.everything).get(hostId)?.components.has('played-echo') === true)

    await tell('put', file)
    expect(await tell('list')).toContain('played')
    await tell('deploy', 'played')
    await expect.poll(ran, patience).toEqual([true, true])
    await expect.poll(() => tell('status', 'played'), patience).toMatch(/deployed/i)
    expect(await tell('get', 'played')).toContain('messaging-nats')
    expect(await tell('history', 'played')).toContain('v1')
    await tell('undeploy', 'played')
    await expect.poll(ran, patience).toEqual([false, false])
    await tell('delete', 'played')
    expect(await tell('list')).not.toContain('played')
    expect(unreadable(opened.peer.everything)).toEqual([])
  })
})
