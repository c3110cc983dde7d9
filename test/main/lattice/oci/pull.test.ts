// Images from a real registry (Debian's docker-registry): into the cache, by tag and by digest, with a login that comes over
// the lattice, while the registry is away, and under an actor that moves.

import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Images, type ImagesParts, openImages } from '../../../../main/lattice/images.js'
import { createRegistries } from '../../../../main/lattice/oci/registries.js'
import type { Transport } from '../../../../main/nats/transport.js'
import { type NatsServer, startNatsServer } from '../../../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../../../support/node-process.js'
import { openArchives, script, thisTarget } from '../../../support/provider-archive.js'
import { customSection } from '../../../support/sign-component.js'
import { signProvider } from '../../../support/sign-provider.js'
import { digestOf, findOciRegistry, type OciRegistry, startOciRegistry } from '../../../support/oci-registry.js'
import { askWhere } from '../../../../main/actors/ask.js'
import { createSendCommand } from '../../../../main/actors/commands.js'
import { describeReply, nothing } from '../../../../main/lattice/protocol/tlos.js'
import type { ComponentId, Host, HostId } from '../../../../preload/records.js'
import { openTransport } from '../../../../main/nats/connection.js'

const found = findOciRegistry()
const file = 'file' in found ? found.file : ''
const skipped = 'why' in found ? ` (${found.why})` : ''
const wasm = 'application/wasm'
const text = (value: string): Uint8Array => new TextEncoder().encode(value)
/** bcrypt of `right`. */
const login = {
  htpasswd: 'ann:$2a$05$abcdefghijklmnopqrstuu8xaCxxL82bnl.UY74PMksDxIJShppPC',
  username: 'ann',
  password: 'right',
}

describe.skipIf(file === '')(`images of a real registry${skipped}`, () => {
  let registry: OciRegistry
  let nats: NatsServer
  let transport: Transport
  let folder: string
  beforeAll(async () => {
    nats = await startNatsServer()
    transport = await openTransport({ servers: nats.tcpUrl, name: 'test' })
  })
  afterAll(async () => {
    await transport.close()
    await nats.close()
  })
  beforeEach(async () => {
    registry = await startOciRegistry(file)
    folder = await mkdtemp(path.join(tmpdir(), 'tlos-oci-'))
  })
  afterEach(async () => {
    await registry.close()
    await rm(folder, { recursive: true, force: true })
  })

  const openAt = (name: string, more: Partial<ImagesParts> = {}): Images =>
    openImages({
      transport,
      lattice: 'default',
      cacheDir: path.join(folder, name),
      allowFiles: false,
      registries: createRegistries({ allowLatest: false, insecure: [registry.name], credentials: {} }),
      ...more,
    })
  const layer = (value: string): { mediaType: string; bytes: Uint8Array } => ({ mediaType: wasm, bytes: text(value) })

  it('[L71] are pulled by tag and digest, asked for anew each time, and kept', async () => {
    const manifest = await registry.push('team/echo', '1.0', [layer('first')])
    const ref = `oci://${registry.name}/team/echo:1.0`
    const pinned = `${registry.name}/team/echo@${manifest}`
    const images = openAt('a')
    expect(await images.hasLocal(ref)).toBe(false)
    expect(await images.canResolve(ref)).toBe(true)
    const [one, two] = await Promise.all([images.resolve(ref), images.resolve(ref)])
    expect([one, two]).toEqual([text('first'), text('first')])
    expect(await images.hasLocal(ref)).toBe(true)
    expect(await images.resolve(pinned)).toEqual(text('first'))
    await registry.push('team/echo', '1.0', [layer('second')])
    expect(await images.resolve(ref)).toEqual(text('second'))
    expect(await images.resolve(pinned)).toEqual(text('first'))
    await expect(images.resolve(`${registry.name}/team/echo:2.0`)).rejects.toMatchObject({ code: 'not-found' })
    await expect(images.resolve(ref, { kind: 'provider' })).rejects.toMatchObject({ code: 'invalid' })
  })

  it('[L71] start without their registry when they are here, also after a restart of the node', async () => {
    const manifest = await registry.push('team/echo', '1.0', [layer('first')])
    const ref = `${registry.name}/team/echo:1.0`
    const warned: string[] = []
    const log = (level: string, line: string): unknown => level === 'warn' && warned.push(line)
    await openAt('a').resolve(ref)
    await openAt('a').resolve(`${registry.name}/team/echo@${manifest}`)
    await registry.kill()
    const images = openAt('a', { log })
    expect(await images.resolve(ref)).toEqual(text('first'))
    expect(warned).toEqual([expect.stringMatching(/echo:1.0 is taken as it was pulled last: .* cannot be reached/)])
    expect(await images.resolve(`${registry.name}/team/echo@${manifest}`)).toEqual(text('first'))
    expect(warned).toHaveLength(1)
    expect(await images.canResolve(ref)).toBe(true)
    expect(await openAt('b').canResolve(ref)).toBe(false)
    await expect(openAt('b').resolve(ref)).rejects.toMatchObject({ code: 'unreachable' })
    // What was remembered is only a cache: junk in its place costs a pull and nothing else.
    await rm(path.join(folder, 'a', 'references.json'))
    await writeFile(path.join(folder, 'a', 'references.json.bak'), 'junk')
    await writeFile(path.join(folder, 'a', 'references.json'), 'junk')
    await expect(openAt('a').resolve(`${registry.name}/team/other:1.0`)).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('[L70] are those of the digest or none, wherever they come from', async () => {
    await registry.push('team/echo', '1.0', [layer('first')])
    const ref = `${registry.name}/team/echo:1.0`
    const digest = digestOf(text('first')).slice('sha256:'.length)
    const here = openAt('a')
    await here.resolve(ref)
    await registry.push('team/echo', '1.0', [layer('second')])
    // Here from the cache; elsewhere the tag means other bytes by now.
    expect(await here.resolve(ref, { digest })).toEqual(text('first'))
    // The registry has them under their own digest as long as nobody cleans up.
    expect(await openAt('c').resolve(ref, { digest })).toEqual(text('first'))
    await registry.forget(digestOf(text('first')))
    const there = openAt('b')
    await expect(there.resolve(ref, { digest })).rejects.toMatchObject({ code: 'conflict' })
    await here.share(ref, digest)
    expect(await there.canResolve(ref, { digest })).toBe(true)
    expect(await there.resolve(ref, { digest })).toEqual(text('first'))
    expect(await there.resolve(ref)).toEqual(text('second'))
  })

  it('are kept below a size, the least recently used go first; what is nowhere else stays', async () => {
    const images = openAt('a', { maxCacheBytes: 10 })
    await registry.push('team/echo', '1', [layer('12345678')])
    await images.resolve(`${registry.name}/team/echo:1`)
    const [old = ''] = await readdir(path.join(folder, 'a')).then((all) => all.filter((one) => one.endsWith('.wasm')))
    await utimes(path.join(folder, 'a', old), 1, 1)
    await registry.push('team/echo', '2', [layer('abcdefgh')])
    await images.resolve(`${registry.name}/team/echo:2`)
    const left = await readdir(path.join(folder, 'a')).then((all) => all.filter((one) => one.endsWith('.wasm')))
    expect(left).toEqual([`${digestOf(text('abcdefgh')).slice('sha256:'.length)}.wasm`])
    expect(await images.resolve(`${registry.name}/team/echo:1`)).toEqual(text('12345678'))
  })

  it('are started by a node as the lattice asks for them, with credentials it was given over the lattice', async () => {
    const closed = await startOciRegistry(file, login)
    let node: NodeProcess | undefined
    try {
      const echo = new Uint8Array(await readFile(path.join('out', 'components', 'echo.wasm')))
      await closed.push('team/echo', '1.0', [{ mediaType: wasm, bytes: echo }])
      node = await startNodeProcess({
        natsUrl: nats.tcpUrl,
        name: 'puller',
        extra: ['--allowed-insecure', closed.name],
      })
      const { hostId } = node
      const failed = nextEvent('component_scale_failed')
      const imageRef = `${closed.name}/team/echo:1.0`
      const scale = { component_ref: imageRef, component_id: 'echo-oci', count: 1, host_id: hostId }
      await ask(`component.scale.${hostId}`, scale)
      expect(JSON.stringify(await failed)).toMatch(/does not let this node read team\/echo without credentials/)
      const put = await ask('registry.put', { [closed.name]: { username: 'ann', password: 'right' } })
      expect(put).toEqual({ success: true, message: 'successfully put registries' })
      const scaled = nextEvent('component_scaled')
      await ask(`component.scale.${hostId}`, scale)
      expect(await scaled).toMatchObject({ component_id: 'echo-oci', image_ref: imageRef, max_instances: 1 })
    } finally {
      await node?.stop()
      await closed.close()
    }
  })

  it('[M1] move with their state to a node that may not ask the registry, and not as what the tag means by then', async () => {
    const component = (name: string): Promise<Buffer> => readFile(path.join('out', 'components', `${name}.wasm`))
    await registry.push('team/counter', '1.0', [{ mediaType: wasm, bytes: new Uint8Array(await component('counter')) }])
    const insecure = ['--allowed-insecure', registry.name]
    const [a, b] = await Promise.all([
      startNodeProcess({ natsUrl: nats.tcpUrl, name: 'a', extra: insecure }),
      startNodeProcess({ natsUrl: nats.tcpUrl, name: 'b' }),
    ])
    try {
      const imageRef = `${registry.name}/team/counter:1.0`
      const scaled = nextEvent('component_scaled')
      await ask(`component.scale.${a.hostId}`, {
        component_ref: imageRef,
        component_id: 'counter-oci',
        count: 1,
        host_id: a.hostId,
      })
      expect(await scaled).toMatchObject({ image_ref: imageRef })
      await registry.push('team/counter', '1.0', [{ mediaType: wasm, bytes: new Uint8Array(await component('echo')) }])
      const componentId = 'counter-oci' as ComponentId
      const from = a.hostId as HostId
      const to = b.hostId as HostId
      const send = createSendCommand(transport, 'default', () => Promise.resolve(true))
      const hosts = () => [{ id: to, kind: 'tlos', liveness: 'fresh' } as Host]
      const [verdict] = await askWhere({ transport, lattice: 'default', send, hosts }, componentId, from)
      expect(verdict).toMatchObject({ kind: 'accepts' })
      const moved = nextEvent('actor_moved', 'tlos.evt.default')
      await send('move', from, { moveId: 'm1', componentId, to, askedBy: 'test' }, nothing)
      expect(await moved).toMatchObject({ outcome: 'moved', imageRef, to })
      const inventory = (await ask(`host.get.${b.hostId}`, '')) as { response: { components: unknown[] } }
      expect(inventory.response.components).toMatchObject([{ id: 'counter-oci', image_ref: imageRef }])
    } finally {
      await Promise.all([a.stop(), b.stop()])
    }
  })

  it('[L73] run again as they did when their node comes back, whatever the tag means by then', async () => {
    // Bytes that nothing else here brought into the lattice's own store, where they would be found.
    const component = async (name: string): Promise<Uint8Array> =>
      Buffer.concat([await readFile(path.join('out', 'components', `${name}.wasm`)), customSection('tlos', name)])
    const push = async (name: string) =>
      registry.push('team/app', '1.0', [{ mediaType: wasm, bytes: await component(name) }])
    await push('counter')
    const imageRef = `${registry.name}/team/app:1.0`
    const stateDir = path.join(folder, 'state')
    const begin = () =>
      startNodeProcess({ natsUrl: nats.tcpUrl, name: 'again', stateDir, extra: ['--allowed-insecure', registry.name] })
    let node = await begin()
    const digest = digestOf(await component('counter'))
    /** What the thing that runs there under that id exports, as the node tells it; undefined while nothing does. */
    const exported = async (): Promise<readonly string[] | undefined> => {
      const send = createSendCommand(transport, 'default', () => Promise.resolve(true))
      const componentId = 'app' as ComponentId
      const world = await send('describe', node.hostId as HostId, { componentId }, describeReply).catch(() => undefined)
      return world?.exports.map(({ name }) => name)
    }
    const isCounter = (): Promise<void> =>
      expect.poll(exported, { timeout: 60_000 }).toContain('tlos:actor/state@0.1.0')
    try {
      await ask(`component.scale.${node.hostId}`, { component_ref: imageRef, component_id: 'app', count: 1 })
      await isCounter()

      await push('echo')
      expect(await node.stop()).toBe(0)
      node = await begin()
      await isCounter()
      expect(await node.stop()).toBe(0)

      // Its copies gone, the registry still has them under their digest.
      await rm(path.join(stateDir, 'images'), { recursive: true, force: true })
      node = await begin()
      await isCounter()
      expect(await node.stop()).toBe(0)

      // Gone there too: nothing else starts in their place.
      await rm(path.join(stateDir, 'images'), { recursive: true, force: true })
      await registry.forget(digest)
      const failed = nextEvent('component_scale_failed')
      node = await begin()
      expect(await failed).toMatchObject({
        component_id: 'app',
        error: expect.stringMatching(/means other bytes by now/) as string,
      })
    } finally {
      await node.stop()
    }
  }, 300_000)

  it('[L107] may be providers: an archive is pulled, checked and started, and one that was changed is not', async () => {
    const executable = script('setInterval(() => {}, 1000)')
    const archives = await openArchives()
    const par = 'application/vnd.wasmcloud.provider.archive.layer.v1+par'
    const push = async (tag: string, entries: Readonly<Record<string, string>>): Promise<string> => {
      const file = fileURLToPath(await archives.add(`${tag}.par.gz`, entries, { gzip: true }))
      await registry.push('team/store', tag, [{ mediaType: par, bytes: new Uint8Array(await readFile(file)) }])
      return `oci://${registry.name}/team/store:${tag}`
    }
    const token = signProvider({ [thisTarget]: executable })
    const good = await push('1.0', { 'claims.jwt': token, [`${thisTarget}.bin`]: executable })
    const changed = await push('1.1', { 'claims.jwt': token, [`${thisTarget}.bin`]: `${executable}\n` })
    const other = await push('1.2', { 'riscv64-plan9.bin': 'x' })
    const node = await startNodeProcess({
      natsUrl: nats.tcpUrl,
      name: 'keeper',
      extra: ['--allowed-insecure', registry.name, '--allow-provider', `oci://${registry.name}/team/*`],
    })
    try {
      const start = async (id: string, ref: string, kind: string): Promise<unknown> => {
        const told = nextEvent(kind)
        await ask(`provider.start.${node.hostId}`, { provider_id: id, provider_ref: ref, host_id: node.hostId })
        return await told
      }
      expect(await start('good', good, 'provider_started')).toMatchObject({
        provider_id: 'good',
        image_ref: `${registry.name}/team/store:1.0`,
        claims: { name: 'Test store', version: '0.3.0' },
      })
      expect(await start('changed', changed, 'provider_start_failed')).toMatchObject({
        provider_ref: changed,
        error: expect.stringContaining('File hash and verify hash do not match') as string,
      })
      expect(await start('other', other, 'provider_start_failed')).toMatchObject({
        error: expect.stringContaining(`target \`${thisTarget}\` not found`) as string,
      })
      await ask(`provider.stop.${node.hostId}`, { provider_id: 'good', host_id: node.hostId })
    } finally {
      await node.stop()
      await archives.close()
    }
  })

  async function ask(subject: string, body: unknown): Promise<unknown> {
    const data = body === '' ? new Uint8Array() : text(JSON.stringify(body))
    const reply = await transport.request(`wasmbus.ctl.v1.default.${subject}`, data, { timeoutMs: 10_000 })
    return JSON.parse(new TextDecoder().decode(reply.data))
  }

  /** What the next event of this kind tells; those of v1 hosts carry it in `data`. */
  function nextEvent(kind: string, prefix = 'wasmbus.evt.default'): Promise<unknown> {
    return new Promise((resolve) => {
      const subscription = transport.subscribe(`${prefix}.${kind}`, (message) => {
        subscription.close()
        const told = JSON.parse(new TextDecoder().decode(message.data)) as { data?: unknown }
        resolve(told.data ?? told)
      })
    })
  }
})
