// How long a provider may take, as flags of its host say (lattice.md 2.4): a process that needs two seconds to end, on a host
// that waits for it and on one that waits as usual.

import path from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type HostOptions, usualHostOptions } from '../../../main/host-options.js'
import type { LatticeNode } from '../../../main/lattice-node.js'
import { defaultTimes } from '../../../main/provider-host/parts.js'
import { type Archives, buildTestProvider, openArchives, script, thisTarget } from '../../support/provider-archive.js'
import { openTestLattice, type TestLattice } from '../../support/test-lattice.js'

const limit = 120_000
const soon = { timeout: 30_000, interval: 50 }
const empty = new Uint8Array()

vi.setConfig({ testTimeout: limit })

let lattice: TestLattice
let archives: Archives
let provider: string

beforeAll(async () => {
  lattice = await openTestLattice()
  archives = await openArchives()
  provider = await archives.add(
    'slow.par.gz',
    { [`${thisTarget}.bin`]: script(await buildTestProvider()) },
    { gzip: true },
  )
}, limit)

afterAll(async () => {
  await lattice.close()
  await archives.close()
}, limit)

const node = (name: string, more: Partial<HostOptions>): Promise<LatticeNode> =>
  lattice.addNode(name, {
    hostOptions: { ...usualHostOptions, ...more },
    startProviders: {
      permissions: [{ ref: 'file://', isPrefix: true, isPublic: false }],
      folder: path.join(archives.folder, `run-${name}`),
      rpc: { url: lattice.server.tcpUrl },
      times: { ...defaultTimes, firstHealthMs: 100 },
    },
  })

/** What the provider tells of its HostData, once it listens. */
async function start(on: LatticeNode, id: string): Promise<Record<string, unknown>> {
  await lattice.client.startProvider(on.host.id, { providerId: id, providerRef: provider, config: ['slow'] })
  let host: Record<string, unknown> = {}
  await expect
    .poll(async () => {
      const reply = await lattice.transport
        .request(`test.provider.${id}`, empty, { timeoutMs: 1_000 })
        .catch(() => undefined)
      if (reply === undefined) return false
      host = (JSON.parse(new TextDecoder().decode(reply.data)) as { host: typeof host }).host
      return true
    }, soon)
    .toBe(true)
  return host
}

it('[L142] hears how long an answer may take, and ends by itself on a host that waits', async () => {
  const usual = await node('usual', {})
  const patient = await node('patient', { rpcTimeoutMs: 12_345, providerShutdownMs: 50_000 })
  await lattice.client.putConfig('slow', { mode: 'slow' })
  const ended: string[] = []
  lattice.transport.subscribe('test.provider.*.ended', ({ subject }) => ended.push(subject))
  await lattice.transport.flush()
  expect((await start(usual, 'killed'))['default_rpc_timeout_ms']).toBe(2_000)
  expect((await start(patient, 'kept'))['default_rpc_timeout_ms']).toBe(12_345)
  await lattice.client.stopProvider(usual.host.id, 'killed')
  await lattice.client.stopProvider(patient.host.id, 'kept')
  // One that its host ended by force said no last word.
  await expect.poll(() => ended, soon).toEqual(['test.provider.kept.ended'])
})
