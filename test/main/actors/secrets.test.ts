// Secrets of a v1 lattice: references in the configuration bucket, a backend that seals what it says, and components and providers
// that get the values. Real components and processes on a real nats-server.

import { connect, nkeys } from 'nats'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { usualHostOptions } from '../../../main/host-options.js'
import type { LatticeNode } from '../../../main/lattice-node.js'
import { findToken } from '../../../main/lattice/claims.js'
import { verifySignature } from '../../../main/lattice/nkeys.js'
import { defaultTimes } from '../../../main/provider-host/parts.js'
import { type Archives, buildTestProvider, openArchives, script, thisTarget } from '../../support/provider-archive.js'
import { openSecretsBackend, type SecretsBackend } from '../../support/secrets-backend.js'
import { signComponent } from '../../support/sign-component.js'
import { signProvider } from '../../support/sign-provider.js'
import { openTestLattice, type TestLattice } from '../../support/test-lattice.js'
import { buildServices } from '../wasm/services.js'

const limit = 60_000
vi.setConfig({ testTimeout: limit })
const soon = { timeout: 20_000, interval: 50 }
const prefix = 'acme.secrets'

let lattice: TestLattice
let backend: SecretsBackend
let archives: Archives
let node: LatticeNode
let unsigned: Uint8Array
let signed: Uint8Array

const reference = (name: string, key: string, more: object = {}): Record<string, string> => ({
  name,
  type: 'secret.wasmcloud.dev/v1alpha1',
  backend: 'vault',
  key,
  policy: '{"type":"properties.secret.wasmcloud.dev/v1alpha1","properties":{"role":"reader","depth":2}}',
  ...more,
})
const json = (data: Uint8Array): never => JSON.parse(new TextDecoder().decode(data)) as never
const start = (id: string, bytes: Uint8Array, config: readonly string[]): Promise<void> =>
  lattice.start(node, id, bytes, config)

beforeAll(async () => {
  lattice = await openTestLattice()
  archives = await openArchives()
  backend = await openSecretsBackend(lattice.server.tcpUrl, `${prefix}.v1alpha1.vault`, {
    '/db/password': { text: 'open sesame' },
    '/db/key': { bytes: [0, 255, 7] },
    '/denied': { error: { PolicyError: 'not for you' } },
  })
  node = await lattice.addNode('keeper', {
    hostOptions: { ...usualHostOptions, secretsTopic: prefix },
    startProviders: {
      permissions: [{ ref: 'file://', isPrefix: true, isPublic: false }],
      folder: path.join(archives.folder, 'run'),
      rpc: { url: lattice.server.tcpUrl },
      times: { ...defaultTimes, firstHealthMs: 300, healthMs: 300 },
    },
  })
  unsigned = await buildServices()
  signed = signComponent(unsigned)
  await lattice.client.putConfig('plain', { greeting: 'hello' })
  await lattice.client.putConfig(
    'SECRET_password',
    reference('password', '/db/password', { field: 'pw', version: '4' }),
  )
  await lattice.client.putConfig('SECRET_key', reference('key', '/db/key'))
  await lattice.client.putConfig('SECRET_denied', reference('denied', '/denied'))
  await lattice.client.putConfig('SECRET_gone', reference('gone', '/nowhere'))
  await lattice.client.putConfig('SECRET_plain', { greeting: 'not a reference' })
}, limit)

afterAll(async () => {
  await backend?.close()
  await lattice?.close()
  await archives?.close()
}, limit)

describe('a component', () => {
  it('[L110] is asked for by its token and gets the values under the names of its references', async () => {
    const from = backend.asked.length
    await lattice.start(node, 'keeper', signed, ['plain', 'SECRET_password', 'SECRET_key'])
    expect(await lattice.act('keeper', 'secret', 'password')).toEqual({ tag: 'string', val: 'open sesame' })
    expect(await lattice.act('keeper', 'secret', 'key')).toEqual({ tag: 'bytes', val: [0, 255, 7] })
    expect(await lattice.act('keeper', 'secret', 'SECRET_key')).toMatchObject({ err: expect.any(String) as string })
    const [first, second] = backend.asked.slice(from)
    expect(first).toEqual({
      key: '/db/password',
      field: 'pw',
      version: '4',
      context: {
        entity_jwt: findToken(signed),
        host_jwt: expect.any(String) as string,
        application: { name: null, policy: reference('', '')['policy'] },
      },
    })
    expect(second).toMatchObject({ key: '/db/key', field: null, version: null })
    const [header = '', body = '', signature = ''] = (first?.context.host_jwt ?? '').split('.')
    const payload = json(Buffer.from(body, 'base64url')) as { iss: string; sub: string; wascap: unknown }
    expect(payload).toMatchObject({ sub: node.host.id, wascap: { name: 'keeper', labels: { self_signed: 'true' } } })
    expect(verifySignature(payload.iss, Buffer.from(`${header}.${body}`), Buffer.from(signature, 'base64url'))).toBe(
      true,
    )
  })

  it('finds no secret among its configuration, nor anything of a reference', async () => {
    const all = [['greeting', 'hello']]
    expect(await lattice.act('keeper', 'config', 'name')).toEqual([null, null, all, all])
  })

  it('[L111] keeps what it was started with, and gets others with other configurations', async () => {
    const spec = { componentId: 'keeper', imageRef: 'x', annotations: {}, maxInstances: 1 }
    await node.actors.change('keeper', { ...spec, config: ['SECRET_key'] }, 'same')
    expect(await lattice.act('keeper', 'secret', 'key')).toEqual({ tag: 'bytes', val: [0, 255, 7] })
    expect(await lattice.act('keeper', 'secret', 'password')).toHaveProperty('err')
  })

  it('is asked for anew when the backend came back with another key', async () => {
    backend.renewKey()
    await start('late', signed, ['SECRET_key'])
    expect(await lattice.act('late', 'secret', 'key')).toEqual({ tag: 'bytes', val: [0, 255, 7] })
  })

  it.each([
    ['SECRET_denied', /server error: \{"PolicyError":"not for you"\}/],
    ['SECRET_gone', /server error: SecretNotFound/],
    ['SECRET_missing', /Secret config SECRET_missing not found in config store/],
    ['SECRET_plain', /ensure SECRET_plain is a secret reference and not configuration/],
  ])('[L112] does not start without %s', async (name, words) => {
    const failure = await start('unlucky', signed, [name]).then(
      () => undefined,
      (error: unknown) => error as Error,
    )
    expect(failure?.message).toBe('Unable to fetch requested secrets')
    expect(String((failure?.cause as Error).message)).toMatch(words)
    expect(node.actors.get('unlucky')).toBeUndefined()
  })

  it('[L112] does not start unsigned, nor on a node without a backend', async () => {
    await expect(start('nobody', unsigned, ['SECRET_key'])).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/^entity did not have an embedded JWT/) as string },
    })
    const bare = await lattice.addNode('bare')
    await expect(lattice.start(bare, 'nobody', signed, ['SECRET_key'])).rejects.toMatchObject({
      cause: { message: 'secret store not configured, could not fetch secrets' },
    })
  })
})

describe('a provider', () => {
  interface Told {
    readonly host: Readonly<Record<string, unknown>>
    readonly links: readonly Readonly<Record<string, unknown>>[]
  }
  const told = async (): Promise<Told> =>
    json((await lattice.transport.request('test.provider.vaulted', new Uint8Array(), { timeoutMs: 10_000 })).data)
  const link = (sourceId: string, more: object) => ({
    source_id: sourceId,
    target: 'vaulted',
    name: 'default',
    wit_namespace: 'wasi',
    wit_package: 'keyvalue',
    interfaces: ['store'],
    ...more,
  })
  const put = async (body: object): Promise<unknown> =>
    json(
      (
        await lattice.transport.request(
          'wasmbus.ctl.v1.default.link.put',
          new TextEncoder().encode(JSON.stringify(body)),
          { timeoutMs: 10_000 },
        )
      ).data,
    )

  it('[L113] is told its secrets in HostData, and those of its links sealed for it alone', async () => {
    const overheard: string[] = []
    const spy = await connect({ servers: lattice.server.tcpUrl })
    spy.subscribe('wasmbus.rpc.>', {
      callback: (_error, message) => overheard.push(`${message.subject} ${new TextDecoder().decode(message.data)}`),
    })
    await spy.flush()
    const executable = script(await buildTestProvider())
    const token = signProvider({ [thisTarget]: executable })
    const ref = await archives.add('vaulted.par', { 'claims.jwt': token, [`${thisTarget}.bin`]: executable })
    expect(await put(link('shop', { target_config: ['SECRET_password'] }))).toMatchObject({ success: true })
    const from = backend.asked.length
    await node.actors.startProvider(ref, 'vaulted', ['SECRET_key'], { 'wasmcloud.dev/appspec': 'till' })
    await expect.poll(() => told().catch(() => undefined), soon).toBeDefined()
    const { host, links } = await told()
    expect(host['secrets']).toEqual({ key: { kind: 'Bytes', value: [0, 255, 7] } })
    expect(host['config']).toEqual({})
    for (const { context } of backend.asked.slice(from)) {
      expect(context).toMatchObject({ entity_jwt: token, application: { name: 'till' } })
    }

    const own = nkeys.fromCurveSeed(new TextEncoder().encode(String(host['provider_xkey_private_key'])))
    const open = (sealed: unknown): unknown =>
      json(own.open(Uint8Array.from(sealed as number[]), String(host['host_xkey_public_key'])) as Uint8Array)
    expect(links[0]).toMatchObject({ source_config: {}, target_config: {}, source_secrets: null })
    expect(open(links[0]?.['target_secrets'])).toEqual({ password: { kind: 'String', value: 'open sesame' } })

    // A link that comes later is told on the provider's own key, and to nobody else.
    expect(await put(link('till', { source_config: ['plain'], target_config: ['SECRET_password'] }))).toMatchObject({
      success: true,
    })
    await expect.poll(async () => (await told()).links.length, soon).toBe(2)
    const later = (await told()).links.find((each) => each['source_id'] === 'till')
    expect(later).toMatchObject({ source_config: { greeting: 'hello' } })
    expect(open(later?.['target_secrets'])).toEqual({ password: { kind: 'String', value: 'open sesame' } })
    await spy.flush()
    expect(overheard.length).toBeGreaterThan(0)
    expect(overheard.filter((line) => line.includes('sesame') || line.includes('.vaulted.linkdefs.put'))).toEqual([])
    await spy.close()
    await node.actors.stopProvider('vaulted')
  })
})
