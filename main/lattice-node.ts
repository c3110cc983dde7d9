// A lattice node, built once for both entries: host, actors, moves, providers, facts. Stands on an open transport and an
// open runtime, which belong to whoever calls; closes everything it opened itself.

import os from 'node:os'
import type { Host as HostRecord, Verdict } from '../preload/records.js'
import { Actors, type Resident } from './actors/actors.js'
import { askWhere } from './actors/ask.js'
import { createSendCommand, type SendCommand } from './actors/commands.js'
import { openControl } from './actors/control.js'
import { openFacts } from './actors/facts.js'
import { openFence } from './actors/fence.js'
import { openHandleSearch } from './actors/handle-search.js'
import { createMover } from './actors/mover.js'
import { judgeOffer } from './actors/offers.js'
import { openOwners } from './actors/owners.js'
import type { ParkedStore } from './actors/parked.js'
import { createOwnership } from './actors/ownership.js'
import { createComponentCall, createProviderLinks } from './actors/provider-links.js'
import { openReceipts, type Receipts } from './actors/receipts.js'
import { createReceiver } from './actors/receiver.js'
import { createHttpCall } from './actors/http-calls.js'
import { resumeActors } from './actors/resume.js'
import { createTell } from './actors/tell.js'
import { formatChain, TlosError } from './failure.js'
import { type HttpAdmin, openHttpAdmin } from './http-admin.js'
import { type HostOptions, usualHostOptions } from './host-options.js'
import { openStarted } from './lattice-node-providers.js'
import type { KeptSpec, LatticeHost } from './lattice/host-types.js'
import { hostLabels, openHost } from './lattice/host.js'
import type { Images } from './lattice/images.js'
import { openPolicy } from './lattice/policy.js'
import { openSecrets } from './lattice/secrets.js'
import type { KeyPair } from './lattice/nkeys.js'
import { kindLabel, type Offer } from './lattice/protocol/tlos.js'
import type { RegistryCredentials } from './lattice/protocol/control.js'
import { controlSubjects } from './lattice/protocol/subjects.js'
import type { Rpc } from './lattice/rpc-types.js'
import { isHostThere } from './lattice/presence.js'
import { openRpc } from './lattice/rpc.js'
import type { Transport } from './nats/transport.js'
import type { ProviderRpc, ProviderTimes } from './provider-host/parts.js'
import type { ProviderPermission } from './provider-host/permissions.js'
import type { ProviderAsking } from './provider-host/types.js'
import { openProviders } from './providers/providers.js'
import { messagingId } from './providers/messaging.js'
import { serveProviders } from './actors/serve-providers.js'
import { type Grants, noGrants } from './wasm/grants.js'
import type { Runtime } from './wasm/types.js'

export interface NodeOptions {
  readonly transport: Transport
  /** Calls between components go over this one, which stays the caller's; undefined: over the same. */
  readonly rpcTransport?: Transport | undefined
  readonly runtime: Runtime
  readonly images: Images
  /** Where the host keeps what `registry.put` brings; absent: nobody else sees it. */
  readonly registries?: Map<string, RegistryCredentials> | undefined
  readonly lattice: string
  readonly key: KeyPair
  readonly friendlyName: string
  readonly version: string
  readonly kind: 'desktop' | 'node'
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly heartbeatMs?: number | undefined
  /** What control subjects of this lattice begin with; absent: as everywhere. */
  readonly ctlPrefix?: string | undefined
  /** What it does as a host; absent: as usual. */
  readonly hostOptions?: HostOptions | undefined
  /** What this node grants to these bytes under this id; absent: nothing to anybody. */
  readonly grants?: ((componentId: string, digest: string) => Grants) | undefined
  /** Which providers the lattice may have this node start, and with what; absent: none. */
  readonly startProviders?: ProviderOptions | undefined
  /** Where unmodified actors are copied to when the node ends, to go on from there; absent: nowhere. */
  readonly parked?: ParkedStore | undefined
  /** What ran here when the node ended; started again now. */
  readonly resume?: readonly KeptSpec[] | undefined
  /** What runs here changed: to be remembered for `resume`. */
  readonly onTable?: ((specs: readonly KeptSpec[]) => void) | undefined
  readonly log: (level: 'info' | 'warn' | 'error', text: string) => void
}

export interface ProviderOptions {
  /** What the person at this machine permits. */
  readonly permissions: readonly ProviderPermission[]
  /** A person who can be asked. */
  readonly asking?: ProviderAsking | undefined
  /** Where their executables lie while they run; of this node alone. */
  readonly folder: string
  /** How their processes reach the bus. */
  readonly rpc: ProviderRpc
  readonly times?: ProviderTimes | undefined
}

export interface LatticeNode {
  readonly host: LatticeHost
  readonly rpc: Rpc
  readonly actors: Actors
  readonly send: SendCommand
  readonly receipts: Receipts
  /** Who would take this actor? One verdict for each of these hosts but the one it stands on. */
  ask(componentId: string, from: string, hosts: () => readonly HostRecord[]): Promise<Verdict[]>
  /** Starts an actor of this node again with what it is granted now; false when it is not here. */
  renew(componentId: string): Promise<boolean>
  /** Resolves when everything to resume was tried. */
  readonly resumed: Promise<void>
  close(): Promise<void>
}

export async function openNode(options: NodeOptions): Promise<LatticeNode> {
  const { transport, lattice, runtime, hostOptions = usualHostOptions } = options
  const hostId = options.key.publicKey
  const now = (): number => Date.now()
  const tell = createTell(transport, lattice, options.log)
  const isAlive = (id: string): Promise<boolean> => isHostThere(transport, lattice, id, options.ctlPrefix)

  /** Bytes from elsewhere are put into the lattice for a move; that takes its object store. */
  const sharesBytes = (): boolean => transport.info.hasJetStream

  const rpc = openRpc(options.rpcTransport ?? transport)
  const send = createSendCommand(transport, lattice, isAlive)
  const receipts = openReceipts(transport, lattice)
  const owners = await openOwners(transport, lattice)
  const ownership = createOwnership({
    transport,
    lattice,
    hostId,
    owners,
    isAlive,
    nowIso: () => new Date().toISOString(),
    parked: options.parked,
  })
  const providers = await openProviders({
    transport,
    lattice,
    call: createComponentCall({
      rpc,
      lattice,
      providerId: messagingId,
      callLocal: (...call) => actors.callLocal(...call),
    }),
    log: (text) => options.log('warn', text),
  })
  const providerLinks = createProviderLinks(providers, (names) => host?.configValues(names) ?? {})
  const secrets = openSecrets({
    transport,
    lattice,
    topic: hostOptions.secretsTopic,
    host: { id: hostId, friendlyName: options.friendlyName },
    now,
  })
  const policy =
    hostOptions.policy === undefined
      ? undefined
      : openPolicy({
          transport,
          ...hostOptions.policy,
          host: { hostId, lattice, labels: hostLabels(ownLabels(options), options.version) },
          now,
          log: options.log,
        })
  const callHttp = createHttpCall({ rpc, lattice, actors: () => actors })
  const started = openStarted(options, {
    hostId,
    rpc,
    taken: new Set(providers.map(({ id }) => id)),
    host: () => host,
    callHttp,
    secrets,
    policy,
    callLocal: (...call) => actors.callLocal(...call),
  })
  let host: LatticeHost | undefined = undefined
  let isClosing = false
  let waiting: readonly KeptSpec[] = options.resume ?? []
  /** What runs here, and what is still to be resumed: a node that ends meanwhile must not forget it. */
  const table = (): readonly KeptSpec[] => {
    const running = actors.list()
    const ids = new Set(running.map((spec) => spec.componentId))
    return [...running, ...waiting.filter((spec) => !ids.has(spec.componentId))]
  }

  const handles = openHandleSearch({
    transport,
    lattice,
    hostId,
    given: (componentId) => actors.resident(componentId)?.actor.instances.givenKeys() ?? [],
  })
  const actors: Actors = new Actors({
    lattice,
    hostId,
    rpc,
    runtime,
    images: options.images,
    ownership,
    parked: options.parked,
    providers,
    started,
    onLinks: (sourceId, links) => {
      providerLinks.setLinks(sourceId, links)
      started?.setLinks(sourceId, links)
    },
    configValues: (names) => host?.configValues(names) ?? {},
    policy,
    secrets,
    nodeLimits: hostOptions.limits,
    grants: options.grants ?? (() => noGrants),
    now: () => performance.now() + performance.timeOrigin,
    findHandle: (componentId, key) => handles.find(componentId, key),
    onNote: (note) => tell('actor_note', note),
    onTableChanged: () => {
      // What runs when the node ends is what it begins with next time.
      if (!isClosing) options.onTable?.(table())
    },
    onServed: () => facts.tellNow(),
    onChanged: () => facts.touch(),
  })
  const facts = openFacts({ transport, lattice, hostId, actors: () => actors, now, log: options.log })
  const announce = (resident: Resident, maxInstances: number): void =>
    host?.emitScaled({ ...resident.actor.spec, maxInstances, claims: resident.actor.claims })

  const mover = createMover({
    lattice,
    hostId,
    actors,
    ownership,
    send,
    shareBytes: async (ref, digest) => {
      if (!sharesBytes()) return
      await options.images.share(ref, digest).catch((error: unknown) => {
        options.log('warn', `${ref} was not put into the lattice: ${formatChain(error)}`)
      })
    },
    flush: () => transport.flush(),
    nameOf: (id) => nameOf(transport, lattice, id, options),
    onProgress: (progress) => tell('actor_moving', progress),
    onReceipt: (receipt) => {
      facts.touch()
      // Kept first: whoever hears of the outcome can read the receipt.
      receipts
        .keep(receipt)
        .catch((error: unknown) => options.log('warn', `the receipt was not kept: ${formatChain(error)}`))
        .finally(() => tell(receipt.outcome === 'moved' ? 'actor_moved' : 'actor_move_failed', receipt))
    },
    onLeft: (resident) => announce(resident, 0),
    now: () => performance.now() + performance.timeOrigin,
  })
  const receiver = createReceiver({
    hostId,
    actors,
    owners,
    ownership,
    onArrived: (resident) => announce(resident, resident.actor.spec.maxInstances),
  })
  const stopFence = openFence({
    lattice,
    hostId,
    actors,
    owners,
    isMoving: (id) => mover.moving().has(id),
    onLeft: (resident) => announce(resident, 0),
  })
  const stopProviders = serveProviders(rpc, lattice, providers)

  host = await openHost({
    transport,
    lattice,
    key: options.key,
    friendlyName: options.friendlyName,
    version: options.version,
    labels: ownLabels(options),
    actors,
    jsDomain: transport.info.jsDomain,
    rpcUrl: options.rpcTransport?.info.url,
    rpcTransport: options.rpcTransport,
    registries: options.registries,
    ctlPrefix: options.ctlPrefix,
    bids: hostOptions.bids,
    asksConfigService: hostOptions.asksConfigService,
    onConfig: (name) => {
      providerLinks.configChanged(name)
      started?.configChanged(name)
      return actors.configChanged(name)
    },
    heartbeatMs: options.heartbeatMs,
    log: options.log,
  })
  const opened = host
  // What was there before the host could say what configurations hold.
  for (const { id } of providers) providerLinks.setLinks(id, actors.linksOf(id))

  async function judge(offer: Offer): Promise<Verdict> {
    const wish = { digest: offer.digest }
    const [last, hasBytes] = await Promise.all([
      receipts.lastMove(offer.componentId),
      options.images.hasLocal(offer.imageRef, wish),
    ])
    return judgeOffer(offer, {
      hostId,
      labels: opened.labels,
      isCordoned: opened.labels['tlos.cordoned'] === 'true',
      runs: actors.isHere(offer.componentId),
      isFull: !actors.hasRoomFor(offer.componentId),
      hasBytes,
      canFetch:
        hasBytes || (offer.shares === true && sharesBytes()) || (await options.images.canResolve(offer.imageRef, wish)),
      builtinImports: runtime.builtinImports,
      local: new Set([...providers.map((p) => p.id), ...actors.residents().map((r) => r.actor.id)]),
      freeMemoryBytes: os.freemem(),
      lastPauseMs: last?.pauseMs,
    })
  }

  const stopControl = openControl({ transport, lattice, hostId, actors, mover, receiver, judge, sharesBytes })
  const resumed = resumeActors(actors, opened, waiting).then(() => {
    waiting = []
    if (!isClosing) options.onTable?.(table())
  })

  let admin: HttpAdmin | undefined
  const node: LatticeNode = {
    host: opened,
    rpc,
    actors,
    send,
    receipts,
    resumed,
    async renew(componentId) {
      if (mover.moving().has(componentId)) {
        throw new TlosError('conflict', `${componentId} is moving; what was changed holds when it starts here again`)
      }
      return await actors.renew(componentId)
    },
    ask: (componentId, from, hosts) => askWhere({ transport, lattice, send, hosts }, componentId, from),
    async close() {
      if (isClosing) return
      isClosing = true
      // First, so that nothing new is accepted while what runs is saved.
      opened.retire()
      stopControl()
      handles.close()
      stopFence()
      // Whoever brings calls in ends first.
      await started?.close()
      await actors.close(new Set(waiting.map(({ componentId }) => componentId)))
      receiver.close()
      stopProviders()
      for (const provider of providers) provider.close?.()
      facts.close()
      await opened.close()
      await admin?.close()
      ownership.close()
      policy?.close()
      rpc.close()
    },
  }
  try {
    const isReady = (): boolean => !isClosing && transport.status.kind === 'live'
    if (hostOptions.httpAdmin !== undefined) admin = await openHttpAdmin(hostOptions.httpAdmin, isReady)
  } catch (error) {
    await node.close()
    throw error
  }
  return node
}

const ownLabels = ({ labels, kind }: NodeOptions): Readonly<Record<string, string>> => ({
  ...labels,
  [kindLabel]: kind,
})

/** Friendly name of a host for a receipt; the id's beginning when it does not tell. */
async function nameOf(transport: Transport, lattice: string, hostId: string, self: NodeOptions): Promise<string> {
  if (hostId === self.key.publicKey) return self.friendlyName
  try {
    const reply = await transport.request(
      controlSubjects(lattice, self.ctlPrefix).host('get', hostId),
      new Uint8Array(),
      {
        timeoutMs: 1_000,
      },
    )
    const parsed = JSON.parse(new TextDecoder().decode(reply.data)) as { response?: { friendly_name?: unknown } }
    const name = parsed.response?.friendly_name
    return typeof name === 'string' ? name : hostId.slice(0, 8)
  } catch {
    // Not knowing a name is no reason not to move there: the target's own answers decide.
    return hostId.slice(0, 8)
  }
}
