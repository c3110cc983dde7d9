// What a headless node was granted on its command line and in its file, tried from outside: a real process of the built node
// on a real nats-server, with components that open files and run.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { latticeKey } from '../../main/lattice-key.js'
import { createClient, type LatticeClient } from '../../main/lattice/client.js'
import { openImages } from '../../main/lattice/images.js'
import { openRpc } from '../../main/lattice/rpc.js'
import type { Rpc } from '../../main/lattice/rpc-types.js'
import { openTransport } from '../../main/nats/connection.js'
import type { Transport } from '../../main/nats/transport.js'
import { noGrants } from '../../main/wasm/grants.js'
import type { WitFunction } from '../../preload/wit.js'
import { type NatsServer, startNatsServer } from '../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../support/node-process.js'
import { buildGuest } from './wasm/wasi-guest.js'

const act: WitFunction = {
  name: 'act',
  params: [{ name: 'what', type: { kind: 'string' } }],
  result: { kind: 'string' },
}
const run: WitFunction = { name: 'run', params: [], result: { kind: 'result' } }

describe('A node process with grants', () => {
  let folder: string
  let server: NatsServer
  let transport: Transport
  let client: LatticeClient
  let rpc: Rpc
  let node: NodeProcess
  const images: Record<string, string> = {}

  /** In the folder that the test grants, by what it is for. */
  const at = (name: string): string => path.join(folder, name)
  const data = (name: string): object => ({
    grants: { ...noGrants, directories: [{ host: at(name), guest: `/${name}`, access: 'read' }] },
  })

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'tlos-granted-process-'))
    for (const name of ['given', 'kept', 'named', 'state']) mkdirSync(at(name))
    writeFileSync(at('given/hello'), 'hello from the command line')
    server = await startNatsServer()
    const lattice = 'default'
    writeFileSync(
      at('state/grants.json'),
      JSON.stringify({
        // A lattice of this name on another server gets nothing of it.
        [latticeKey(lattice, 'nats://127.0.0.1:1')]: { elsewhere: data('named') },
        [lattice]: { 'by-name': data('named') },
        [latticeKey(lattice, server.tcpUrl)]: { kept: data('kept') },
      }),
    )
    transport = await openTransport({ servers: server.tcpUrl, name: 'test' })
    client = createClient({ transport, lattice })
    rpc = openRpc(transport)
    const store = openImages({ transport, lattice, cacheDir: at('images'), allowFiles: false })
    for (const name of ['files', 'command']) images[name] = await store.put(await buildGuest(name))
    node = await startNodeProcess({
      natsUrl: server.tcpUrl,
      name: 'granting',
      stateDir: at('state'),
      grants: [
        `given:dir=${at('given')},/data`,
        'tool:arg=exit-err',
        'tool:arg=two words',
        'tool:env=HOME=/data',
        'tool:stdin=typed before',
      ],
    })
    const start = (componentId: string, image: string): Promise<void> =>
      client.scale(node.hostId, { componentId, imageRef: images[image] ?? '', count: 1 })
    for (const id of ['given', 'kept', 'elsewhere', 'by-name', 'nobody']) await start(id, 'files')
    await start('tool', 'command')
  }, 400_000)

  afterAll(async () => {
    await node?.stop()
    rpc?.close()
    await transport?.close()
    await server?.close()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  const ask = async (id: string, ...what: readonly unknown[]): Promise<unknown> => {
    const answer = await rpc.call({ prefix: `default.${id}`, instance: '', fn: act, params: [JSON.stringify(what)] })
    return JSON.parse(String(answer))
  }

  it('gives what its command line says to that component, and to no other', async () => {
    expect(await ask('given', 'directories')).toEqual({ got: ['/data'] })
    expect(await ask('given', 'read', 'hello')).toEqual({ got: 'hello from the command line' })
    expect(await ask('nobody', 'directories')).toEqual({ got: [] })
  }, 60_000)

  it('gives what its file says for this lattice at this server, and nothing of others of the same name', async () => {
    expect(await ask('kept', 'directories')).toEqual({ got: ['/kept'] })
    expect(await ask('elsewhere', 'directories')).toEqual({ got: [] })
    expect(await ask('by-name', 'directories')).toEqual({ got: [] })
    expect(node.stderr().replaceAll('\\"', '"')).toContain(`say "${latticeKey('default', server.tcpUrl)}" there`)
  }, 60_000)

  it('runs a command with the arguments, variables and input of its command line', async () => {
    expect(await rpc.call({ prefix: 'default.tool', instance: 'wasi:cli/run@0.2.10', fn: run, params: [] })).toEqual({
      tag: 'err',
    })
  }, 60_000)
})
