// Providers that are started and stopped over the lattice (`provider.start`), as the rest of a node sees them. Types only.

import type { Link } from '../../preload/records.js'
import type { OnProviderClaims, RunningProvider } from '../lattice/host-types.js'
import type { Provider } from '../providers/types.js'
import type { ProviderPermission } from './permissions.js'

export interface StartedProviders {
  list(): readonly RunningProvider[]
  has(providerId: string): boolean
  /** Permitted here by the person at this machine, and its id is free. */
  canStart(providerRef: string, providerId: string): boolean
  /** Resolves when its process runs, or the builtin one is ready. */
  start(
    providerRef: string,
    providerId: string,
    config: readonly string[],
    annotations: Readonly<Record<string, string>>,
    onClaims?: OnProviderClaims,
  ): Promise<void>
  /** Asks it to end and ends it. Stopping what does not run is no error. */
  stop(providerId: string): Promise<void>
  /** All links of a source, whenever they changed. */
  setLinks(sourceId: string, links: readonly Link[]): void
  configChanged(name: string): void
  /** A builtin one of this id that components of this node can call without leaving the process. */
  inProcess(providerId: string): Provider | undefined
  close(): Promise<void>
}

/** A start as the lattice asked for it. */
export interface AskedStart {
  readonly ref: string
  readonly providerId: string
  readonly config: readonly string[]
  readonly annotations: Readonly<Record<string, string>>
}

/** What an archive has for this machine. */
export interface Looked {
  /** sha256 of the program, hex. */
  readonly digest: string
  /** What it says that it is. */
  readonly name?: string | undefined
}

/** Where a node has somebody to ask. */
export interface ProviderAsking {
  /** What was permitted so far: kept, or for the next start under this id. */
  find(ref: string, providerId: string): ProviderPermission | undefined
  /** That start is now. */
  use(ref: string, providerId: string): void
  /** `look` fetches the program and tells what it is; absent for what is part of this node. Does not wait for an answer. */
  ask(start: AskedStart, look: (() => Promise<Looked>) | undefined): 'asked' | 'refused' | 'too-many'
}
