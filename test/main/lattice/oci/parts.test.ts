// The pure parts of pulling images: references, login challenges, manifests. Each also with what nobody sane would send.

import { describe, expect, it } from 'vitest'
import { readChallenges } from '../../../../main/lattice/oci/challenge.js'
import { chooseLayer } from '../../../../main/lattice/oci/manifest.js'
import { formatOciReference, parseOciReference } from '../../../../main/lattice/oci/reference.js'
import { createRegistries } from '../../../../main/lattice/oci/registries.js'

const hex = 'a'.repeat(64)

describe('a reference of an image', () => {
  it.each([
    ['ghcr.io/x/y:1.0', 'ghcr.io', 'x/y', '1.0', undefined],
    ['oci://ghcr.io/x/y:1.0', 'ghcr.io', 'x/y', '1.0', undefined],
    ['https://GHCR.io/x/y', 'ghcr.io', 'x/y', 'latest', undefined],
    ['http://localhost:5000/echo:2', 'localhost:5000', 'echo', '2', undefined],
    ['localhost/echo', 'localhost', 'echo', 'latest', undefined],
    ['[::1]:5000/a:b', '[::1]:5000', 'a', 'b', undefined],
    ['echo', 'docker.io', 'library/echo', 'latest', undefined],
    ['owner/echo:1', 'docker.io', 'owner/echo', '1', undefined],
    ['docker.io/echo', 'docker.io', 'library/echo', 'latest', undefined],
    [`ghcr.io/x/y@sha256:${hex}`, 'ghcr.io', 'x/y', undefined, `sha256:${hex}`],
    [`ghcr.io/x/y:1@sha256:${hex}`, 'ghcr.io', 'x/y', '1', `sha256:${hex}`],
    ['ghcr.io/a__b/c.d/e-f:v1_2-3', 'ghcr.io', 'a__b/c.d/e-f', 'v1_2-3', undefined],
  ])('%s', (text, registry, repository, tag, digest) => {
    const parsed = parseOciReference(text)
    expect(parsed).toEqual({ registry, repository, tag, digest })
    if (parsed !== undefined) expect(parseOciReference(formatOciReference(parsed))).toEqual(parsed)
  })

  it.each([
    '',
    ':1',
    '/x',
    'ghcr.io/',
    'ghcr.io/X/y',
    'ghcr.io/x/../y',
    'ghcr.io/x//y',
    'ghcr.io/x/y:',
    'ghcr.io/x/y:a b',
    'ghcr.io/x/y@sha256:short',
    `ghcr.io/x/y@sha512:${hex}`,
    `ghcr.io/x/y@sha256:${hex}@sha256:${hex}`,
    'user:pw@ghcr.io/x/y',
    'ghcr.io/x/y?z=1',
    'ghcr.io/x/y#z',
    'ghcr.io/%2e%2e/y',
    'tlos://sha256/x',
    'wasmcloud+builtin://http-server',
    'oci://file:///etc/passwd',
    `ghcr.io/${'x'.repeat(300)}`,
    'x'.repeat(5_000),
  ])('%j is none', (text) => {
    expect(parseOciReference(text)).toBeUndefined()
  })
})

describe('a login challenge', () => {
  it.each([
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
      [
        [
          'bearer',
          {
            realm: 'https://auth.docker.io/token',
            service: 'registry.docker.io',
            scope: 'repository:a/b:pull,push',
          },
        ],
      ],
    ],
    ['Basic realm="a \\"b\\""', [['basic', { realm: 'a "b"' }]]],
    ['Basic', [['basic', {}]]],
    [
      'Negotiate, Bearer realm=x , Basic realm="y"',
      [
        ['negotiate', {}],
        ['bearer', { realm: 'x' }],
        ['basic', { realm: 'y' }],
      ],
    ],
    ['', []],
    ['"', []],
    ['='.repeat(100), []],
    ['a'.repeat(10_000), []],
  ])('%j', (header, expected) => {
    const found = readChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])
    expect(found).toEqual(expected)
  })

  it('of the worst shapes is read in no time', () => {
    for (const text of [
      'a,'.repeat(4_000),
      'a="\\'.repeat(2_000),
      ' ,'.repeat(4_000),
      `Bearer ${'a=b,'.repeat(2_000)}`,
    ]) {
      expect(readChallenges(text).length).toBeLessThanOrEqual(4_096)
    }
  })
})

describe('the layer of an image', () => {
  const bytes = (data: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(data))
  const layer = (mediaType: string, n = 1): unknown => ({ mediaType, digest: `sha256:${hex}`, size: n })
  const choose = (data: unknown, kind: 'component' | 'provider' = 'component') => chooseLayer(bytes(data), kind, 'x:1')

  it.each([
    'application/wasm',
    'application/vnd.module.wasm.content.layer.v1+wasm',
    'application/vnd.oci.image.layer.v1.tar',
  ])('is a component as %s', (mediaType) => {
    const chosen = choose({ schemaVersion: 2, layers: [layer('text/plain'), layer(mediaType, 7)] })
    expect(chosen).toEqual({ kind: 'layer', layer: { digest: `sha256:${hex}`, sizeBytes: 7 } })
  })

  it('is a provider archive when that is wanted, and never the other kind', () => {
    const par = { layers: [layer('application/vnd.wasmcloud.provider.archive.layer.v1+par')] }
    expect(choose(par, 'provider').kind).toBe('layer')
    expect(() => choose(par)).toThrow(/no image of a component: it has application\/vnd\.wasmcloud/)
    expect(() => choose({ layers: [layer('application/wasm')] }, 'provider')).toThrow(/no image of a provider/)
  })

  it('of an index is that for Wasm, or the only one', () => {
    const entry = (letter: string, architecture?: string): unknown => ({
      digest: `sha256:${letter.repeat(64)}`,
      ...(architecture === undefined ? {} : { platform: { architecture, os: 'linux' } }),
    })
    expect(choose({ manifests: [entry('a', 'amd64'), entry('b', 'wasm')] })).toEqual({
      kind: 'manifest',
      digest: `sha256:${'b'.repeat(64)}`,
    })
    expect(choose({ manifests: [entry('c')] })).toMatchObject({ digest: `sha256:${'c'.repeat(64)}` })
    expect(() => choose({ manifests: [entry('a', 'amd64'), entry('b', 'arm64')] })).toThrow(/for 2 platforms/)
    expect(() => choose({ manifests: [] })).toThrow(/for 0 platforms/)
  })

  it.each([
    ['nothing', {}, /is not one/],
    ['a list', [], /is not one/],
    ['null', null, /is not one/],
    ['a text', { layers: 'x' }, /is not one/],
    ['no layers', { layers: [] }, /it has no layers/],
    ['a foreign digest', { layers: [{ mediaType: 'application/wasm', digest: 'md5:1', size: 1 }] }, /is not one/],
    ['a negative size', { layers: [layer('application/wasm', -1)] }, /is not one/],
    ['two that fit', { layers: [layer('application/wasm'), layer('application/wasm')] }, /2 layers that could be/],
    ['very many', { layers: Array.from({ length: 2_000 }, () => layer('application/wasm')) }, /is not one/],
  ])('of %s is refused', (_name, data, why) => {
    expect(() => choose(data)).toThrow(why)
  })

  it('of what is no JSON is refused', () => {
    expect(() => chooseLayer(new Uint8Array([0xff, 0xfe]), 'component', 'x:1')).toThrow(/no JSON/)
  })
})

describe('credentials of registries', () => {
  it('are a name with its password; a token alone is none, as in v1 hosts; what came last counts', () => {
    const registries = createRegistries({
      allowLatest: false,
      insecure: ['LOCALHOST:5000'],
      credentials: { 'ghcr.io': { username: 'a', password: 'b' } },
    })
    expect(registries.policyOf('ghcr.io').login).toEqual({ username: 'a', password: 'b' })
    expect(registries.policyOf('localhost:5000')).toEqual({ isInsecure: true, allowLatest: false, login: undefined })
    registries.given.set('ghcr.io', { username: undefined, password: undefined, token: 't', registryType: 'oci' })
    expect(registries.policyOf('ghcr.io').login).toBeUndefined()
  })
})
