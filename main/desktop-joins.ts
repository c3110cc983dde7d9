// Joins the desktop to lattices: what every one of them needs of this machine (component runtime, the node's key, what it
// ran), opened once, and a connection for each. `shell.ts` loads this module when the window has drawn, since nearly all
// code of main is below it. Knows no window.

import path from 'node:path'
import type { ConnectRequest } from '../preload/contract.js'
import { type Desktop, joinLattice } from './desktop-lattice.js'
import { latticeKey } from './lattice-key.js'
import { createKey, keyFromSeed } from './lattice/nkeys.js'
import { openTransport, type TransportOptions } from './nats/connection.js'
import type { Transport } from './nats/transport.js'
import { readConnections } from './nats-access.js'
import { openNodeGrants } from './node-grants.js'
import { openNodeState } from './node-state.js'
import type { HostOptions } from './host-options.js'
import type { ImageOptions } from './image-options.js'
import type { Notices } from './notices.js'
import { openParkedImages } from './parked-images.js'
import { openPermitStore } from './provider-permits.js'
import { providerRpc } from './provider-rpc.js'
import type { ProviderPermission } from './provider-host/permissions.js'
import { version } from './version.js'
import type { Grants } from './wasm/grants.js'
import { openRuntime, type SpawnPool } from './wasm/runtime.js'

export interface JoinsOptions {
  readonly userData: string
  /** `out/main`, where the bundles of the runtime are. */
  readonly bundles: string
  readonly spawnPool: SpawnPool
  readonly friendlyName: string
  readonly labels: Readonly<Record<string, string>> | undefined
  /** What components get here in this run, by id; beside what is kept in the desktop's own folder. */
  readonly grants: ReadonlyMap<string, Grants>
  /** Providers that the lattice may start here in this run. */
  readonly providers: readonly ProviderPermission[]
  /** Where images may come from. */
  readonly images: ImageOptions
  /** What the desktop's node does as a host. */
  readonly host: HostOptions
  readonly notices: Notices
  /** What was wrong with a file of the node, in words for a person. */
  readonly onTrouble: (text: string) => void
  readonly log: (level: 'info' | 'warn' | 'error', text: string) => void
}

export interface JoinRequest extends ConnectRequest {
  readonly heartbeatMs: number | undefined
  /** The NATS server is a child of this shell. */
  readonly embedded: boolean
  /** Where provider processes find the bus, when it is not at `servers`: most speak no WebSocket. */
  readonly providerUrl?: string | undefined
}

export interface Joins {
  /** Connects and builds everything; rejects with words a person can act on. The result belongs to whoever asked. */
  join(request: JoinRequest): Promise<Desktop>
  /** After what was joined is closed. */
  close(): Promise<void>
}

export async function openJoins(options: JoinsOptions): Promise<Joins> {
  const { userData, bundles, notices, log } = options
  const state = await openNodeState(path.join(userData, 'desktop'), log)
  const grants = await openNodeGrants(path.join(userData, 'desktop'), options.grants)
  const permitStore = await openPermitStore(path.join(userData, 'desktop'), Date.now)
  for (const text of [...state.troubles, grants.trouble, permitStore.trouble]) {
    if (text !== undefined) options.onTrouble(text)
  }
  const seed = options.host.seed ?? state.seed
  const nodeKey = seed === undefined ? createKey('server') : keyFromSeed(seed)
  if (seed === undefined) await state.saveSeed(nodeKey.seed)
  const runtime = await openRuntime({
    cacheDir: path.join(userData, 'prepared'),
    extraCacheDirs: [path.join(bundles, '..', 'components', 'prepared')],
    entries: {
      pool: path.join(bundles, 'pool.cjs'),
      worker: path.join(bundles, 'worker.cjs'),
      transpile: path.join(bundles, 'transpile.cjs'),
    },
    spawnPool: options.spawnPool,
  })

  return {
    async join({ lattice, heartbeatMs, embedded, providerUrl, ...server }) {
      const { control, rpc } = await readConnections(server)
      const transport = await openTransport({ ...control, name: 'tlos desktop', log })
      const rpcTransport = await openSecond(rpc, transport, log)
      // Lattices of other servers may have the same name: neither what ran in one nor what was granted there is for another.
      const key = embedded ? lattice : latticeKey(lattice, transport.info.url)
      const permits = permitStore.forLattice(key, options.providers)
      return await joinLattice({
        transport,
        rpcTransport,
        runtime,
        lattice,
        key: nodeKey,
        friendlyName: options.friendlyName,
        version,
        labels: options.labels,
        heartbeatMs,
        ctlPrefix: server.ctlTopicPrefix,
        hostOptions: options.host,
        embedded,
        imagesDir: path.join(userData, 'images'),
        grants: (componentId, digest) => grants.of(key, componentId, digest),
        nodeGrants: grants,
        permits,
        latticeKey: key,
        ownFolder: userData,
        parked: openParkedImages(path.join(userData, 'desktop', 'parked'), key),
        resume: state.running(key),
        onTable: (specs) => state.saveRunning(key, specs),
        imageOptions: options.images,
        startProviders: {
          permissions: options.providers,
          asking: permits,
          folder: path.join(userData, 'desktop', 'providers'),
          rpc: providerRpc(rpc ?? control, providerUrl),
        },
        notices,
        log,
      })
    },
    close: () => runtime.close(),
  }
}

/** The connection for calls, if there is one of their own; the first does not stay open when it fails. */
async function openSecond(
  options: TransportOptions | undefined,
  first: Transport,
  log: JoinsOptions['log'],
): Promise<Transport | undefined> {
  if (options === undefined) return undefined
  try {
    return await openTransport({ ...options, name: 'tlos desktop, calls', log })
  } catch (error) {
    await first.close()
    throw error
  }
}
