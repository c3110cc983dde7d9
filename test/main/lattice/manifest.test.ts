// What runs as a manifest: the pure part, with what a real lattice has and a test cannot easily start.

import { describe, expect, it } from 'vitest'
import type { Component, Host, Link, Provider } from '../../../preload/records.js'
import { linkKey, onHostKey } from '../../../preload/records.js'
import { manifestOf, type ManifestSources } from '../../../main/lattice/protocol/manifest.js'
import { hostId } from './lattice-samples.js'

const host = (n: number, labels: Record<string, string>): Host => ({
  id: hostId(n) as Host['id'],
  friendlyName: `host-${n}`,
  kind: 'wasmcloud',
  version: '1.9.2',
  labels: { 'hostcore.os': 'linux', ...labels },
  heardAtMs: 0,
  startedAtMs: 0,
  liveness: 'fresh',
  cordoned: false,
})

const component = (id: string, on: number, extra: Partial<Component> = {}): Component => ({
  id: id as Component['id'],
  hostId: hostId(on) as Host['id'],
  imageRef: `ghcr.io/home/${id}:1.0`,
  maxInstances: 1,
  annotations: {},
  state: 'running',
  stateKind: 'unknown',
  hasWindow: false,
  activity: 0,
  config: [],
  ...extra,
})

const provider = (id: string, on: number, imageRef: string): Provider => ({
  id,
  hostId: hostId(on) as Host['id'],
  imageRef,
  annotations: {},
  health: 'running',
})

const link = (sourceId: string, target: string, extra: Partial<Link> = {}): Link => ({
  sourceId,
  target,
  name: 'default',
  witNamespace: 'wasi',
  witPackage: 'keyvalue',
  interfaces: ['store'],
  sourceConfig: [],
  targetConfig: [],
  ...extra,
})

function write(
  parts: { hosts: Host[]; components?: Component[]; providers?: Provider[]; links?: Link[] },
  configs: ManifestSources['configs'] = {},
  withManaged = false,
) {
  const { manifest, notes } = manifestOf(
    { name: 'app', version: undefined, description: undefined, withManaged },
    {
      configs,
      lattice: {
        hosts: Object.fromEntries(parts.hosts.map((one) => [one.id, one])),
        components: Object.fromEntries((parts.components ?? []).map((one) => [onHostKey(one.hostId, one.id), one])),
        providers: Object.fromEntries((parts.providers ?? []).map((one) => [onHostKey(one.hostId, one.id), one])),
        links: Object.fromEntries((parts.links ?? []).map((one) => [linkKey(one), one])),
      },
    },
  )
  return { spec: manifest.spec, manifest, notes: notes.map(({ code, about }) => `${code} ${about}`.trim()) }
}

describe('[L67] a manifest of what runs', () => {
  it('[L67] spreads by the labels that tell hosts apart, never by those that hosts give themselves', () => {
    const hosts = [host(1, { zone: 'a', rack: 'x' }), host(2, { zone: 'b', rack: 'x' })]
    const { spec, notes } = write({ hosts, components: [component('c', 1), component('c', 2, { maxInstances: 3 })] })
    expect(spec.components[0]).toMatchObject({
      name: 'c',
      type: 'component',
      properties: { image: 'ghcr.io/home/c:1.0', id: 'c' },
      traits: [
        {
          type: 'spreadscaler',
          properties: {
            instances: 4,
            spread: [
              { name: 'host-1', requirements: { zone: 'a' }, weight: 1 },
              { name: 'host-2', requirements: { zone: 'b' }, weight: 3 },
            ],
          },
        },
      ],
    })
    expect(notes).toEqual([])
  })

  it('asks for each host where the same runs on all of them and nothing tells them apart', () => {
    const { spec } = write({
      hosts: [host(1, {}), host(2, {})],
      components: [component('c', 1, { maxInstances: 2 }), component('c', 2, { maxInstances: 2 })],
    })
    expect(spec.components[0]?.traits?.[0]).toEqual({ type: 'daemonscaler', properties: { instances: 2 } })
  })

  it('says when it cannot name the host', () => {
    const { spec, notes } = write({ hosts: [host(1, {}), host(2, {})], components: [component('c', 1)] })
    expect(spec.components[0]?.traits?.[0]).toEqual({ type: 'spreadscaler', properties: { instances: 1 } })
    expect(notes).toEqual(['anywhere c'])
  })

  it('names providers by references that can be started again', () => {
    const hosts = [host(1, {})]
    const providers = [
      provider('http', 1, 'http-server'),
      provider('kv', 1, 'ghcr.io/wasmcloud/keyvalue-redis:0.28.1'),
      provider('own', 1, '/opt/own.par.gz'),
      provider('inside', 1, 'tlos-keyvalue'),
    ]
    const { spec } = write({ hosts, providers })
    expect(spec.components.map(({ type, properties }) => [type, properties])).toEqual([
      ['capability', { image: 'wasmcloud+builtin://http-server', id: 'http' }],
      ['capability', { image: 'ghcr.io/wasmcloud/keyvalue-redis:0.28.1', id: 'kv' }],
      ['capability', { image: 'file:///opt/own.par.gz', id: 'own' }],
    ])
  })

  it('[L67] carries links with their configurations, and secrets as references with their policy', () => {
    const { spec, notes, manifest } = write(
      {
        hosts: [host(1, {})],
        components: [component('c', 1, { config: ['own', 'SECRET_token', 'lost'] })],
        providers: [provider('kv', 1, 'kv:1')],
        links: [
          link('c', 'kv', { name: 'main', sourceConfig: ['own'], targetConfig: ['url'] }),
          link('c', 'elsewhere', { witPackage: 'blobstore' }),
          link('nobody', 'kv'),
        ],
      },
      {
        own: { a: '1' },
        url: { url: 'redis://x' },
        SECRET_token: {
          name: 'token',
          type: 'secret.wasmcloud.dev/v1alpha1',
          backend: 'vault',
          key: 'k',
          policy: '{"type":"properties.secret.wasmcloud.dev/v1alpha1","properties":{"role":"r"}}',
        },
      },
    )
    expect(manifest.metadata).toEqual({ name: 'app', annotations: {} })
    expect(spec.policies).toEqual([
      {
        name: 'vault-policy',
        type: 'policy.secret.wasmcloud.dev/v1alpha1',
        properties: { role: 'r', backend: 'vault' },
      },
    ])
    expect(spec.components[0]).toMatchObject({
      properties: {
        config: [{ name: 'own', properties: { a: '1' } }, { name: 'lost' }],
        secrets: [{ name: 'token', properties: { policy: 'vault-policy', key: 'k' } }],
      },
      traits: [
        { type: 'spreadscaler', properties: { instances: 1 } },
        {
          type: 'link',
          properties: {
            namespace: 'wasi',
            package: 'keyvalue',
            interfaces: ['store'],
            name: 'main',
            source: { config: [{ name: 'own', properties: { a: '1' } }] },
            target: { name: 'kv', config: [{ name: 'url', properties: { url: 'redis://x' } }] },
          },
        },
      ],
    })
    expect(notes.sort()).toEqual(['config-unknown kv', 'no-config lost', 'no-target c → elsewhere'])
  })

  it('leaves out what wadm has, what is at rest for good, and hosts that are gone', () => {
    const managed = { annotations: { 'wasmcloud.dev/managed-by': 'wadm', 'wasmcloud.dev/appspec': 'x' } }
    const hosts = [host(1, {}), { ...host(2, {}), liveness: 'gone' as const }]
    const components = [
      component('a', 1),
      component('b', 1, managed),
      component('failed', 1, { maxInstances: 0 }),
      component('far', 2),
    ]
    const without = write({ hosts, components })
    expect(without.spec.components.map(({ name }) => name)).toEqual(['a'])
    expect(without.notes).toEqual(['managed'])
    const whole = write({ hosts, components }, {}, true)
    expect(whole.spec.components.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(whole.notes).toEqual([])
  })

  it('says which image it took of several, and of whom nobody tells the configuration', () => {
    const { spec, notes } = write({
      hosts: [host(1, { n: '1' }), host(2, { n: '2' }), host(3, { n: '3' })],
      components: [
        component('c', 1, { imageRef: 'new:2' }),
        component('c', 2, { imageRef: 'old:1' }),
        component('c', 3, { imageRef: 'new:2' }),
        component('v1', 1, { config: undefined }),
      ],
    })
    expect(spec.components[0]?.properties.image).toBe('new:2')
    expect(notes).toEqual(['images c', 'config-unknown v1'])
  })
})
