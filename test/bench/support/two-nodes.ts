// A lattice of two headless node processes on a NATS server of its own, and a caller in this process.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parse } from '@bytecodealliance/jco'
import { createSendCommand, type SendCommand } from '../../../main/actors/commands.js'
import { createClient, type LatticeClient } from '../../../main/lattice/client.js'
import { openImages } from '../../../main/lattice/images.js'
import { type Mirror, openMirror } from '../../../main/lattice/mirror.js'
import { isHostThere } from '../../../main/lattice/presence.js'
import type { Rpc } from '../../../main/lattice/rpc-types.js'
import { openRpc } from '../../../main/lattice/rpc.js'
import { openTransport } from '../../../main/nats/connection.js'
import type { Transport } from '../../../main/nats/transport.js'
import type { WitFunction, WitType } from '../../../preload/wit.js'
import { type NatsServer, startNatsServer } from '../../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../../support/node-process.js'

const bytes: WitType = { kind: 'list', element: { kind: 'u8' } }
const mirrorBytes: WitFunction = { name: 'mirror-u8', params: [{ name: 'values', type: bytes }], result: bytes }
const increment: WitFunction = { name: 'increment', params: [], result: { kind: 'u64' } }

export interface TwoNodes {
  readonly server: NatsServer
  readonly transport: Transport
  readonly client: LatticeClient
  readonly mirror: Mirror
  readonly rpc: Rpc
  readonly send: SendCommand
  readonly a: NodeProcess
  readonly b: NodeProcess
  /** `counter.increment` over wRPC, wherever the counter runs; resolves to its number. */
  increment(): Promise<number>
  /** The bytes there and back, by a component written as text that does nothing else. */
  echo(data: Uint8Array): Promise<unknown>
  close(): Promise<void>
}

/** With the counter and a component that gives back what it gets running on node `a`. */
export async function openTwoNodes(root: string): Promise<TwoNodes> {
  const closers: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const server = await startNatsServer()
    closers.push(() => server.close())
    const folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-bench-nodes-'))
    closers.push(() => rm(folder, { recursive: true, force: true }))
    const transport = await openTransport({ servers: server.tcpUrl })
    closers.push(() => transport.close())
    const lattice = 'default'
    const start = async (name: string): Promise<NodeProcess> => {
      const node = await startNodeProcess({ natsUrl: server.tcpUrl, name, stateDir: path.join(folder, name) })
      closers.push(() => node.stop())
      return node
    }
    const [a, b] = await Promise.all([start('a'), start('b')])
    const mirror = await openMirror({ transport, lattice, embedded: false })
    closers.push(() => mirror.close())
    const rpc = openRpc(transport)
    closers.push(() => rpc.close())
    const client = createClient({ transport, lattice })
    const images = openImages({ transport, lattice, cacheDir: path.join(folder, 'images'), allowFiles: false })
    const imageRef = await images.put(new Uint8Array(await readFile(path.join(root, 'out/components/counter.wasm'))))
    await client.scale(a.hostId, { componentId: 'counter', imageRef, count: 1 })
    const text = await readFile(path.join(root, 'test/fixtures-wat/mirror.wat'), 'utf8')
    await client.scale(a.hostId, { componentId: 'echo', imageRef: await images.put(await parse(text)), count: 1 })
    return {
      server,
      transport,
      client,
      mirror,
      rpc,
      send: createSendCommand(transport, lattice, (hostId) => isHostThere(transport, lattice, hostId)),
      a,
      b,
      async increment() {
        const instance = 'tlos:counter/counter@0.1.0'
        return Number(await rpc.call({ prefix: `${lattice}.counter`, instance, fn: increment, params: [] }))
      },
      echo: (data) => rpc.call({ prefix: `${lattice}.echo`, instance: '', fn: mirrorBytes, params: [data] }),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
