// What a person permits of the providers that the lattice wants started: real archives, real processes, a real nats-server.
// The parts are those of the desktop; who answers is the test.

import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDesktopPermits, type DesktopPermits } from '../../main/desktop-permits.js'
import type { LatticeNode } from '../../main/lattice-node.js'
import { createNotices, type Notices } from '../../main/notices.js'
import { openPermitStore, type LatticePermits } from '../../main/provider-permits.js'
import { defaultTimes } from '../../main/provider-host/parts.js'
import type { PermitsView } from '../../preload/permits.js'
import { type Archives, buildTestProvider, openArchives, script, thisTarget } from '../support/provider-archive.js'
import { signProvider } from '../support/sign-provider.js'
import { openTestLattice, type TestLattice } from '../support/test-lattice.js'

const soon = { timeout: 40_000, interval: 50 }
const http = 'wasmcloud+builtin://http-server'

let lattice: TestLattice
let archives: Archives
let node: LatticeNode
let permits: LatticePermits
let desktop: DesktopPermits
let notices: Notices
let program: string
let clock = 1_000
const folder = (): string => path.join(archives.folder, 'state')

const claims = (name: string): string => signProvider({ [thisTarget]: program }, { wascap: { name } })
const start = (id: string, ref: string): Promise<void> =>
  lattice.client.startProvider(node.host.id, { providerId: id, providerRef: ref, limitMs: 30_000 })
const asked = async (id: string): Promise<PermitsView['asks'][number]> => {
  await expect
    .poll(() => desktop.view().asks.find((one) => one.providerId === id)?.digest, soon)
    .toMatch(/^[0-9a-f]{64}$/)
  const found = desktop.view().asks.find((one) => one.providerId === id)
  if (found === undefined) throw new Error(`nobody asks for ${id}`)
  return found
}
const isRunning = async (id: string): Promise<boolean> =>
  (await lattice.client.inventory(node.host.id)).providers.some((provider) => provider.id === id)

beforeAll(async () => {
  lattice = await openTestLattice()
  archives = await openArchives()
  const store = await openPermitStore(folder(), () => (clock += 1))
  permits = store.forLattice('default', [])
  node = await lattice.addNode('desk', {
    startProviders: {
      permissions: [],
      asking: permits,
      folder: path.join(archives.folder, 'run'),
      rpc: { url: lattice.server.tcpUrl },
      times: { ...defaultTimes, firstHealthMs: 300, healthMs: 300, restartMs: 200 },
    },
  })
  notices = createNotices(() => 0)
  desktop = createDesktopPermits({
    permits,
    given: [],
    hostId: node.host.id,
    client: lattice.client,
    notices,
  })
  program = script(await buildTestProvider())
}, 60_000)

afterAll(async () => {
  await lattice?.close()
  await archives?.close()
}, 60_000)

describe('a provider that nobody has permitted', () => {
  it('[L132] is not run: the lattice is told why, and the person what it is', async () => {
    const ref = await archives.add('kv.par', { 'claims.jwt': claims('Key Value'), [`${thisTarget}.bin`]: program })
    await expect(start('kv', ref)).rejects.toThrow(
      `a provider is native code with the rights of whoever runs the node, who is asked now; it is started when that person permits it`,
    )
    expect(await asked('kv')).toEqual({
      id: expect.any(String),
      atMs: expect.any(Number),
      providerId: 'kv',
      ref,
      kind: 'process',
      digest: expect.any(String),
      name: 'Key Value',
      isOther: false,
    })
    // Asked for again and again, as wadm does, it is one question.
    await expect(start('kv', ref)).rejects.toThrow('who is asked now')
    expect(desktop.view().asks).toHaveLength(1)
    expect(await isRunning('kv')).toBe(false)
    expect(await lattice.client.auctionProvider(ref, 'other')).toEqual([])
  }, 60_000)

  it('permitted once starts as it was asked for, and asks again the next time', async () => {
    const { id, ref } = await asked('kv')
    await desktop.answer(id, 'once')
    await expect.poll(() => isRunning('kv'), soon).toBe(true)
    expect(desktop.view()).toMatchObject({ asks: [], permits: [] })
    await expect(desktop.answer(id, 'once')).rejects.toMatchObject({ code: 'not-found' })
    await lattice.client.stopProvider(node.host.id, 'kv')
    await expect(start('kv', ref)).rejects.toThrow('who is asked now')
    // Under another id it is another start.
    await expect(start('kv-2', ref)).rejects.toThrow('who is asked now')
    for (const ask of [await asked('kv'), await asked('kv-2')]) await desktop.answer(ask.id, 'refuse')
    await expect(start('kv', ref)).rejects.toThrow('who refused it')
    expect(desktop.view()).toMatchObject({ asks: [], refused: [ref] })
    desktop.forgetRefusal(ref)
    await expect(start('kv', ref)).rejects.toThrow('who is asked now')
    await desktop.answer((await asked('kv')).id, 'refuse')
    desktop.forgetRefusal(ref)
  }, 60_000)

  it('permitted always starts by itself from then on, after a restart too, until it is revoked, which ends it', async () => {
    const ref = await archives.add('kept.par', { [`${thisTarget}.bin`]: program })
    await expect(start('kept', ref)).rejects.toThrow('who is asked now')
    const { id, digest } = await asked('kept')
    await desktop.answer(id, 'always')
    await expect.poll(() => isRunning('kept'), soon).toBe(true)
    expect(desktop.view().permits).toEqual([{ ref, digest, givenAtMs: expect.any(Number) }])
    await lattice.client.stopProvider(node.host.id, 'kept')
    await start('kept', ref)
    // What a new start of the shell reads; another lattice has none of it.
    const again = await openPermitStore(folder(), () => 0)
    expect(again.forLattice('default', []).view().permits).toEqual(desktop.view().permits)
    expect(again.forLattice('default at nats://elsewhere:4222', []).find(ref, 'kept')).toBeUndefined()
    await desktop.revoke(ref)
    expect([await isRunning('kept'), desktop.view().permits]).toEqual([false, []])
    await expect(start('kept', ref)).rejects.toThrow('who is asked now')
    await desktop.answer((await asked('kept')).id, 'refuse')
  }, 60_000)

  it('[L132] is asked for anew when a permitted reference leads to another program', async () => {
    const ref = await archives.add('turns.par', { [`${thisTarget}.bin`]: program })
    await expect(start('turns', ref)).rejects.toThrow('who is asked now')
    const first = await asked('turns')
    await desktop.answer(first.id, 'always')
    await expect.poll(() => isRunning('turns'), soon).toBe(true)
    await lattice.client.stopProvider(node.host.id, 'turns')
    await archives.add('turns.par', { [`${thisTarget}.bin`]: `${program}\n// and more\n` })
    await expect(start('turns', ref)).rejects.toThrow('who is asked now')
    const second = await asked('turns')
    expect(second.isOther).toBe(true)
    expect(second.digest).not.toBe(first.digest)
    expect(await isRunning('turns')).toBe(false)
    await desktop.answer(second.id, 'once')
    await expect.poll(() => isRunning('turns'), soon).toBe(true)
    expect(desktop.view().permits.find((one) => one.ref === ref)?.digest).toBe(first.digest)
    await lattice.client.stopProvider(node.host.id, 'turns')
  }, 60_000)

  it('cannot be permitted unseen: what cannot be fetched says why', async () => {
    const ref = 'file:///nowhere/at-all.par'
    await expect(start('ghost', ref)).rejects.toThrow('who is asked now')
    await expect.poll(() => desktop.view().asks[0]?.trouble, soon).toContain('cannot be opened')
    const id = desktop.view().asks[0]?.id ?? ''
    await expect(desktop.answer(id, 'always')).rejects.toMatchObject({ code: 'refused' })
    expect(desktop.view().permits.some((one) => one.ref === ref)).toBe(false)
    await desktop.answer(id, 'refuse')
  }, 60_000)

  it('that does not start after all is told in a notice, and nothing stays permitted', async () => {
    const ref = await archives.add('taken.par', { [`${thisTarget}.bin`]: program })
    await expect(start('taken', ref)).rejects.toThrow('who is asked now')
    const { id } = await asked('taken')
    await archives.add('taken.par', { 'other.bin': 'nothing for this machine' })
    await desktop.answer(id, 'once')
    await expect
      .poll(() => notices.list().at(-1), soon)
      .toMatchObject({
        tone: 'bad',
        title: 'taken was permitted and did not start',
        said: { code: 'provider-not-started', args: { provider: 'taken' } },
      })
    expect(permits.find(ref, 'taken')).toBeUndefined()
  }, 60_000)

  it('is a part of the node: silence on the bus, the question all the same, and loopback only', async () => {
    await expect(
      lattice.client.startProvider(node.host.id, { providerId: 'web', providerRef: http, limitMs: 2_000 }),
    ).rejects.toThrow()
    await expect.poll(() => desktop.view().asks, soon).toMatchObject([{ providerId: 'web', kind: 'http-server' }])
    await desktop.answer(desktop.view().asks[0]?.id ?? '', 'always')
    await expect.poll(() => isRunning('web'), soon).toBe(true)
    expect(permits.find(http, 'web')).toMatchObject({ isPublic: false })
    await desktop.revoke(http)
    expect(await isRunning('web')).toBe(false)
  }, 60_000)

  it('asks for eight at most; the ninth is told so', async () => {
    for (let i = 0; i < 8; i += 1) await expect(start(`many-${i}`, 'file:///none.par')).rejects.toThrow('asked now')
    await expect(start('many-8', 'file:///none.par')).rejects.toThrow('so many are asked for that this one was not')
    expect(desktop.view().asks).toHaveLength(8)
  }, 60_000)
})
