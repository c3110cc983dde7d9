// Registries behind a proxy and with an authority of their own: which proxy is taken, and pulls from a real registry over TLS
// through a proxy that alone knows where it is.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Images, openImages } from '../../../../main/lattice/images.js'
import { findProxy, noProxy, readProxySettings } from '../../../../main/lattice/oci/proxy.js'
import { createRegistries } from '../../../../main/lattice/oci/registries.js'
import { createClient } from '../../../../main/lattice/client.js'
import { openTransport } from '../../../../main/nats/connection.js'
import type { Transport } from '../../../../main/nats/transport.js'
import { openRegistryFetch } from '../../../../main/registry-access.js'
import { type Authority, hasOpenssl, openAuthority } from '../../../support/authority.js'
import { openConnectProxy } from '../../../support/connect-proxy.js'
import { type NatsServer, startNatsServer } from '../../../support/nats-server.js'
import { startNodeProcess } from '../../../support/node-process.js'
import { findOciRegistry, type OciRegistry, startOciRegistry } from '../../../support/oci-registry.js'

describe('the proxy of a request', () => {
  const of = (env: Record<string, string>, url: string): string | undefined =>
    findProxy(readProxySettings(env), new URL(url))?.href

  it('is that of its scheme, else that of all, lower case first', () => {
    const env = { HTTPS_PROXY: 'http://upper:1', https_proxy: 'http://lower:1', ALL_PROXY: 'gate:3' }
    expect(of(env, 'https://ghcr.io/v2/')).toBe('http://lower:1/')
    expect(of(env, 'http://ghcr.io/v2/')).toBe('http://gate:3/')
    expect(of({ HTTPS_PROXY: 'https://ann:pw@gate', HTTP_PROXY: '' }, 'https://ghcr.io/')).toBe('https://ann:pw@gate/')
    expect(of({ HTTPS_PROXY: 'http://gate:1' }, 'http://ghcr.io/')).toBeUndefined()
    expect(of({}, 'https://ghcr.io/')).toBeUndefined()
  })

  it.each([
    ['*', 'https://any.where'],
    ['corp.test', 'https://corp.test'],
    ['corp.test', 'https://hub.corp.test:5000'],
    ['.corp.test', 'https://hub.corp.test'],
    ['*.corp.test', 'https://hub.corp.test'],
    ['a, CORP.test ,b', 'https://Corp.Test'],
    ['corp.test:5000', 'https://corp.test:5000'],
    ['corp.test:443', 'https://corp.test'],
    ['10.0.0.0/8', 'https://10.1.2.3:5000'],
    ['10.1.2.3', 'https://10.1.2.3'],
    ['fd00::/8', 'https://[fd12::1]'],
    ['[fd12::1]:5000', 'https://[fd12::1]:5000'],
    ['', 'http://localhost:5000'],
    ['', 'https://127.0.0.2'],
    ['', 'https://[::1]:5000'],
  ])('is none where NO_PROXY is "%s" and it goes to %s', (no, url) => {
    expect(of({ ALL_PROXY: 'http://gate:1', NO_PROXY: no }, url)).toBeUndefined()
  })

  it.each([
    ['corp.test', 'https://notcorp.test'],
    ['corp.test:5000', 'https://corp.test'],
    ['10.0.0.0/8', 'https://11.1.2.3'],
    ['10.0.0.0/99, ::/x, /8, :, ., [', 'https://10.1.2.3'],
    ['1.2.3', 'https://4.1.2.3'],
  ])('is taken where NO_PROXY is "%s" and it goes to %s', (no, url) => {
    expect(of({ ALL_PROXY: 'http://gate:1', NO_PROXY: no }, url)).toBe('http://gate:1/')
  })

  it('has to speak HTTP; its password is not told', () => {
    for (const text of ['socks5://ann:geheim@gate:1080', 'http://ann:geheim@']) {
      let said = ''
      try {
        of({ ALL_PROXY: text }, 'https://ghcr.io/')
      } catch (error) {
        said = (error as Error).message
      }
      expect(said).toMatch(/^ghcr.io is behind .*only http:\/\/ and https:\/\/ proxies are known$/)
      expect(said).not.toContain('geheim')
    }
  })
})

const found = findOciRegistry()
const file = 'file' in found ? found.file : ''
const skipped = 'why' in found ? ` (${found.why})` : hasOpenssl() ? '' : ' (openssl is not here)'

describe.skipIf(skipped !== '')(`a registry over TLS behind a proxy${skipped}`, () => {
  const host = 'registry.test:5443'
  const ref = `${host}/team/echo:1.0`
  const words = new TextEncoder().encode('the bytes')
  let nats: NatsServer
  let transport: Transport
  let registry: OciRegistry
  let authority: Authority
  let folder: string
  let places: Record<string, number>
  let caFile: string

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tlos-proxy-'))
    nats = await startNatsServer()
    transport = await openTransport({ servers: nats.tcpUrl, name: 'test' })
    authority = await openAuthority()
    registry = await startOciRegistry(file)
    await registry.push('team/echo', '1.0', [{ mediaType: 'application/wasm', bytes: words }])
    const { certificate, key } = await authority.sign('registry.test')
    places = {
      [host]: await registry.serveTls(certificate, key),
      'plain.test:5000': Number(registry.name.split(':')[1]),
    }
    caFile = path.join(folder, 'ca.pem')
    await writeFile(caFile, authority.ca)
  }, 60_000)

  afterAll(async () => {
    await registry.close()
    await authority.close()
    await transport.close()
    await nats.close()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  let opened = 0
  const open = async (env: Record<string, string>, ca: string | undefined, extra?: string): Promise<Images> =>
    openImages({
      transport,
      lattice: 'default',
      cacheDir: path.join(folder, `cache-${(opened += 1)}`),
      allowFiles: false,
      registries: createRegistries({ allowLatest: false, insecure: ['plain.test:5000'], credentials: {} }),
      fetch: await openRegistryFetch({ caFile: ca, proxy: readProxySettings(env) }, extra),
    })

  it('[L75] is reached through the proxy alone, with the authority, and with both together', async () => {
    const proxy = await openConnectProxy({ places })
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }
    expect(await (await open(env, caFile)).resolve(ref)).toEqual(words)
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${host}`]))
    const seen = proxy.asked.length
    // Nobody trusts this authority by himself, and no name server knows the name.
    await expect((await open(env, undefined)).resolve(ref)).rejects.toMatchObject({
      code: 'unreachable',
      cause: { code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO/) as string },
    })
    expect(proxy.asked.length).toBeGreaterThan(seen)
    await expect((await open({ ...env, NO_PROXY: 'test' }, caFile)).resolve(ref)).rejects.toMatchObject({
      code: 'unreachable',
    })
    // What Node was told to trust beside its own is not forgotten over a file of ours.
    const other = await openAuthority()
    const otherFile = path.join(folder, 'other.pem')
    await writeFile(otherFile, other.ca)
    expect(await (await open(env, otherFile, caFile)).resolve(ref)).toEqual(words)
    await other.close()
    await proxy.close()
  }, 60_000)

  it('[L75] takes no certificate for another name, through a proxy neither', async () => {
    const wrong = 'elsewhere.test:5443'
    const proxy = await openConnectProxy({ places: { [wrong]: places[host] ?? 0 } })
    const images = await open({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }, caFile)
    await expect(images.resolve(`${wrong}/team/echo:1.0`)).rejects.toMatchObject({
      code: 'unreachable',
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    })
    await proxy.close()
  })

  it('is asked over plain HTTP through the proxy where that is allowed', async () => {
    const proxy = await openConnectProxy({ places })
    const images = await open({ HTTP_PROXY: `127.0.0.1:${proxy.port}` }, undefined)
    expect(await images.resolve('plain.test:5000/team/echo:1.0')).toEqual(words)
    expect(proxy.asked[0]).toBe('GET http://plain.test:5000/v2/team/echo/manifests/1.0')
    await proxy.close()
  })

  it('says in words what the proxy did not do, and never its password', async () => {
    const proxy = await openConnectProxy({ places, login: 'ann:ge heim' })
    const at = (who: string): Record<string, string> => ({ HTTPS_PROXY: `http://${who}127.0.0.1:${proxy.port}` })
    expect(await (await open(at('ann:ge%20heim@'), caFile)).resolve(ref)).toEqual(words)
    const failures = [
      [at('ann:wrong-word@'), ref, 'refused', /^the proxy 127.0.0.1:\d+ wants other credentials$/],
      [
        at('ann:ge%20heim@'),
        'unknown.test/team/echo:1.0',
        'unreachable',
        /answers 502 when asked for unknown.test:443$/,
      ],
      [
        { HTTPS_PROXY: 'http://ann:wrong-word@127.0.0.1:1' },
        ref,
        'unreachable',
        /^the proxy 127.0.0.1:1 cannot be used/,
      ],
    ] as const
    for (const [env, wanted, code, message] of failures) {
      const failing = (await open(env, caFile)).resolve(wanted)
      await expect(failing).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
      await expect(failing).rejects.not.toThrow(/wrong-word|heim/)
    }
    await proxy.close()
  })

  it('gives a node its component by the flags and variables of the node, and a wrong file ends the start', async () => {
    const proxy = await openConnectProxy({ places })
    const echo = await readFile(path.resolve(import.meta.dirname, '../../../../out/components/echo.wasm'))
    await registry.push('team/real', '1.0', [{ mediaType: 'application/wasm', bytes: new Uint8Array(echo) }])
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, https_proxy: '' }
    const start = (name: string, more: { extra?: string[]; env?: Record<string, string> }) =>
      startNodeProcess({ natsUrl: nats.tcpUrl, name, ...more, env: { ...env, ...more.env } })
    const byFlag = await start('by-flag', { extra: ['--oci-ca-file', caFile] })
    const byNode = await start('by-node', { env: { NODE_EXTRA_CA_CERTS: caFile } })
    const client = createClient({ transport, lattice: 'default' })
    for (const [n, { hostId }] of [byFlag, byNode].entries()) {
      // Completes by the event of the start, or fails with its words.
      await client.scale(hostId, { componentId: `real-${n}`, imageRef: `${host}/team/real:1.0`, count: 1 })
    }
    await Promise.all([byFlag.stop(), byNode.stop()])
    const junk = path.join(folder, 'junk.pem')
    await writeFile(junk, 'no certificate')
    await expect(start('junk', { extra: ['--oci-ca-file', junk] })).rejects.toThrow(
      `The file of the registries' authority, ${junk}, cannot be used`,
    )
    expect(await openRegistryFetch({ caFile: undefined, proxy: noProxy })).toBeUndefined()
    await proxy.close()
  }, 90_000)
})
