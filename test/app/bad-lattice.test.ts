// Lattices that are not as they should be, in the real window: no server, a server that wants credentials, and one on which
// somebody publishes rubbish. Servers and nodes are real processes.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { connect, Empty, ErrorCode, type NatsConnection, NatsError } from 'nats'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchShell, type LaunchedShell } from '../support/electron.js'
import { type NatsServer, startNatsServer } from '../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../support/node-process.js'
import {
  countOf,
  countsOn,
  dismissToasts,
  dropOn,
  nodesOf,
  patienceMs,
  toastAbout,
  until,
  windowOf,
} from '../support/shell-page.js'

const counterFile = path.resolve(import.meta.dirname, '../../out/components/counter.wasm')
const place = (page: Page, node: string) => page.getByRole('region', { name: `node ${node}`, exact: true })

async function picture(page: Page): Promise<unknown> {
  return await page.evaluate(async () => {
    const watched = await window.shell.call('lattice.watch')
    if (!watched.ok) return watched.failure
    const { hosts, components, links, connection } = watched.value.state
    return {
      connection: connection.state,
      hosts: Object.values(hosts).map(({ id, friendlyName, liveness, labels }) => [id, friendlyName, liveness, labels]),
      components: Object.values(components).map(({ id, hostId, state, maxInstances }) => [
        id,
        hostId,
        state,
        maxInstances,
      ]),
      links: Object.keys(links),
    }
  })
}

describe('a shell that is told to join a lattice', () => {
  let folder: string
  let server: NatsServer
  let shell: LaunchedShell
  let page: Page
  const nodes: NodeProcess[] = []

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-bad-'))
    server = await startNatsServer()
    await server.kill()
    shell = await launchShell({
      userDataDir: path.join(folder, 'data'),
      args: ['--nats', server.tcpUrl, '--name', 'desk', '--heartbeat-ms', '1000'],
    })
    page = shell.page
  }, 120_000)

  afterAll(async () => {
    await shell.close()
    await Promise.all(nodes.map((node) => node.stop()))
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  it('says that no server answers there, and what to check', async () => {
    const strip = page.getByRole('alert').filter({ hasText: 'Not connected' })
    await strip
      .getByText(`No NATS server answers at ${server.tcpUrl}: check that it runs`)
      .waitFor({ timeout: patienceMs })
    expect(await nodesOf(page)).toEqual([])
    expect(shell.pageErrors).toEqual([])
  }, 60_000)

  it('says so again when it is asked to try and there is still none', async () => {
    await page.getByRole('button', { name: 'Try again' }).press('Enter')
    expect(await toastAbout(page, 'not connected')).toMatch(/No NATS server answers at/)
    await dismissToasts(page)
  }, 60_000)

  it('joins over nats:// once the server runs and it is asked again', async () => {
    await server.start()
    await page.getByRole('button', { name: 'Try again' }).press('Enter')
    await place(page, 'desk').waitFor({ timeout: patienceMs })
    await page.getByRole('button', { name: 'Live' }).waitFor({ timeout: patienceMs })
    expect(await page.getByText('Not connected').count()).toBe(0)
  }, 60_000)

  it('shows the nodes that run there as places', async () => {
    for (const name of ['east', 'west']) {
      nodes.push(await startNodeProcess({ natsUrl: server.tcpUrl, name, heartbeatMs: 1_000 }))
    }
    for (const name of ['east', 'west']) await place(page, name).waitFor({ timeout: patienceMs })
    await dropOn(page, 'east', { name: 'counter.wasm', bytes: await readFile(counterFile) })
    await windowOf(page, 'counter', 'east').waitFor({ timeout: patienceMs })
    expect(await countsOn(page)).toBe(1)
    await dismissToasts(page)
  }, 120_000)

  describe('while somebody publishes rubbish on it', () => {
    let rubbish: NatsConnection
    let hostIds: string[]
    const payloads: readonly (readonly [string, Uint8Array])[] = [
      ['nothing', Empty],
      ['no JSON', Buffer.from('not json')],
      ['half of an object', Buffer.from('{"component_id":"counter","host_id":')],
      ['null', Buffer.from('null')],
      ['a list', Buffer.from('[]')],
      ['a number out of range', Buffer.from('1e999')],
      ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x80, 0x00)],
      [
        'wrong types',
        Buffer.from('{"component_id":7,"host_id":{},"max_instances":-1,"key":[],"value":{},"data":3,"type":[]}'),
      ],
      [
        'a prototype',
        Buffer.from('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"id":7}'),
      ],
      ['lists in lists', Buffer.from('['.repeat(100_000) + ']'.repeat(100_000))],
      ['a megabyte of text', Buffer.from(JSON.stringify({ component_ref: 'x'.repeat(1_000_000), id: 7 }))],
      ['a megabyte of noise', Buffer.alloc(1_048_000, 0x7b)],
    ]

    beforeAll(async () => {
      rubbish = await connect({ servers: server.tcpUrl })
      hostIds = await page.evaluate(async () => {
        const watched = await window.shell.call('lattice.watch')
        return watched.ok ? Object.keys(watched.value.state.hosts) : []
      })
    })

    afterAll(async () => {
      await rubbish.close()
    })

    /** Replies (undefined: none) to every payload on these subjects; sent to all before any is waited for. */
    async function send(subjects: readonly string[], sent = payloads): Promise<(string | undefined)[]> {
      const replies: (string | undefined)[] = []
      for (const subject of subjects) {
        const answered = sent.map(async ([what, payload]) => {
          try {
            const reply = await rubbish.request(subject, payload, { timeout: 25_000 })
            return `${subject} to ${what}: ${reply.string().slice(0, 200)}`
          } catch (error) {
            if (error instanceof NatsError && error.code === String(ErrorCode.NoResponders)) return undefined
            throw new Error(`${subject} to ${what}: no answer`, { cause: error })
          }
        })
        replies.push(...(await Promise.all(answered)))
      }
      return replies
    }

    it('answers each control request with a refusal, and nothing in the picture changes', async () => {
      const before = await picture(page)
      const ctl = 'wasmbus.ctl.v1.default'
      const ofHost = hostIds.flatMap((id) =>
        ['component.scale', 'component.update', 'provider.start', 'provider.stop', 'label.put', 'label.del'].map(
          (command) => `${ctl}.${command}.${id}`,
        ),
      )
      const shared = ['link.put', 'link.del', 'config.put.rubbish'].map((command) => `${ctl}.${command}`)
      const replies = await send([...ofHost, ...shared])
      // A v1 host takes nothing, or any object, for an order to stop.
      const noOrder = payloads.filter(([what]) => !/nothing|types|prototype|of text/.test(what))
      const stops = hostIds.map((id) => `${ctl}.host.stop.${id}`)
      replies.push(...(await send(stops, noOrder)))
      expect(replies.filter((reply) => reply === undefined || !reply.includes('"success":false'))).toEqual([])
      expect(await picture(page)).toEqual(before)
      expect(await countsOn(page)).toBeGreaterThan(1)
    }, 120_000)

    it('outlives rubbish where it may be ignored: pings, auctions, its own commands, events and calls', async () => {
      const before = await picture(page)
      const ctl = 'wasmbus.ctl.v1.default'
      const all = [
        'host.ping',
        'component.auction',
        'provider.auction',
        'link.get',
        'claims.get',
        'registry.put',
        'unheard.of',
      ]
      const own = [
        'profile',
        'move',
        'prepare',
        'load',
        'serve',
        'settle',
        'abandon',
        'describe',
        'log',
        'restart',
        'nothing',
      ]
      const events = [
        'host_heartbeat',
        'host_stopped',
        'component_scaled',
        'provider_started',
        'linkdef_set',
        'config_set',
        'x.y',
      ]
      const ownEvents = ['facts', 'actor_moving', 'actor_moved', 'actor_move_failed', 'actor_note', 'other']
      const subjects = [
        ...all.map((name) => `${ctl}.${name}`),
        ...hostIds.flatMap((id) => own.map((name) => `tlos.ctl.v1.default.actor.${name}.${id}`)),
        'tlos.ctl.v1.default.actor.offer',
        'tlos.ctl.v1.default.facts',
        ...events.map((name) => `wasmbus.evt.default.${name}`),
        ...ownEvents.map((name) => `tlos.evt.default.${name}`),
        'default.counter.wrpc.0.0.1.tlos:shell/window@0.1.0.open',
        ...hostIds.map((id) => `tlos.rpc.default.${id}.counter.wrpc.0.0.1.tlos:shell/window@0.1.0.handle`),
      ]
      for (const subject of subjects) {
        for (const [, payload] of payloads) rubbish.publish(subject, payload, { reply: 'nobody.listens.here' })
        await rubbish.flush()
      }
      const counted = await countOf(page)
      expect(await countsOn(page)).toBe(counted + 1)
      await until(() => picture(page), before)
      expect(shell.pageErrors).toEqual([])
      expect(nodes.map((node) => node.pid).filter((pid) => process.kill(pid, 0))).toHaveLength(2)
    }, 120_000)
  })
})

describe('a shell that is told to join a lattice whose server wants credentials', () => {
  let folder: string
  let server: NatsServer
  let shell: LaunchedShell | undefined

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-bad-'))
    server = await startNatsServer({ user: 'ada', password: 'l0ve/lace' })
  }, 60_000)

  afterAll(async () => {
    await shell?.close()
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  it('says so when it has none', async () => {
    shell = await launchShell({ userDataDir: path.join(folder, 'data'), args: ['--nats', server.wsUrl] })
    const strip = shell.page.getByRole('alert').filter({ hasText: 'Not connected' })
    await strip.getByText(`The NATS server at ${server.wsUrl} wants credentials`).waitFor({ timeout: patienceMs })
    await shell.close()
  }, 90_000)

  it('joins over ws:// with those in the URL, and shows them nowhere', async () => {
    const url = server.wsUrl.replace('//', `//ada:${encodeURIComponent('l0ve/lace')}@`)
    shell = await launchShell({ userDataDir: path.join(folder, 'data'), args: ['--nats', url, '--name', 'desk'] })
    const { page } = shell
    await place(page, 'desk').waitFor({ timeout: patienceMs })
    await page.getByRole('button', { name: 'Live' }).press('Enter')
    await page.getByText(server.wsUrl, { exact: true }).waitFor({ timeout: patienceMs })
    expect(await page.content()).not.toMatch(/l0ve/)
  }, 90_000)
})
