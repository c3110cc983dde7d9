// Makes this process a wasmCloud v1 host (lattice.md 1 to 4): identity, subscriptions, heartbeats, events, the shared
// buckets. What runs components is given; instances, images and the tLOS protocol are not known here.

import { randomUUID } from 'node:crypto'
import type { Link } from '../../preload/records.js'
import { formatChain } from '../failure.js'
import type { Message, Subscription, Transport } from '../nats/transport.js'
import { askConfigService } from './config-service.js'
import { answerCommand, requireConfig } from './host-commands.js'
import { createScaling } from './host-scale.js'
import type { HostActors, LatticeHost } from './host-types.js'
import { openLatticeData } from './lattice-data.js'
import type { KeyPair } from './nkeys.js'
import { mergeConfig } from './protocol/buckets.js'
import type { RegistryCredentials } from './protocol/control.js'
import { claimsToStore } from './protocol/component-claims.js'
import { encodeFailure } from './protocol/control.js'
import { encodeLatticeEvent, type EventBody } from './protocol/events.js'
import type { Inventory, PingReply } from './protocol/inventory.js'
import { type ProviderClaims, providerClaimsToStore } from './protocol/provider-claims.js'
import { isSecretName } from './protocol/secret.js'
import { providerLinkCodec } from './protocol/provider-link.js'
import { controlSubjects, eventSubject, providerSubjects } from './protocol/subjects.js'
import { versionLabel } from './protocol/tlos.js'

export interface HostOptions {
  readonly transport: Transport
  readonly lattice: string
  /** A server key (`createKey('server')`); its public key is the host's id. */
  readonly key: KeyPair
  readonly friendlyName: string
  /** Semver: wadm drops heartbeats with anything else. */
  readonly version: string
  /** Besides `hostcore.*` and `tlos.version`. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly actors: HostActors
  /** Where `registry.put` goes; what is in it already stays. */
  readonly registries?: Map<string, RegistryCredentials> | undefined
  /** Ask the lattice's configuration service for credentials of registries at the start. */
  readonly asksConfigService?: boolean | undefined
  /** A named configuration changed. */
  readonly onConfig?: ((name: string) => void | Promise<void>) | undefined
  readonly ctlPrefix?: string | undefined
  /** For what it bids at all; absent: for everything that it could start. */
  readonly bids?: { readonly components: boolean; readonly providers: boolean } | undefined
  readonly jsDomain?: string | undefined
  /** Where providers hear of links; default: the transport. */
  readonly rpcTransport?: Pick<Transport, 'publish'> | undefined
  /** Told to whoever pings, when calls go over another server; default: that of the transport. */
  readonly rpcUrl?: string | undefined
  /** Default 30,000, as every v1 host. */
  readonly heartbeatMs?: number | undefined
  readonly now?: (() => number) | undefined
  readonly log?: ((level: 'info' | 'warn' | 'error', text: string) => void) | undefined
}

/** Longest wait at the end for what was started and for the server to take the last event, ms. */
const closeLimitMs = 3_000

/** Resolves when the host is in the lattice: subscribed, its buckets read, `host_started` published. */
export async function openHost(options: HostOptions): Promise<LatticeHost> {
  const { transport, lattice, actors, key } = options
  const now = options.now ?? Date.now
  const log = options.log ?? (() => undefined)
  const id = key.publicKey
  const subjects = controlSubjects(lattice, options.ctlPrefix)
  const startedAtMs = now()
  const labels = new Map(Object.entries(hostLabels(options.labels, options.version)))
  const registries = options.registries ?? new Map<string, RegistryCredentials>()
  const stopListeners = new Set<(limitMs: number) => void>()
  const heard = new Set<string>()
  let closing: Promise<void> | undefined
  /** It said goodbye: nothing may follow. */
  let isGone = false

  const logOnce = (text: string): void => {
    if (heard.size < 1_000 && !heard.has(text)) {
      heard.add(text)
      log('warn', text)
    }
  }

  function emit(body: EventBody): void {
    if (isGone) return
    const event = { id: randomUUID(), source: id, time: new Date(now()).toISOString(), body }
    try {
      transport.publish(eventSubject(lattice, body.kind), encodeLatticeEvent(event))
    } catch (error) {
      // Too large for the server, most likely: what was done is done, and nobody may come to harm for the telling.
      logOnce(`the event ${body.kind} could not be told: ${formatChain(error)}`)
    }
  }

  const uptimeSeconds = (): number => Math.max(0, Math.floor((now() - startedAtMs) / 1000))

  const ping = (): PingReply => ({
    id,
    labels: Object.fromEntries(labels),
    friendlyName: options.friendlyName,
    uptimeSeconds: uptimeSeconds(),
    version: options.version,
    ctlHost: transport.info.url,
    rpcHost: options.rpcUrl ?? transport.info.url,
    jsDomain: options.jsDomain,
    lattice,
  })

  const inventory = (): Inventory => ({
    hostId: id,
    components: actors.list().map((component) => ({
      id: component.componentId,
      imageRef: component.imageRef,
      name: component.name,
      annotations: { ...component.annotations },
      revision: component.claims?.revision ?? 0,
      maxInstances: component.maxInstances,
      limits: component.limits === undefined ? undefined : { ...component.limits },
    })),
    providers: actors.providers().map((provider) => ({
      id: provider.id,
      imageRef: provider.imageRef,
      name: provider.name,
      revision: provider.claims?.revision ?? 0,
      annotations: { ...provider.annotations },
    })),
    friendlyName: options.friendlyName,
    labels: Object.fromEntries(labels),
    version: options.version,
    uptimeSeconds: uptimeSeconds(),
  })

  const data = await openLatticeData({
    transport,
    lattice,
    onLinks: (sourceId, links) => actors.setLinks(sourceId, links),
    onConfig: (name) => options.onConfig?.(name),
    onJunk: logOnce,
  })

  /** The component can run all the same; only what the lattice is told of it is missing. */
  async function kept(what: string, storing: Promise<void>): Promise<void> {
    await storing.catch((error: unknown) =>
      log('warn', `the lattice bucket does not take ${what}: ${formatChain(error)}`),
    )
  }

  const scaling = createScaling({
    hostId: id,
    actors,
    emit,
    useConfig: (names) => requireConfig(data, names),
    noteStarting: (componentId, imageRef) =>
      kept(`the record of ${componentId}`, data.noteStarting(componentId, imageRef)),
    noteClaims: (claims) => kept(`the claims of ${claims.subject}`, data.putClaims(claimsToStore(claims))),
    onError: (error) => log('error', formatChain(error)),
  })

  async function tellProviders(link: Link, isDeleted: boolean): Promise<void> {
    const names = [...link.sourceConfig, ...link.targetConfig]
    // References to secrets are for the host of the provider to resolve, never for the bus.
    if (!isDeleted && names.some(isSecretName)) return
    const merged = async (of: readonly string[]): Promise<Readonly<Record<string, string>>> =>
      mergeConfig(await Promise.all(of.map(async (name) => (await data.getConfig(name)) ?? {})))
    const definition = providerLinkCodec.encode({
      ...link,
      sourceValues: isDeleted ? {} : await merged(link.sourceConfig),
      targetValues: isDeleted ? {} : await merged(link.targetConfig),
    })
    for (const providerId of [link.sourceId, link.target]) {
      const provider = providerSubjects(lattice, providerId)
      const bus = options.rpcTransport ?? transport
      bus.publish(isDeleted ? provider.deleteLink : provider.putLink, definition)
    }
  }

  const host: LatticeHost = {
    id,
    friendlyName: options.friendlyName,
    get labels() {
      return Object.fromEntries(labels)
    },
    emit,
    emitScaled: scaling.emitScaled,
    configValues: (names) => data.configValues(names.filter((name) => !isSecretName(name))),
    useConfig: (names) => requireConfig(data, names),
    links: data.links,
    registries: () => registries,
    onStopRequested(listener) {
      stopListeners.add(listener)
      return () => stopListeners.delete(listener)
    },
    retire,
    close: () => (closing ??= close()),
  }

  function stop(limitMs: number): void {
    retire()
    for (const listener of stopListeners) listener(limitMs)
    const timer = setTimeout(() => void host.close(), stopListeners.size === 0 ? 0 : limitMs)
    timer.unref()
  }

  const parts = {
    hostId: id,
    actors,
    data,
    scaling,
    labels,
    registries,
    ping,
    inventory,
    emit,
    stop,
    noteProviderClaims: (claims: ProviderClaims) =>
      kept(`the claims of ${claims.subject}`, data.putClaims(providerClaimsToStore(claims))),
    tellProviders,
  }

  async function onMessage(message: Message): Promise<void> {
    const address = subjects.parse(message.subject)
    const reply =
      address === undefined ? encodeFailure('unsupported subject') : await answerCommand(parts, address, message.data)
    if (reply === undefined || message.reply === undefined) return
    if (reply.length <= transport.info.maxPayload) transport.publish(message.reply, reply)
    else transport.publish(message.reply, encodeFailure(tooLarge(reply.length, transport.info.maxPayload)))
  }

  const subscriptions: Subscription[] = subjects.ofHost(id, options.bids).map(({ pattern, queue }) =>
    transport.subscribe(
      pattern,
      (message) => {
        onMessage(message).catch((error: unknown) =>
          log('error', `answering ${message.subject}: ${formatChain(error)}`),
        )
      },
      queue === undefined ? {} : { queue },
    ),
  )

  const beat = (): void => {
    if (transport.status.kind === 'live') emit({ kind: 'host_heartbeat', inventory: inventory() })
  }
  const heartbeat = setInterval(beat, options.heartbeatMs ?? 30_000)
  heartbeat.unref()
  let wasLost = false
  const offStatus = transport.onStatus((status) => {
    if (status.kind === 'lost') wasLost = true
    else if (status.kind === 'live' && wasLost) {
      // Whoever reconnects as well learns at once that this host is still there.
      wasLost = false
      beat()
    }
  })

  function retire(): void {
    clearInterval(heartbeat)
    offStatus()
    for (const subscription of subscriptions) subscription.close()
    data.close()
    scaling.retire()
  }

  async function close(): Promise<void> {
    retire()
    await within(closeLimitMs, scaling.settled())
    if (transport.status.kind === 'live') {
      emit({ kind: 'host_stopped', labels: Object.fromEntries(labels) })
      isGone = true
      await within(closeLimitMs, transport.flush())
    }
  }

  await transport.flush()
  if (options.asksConfigService === true) {
    // What it says stands above what the node was started with, as on v1 hosts.
    const given = await askConfigService({ transport, lattice, labels: Object.fromEntries(labels), log })
    for (const [registry, credentials] of given) registries.set(registry, credentials)
  }
  emit({
    kind: 'host_started',
    friendlyName: options.friendlyName,
    labels: Object.fromEntries(labels),
    uptimeSeconds: 0,
    version: options.version,
  })
  await transport.flush()
  return host
}

function tooLarge(bytes: number, most: number): string {
  return `The answer has ${bytes} bytes, and the NATS server takes ${most} in one message`
}

/** With what a host begins: its own, and what says where it runs. */
export function hostLabels(own: Readonly<Record<string, string>> | undefined, version: string): Record<string, string> {
  return { ...own, ...hostcoreLabels(), [versionLabel]: version }
}

/** Labels that every host has (lattice.md 2.2). */
function hostcoreLabels(): Record<string, string> {
  const architectures: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'x86' }
  const systems: Readonly<Record<string, string>> = { darwin: 'macos', win32: 'windows' }
  return {
    'hostcore.arch': architectures[process.arch] ?? process.arch,
    'hostcore.os': systems[process.platform] ?? process.platform,
    'hostcore.osfamily': process.platform === 'win32' ? 'windows' : 'unix',
  }
}

/** Resolves with the promise or after the limit, whatever becomes of it. */
async function within(limitMs: number, promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)))
  try {
    await Promise.race([promise.catch(() => undefined), limit])
  } finally {
    clearTimeout(timer)
  }
}
