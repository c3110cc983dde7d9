// What a v1 host needs of whatever runs components, and what it offers to those parts. Types only: the host speaks the
// control interface, it never sees an instance or a byte of an image.

import type { Link } from '../../preload/records.js'
import type { ComponentClaims } from './protocol/component-claims.js'
import type { RegistryCredentials } from './protocol/control.js'
import type { EventBody } from './protocol/events.js'
import type { ProviderClaims } from './protocol/provider-claims.js'

/** What is asked to run under a component id; one entry per id and host (lattice.md 2.5). */
export interface ActorSpec {
  readonly componentId: string
  /** Verbatim from the request: peers compare it with what they sent. */
  readonly imageRef: string
  readonly annotations: Readonly<Record<string, string>>
  /** Most concurrent calls, not a number of instances; 4294967295 means unbounded. */
  readonly maxInstances: number
  /** Names of configurations, later ones win. */
  readonly config: readonly string[]
  /** `max_memory_limit` (bytes) and `max_execution_time` (seconds) as decimal text. */
  readonly limits?: Readonly<Record<string, string>> | undefined
}

export interface RunningComponent extends ActorSpec {
  /** From its claims, else from the component's own metadata; told in inventories. */
  readonly name?: string | undefined
  /** Of a signed component. */
  readonly claims?: ComponentClaims | undefined
  /** sha256 of the bytes that run, hex. */
  readonly digest?: string | undefined
}

/** What ran when a node ended: the same bytes start again, whatever the reference means by then. */
export interface KeptSpec extends ActorSpec {
  readonly digest?: string | undefined
}

/** Called before the component runs, when its bytes turned out to be signed. */
export type OnClaims = (claims: ComponentClaims) => Promise<void>

/** The same of a provider. */
export type OnProviderClaims = (claims: ProviderClaims) => Promise<void>

export interface RunningProvider {
  readonly id: string
  /** Without scheme, as v1 hosts show references of providers. */
  readonly imageRef: string
  readonly annotations: Readonly<Record<string, string>>
  readonly name?: string | undefined
  /** Of a signed one. */
  readonly claims?: ProviderClaims | undefined
}

/**
 * The components and providers of this host. The message chain of a rejection is what the lattice is told
 * (`component_scale_failed.error`, `provider_start_failed.error`). The host calls one operation per component id at a
 * time.
 */
export interface HostActors {
  list(): readonly RunningComponent[]
  get(componentId: string): RunningComponent | undefined
  start(spec: ActorSpec, onClaims?: OnClaims): Promise<void>
  /**
   * `same`: other limits, annotations or configuration; the bytes stay, even if `spec.imageRef` names others (v1 hosts
   * show the reference of the last request). `new`: other bytes, from `spec.imageRef`.
   */
  change(componentId: string, spec: ActorSpec, image: 'same' | 'new', onClaims?: OnClaims): Promise<void>
  /** Stopping what does not run is no error. */
  stop(componentId: string): Promise<void>
  /** For auctions: could this id with this reference be started here now? */
  canRun(componentId: string, imageRef: string): boolean
  /** All links of that source, whenever they changed; the component need not run. */
  setLinks(sourceId: string, links: readonly Link[]): void
  providers(): readonly RunningProvider[]
  /** For auctions; absent: this host starts no providers, so it never bids for one. */
  canStartProvider?(providerRef: string, providerId: string): boolean
  startProvider(
    providerRef: string,
    providerId: string,
    config: readonly string[],
    annotations: Readonly<Record<string, string>>,
    onClaims?: OnProviderClaims,
  ): Promise<void>
  stopProvider(providerId: string): Promise<void>
}

/** What the event of a scaling says. */
export type ScaledComponent = Pick<
  RunningComponent,
  'componentId' | 'imageRef' | 'annotations' | 'maxInstances' | 'claims'
>

/** The host as the other parts of a node see it. */
export interface LatticeHost {
  /** Public nkey, `N…`. */
  readonly id: string
  readonly friendlyName: string
  readonly labels: Readonly<Record<string, string>>
  /** Publishes `wasmbus.evt.{lattice}.{kind}` as a CloudEvent of this host. */
  emit(body: EventBody): void
  /** Publishes what a v1 host says when a component runs, changed or stopped: `component_scaled` with these values. */
  emitScaled(component: ScaledComponent): void
  /** Merged values of named configurations as they are now; empty for names that do not exist. */
  configValues(names: readonly string[]): Readonly<Record<string, string>>
  /** Watches these names from now on; fails with `not-found` (`Config {name} does not exist`) when one is missing. */
  useConfig(names: readonly string[]): Promise<void>
  /** Every link of the lattice as the host has them. */
  links(): readonly Link[]
  /** What `registry.put` brought, by registry. In memory only; secret. */
  registries(): ReadonlyMap<string, RegistryCredentials>
  /**
   * Calls back when somebody asked this host to stop over the lattice, with the time left; whoever owns the process
   * ends it then. The host closes itself when that time is over, or at once when nobody listens.
   */
  onStopRequested(listener: (limitMs: number) => void): () => void
  /**
   * Listens and beats no more; what runs goes on, and what was accepted still gets its event. May be called twice; `close`
   * does it too.
   */
  retire(): void
  /** Publishes `host_stopped` and ends everything the host opened, within its limits. May be called twice. */
  close(): Promise<void>
}
