// The same conversations with real peers of wasmCloud v1, where they are installed: `wash` and `wadm` against our node, and
// real hosts in the place of ours and beside ours. A peer that is not on the PATH is one skipped test that says so.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, it, type TestContext } from 'vitest'
import { type Bench, componentFile, openBench } from './bench.js'
import { type Peer, until } from './peer.js'
import { stateFrom, unreadable } from './wadm-side.js'
import { playWadm } from './wadm-script.js'

const run = promisify(execFile)
const children: ChildProcess[] = []
let bench: Bench | undefined

afterEach(async () => {
  await Promise.all(
    children.splice(0).map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
    }),
  )
  await bench?.close()
}, 60_000)

/** The first of these programs that is on the PATH; without any the test is skipped with that reason. */
function find(context: TestContext, ...names: readonly string[]): string {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    for (const name of names) {
      const file = path.join(folder, name)
      if (folder !== '' && existsSync(file)) return file
    }
  }
  return context.skip(`${names.join(' or ')} is not on the PATH`)
}

const portOf = (opened: Bench): string => new URL(opened.server.tcpUrl).port

async function beatOf(peer: Peer, hosts: readonly string[]): Promise<void> {
  const from = peer.heartbeats.length
  const count = (id: string): number => peer.heartbeats.slice(from).filter((event) => event.source === id).length
  await until(
    () => hosts.every((id) => count(id) >= 2),
    () => 'heartbeats of every host',
  )
}

/** A real host; resolves to its id when it said that it started. */
async function startRealHost(opened: Bench, file: string): Promise<string> {
  const before = new Set(stateFrom(opened.peer.everything).keys())
  const child = spawn(file, [], {
    stdio: 'ignore',
    env: {
      ...process.env,
      WASMCLOUD_NATS_HOST: '127.0.0.1',
      WASMCLOUD_NATS_PORT: portOf(opened),
      WASMCLOUD_LATTICE: 'default',
      WASMCLOUD_LABEL_zone: 'a',
      WASMCLOUD_HEARTBEAT_INTERVAL: '1',
      WASMCLOUD_ALLOW_FILE_LOAD: 'true',
    },
  })
  children.push(child)
  const found = (): string | undefined => [...stateFrom(opened.peer.everything).keys()].find((id) => !before.has(id))
  await until(
    () => found() !== undefined,
    () => `${file} to say that it started`,
  )
  return found() ?? ''
}

it('wash lists, inspects, configures, links, labels and stops our node', async (context) => {
  const wash = find(context, 'wash')
  const opened = (bench = await openBench())
  const { peer } = opened
  const node = await opened.start('washed', { heartbeatMs: 1_000 })
  const connection = [
    '--ctl-host',
    '127.0.0.1',
    '--ctl-port',
    portOf(opened),
    '--lattice',
    'default',
    '--output',
    'json',
  ]
  const tell = async (...args: readonly string[]): Promise<string> => (await run(wash, [...args, ...connection])).stdout
  expect(await tell('get', 'hosts')).toContain(node.hostId)
  expect(await tell('get', 'inventory', node.hostId)).toContain('washed')
  await tell('config', 'put', 'washed', 'a=b')
  expect(await peer.data('config.get.washed')).toEqual({ a: 'b' })
  expect(await tell('config', 'get', 'washed')).toContain('"b"')
  await tell('link', 'put', 'one', 'two', 'wasi', 'keyvalue', '--interface', 'store')
  expect(await peer.data('link.get')).toMatchObject([{ source_id: 'one', target: 'two', interfaces: ['store'] }])
  expect(await tell('link', 'query')).toContain('keyvalue')
  await tell('link', 'del', 'one', 'wasi', 'keyvalue')
  expect(await peer.data('link.get')).toEqual([])
  await tell('label', node.hostId, 'room=7')
  expect((await peer.pings(1))[0]?.['labels']).toMatchObject({ room: '7' })
  await tell('config', 'del', 'washed')
  await tell('stop', 'host', node.hostId)
  expect(await node.exited).toBe(0)
  expect(peer.faults).toEqual([])
}, 120_000)

it('wadm deploys an application on our node and takes it away again', async (context) => {
  const wadm = find(context, 'wadm')
  const opened = (bench = await openBench())
  const { peer } = opened
  const node = await opened.start('managed', { heartbeatMs: 1_000 })
  children.push(spawn(wadm, ['--nats-server', `127.0.0.1:${portOf(opened)}`], { stdio: 'ignore' }))
  const ask = async (tail: string, body: unknown = {}): Promise<Record<string, unknown>> => {
    const data = new TextEncoder().encode(JSON.stringify(body))
    const reply = await peer.connection.request(`wadm.api.default.model.${tail}`, data, { timeout: 5_000 })
    return reply.json()
  }
  await expect.poll(() => ask('get').catch(() => undefined), { timeout: 30_000 }).toMatchObject({ result: 'success' })
  const ref = await opened.image('echo')
  const manifest = {
    apiVersion: 'core.oam.dev/v1beta1',
    kind: 'Application',
    metadata: { name: 'played', annotations: { version: 'v1' } },
    spec: {
      components: [
        {
          name: 'echo',
          type: 'component',
          properties: { image: ref },
          traits: [{ type: 'spreadscaler', properties: { instances: 2 } }],
        },
      ],
    },
  }
  expect(await ask('put', manifest)).toMatchObject({ result: 'created' })
  expect(await ask('deploy.played')).toMatchObject({ result: 'acknowledged' })
  const count = (): number | undefined =>
    stateFrom(peer.everything).get(node.hostId)?.components.get('played-echo')?.count
  await expect.poll(count, { timeout: 60_000 }).toBe(2)
  const status = async (): Promise<unknown> => (await ask('status.played'))['status']
  await expect.poll(status, { timeout: 60_000 }).toMatchObject({ status: { type: 'deployed' } })
  expect(await ask('undeploy.played')).toMatchObject({ result: 'acknowledged' })
  await expect.poll(count, { timeout: 60_000 }).toBeUndefined()
  expect(unreadable(peer.everything)).toEqual([])
}, 240_000)

it('real hosts answer the same conversation, alone and beside ours', async (context) => {
  const file = find(context, 'wasmcloud_host', 'wasmcloud')
  const opened = (bench = await openBench())
  const { peer } = opened
  const real = [await startRealHost(opened, file), await startRealHost(opened, file)]
  const ref = `file://${componentFile('echo')}`
  await playWadm({ peer, hosts: real, ref, beat: () => beatOf(peer, real) })

  // With one of ours among them, links and configurations are served by all three.
  const ours = await opened.start('ours', { heartbeatMs: 1_000 })
  const hosts = [...real, ours.hostId].sort()
  expect((await peer.pings(3)).map((answer) => answer['id']).sort()).toEqual(hosts)
  const served = (): string[] => [
    ...new Set(peer.heard.flatMap((event) => (event.kind === 'config_set' ? [event.source] : []))),
  ]
  for (let n = 0; served().length < 3 && n < 2_000; n += 1) {
    expect(await peer.ask(`config.put.mixed-${n % 5}`, { n: String(n) })).toMatchObject({ success: true })
  }
  expect(served().sort()).toEqual(hosts)
  expect(await peer.countReplies('link.get', undefined, 20)).toBe(20)
  expect(peer.faults).toEqual([])
}, 240_000)
