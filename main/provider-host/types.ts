// Providers that are started and stopped over the lattice (`provider.start`), as the rest of a node sees them. Types only.

import type { Link } from '../../preload/records.js'
import type { OnProviderClaims, RunningProvider } from '../lattice/host-types.js'
import type { Provider } from '../providers/types.js'

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
