// The desktop on a lattice: its node, the live picture, the client, and what the window asks of them. Built anew for each
// connect; closes everything it opened, the transport included.

import { randomUUID } from 'node:crypto'
import type * as v from 'valibot'
import type { Change } from '../preload/changes.js'
import type { RunInput } from '../preload/grants.js'
import type { ComponentId, Installed, LatticeState, Receipt, Verdict } from '../preload/records.js'
import { Numbers, onHostKey } from '../preload/records.js'
import type { Actor } from './actors/actor.js'
import { type ActorCalls, createActorCalls } from './actor-calls.js'
import { createDesktopGrants, type DesktopGrants } from './desktop-grants.js'
import { createDesktopPermits, type DesktopPermits } from './desktop-permits.js'
import { createTools, type Tools } from './desktop-tools.js'
import { formatChain, TlosError } from './failure.js'
import { firstPlacements } from './first-run.js'
import { type LatticeNode, type NodeOptions, openNode } from './lattice-node.js'
import { createClient, type LatticeClient } from './lattice/client.js'
import { type Images, openImages } from './lattice/images.js'
import { createRegistries } from './lattice/oci/registries.js'
import { type Mirror, openMirror } from './lattice/mirror.js'
import { LogReply, nothing } from './lattice/protocol/tlos.js'
import { describeReceipt, moveActor } from './moves.js'
import type { ImageOptions } from './image-options.js'
import type { NodeGrants } from './node-grants.js'
import type { Notices } from './notices.js'
import { openRegistryFetch } from './registry-access.js'
import { tellRefusals } from './refusal-notices.js'
import type { LatticePermits } from './provider-permits.js'
import type { Joined } from './session.js'
import type { Transport } from './nats/transport.js'

export interface DesktopOptions extends Omit<NodeOptions, 'images' | 'kind'> {
  readonly transport: Transport
  readonly embedded: boolean
  readonly imagesDir: string
  readonly nodeGrants: NodeGrants
  /** Which providers may be started here. */
  readonly permits: LatticePermits
  /** What this lattice is called in this machine's files. */
  readonly latticeKey: string
  /** Where this shell keeps everything. */
  readonly ownFolder: string
  /** Where images may come from besides the lattice. */
  readonly imageOptions: ImageOptions
  readonly notices: Notices
}

export interface Desktop extends Joined {
  readonly node: LatticeNode
  readonly mirror: Mirror
  readonly client: LatticeClient
  readonly images: Images
  readonly calls: ActorCalls
  /** wadm, traffic, manifests. */
  readonly tools: Tools
  readonly grants: DesktopGrants
  readonly permits: DesktopPermits
  /** Checks the bytes and puts them into the lattice under an id made from the file's name. */
  install(fileName: string, bytes: Uint8Array): Promise<Installed>
  /** What a component that came with the shell is started with. */
  annotationsOf(componentId: string): Record<string, string>
  scale(componentId: string, hostId: string, count: number): Promise<void>
  restart(componentId: string, hostId: string): Promise<void>
  logOf(componentId: string, hostId: string): Promise<LogLines>
  numbersOf(componentId: string, hostId: string): Promise<Numbers>
  ask(componentId: string, from: string): Promise<Verdict[]>
  move(componentId: string, from: string, to: string): Promise<Receipt>
  /** A command of this desktop, with arguments and input of the person who runs it; its exit code. */
  run(componentId: string, hostId: string, instance: string, input: RunInput): Promise<number>
  stopRun(componentId: string, hostId: string): Promise<void>
  /** The records and events about a host, component, provider or link, as they are. */
  inspect(about: string): unknown
}

type LogLines = v.InferOutput<typeof LogReply>

export async function joinLattice(options: DesktopOptions): Promise<Desktop> {
  const { transport, lattice, notices } = options
  const { rpcTransport } = options
  const closers: (() => Promise<void> | void)[] = [() => transport.close(), () => rpcTransport?.close()]
  /** In reverse order; one that fails does not keep the others open. */
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) {
      try {
        await closer()
      } catch (error) {
        options.log('error', formatChain(error))
      }
    }
  }
  try {
    closers.push(tellRefusals([transport, ...(rpcTransport === undefined ? [] : [rpcTransport])], notices))
    const registryFetch = await openRegistryFetch(options.imageOptions)
    const registries = createRegistries(options.imageOptions.registries)
    const images = openImages({
      transport,
      lattice,
      cacheDir: options.imagesDir,
      allowFiles: options.imageOptions.allowFiles,
      registries,
      fetch: registryFetch,
      maxBytes: options.hostOptions?.componentBytes,
      log: options.log,
    })
    const node = await openNode({ ...options, images, registries: registries.given, kind: 'desktop' })
    closers.push(() => node.close())
    const mirror = await openMirror({
      transport,
      rpcTransport,
      lattice,
      ctlPrefix: options.ctlPrefix,
      ownHostId: node.host.id,
      embedded: options.embedded,
      log: (level, text) => options.log(level, text),
    })
    closers.push(() => mirror.close())
    closers.push(tellNews(mirror, notices, node.host.friendlyName))
    const client = createClient({ transport, lattice, ctlPrefix: options.ctlPrefix })
    const calls = createActorCalls({ lattice, node, picture: () => mirror.state() })
    const tools = createTools({ transport, lattice, client, mirror, rpc: node.rpc })
    closers.push(() => tools.close())
    return build({ options, images, node, mirror, client, calls, tools, close })
  } catch (error) {
    await close()
    throw error
  }
}

interface Built {
  readonly options: DesktopOptions
  readonly images: Images
  readonly node: LatticeNode
  readonly mirror: Mirror
  readonly client: LatticeClient
  readonly calls: ActorCalls
  readonly tools: Tools
  readonly close: () => Promise<void>
}

function build({ options, images, node, mirror, client, calls, tools, close }: Built): Desktop {
  const component = (componentId: string, hostId: string): LatticeState['components'][string] => {
    const found = mirror.state().components[onHostKey(hostId, componentId)]
    if (found === undefined) {
      throw new TlosError('not-found', `${componentId} does not run there any more`, { about: componentId })
    }
    return found
  }
  /** The actor, if it is one of this desktop. */
  const own = (componentId: string, hostId: string): Actor => {
    const resident = hostId === node.host.id ? node.actors.resident(componentId) : undefined
    if (resident !== undefined) return resident.actor
    throw new TlosError('refused', `${componentId} does not run on this desktop: its node gives it what it runs with`)
  }
  return {
    node,
    mirror,
    client,
    images,
    calls,
    tools,
    grants: createDesktopGrants({
      lattice: options.latticeKey,
      grants: options.nodeGrants,
      node,
      picture: () => mirror.state(),
      ownFolder: options.ownFolder,
    }),
    permits: createDesktopPermits({
      permits: options.permits,
      given: options.startProviders?.permissions ?? [],
      hostId: node.host.id,
      client,
      notices: options.notices,
    }),
    close,
    state: () => mirror.state(),
    onChanges: (listener) => mirror.onChanges((changes: readonly Change[]) => listener(changes)),
    annotationsOf: (componentId) => ({ ...firstPlacements.find(({ id }) => id === componentId)?.annotations }),

    async install(fileName, bytes) {
      const prepared = await options.runtime.prepare(bytes)
      const imageRef = await images.put(bytes)
      const taken = mirror.state().installed
      const record: Installed = {
        id: freeId(fileName, (id) => taken[id] !== undefined && taken[id].imageRef !== imageRef),
        imageRef,
        name: prepared.name ?? fileName.replace(/\.wasm$/i, ''),
        version: prepared.version,
        sizeBytes: bytes.length,
        installedAtMs: Date.now(),
      }
      await images.install(record)
      return record
    },

    async scale(componentId, hostId, count) {
      const { imageRef, annotations } = component(componentId, hostId)
      await client.scale(hostId, { componentId, imageRef, annotations, count })
    },

    async restart(componentId, hostId) {
      const { imageRef, annotations, state } = component(componentId, hostId)
      // One that never started has no instance to restart: it is asked for again.
      if (state === 'stopped' || !(await isResident(node, componentId, hostId))) {
        await client.scale(hostId, { componentId, imageRef, annotations, count: 1 })
      } else await node.send('restart', hostId, { componentId }, nothing)
    },

    numbersOf: (componentId, hostId) => node.send('numbers', hostId, { componentId }, Numbers),
    logOf: (componentId, hostId) => node.send('log', hostId, { componentId }, LogReply),
    ask: (componentId, from) => node.ask(componentId, from, () => Object.values(mirror.state().hosts)),
    move: (componentId, from, to) =>
      moveActor({ send: node.send, mirror, askedBy: node.host.friendlyName }, { componentId, from, to }),

    async run(componentId, hostId, instance, input) {
      const { id } = own(componentId, hostId)
      return exitCodeOf(await node.actors.runCommand(id, instance, input))
    },
    stopRun: (componentId, hostId) => own(componentId, hostId).stopRun(),

    inspect(about) {
      const { hosts, components, providers, links, installed } = mirror.state()
      const record = hosts[about] ?? components[about] ?? providers[about] ?? links[about] ?? installed[about]
      const events = mirror
        .recentEvents()
        .filter((event) => JSON.stringify(event).includes(about.split('/').at(-1) ?? about))
      return { record, events: events.slice(-20) }
    },
  }
}

/** What the end of a command says; its worker makes it (wasm/command.ts). */
function exitCodeOf(end: unknown): number {
  const { exitCode } = (typeof end === 'object' && end !== null ? end : {}) as { exitCode?: unknown }
  return typeof exitCode === 'number' ? exitCode : 1
}

async function isResident(node: LatticeNode, componentId: string, hostId: string): Promise<boolean> {
  return await node.send('log', hostId, { componentId }, LogReply).then(
    () => true,
    () => false,
  )
}

/** An id from a file's name: one NATS token, not taken by something else. */
function freeId(fileName: string, isTaken: (id: string) => boolean): ComponentId {
  const base =
    fileName
      .replace(/\.wasm$/i, '')
      .replace(/[^A-Za-z0-9_-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 48) || `component-${randomUUID().slice(0, 8)}`
  let id = base
  for (let n = 2; isTaken(id); n += 1) id = `${base}-${n}`
  return id as ComponentId // built from allowed characters only
}

/** Outcomes of moves and notes of nodes, as notices; returns the function that stops it. */
function tellNews(mirror: Mirror, notices: Notices, ownName: string): () => void {
  return mirror.onTlosEvent((event) => {
    if (event.kind === 'actor_moved') {
      notices.raise({
        id: `move ${event.data.moveId}`,
        tone: 'good',
        title: `${event.data.componentId} moved to ${event.data.toName}`,
        text: describeReceipt(event.data),
        about: event.data.componentId,
        receipt: event.data,
        offer: { label: 'Undo', kind: 'undo-move', about: event.data.componentId },
      })
    } else if (event.kind === 'actor_move_failed' && event.data.askedBy !== ownName) {
      // A move asked for here has its answer where the person dropped it.
      notices.raise({
        id: `move ${event.data.moveId}`,
        tone: 'bad',
        title: `${event.data.componentId} stays on ${event.data.fromName}`,
        text: `It was to move to ${event.data.toName}: ${event.data.reason ?? 'no reason given'}.`,
        about: event.data.componentId,
        receipt: event.data,
      })
    } else if (event.kind === 'actor_note') {
      if (event.data.kind === 'failed') {
        const host = mirror.state().hosts[event.data.hostId]?.friendlyName
        notices.raise({
          said: {
            code: 'actor-failed',
            args: { ...event.data.said?.args, actor: event.data.componentId, host: host ?? '' },
          },
          tone: 'bad',
          title:
            host === undefined ? `${event.data.componentId} failed` : `${event.data.componentId} failed on ${host}`,
          text: event.data.text,
          about: event.data.componentId,
        })
      }
      const isLoss = event.data.kind === 'empty' || event.data.kind === 'older' || event.data.kind === 'lost'
      if (isLoss) {
        const said = event.data.said
        notices.raise({
          ...(said === undefined ? {} : { said: { code: `actor-${said.code}`, args: said.args } }),
          tone: 'warn',
          title: `${event.data.componentId} lost what it kept in memory`,
          text: event.data.text,
          about: event.data.componentId,
        })
      }
    }
  })
}
