// Providers as processes of their own, started over the bus as `wash` does it: raw JSON on raw subjects, a real nats-server, and
// a provider that shares no code with the node (test/fixtures-provider).

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultTimes } from '../../../main/provider-host/parts.js'
import type { LatticeNode } from '../../../main/lattice-node.js'
import { mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { type Archives, buildTestProvider, openArchives, script, thisTarget } from '../../support/provider-archive.js'
import { createKey } from '../../../main/lattice/nkeys.js'
import { signProvider } from '../../support/sign-provider.js'
import { openTestLattice, type TestLattice } from '../../support/test-lattice.js'

const limit = 60_000
const soon = { timeout: 20_000, interval: 50 }
const ctl = 'wasmbus.ctl.v1.default'
const empty = new Uint8Array()
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const json = (data: Uint8Array): never => JSON.parse(new TextDecoder().decode(data)) as never

interface Reply {
  readonly success: boolean
  readonly message: string
  readonly response?: { readonly providers: readonly Record<string, unknown>[] }
}
interface Heard {
  readonly kind: string
  readonly source: string
  readonly data: Record<string, unknown>
}
/** What the test provider tells of itself. */
interface Told {
  readonly host: Record<string, unknown>
  readonly pid: number
  readonly env: Record<string, string>
  readonly links: readonly Record<string, unknown>[]
  readonly heard: {
    puts: number
    repeated: number
    dels: readonly unknown[]
    configs: readonly unknown[]
    healths: number
  }
  readonly stored: readonly string[]
}

let lattice: TestLattice
let archives: Archives
let first: LatticeNode
let second: LatticeNode
let provider: string
const heard: Heard[] = []

const times = { ...defaultTimes, firstHealthMs: 300, healthMs: 300, restartMs: 200 }
const node = (name: string): Promise<LatticeNode> =>
  lattice.addNode(name, {
    startProviders: {
      permissions: [{ ref: 'file://', isPrefix: true, isPublic: false }],
      folder: path.join(archives.folder, `run-${name}`),
      rpc: { url: lattice.server.tcpUrl },
      times,
    },
  })

const ask = async (tail: string, body?: unknown): Promise<Reply> =>
  json(
    (await lattice.transport.request(`${ctl}.${tail}`, body === undefined ? empty : bytes(body), { timeoutMs: 20_000 }))
      .data,
  )
const start = (on: LatticeNode, id: string, ref: string, more: object = {}): Promise<Reply> =>
  ask(`provider.start.${on.host.id}`, { provider_id: id, provider_ref: ref, host_id: on.host.id, config: [], ...more })
const stop = (on: LatticeNode, id: string): Promise<Reply> =>
  ask(`provider.stop.${on.host.id}`, { provider_id: id, host_id: on.host.id })
const told = async (id: string): Promise<Told> =>
  json((await lattice.transport.request(`test.provider.${id}`, empty, { timeoutMs: 10_000 })).data)
const eventsOf = (id: string): readonly Heard[] =>
  heard.filter(({ data }) => data['provider_id'] === id && !String(data['kind']).startsWith('health'))
const kindsOf = (id: string): readonly string[] => eventsOf(id).map(({ kind }) => kind)
const until = (id: string, kind: string): Promise<void> => expect.poll(() => kindsOf(id), soon).toContain(kind)
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const link = (sourceId: string, target: string, more: object = {}) => ({
  source_id: sourceId,
  target,
  name: 'default',
  wit_namespace: 'wasi',
  wit_package: 'keyvalue',
  interfaces: ['store', 'atomics'],
  ...more,
})

beforeAll(async () => {
  lattice = await openTestLattice()
  archives = await openArchives()
  lattice.transport.subscribe('wasmbus.evt.default.>', (message) => {
    const event: { type: string; source: string; data: Record<string, unknown> } = json(message.data)
    heard.push({ kind: event.type.replace('com.wasmcloud.lattice.', ''), source: event.source, data: event.data })
  })
  await lattice.transport.flush()
  first = await node('first')
  second = await node('second')
  const executable = script(await buildTestProvider())
  provider = await archives.add('kv.par.gz', { [`${thisTarget}.bin`]: executable }, { gzip: true })
}, limit)

afterAll(async () => {
  await lattice?.close()
  await archives?.close()
}, limit)

describe('a provider from an archive', () => {
  it('[L81] runs, is told all that HostData has, and is in the inventory', async () => {
    await lattice.client.putConfig('kv-one', { a: '1', b: '1' })
    await lattice.client.putConfig('kv-two', { b: '2' })
    await lattice.client.putConfig('kv-link', { bucket: 'x' })
    await ask('link.put', link('shop', 'kv', { target_config: ['kv-link'] }))
    expect(await start(first, 'kv', provider, { config: ['kv-one', 'kv-two'], annotations: { who: 'test' } })).toEqual({
      success: true,
      message: 'successfully started provider',
    })
    await until('kv', 'provider_started')
    const shown = provider.replace('file://', '')
    expect(eventsOf('kv')[0]).toEqual({
      kind: 'provider_started',
      source: first.host.id,
      data: { host_id: first.host.id, image_ref: shown, provider_id: 'kv', annotations: { who: 'test' } },
    })
    await until('kv', 'health_check_passed')
    const { host, env, links } = await told('kv')
    expect(host).toEqual({
      host_id: first.host.id,
      lattice_rpc_prefix: 'default',
      link_name: 'default',
      lattice_rpc_user_jwt: '',
      lattice_rpc_user_seed: '',
      lattice_rpc_url: lattice.server.tcpUrl,
      provider_key: 'kv',
      env_values: {},
      instance_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/),
      link_definitions: [
        {
          ...link('shop', 'kv'),
          source_config: {},
          target_config: { bucket: 'x' },
          source_secrets: null,
          target_secrets: null,
        },
      ],
      cluster_issuers: [],
      config: { a: '1', b: '2' },
      secrets: {},
      host_xkey_public_key: expect.stringMatching(/^X[A-Z2-7]{55}$/),
      provider_xkey_private_key: expect.stringMatching(/^SX[A-Z2-7]{56}$/),
      default_rpc_timeout_ms: 2_000,
      structured_logging: false,
      log_level: 'info',
      otel_config: { enable_observability: false, protocol: 'Http', additional_ca_paths: [], trace_level: 'info' },
    })
    expect(Object.keys(env).filter((name) => !name.startsWith('OTEL_') && name !== 'RUST_LOG')).toEqual([])
    expect(links).toHaveLength(1)
    const inventory = await ask(`host.get.${first.host.id}`)
    expect(inventory.response?.providers.find((each) => each['id'] === 'kv')).toEqual({
      id: 'kv',
      image_ref: shown,
      revision: 0,
      annotations: { who: 'test' },
    })
  })

  it('cannot be started twice, and the second start changes nothing', async () => {
    expect(await start(first, 'kv', provider)).toEqual({
      success: false,
      message: 'provider with that ID is already running',
    })
  })

  it('[L82] hears of a new link once by its own key, and of one that goes', async () => {
    await lattice.client.putConfig('kv-other', { bucket: 'y' })
    await ask('link.put', link('till', 'kv', { target_config: ['kv-other'] }))
    await expect.poll(async () => (await told('kv')).links.length, soon).toBe(2)
    const { links } = await told('kv')
    expect(links.find((each) => each['source_id'] === 'till')).toMatchObject({
      target: 'kv',
      target_config: { bucket: 'y' },
    })
    await ask('link.del', { source_id: 'till', name: 'default', wit_namespace: 'wasi', wit_package: 'keyvalue' })
    await expect.poll(async () => (await told('kv')).heard.dels.length, soon).toBe(1)
    expect((await told('kv')).links).toHaveLength(1)
  })

  it('[L86] hears of its configuration when it changes, merged', async () => {
    await lattice.client.putConfig('kv-two', { b: '3', c: '4' })
    await expect.poll(async () => (await told('kv')).heard.configs.at(-1), soon).toEqual({ a: '1', b: '3', c: '4' })
  })

  it('[L83] is asked for its health from time to time: passed once, then as it is', async () => {
    await expect
      .poll(() => kindsOf('kv').filter((kind) => kind === 'health_check_status').length, soon)
      .toBeGreaterThan(1)
    expect(kindsOf('kv').filter((kind) => kind === 'health_check_passed')).toHaveLength(1)
    expect(kindsOf('kv')).not.toContain('health_check_failed')
  })

  it('[L84] is started again when it ends by itself, with what holds by then', async () => {
    const before = await told('kv')
    lattice.transport.publish('test.provider.kv.crash', empty)
    await until('kv', 'health_check_failed')
    await expect.poll(async () => (await told('kv').catch(() => before)).pid, soon).not.toBe(before.pid)
    const after = await told('kv')
    expect(after.host['config']).toEqual({ a: '1', b: '3', c: '4' })
    expect(after.host['instance_id']).not.toBe(before.host['instance_id'])
    expect(after.host['provider_xkey_private_key']).toBe(before.host['provider_xkey_private_key'])
    expect(kindsOf('kv').filter((kind) => kind === 'provider_started')).toHaveLength(1)
  })

  it('runs on two hosts at once, and the end on one is not the end on the other', async () => {
    const mine = await told('kv')
    await start(second, 'kv', provider)
    await expect
      .poll(
        () => eventsOf('kv').filter(({ kind, source }) => kind === 'provider_started' && source === second.host.id),
        soon,
      )
      .toHaveLength(1)
    expect(await stop(second, 'kv')).toEqual({ success: true, message: 'successfully stopped provider' })
    expect(
      eventsOf('kv')
        .filter(({ kind }) => kind === 'provider_stopped')
        .at(-1),
    ).toEqual({
      kind: 'provider_stopped',
      source: second.host.id,
      data: {
        host_id: second.host.id,
        provider_id: 'kv',
        annotations: {},
        reason: 'stop',
        instance_id: 'kv',
        public_key: 'kv',
        link_name: 'default',
      },
    })
    expect(isAlive(mine.pid)).toBe(true)
    expect((await told('kv')).pid).toBe(mine.pid)
  })

  it('[L85] ends when it is asked to, and nothing of it is left', async () => {
    const { pid } = await told('kv')
    expect(await stop(first, 'kv')).toEqual({ success: true, message: 'successfully stopped provider' })
    expect(isAlive(pid)).toBe(false)
    expect(await stop(first, 'kv')).toEqual({ success: false, message: 'provider with that ID is not running' })
    const inventory = await ask(`host.get.${first.host.id}`)
    expect(inventory.response?.providers.map((each) => each['id'])).not.toContain('kv')
    expect(await readdir(path.join(archives.folder, 'run-first'))).toEqual([])
  })

  it('of 1.0 hears of links by its id', async () => {
    await lattice.client.putConfig('old', { old: 'yes' })
    await start(first, 'old', provider, { config: ['old'] })
    await until('old', 'health_check_passed')
    await ask('link.put', link('shop', 'old', { name: 'second' }))
    await expect.poll(async () => (await told('old')).heard, soon).toMatchObject({ puts: 2, repeated: 1 })
    await stop(first, 'old')
  })
})

describe('an auction of a provider', () => {
  const bid = async (body: object): Promise<readonly Record<string, unknown>[]> =>
    (
      await lattice.transport.gather(`${ctl}.provider.auction`, bytes({ constraints: {}, ...body }), { windowMs: 500 })
    ).map(({ data }) => (json(data) as { response: Record<string, unknown> }).response)

  it('is answered by hosts that would take it, and by none that may not or has it', async () => {
    const all = await bid({ provider_ref: provider, provider_id: 'new' })
    expect(all.map((each) => each['host_id']).sort()).toEqual([first.host.id, second.host.id].sort())
    expect(all[0]).toMatchObject({ provider_ref: provider, provider_id: 'new', constraints: {} })
    expect(await bid({ provider_ref: 'ghcr.io/some/provider:1', provider_id: 'new' })).toEqual([])
    expect(await bid({ provider_ref: provider, provider_id: 'new', constraints: { zone: 'nowhere' } })).toEqual([])
    await start(first, 'taken', provider)
    await until('taken', 'provider_started')
    expect((await bid({ provider_ref: provider, provider_id: 'taken' })).map((each) => each['host_id'])).toEqual([
      second.host.id,
    ])
    await stop(first, 'taken')
  })
})

describe('a provider that behaves badly', () => {
  const mode = async (id: string, how: string): Promise<void> => {
    await lattice.client.putConfig(`mode-${how}`, { mode: how })
    expect(await start(first, id, provider, { config: [`mode-${how}`] })).toMatchObject({ success: true })
    await until(id, 'provider_started')
  }

  it('by not ending when it is asked to is ended', async () => {
    for (const how of ['stubborn', 'lingering']) {
      await mode(how, how)
      await until(how, 'health_check_passed')
      const { pid } = await told(how)
      expect(await stop(first, how)).toMatchObject({ success: true })
      expect(isAlive(pid)).toBe(false)
    }
  })

  it('by saying that it is ill never passes', async () => {
    await mode('ill', 'ill')
    await expect
      .poll(() => kindsOf('ill').filter((kind) => kind === 'health_check_status').length, soon)
      .toBeGreaterThan(1)
    expect(kindsOf('ill')).not.toContain('health_check_passed')
    await stop(first, 'ill')
  })

  it('by ending at once is started again and again, told as failed, and can be stopped', async () => {
    await mode('dies', 'die')
    await expect
      .poll(() => kindsOf('dies').filter((kind) => kind === 'health_check_failed').length, soon)
      .toBeGreaterThan(2)
    expect(lattice.log.join('\n')).toContain('the provider dies ended with code 3; it is started again in 0.2 s')
    expect(await stop(first, 'dies')).toMatchObject({ success: true })
    const count = heard.length
    // Two more restarts would have shown by now: the host answered both of these after their time.
    await new Promise((resolve) => setTimeout(resolve, 3 * times.restartMs))
    expect(heard.slice(count).filter(({ data }) => data['provider_id'] === 'dies')).toEqual([])
  })

  it('by flooding its output still answers, and the log stays small', async () => {
    const before = lattice.log.length
    await mode('flood', 'flood')
    await until('flood', 'health_check_passed')
    expect((await told('flood')).host['provider_key']).toBe('flood')
    await stop(first, 'flood')
    const lines = lattice.log.slice(before).filter((line) => line.includes('provider flood'))
    expect(lines.length).toBeGreaterThan(10)
    expect(lines.length).toBeLessThan(1_000)
  })

  it('by never reading its input runs, with links enough to fill a pipe', async () => {
    const deaf = await archives.add('deaf.par', { [`${thisTarget}.bin`]: script('setInterval(() => {}, 1000)') })
    await lattice.client.putConfig('long', Object.fromEntries([1, 2, 3, 4].map((n) => [`k${n}`, 'x'.repeat(100_000)])))
    await start(first, 'deaf', deaf, { config: ['long'] })
    await until('deaf', 'provider_started')
    expect(await stop(first, 'deaf')).toMatchObject({ success: true })
    expect(await start(first, 'deaf', provider)).toMatchObject({ success: true })
    await until('deaf', 'health_check_passed')
    await stop(first, 'deaf')
  })

  it('by printing garbage is logged as text', async () => {
    const words = `process.stdout.write(Buffer.from([27, 91, 50, 74, 255, 0, 104, 105, 10])); process.stdout.write('y'.repeat(1e6)); setInterval(() => {}, 1000)`
    const garbage = await archives.add('garbage.par', { [`${thisTarget}.bin`]: script(words) })
    await start(first, 'garbage', garbage)
    await expect
      .poll(() => lattice.log.filter((line) => line.startsWith('provider garbage:')).length, soon)
      .toBeGreaterThan(1)
    for (const line of lattice.log.filter((each) => each.startsWith('provider garbage:'))) {
      expect(line).not.toMatch(/\p{Cc}/u)
      expect(line.length).toBeLessThan(1_100)
    }
    await stop(first, 'garbage')
  })
})

describe('what cannot be started says why', () => {
  const failure = async (id: string, ref: string, more: object = {}): Promise<Record<string, unknown>> => {
    expect(await start(first, id, ref, more)).toEqual({ success: true, message: 'successfully started provider' })
    await until(id, 'provider_start_failed')
    const inventory = await ask(`host.get.${first.host.id}`)
    expect(inventory.response?.providers.map((each) => each['id'])).not.toContain(id)
    return eventsOf(id)[0]!.data
  }

  it('[L80] a reference that nobody permitted', async () => {
    expect(await failure('alien', 'ghcr.io/some/provider:1')).toEqual({
      provider_ref: 'ghcr.io/some/provider:1',
      provider_id: 'alien',
      host_id: first.host.id,
      error: expect.stringMatching(/permits it with --allow-provider ghcr.io\/some\/provider:1$/),
      link_name: 'default',
    })
  })

  it('a file that is not there, a folder, and what is no archive', async () => {
    expect((await failure('gone', 'file:///nowhere/kv.par'))['error']).toMatch(
      /\/nowhere\/kv.par cannot be opened: .*ENOENT/,
    )
    await mkdir(path.join(archives.folder, 'a-folder'), { recursive: true })
    expect((await failure('folder', `file://${archives.folder}/a-folder`))['error']).toMatch(/is not a file/)
    expect((await failure('plain', `file://${import.meta.filename}`))['error']).toMatch(/is not a provider archive/)
  })

  it('an archive without an executable for this machine', async () => {
    const other = await archives.add('other.par', { 'riscv64-plan9.bin': 'x' })
    expect((await failure('other', other))['error']).toContain(
      `target \`${thisTarget}\` not found in the provider archive`,
    )
  })

  it('an executable of another machine, and what is none', async () => {
    // The beginning of a program for another processor (ELF, big-endian, s390).
    const foreign = Buffer.concat([
      Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 2, 1, 0]),
      Buffer.alloc(8),
      Buffer.from([0, 2, 0, 22]),
      Buffer.alloc(100),
    ])
    const archive = await archives.add('foreign.par', { [`${thisTarget}.bin`]: foreign })
    expect((await failure('foreign', archive))['error']).toMatch(
      /cannot be started on this machine: it is a program for another/,
    )
    const text = await archives.add('text.par', { [`${thisTarget}.bin`]: 'touch /tmp/was-run-by-a-shell\n' })
    expect((await failure('text', text))['error']).toMatch(/it is neither an ELF program nor a script/)
  })

  it('a configuration that does not exist', async () => {
    expect((await failure('unset', provider, { config: ['no-such'] }))['error']).toBe('Config no-such does not exist')
  })
})

it(
  'ends its providers when the node is closed, by whatever it is',
  async () => {
    const third = await node('third')
    await start(third, 'last', provider)
    await until('last', 'health_check_passed')
    const { pid } = await told('last')
    await third.close()
    expect(isAlive(pid)).toBe(false)
  },
  limit,
)

describe('a signed archive', () => {
  const name = `${thisTarget}.bin`
  const claimsOf = (id: string): unknown => eventsOf(id).find(({ kind }) => kind === 'provider_started')?.data

  it('[L107] is named in the event, the inventory and the list of claims', async () => {
    const executable = script(await buildTestProvider())
    const world = 'what it imports and exports'
    const [account, service] = [createKey('account'), createKey('service')]
    const token = signProvider(
      { [thisTarget]: executable, 'riscv64-plan9': 'x', 'world.wasm': world },
      {
        account,
        subject: service.publicKey,
        payload: { exp: 4_000_000_000 },
        wascap: { config_schema: { type: 'x' } },
      },
    )
    const entries = { 'claims.jwt': `${token}\n`, 'riscv64-plan9.bin': 'y', [name]: executable, 'world.wasm': world }
    const ref = await archives.add('signed.par.gz', entries, { gzip: true })
    await start(first, 'signed', ref)
    await until('signed', 'provider_started')
    expect(claimsOf('signed')).toEqual({
      host_id: first.host.id,
      image_ref: ref.replace('file://', ''),
      provider_id: 'signed',
      annotations: {},
      instance_id: 'signed',
      public_key: 'signed',
      link_name: 'default',
      claims: {
        issuer: account.publicKey,
        tags: null,
        name: 'Test store',
        version: '0.3.0',
        not_before_human: 'never',
        expires_human: '4000000000',
      },
    })
    const inventory = await ask(`host.get.${first.host.id}`)
    expect(inventory.response?.providers.find((each) => each['id'] === 'signed')).toMatchObject({
      name: 'Test store',
      revision: 3,
    })
    const all = json((await lattice.transport.request(`${ctl}.claims.get`, empty, { timeoutMs: 10_000 })).data) as {
      response: Record<string, string>[]
    }
    expect(all.response.find((each) => each['sub'] === service.publicKey)).toEqual({
      iss: account.publicKey,
      issuer: account.publicKey,
      name: 'Test store',
      rev: '3',
      revision: '3',
      sub: service.publicKey,
      subject: service.publicKey,
      version: '0.3.0',
      config_schema: '{"type":"x"}',
    })
    await stop(first, 'signed')
  })

  it.each([
    ['another executable', { [thisTarget]: 'other' }, {}, `do not match for '${thisTarget}'`],
    ['no hash for this machine', { 'riscv64-plan9': 'x' }, {}, `do not match for '${thisTarget}'`],
    ['another world', { [thisTarget]: 'same', 'world.wasm': 'other' }, {}, 'WIT interface hash does not match'],
    ['a world without a hash', { [thisTarget]: 'same' }, {}, 'WIT interface hash does not match'],
    [
      'a forged signature',
      {},
      { spoil: (token: string) => token.replace(/.{86}$/, 'A'.repeat(86)) },
      'signature is not valid',
    ],
    ['an end long ago', {}, { payload: { exp: 1 } }, 'it expired at 1970-01-01'],
    ['a beginning far away', {}, { payload: { nbf: 4_000_000_000 } }, 'it cannot be used before 2096'],
    ['no vendor', {}, { wascap: { vendor: undefined } }, 'its payload does not fit (wascap.vendor)'],
    ['no token at all', {}, { spoil: () => 'x' }, 'it has not three parts'],
  ])('[L107] with %s does not start', async (what, hashes, signing, words) => {
    const id = what.replaceAll(' ', '-')
    const executable = script('setInterval(() => {}, 1000)')
    const content = (given: string): string => (given === 'same' ? executable : given)
    const said = Object.fromEntries(Object.entries(hashes).map(([key, given]) => [key, content(given)]))
    const isOfHashes = Object.keys(hashes).length > 0
    const entries = isOfHashes ? said : { [thisTarget]: executable, 'world.wasm': 'world' }
    const token = signProvider(entries, signing)
    const ref = await archives.add(`${id}.par`, { 'claims.jwt': token, [name]: executable, 'world.wasm': 'world' })
    await start(first, id, ref)
    await until(id, 'provider_start_failed')
    const error = String(eventsOf(id)[0]!.data['error'])
    expect(error).toMatch(/^failed to validate the token of the provider: /)
    expect(error).toContain(words)
    expect(await readdir(path.join(archives.folder, 'run-first'))).toEqual([])
  })
})
