// A lattice with whole nodes in this process: a real nats-server, real components in the pool, and a client that links
// and configures as `wash` does.

import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createClient, type LatticeClient } from '../../main/lattice/client.js'
import { openImages } from '../../main/lattice/images.js'
import { createKey } from '../../main/lattice/nkeys.js'
import { openRpc } from '../../main/lattice/rpc.js'
import type { Rpc } from '../../main/lattice/rpc-types.js'
import { type LatticeNode, openNode } from '../../main/lattice-node.js'
import { openTransport } from '../../main/nats/connection.js'
import type { Transport } from '../../main/nats/transport.js'
import type { WitFunction } from '../../preload/wit.js'
import { openTestRuntime, type TestRuntime } from '../main/wasm/open-test-runtime.js'
import { handsInterface } from '../main/wasm/services.js'
import { type NatsServer, startNatsServer } from './nats-server.js'

const act: WitFunction = {
  name: 'act',
  params: [{ name: 'what', type: { kind: 'string' } }],
  result: { kind: 'result', ok: { kind: 'string' }, err: { kind: 'string' } },
}

export interface TestLattice {
  readonly server: NatsServer
  /** For files of the test; removed with the lattice. */
  readonly folder: string
  /** A client of the bus that is no node. */
  readonly transport: Transport
  readonly client: LatticeClient
  readonly rpc: Rpc
  /** What the nodes logged. */
  readonly log: readonly string[]
  addNode(name: string): Promise<LatticeNode>
  /** Starts a component on a node and resolves when it can be called. */
  start(node: LatticeNode, componentId: string, bytes: Uint8Array, config?: readonly string[]): Promise<void>
  /** Tells a component of `test/fixtures-services` what to do; `{ err }` when it says that it failed. */
  act(componentId: string, ...what: readonly unknown[]): Promise<unknown>
  close(): Promise<void>
}

export async function openTestLattice(): Promise<TestLattice> {
  const server = await startNatsServer()
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-lattice-'))
  const transport = await openTransport({ servers: server.tcpUrl })
  const runtime: TestRuntime = await openTestRuntime()
  const client = createClient({ transport, lattice: 'default' })
  const rpc = openRpc(transport)
  const log: string[] = []
  const nodes: { node: LatticeNode; transport: Transport }[] = []
  const imagesOn = (bus: Transport, name: string) =>
    openImages({ transport: bus, lattice: 'default', cacheDir: path.join(folder, name), allowFiles: false })

  return {
    server,
    folder,
    transport,
    client,
    rpc,
    log,
    async addNode(name) {
      const own = await openTransport({ servers: server.tcpUrl })
      const node = await openNode({
        transport: own,
        runtime,
        images: imagesOn(own, name),
        lattice: 'default',
        key: createKey('server'),
        friendlyName: name,
        version: '0.0.0',
        kind: 'node',
        log: (_level, text) => log.push(text),
      })
      nodes.push({ node, transport: own })
      return node
    },
    async start(node, componentId, bytes, config = []) {
      const imageRef = await imagesOn(transport, 'outside').put(bytes)
      await node.actors.start({ componentId, imageRef, annotations: {}, maxInstances: 1, config })
    },
    async act(componentId, ...what) {
      const answer = await rpc.call({
        prefix: `default.${componentId}`,
        instance: handsInterface,
        fn: act,
        params: [JSON.stringify(what)],
        timeoutMs: 30_000,
      })
      const { tag, val } = answer as { tag: string; val: string } // decoded by that type
      return tag === 'ok' ? (JSON.parse(val) as unknown) : { err: val }
    },
    async close() {
      rpc.close()
      for (const each of nodes) {
        await each.node.close()
        await each.transport.close()
      }
      await runtime.dispose()
      await transport.close()
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
