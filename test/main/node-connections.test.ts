// Headless nodes as processes of their own that connect as an operator would have them: two servers, one over TLS with a
// credentials file and one with a password, under load while nodes are killed and a server is started anew.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createClient } from '../../main/lattice/client.js'
import { openMirror } from '../../main/lattice/mirror.js'
import { controlSubjects } from '../../main/lattice/protocol/subjects.js'
import { openTransport } from '../../main/nats/connection.js'
import { createAccounts } from '../support/nats-accounts.js'
import { type NatsServer, startNatsServer, tlsFile } from '../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../support/node-process.js'
import { json } from './lattice/lattice-samples.js'

const patience = { timeout: 25_000 }
const accounts = createAccounts()
let folder: string
let control: NatsServer
let calls: NatsServer
const nodes: NodeProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-node-connections-'))
  control = await startNatsServer({ lines: accounts.lines, tls: 'server' })
  calls = await startNatsServer({ user: 'caller', password: 'top-secret-word', jetStream: false })
  await writeFile(path.join(folder, 'creds'), accounts.credentials)
  await writeFile(path.join(folder, 'password'), 'top-secret-word\n')
}, 60_000)

afterAll(async () => {
  for (const node of nodes) await node.stop('SIGKILL')
  await control.close()
  await calls.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

async function startNode(name: string): Promise<NodeProcess> {
  const node = await startNodeProcess({
    natsUrl: control.tcpUrl,
    name,
    heartbeatMs: 1_000,
    extra: [
      ...['--nats-creds', path.join(folder, 'creds'), '--nats-tls-ca-file', tlsFile('ca.pem')],
      ...['--rpc-nats', calls.wsUrl, '--rpc-user', 'caller', '--rpc-password-file', path.join(folder, 'password')],
    ],
    env: { TLOS_LOG: 'debug' },
  })
  nodes.push(node)
  return node
}

it('are hosts of the lattice, tell where calls go, and show no secret', async () => {
  const [north, south] = [await startNode('north'), await startNode('south')]
  const transport = await openTransport({
    servers: control.wsUrl,
    credentials: accounts.credentials,
    ca: await readFile(tlsFile('ca.pem'), 'utf8'),
  })
  const mirror = await openMirror({ transport, lattice: 'default', embedded: false, probeMs: 200 })
  const client = createClient({ transport, lattice: 'default' })
  try {
    expect(Object.keys(mirror.state().hosts).sort()).toEqual([north.hostId, south.hostId].sort())
    const reply = await transport.request(controlSubjects('default').ping, new Uint8Array(), { timeoutMs: 10_000 })
    expect(json(reply.data)).toMatchObject({ response: { ctl_host: control.tcpUrl, rpc_host: calls.wsUrl } })
    for (const node of [north, south]) {
      const commandLine = await readFile(`/proc/${node.pid}/cmdline`, 'utf8')
      for (const text of [commandLine, node.stdout(), node.stderr()]) {
        expect(text).not.toMatch(/top-secret-word/)
        expect(text).not.toContain(accounts.userSeed)
      }
    }

    // Commands go on all the while, to one that is killed as to the other; every one of them ends.
    let isOver = false
    const outcomes = { done: 0, failed: 0, wrong: 0 }
    const command = async (node: NodeProcess): Promise<void> => {
      for (let n = 0; !isOver; n += 1) {
        const outcome = await client.putLabel(node.hostId, 'n', String(n)).then(
          () => 'done' as const,
          (error: { code?: string }) => (/unreachable|timed-out/.test(error.code ?? '') ? 'failed' : 'wrong'),
        )
        outcomes[outcome] += 1
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
    const workers = [north, north, south, south].map(command)
    await expect.poll(() => outcomes.done, patience).toBeGreaterThan(50)
    await south.stop('SIGKILL')
    await expect.poll(() => mirror.state().hosts[south.hostId]?.liveness, patience).not.toBe('fresh')
    expect(mirror.state().hosts[north.hostId]?.liveness).toBe('fresh')
    await control.kill()
    await expect.poll(() => mirror.state().connection.state, patience).toBe('lost')
    await control.start()
    await expect.poll(() => mirror.state().connection.state, patience).toBe('live')
    const before = outcomes.done
    await expect.poll(() => outcomes.done, patience).toBeGreaterThan(before + 20)
    isOver = true
    await Promise.all(workers)
    expect(outcomes.failed).toBeGreaterThan(0)
    expect(outcomes.wrong).toBe(0)
    await expect.poll(() => mirror.state().hosts[north.hostId]?.labels['n'], patience).toBeDefined()
    await expect.poll(() => mirror.state().hosts[north.hostId]?.liveness, patience).toBe('fresh')
    // A node that comes back under the same server is heard like any other.
    const third = await startNode('third')
    await expect.poll(() => mirror.state().hosts[third.hostId]?.liveness, patience).toBe('fresh')
  } finally {
    await mirror.close()
    await transport.close()
  }
}, 120_000)

it('says in words why it cannot connect, and ends', async () => {
  const wrong = startNodeProcess({
    natsUrl: control.tcpUrl,
    name: 'wrong',
    extra: ['--nats-creds', path.join(folder, 'nothing-here')],
  })
  await expect(wrong).rejects.toThrow(/credentials, .*nothing-here, cannot be used/)
})
