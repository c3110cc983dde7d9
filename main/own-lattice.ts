// The lattice of one's own: an embedded NATS server, two local nodes in processes of their own, and what a fresh lattice
// begins with. Opened once and kept while the shell runs; connecting elsewhere and back does not restart it.

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Desktop } from './desktop-lattice.js'
import type { Children } from './desktop/children.js'
import { type EmbeddedNats, openEmbeddedNats } from './desktop/embedded-nats.js'
import type { Kept } from './desktop/kept.js'
import { type LocalNodes, openLocalNodes } from './desktop/local-nodes.js'
import type { Ports } from './desktop/nats-config.js'
import { type BuiltComponent, firstLinks, firstPlacements, type Placement, readBuiltComponents } from './first-run.js'
import { formatChain } from './failure.js'
import { seatLabel } from './lattice/protocol/tlos.js'
import type { Log } from './log.js'
import { withoutNatsVariables } from './nats-options.js'
import type { Notices } from './notices.js'
import type { StateFile } from './state-file.js'

/** Names of the nodes that a fresh shell starts beside itself. */
const localNodeNames = ['north', 'south'] as const

export interface OwnLatticeOptions {
  readonly userData: string
  readonly lattice: string
  readonly ports: Kept<Ports | null>
  readonly children: Children
  /** `out/main/node.cjs`, `out/components`. */
  readonly nodeEntry: string
  readonly componentsDir: string
  readonly resourcesPath: string | undefined
  /** Start local nodes and the first actors? */
  readonly hasDemo: boolean
  readonly heartbeatMs: number
  /** Lattices that had their first run. */
  readonly begun: StateFile<readonly string[]>
  readonly notices: Notices
  readonly log: Log
}

export interface OwnLattice {
  readonly nats: EmbeddedNats
  readonly nodes: LocalNodes
  /** Starts the local nodes, and on the first run the actors that come with the shell. Never rejects. */
  populate(desktop: Desktop): Promise<void>
  /** A node that ended, again. */
  startNode(name: string): Promise<void>
  close(): Promise<void>
}

export async function openOwnLattice(options: OwnLatticeOptions): Promise<OwnLattice> {
  const { log, notices, children } = options
  const nats = await openEmbeddedNats({
    folder: path.join(options.userData, 'nats'),
    ports: options.ports,
    children,
    find: { env: process.env, resourcesPath: options.resourcesPath },
    onLine: (line) => log.part('nats-server').debug(line),
    onState: (state) => {
      if (state.kind === 'restarting') log.warn(`nats-server: ${state.why}`)
      if (state.kind === 'failed')
        notices.raise({
          tone: 'bad',
          title: 'The NATS server does not run',
          text: state.message,
          said: { code: 'server-down', args: { detail: state.message } },
        })
    },
    onTrouble: (message) =>
      notices.raise({
        tone: 'warn',
        title: 'Data of the lattice',
        text: message,
        said: { code: 'lattice-data', args: { detail: message } },
      }),
  })
  const nodes = openLocalNodes({
    command: {
      file: process.execPath,
      args: [options.nodeEntry],
      env: { ...withoutNatsVariables(process.env), ELECTRON_RUN_AS_NODE: '1' },
    },
    lattice: options.lattice,
    natsUrl: nats.natsUrl,
    folder: path.join(options.userData, 'nodes'),
    // It gets another port when its own is taken, and is the same server.
    extra: ['--heartbeat-ms', String(options.heartbeatMs), '--server-name', 'embedded'],
    // Which of them stands left is not left to which of them was ready first.
    argsOf: (name) => {
      const seat = localNodeNames.findIndex((each) => each === name)
      return seat < 0 ? [] : ['--label', `${seatLabel}=${seat}`]
    },
    children,
    onLine: (name, line) => log.part(name).info(line),
    onGone: (name, _hostId, why) => log.warn(`the local node ${name} ended: ${why}`),
  })

  const startNode = async (name: string): Promise<void> => {
    await nodes.start(name)
  }

  return {
    nats,
    nodes,
    startNode,
    async populate(desktop) {
      if (!options.hasDemo) return
      const started = Promise.all(
        localNodeNames.map((name) =>
          startNode(name).catch((error: unknown) =>
            notices.raise({
              tone: 'bad',
              title: `The local node ${name} did not start`,
              text: formatChain(error),
              said: { code: 'node-not-started', args: { name, detail: formatChain(error) } },
              about: name,
            }),
          ),
        ),
      )
      const isBegun = options.begun.value.includes(options.lattice)
      try {
        if (!isBegun) await beginFresh(options, desktop, nodes, started)
        await started
        if (!isBegun) await options.begun.save([...options.begun.value, options.lattice])
      } catch (error) {
        notices.raise({
          tone: 'bad',
          title: 'The first actors could not be started',
          text: formatChain(error),
          said: { code: 'first-actors', args: { detail: formatChain(error) } },
        })
      }
    },
    async close() {
      await nodes.close()
      await nats.close()
    },
  }
}

/** Installs what came with the build, and starts each where it stands at first, through the lattice like anything else. */
async function beginFresh(
  options: OwnLatticeOptions,
  desktop: Desktop,
  nodes: LocalNodes,
  nodesStarted: Promise<unknown>,
): Promise<void> {
  const built = await readBuiltComponents(options.componentsDir)
  for (const link of firstLinks) {
    await desktop.client.putLink({ ...link, interfaces: [...link.interfaces], sourceConfig: [], targetConfig: [] })
  }
  const installed = new Map(built.map((component) => [component.id, installOne(options, desktop, component)]))
  const begun = placesOf(firstPlacements).map(async (placements) => {
    // In their order, so that the one that stands left does not depend on which was ready first.
    for (const placement of placements) {
      const imageRef = await installed.get(placement.id)
      if (imageRef !== undefined) await beginOne(desktop, nodes, nodesStarted, placement, imageRef)
    }
  })
  await Promise.all([...installed.values(), ...begun])
}

/** The placements by place, each place's in the order of the list. */
function placesOf(placements: readonly Placement[]): readonly (readonly Placement[])[] {
  const places = new Map<Placement['on'], Placement[]>()
  for (const placement of placements) places.set(placement.on, [...(places.get(placement.on) ?? []), placement])
  return [...places.values()]
}

/** Resolves with the reference of its bytes in the lattice's store. */
async function installOne(options: OwnLatticeOptions, desktop: Desktop, component: BuiltComponent): Promise<string> {
  const bytes = new Uint8Array(await readFile(path.join(options.componentsDir, component.file)))
  return (await desktop.install(`${component.id}.wasm`, bytes)).imageRef
}

async function beginOne(
  desktop: Desktop,
  nodes: LocalNodes,
  nodesStarted: Promise<unknown>,
  { id, on, annotations }: Placement,
  imageRef: string,
): Promise<void> {
  const name = on === 'desktop' ? undefined : localNodeNames[on]
  if (name !== undefined) await nodesStarted
  // A node that did not start is said elsewhere; its actor then runs here.
  const hostId = nodes.list().find((node) => node.name === name)?.hostId ?? desktop.node.host.id
  await desktop.client.scale(hostId, { componentId: id, imageRef, annotations, count: 1 })
}
