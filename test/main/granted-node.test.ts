// A node on a bus in memory with grants for some of its components: what they get, and what nobody gets over the bus.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ActorSpec } from '../../main/lattice/host-types.js'
import { openImages } from '../../main/lattice/images.js'
import { createKey } from '../../main/lattice/nkeys.js'
import { openNode, type LatticeNode } from '../../main/lattice-node.js'
import { type NodeGrants, openNodeGrants } from '../../main/node-grants.js'
import { type Grants, noGrants } from '../../main/wasm/grants.js'
import { openMemoryTransport } from '../support/memory-transport.js'
import { openTestRuntime, type TestRuntime } from './wasm/open-test-runtime.js'
import { buildGuest } from './wasm/wasi-guest.js'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('A node with grants', () => {
  let folder: string
  let runtime: TestRuntime
  let grants: NodeGrants
  let node: LatticeNode
  let port: number
  const transport = openMemoryTransport()
  const digests = new Map<string, string>()
  /** As from the command line. */
  const given = new Map<string, Grants>()

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tlos-granted-node-'))
    mkdirSync(join(folder, 'data'))
    writeFileSync(join(folder, 'data/hello'), 'hello')
    runtime = await openTestRuntime({ withPrepared: false })
    for (const name of ['files', 'command', 'web', 'net']) {
      const bytes = await buildGuest(name)
      writeFileSync(join(folder, `${name}.wasm`), bytes)
      digests.set(name, (await runtime.prepare(bytes)).digest)
    }
    port = await freePort()
    given.set('command', { ...noGrants, arguments: ['exit-err', 'a'], stdin: 'input' })
    given.set('web', { ...noGrants, serve: port })
    grants = await openNodeGrants(join(folder, 'state'), given)
    await grants.set('default', 'files', {
      digest: digests.get('files'),
      grants: { ...noGrants, directories: [{ host: join(folder, 'data'), guest: '/data', access: 'read' }] },
    })
    node = await openNode({
      transport,
      runtime,
      images: openImages({ transport, lattice: 'default', cacheDir: join(folder, 'images'), allowFiles: true }),
      lattice: 'default',
      key: createKey('server'),
      friendlyName: 'granting',
      version: '0.0.0',
      kind: 'node',
      grants: (componentId, digest) => grants.of('default', componentId, digest),
      log: () => undefined,
    })
  }, 400_000)

  afterAll(async () => {
    await node.close()
    await runtime.dispose()
    await transport.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const spec = (componentId: string, file: string, more: Partial<ActorSpec> = {}): ActorSpec => ({
    componentId,
    imageRef: pathToFileURL(join(folder, `${file}.wasm`)).href,
    annotations: {},
    maxInstances: 1,
    config: [],
    ...more,
  })
  const start = (...args: Parameters<typeof spec>): Promise<void> => node.actors.start(spec(...args))
  const act = async (id: string, ...what: readonly unknown[]): Promise<unknown> =>
    JSON.parse(String(await node.actors.callLocal(id, '', 'act', [JSON.stringify(what)])))
  const logOf = (id: string): string[] => node.actors.resident(id)?.actor.log.map((line) => line.text) ?? []

  it('gives a component its directory', async () => {
    await start('files', 'files')
    expect(await act('files', 'directories')).toEqual({ got: ['/data'] })
    expect(await act('files', 'read', 'hello')).toEqual({ got: 'hello' })
    expect(await act('files', 'unlink', 'hello')).toEqual({ err: 'read-only' })
  })

  it('gives nothing to the same bytes under another id, whatever was said over the bus', async () => {
    await start('other', 'files', {
      annotations: { 'tlos.grants': '{"directories":[{"host":"/","guest":"/","access":"read"}]}' },
      config: ['grants'],
    })
    expect(await act('other', 'directories')).toEqual({ got: [] })
  })

  it('gives nothing to other bytes under the granted id', async () => {
    await node.actors.stop('files')
    await grants.set('default', 'files', {
      digest: 'f'.repeat(64),
      grants: { ...noGrants, directories: [{ host: join(folder, 'data'), guest: '/data', access: 'read' }] },
    })
    await start('files', 'files')
    expect(await act('files', 'directories')).toEqual({ got: [] })
  })

  it('starts it again with what was granted meanwhile, and again without when that is taken away', async () => {
    const to = { lattice: 'default', componentId: 'other', digest: digests.get('files') ?? '' }
    const part = { kind: 'directory', host: join(folder, 'data'), guest: '/mine', access: 'read' } as const
    await grants.give(to, part)
    expect(await node.renew('other')).toBe(true)
    expect(await act('other', 'directories')).toEqual({ got: ['/mine'] })
    await grants.take(to, part)
    expect(await node.renew('other')).toBe(true)
    expect(await act('other', 'directories')).toEqual({ got: [] })
    expect(await node.renew('nobody')).toBe(false)
  })

  it('[L43] says what it was refused, each once, until it is started again', async () => {
    const lacks = (id: string): unknown => node.actors.resident(id)?.actor.lacks
    expect(lacks('other')).toEqual([{ kind: 'directory' }])
    await start('net', 'net')
    expect(lacks('net')).toEqual([])
    const asked = { authority: 'example.com', scheme: 'HTTPS' }
    for (let times = 3; times > 0; times -= 1) {
      expect(await act('net', 'fetch', asked)).toEqual({ err: { tag: 'HTTP-request-denied' } })
    }
    expect(lacks('net')).toEqual([{ kind: 'host', host: 'example.com', port: 443 }])
    expect(await act('net', 'resolve', 'nas.home')).toEqual({ err: 'access-denied' })
    expect(await act('net', 'talk', '127.0.0.1', 9, '')).toEqual({ err: 'access-denied' })
    expect(lacks('net')).toEqual([
      { kind: 'host', host: 'example.com', port: 443 },
      { kind: 'host', host: 'nas.home' },
      { kind: 'host' },
    ])
    // Granted a name that leads to this machine, which was not granted.
    const to = { lattice: 'default', componentId: 'net', digest: digests.get('net') ?? '' }
    await grants.give(to, { kind: 'host', host: 'loop.localhost', port: 80, private: false })
    await node.renew('net')
    expect(lacks('net')).toEqual([])
    const told = (await act('net', 'fetch', { authority: 'loop.localhost' })) as { got?: { error?: { tag: string } } }
    // Not every system resolves names below localhost.
    if (JSON.stringify(told).includes('prohibited')) {
      expect(lacks('net')).toMatchObject([{ kind: 'host', host: 'loop.localhost', port: 80 }])
    }
  }, 120_000)

  it('runs a command with what the person who runs it gives, for that run alone', async () => {
    await start('typed', 'command')
    const run = 'wasi:cli/run@0.2.10'
    const input = { arguments: ['exit-err', 'typed', 'in'], stdin: 'by hand' }
    expect(await node.actors.runCommand('typed', run, input)).toEqual({ tag: 'err', exitCode: 1 })
    expect(logOf('typed')).toEqual(expect.arrayContaining(['run 1: typed in', 'read "by hand"']))
    expect(await node.actors.callLocal('typed', run, 'run', [])).toEqual({ tag: 'ok', exitCode: 0 })
    expect(logOf('typed').filter((line) => line.startsWith('read'))).toHaveLength(1)
    await expect(node.actors.runCommand('nobody', run, input)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('ends the run under way when asked, and nothing else of the actor', async () => {
    const run = 'wasi:cli/run@0.2.10'
    const actor = node.actors.resident('typed')?.actor
    const begun = (): number => logOf('typed').filter((line) => line.startsWith('run 1')).length
    const before = begun()
    const running = node.actors.runCommand('typed', run, { arguments: ['loop'], stdin: '' }).then(
      () => 'ended',
      (error: unknown) => error,
    )
    await expect.poll(begun, { timeout: 60_000 }).toBe(before + 1)
    await actor?.stopRun()
    expect(await running).toMatchObject({ code: 'cancelled' })
    expect(actor?.state).toBe('running')
    const after = node.actors.runCommand('typed', run, { arguments: ['exit-ok'], stdin: '' })
    expect(await after).toEqual({ tag: 'ok', exitCode: 0 })
  }, 120_000)

  it('runs a command again and again, with its output in the log and no failure of the actor', async () => {
    await start('command', 'command')
    const run = (): Promise<unknown> | undefined => node.actors.callLocal('command', 'wasi:cli/run@0.2.10', 'run', [])
    expect(await run()).toEqual({ tag: 'err', exitCode: 1 })
    expect(logOf('command')).toEqual([
      'run 1: a',
      'home none',
      'read "input"',
      'something went wrong',
      'ended with exit code 1',
    ])
    expect(await run()).toEqual({ tag: 'err', exitCode: 1 })
    expect(node.actors.resident('command')?.actor.state).toBe('running')
  })

  it('runs a command for whoever asks over the bus, too', async () => {
    const fn = { name: 'run', params: [], result: { kind: 'result' as const } }
    const answer = await node.rpc.call({ prefix: 'default.command', instance: 'wasi:cli/run@0.2.10', fn, params: [] })
    expect(answer).toEqual({ tag: 'err' })
  })

  it('runs a command once at a time, and ends the run with the actor', async () => {
    await node.actors.stop('command')
    await grants.set('default', 'command', undefined)
    given.set('command', { ...noGrants, arguments: ['loop'] })
    await start('command', 'command', { limits: { max_execution_time: '120' } })
    const run = (): Promise<unknown> =>
      Promise.resolve(node.actors.callLocal('command', 'wasi:cli/run@0.2.10', 'run', [])).then(
        () => 'ended',
        (error: unknown) => (error instanceof Error ? error.message : ''),
      )
    const before = runtime.processes().reduce((sum, each) => sum + each.instances, 0)
    const runs = Array.from({ length: 20 }, run)
    const begun = (): number => logOf('command').filter((line) => line.startsWith('run 1')).length
    await expect.poll(begun, { timeout: 60_000 }).toBe(1)
    expect(runtime.processes().reduce((sum, each) => sum + each.instances, 0)).toBe(before + 1)
    await node.actors.stop('command')
    const ends = await Promise.all(runs)
    expect(ends.filter((end) => /runs waiting/.test(end as string))).toHaveLength(4)
    expect(ends.filter((end) => /was stopped/.test(end as string))).toHaveLength(16)
  }, 400_000)

  it('serves HTTP on the granted port while the actor is here', async () => {
    await start('web', 'web')
    const answer = await fetch(`http://127.0.0.1:${port}/there`)
    expect(answer.status).toBe(201)
    expect(await answer.json()).toMatchObject({ method: 'get', path: '/there' })
    await node.actors.stop('web')
    await expect(fetch(`http://127.0.0.1:${port}/there`)).rejects.toThrow()
  })

  it('runs an actor whose port is taken, and says so in its log and on its window', async () => {
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(port, '127.0.0.1', resolve))
    await start('web', 'web')
    expect(node.actors.resident('web')?.actor.state).toBe('running')
    expect(logOf('web').join()).toMatch(/port \d+ of this machine is taken/)
    expect(node.actors.resident('web')?.actor.lacks).toEqual([{ kind: 'listen', port, isTaken: true }])
    await new Promise((resolve) => blocker.close(resolve))
    await node.actors.stop('web')
  })

  it('keeps its grants in a file of its own', () => {
    expect(JSON.parse(readFileSync(join(folder, 'state/grants.json'), 'utf8'))).toMatchObject({
      default: { files: { grants: { directories: [{ guest: '/data' }] } } },
    })
  })
})
