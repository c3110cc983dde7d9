// A bench for black-box tests of a host: a nats-server of its own, real host processes on it, a peer that speaks raw JSON,
// and images that these hosts can load.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type NatsServer, startNatsServer, type NatsServerOptions } from '../../../support/nats-server.js'
import { type NodeProcess, type NodeProcessOptions, startNodeProcess } from '../../../support/node-process.js'
import { Peer, type PeerOptions } from './peer.js'

export interface Bench {
  readonly server: NatsServer
  readonly peer: Peer
  /** A tLOS node as a process of its own, as `npm run node` starts it. */
  start(name: string, options?: Partial<NodeProcessOptions>): Promise<NodeProcess>
  openPeer(options?: PeerOptions): Promise<Peer>
  /** The bytes in the lattice's image store; the reference under which nodes find them. */
  putImage(bytes: Uint8Array): Promise<string>
  /** One of the components that come with tLOS. */
  image(name: 'counter' | 'echo' | 'clock'): Promise<string>
  /** A folder that is gone afterwards. */
  folder(name: string): string
  close(): Promise<void>
}

export async function openBench(options: NatsServerOptions & { lattice?: string } = {}): Promise<Bench> {
  const lattice = options.lattice ?? 'default'
  const server = await startNatsServer(options)
  const root = await mkdtemp(path.join(os.tmpdir(), 'tlos-blackbox-'))
  const peers: Peer[] = []
  const nodes: NodeProcess[] = []
  const openPeer = async (peerOptions: PeerOptions = {}): Promise<Peer> => {
    const peer = await Peer.open(server.tcpUrl, { lattice, ...peerOptions })
    peers.push(peer)
    return peer
  }
  const peer = await openPeer()

  async function putImage(bytes: Uint8Array): Promise<string> {
    const digest = createHash('sha256').update(bytes).digest('hex')
    const store = await peer.connection.jetstream().views.os(`TLOS_IMAGES_${lattice}`)
    if ((await store.info(digest)) === null) await store.putBlob({ name: digest }, bytes)
    return `tlos://sha256/${digest}`
  }

  return {
    server,
    peer,
    async start(name, nodeOptions = {}) {
      const node = await startNodeProcess({
        natsUrl: server.tcpUrl,
        name,
        lattice,
        heartbeatMs: 600_000,
        ...nodeOptions,
      })
      nodes.push(node)
      return node
    },
    openPeer,
    putImage,
    image: async (name) => putImage(new Uint8Array(await readFile(componentFile(name)))),
    folder: (name) => path.join(root, name),
    async close() {
      await Promise.all(nodes.map((node) => node.stop()))
      await Promise.all(peers.map((each) => each.close()))
      await server.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** A component of this tree, built. */
export function componentFile(name: string): string {
  const file = path.resolve(import.meta.dirname, `../../../../out/components/${name}.wasm`)
  if (!existsSync(file)) throw new Error(`${file} is not built: run the tests with \`npm test\``)
  return file
}
