// What providers need of the node that runs them, and how long things may take there. Types and constants only.

import type { Link } from '../../preload/records.js'
import type { ProviderLink } from '../lattice/protocol/provider-link.js'
import type { SecretHolder, Secrets } from '../lattice/secrets.js'
import type { Transport } from '../nats/transport.js'

/** How a provider process reaches the bus: what its HostData says. */
export interface ProviderRpc {
  /** With what the provider's own NATS client needs in it, credentials too. */
  readonly url: string
  readonly jwt?: string | undefined
  readonly seed?: string | undefined
}

export interface ProviderTimes {
  /** First health check after a start, and the time between later ones, ms. */
  readonly firstHealthMs: number
  readonly healthMs: number
  /** Longest wait for an answer to a health check; told to the provider as its own limit of calls. */
  readonly rpcTimeoutMs: number
  /** Longest wait for the answer to a shutdown request, and then for the end of the process. */
  readonly shutdownMs: number
  readonly exitMs: number
  /** From the end of a process to its next start. */
  readonly restartMs: number
}

/** As v1 hosts have them (lattice.md 2.4, 6.1, 6.4); `exitMs` is ours: one that said that it ends may end. */
export const defaultTimes: ProviderTimes = {
  firstHealthMs: 5_000,
  healthMs: 30_000,
  rpcTimeoutMs: 2_000,
  shutdownMs: 300,
  exitMs: 1_000,
  restartMs: 5_000,
}

export type Health = 'passed' | 'failed' | 'status'

/** The provider that is told a link. A builtin one has no key: it is told no secrets. */
export interface LinkReader extends SecretHolder {
  readonly xkey: string | undefined
}

export const builtinReader: LinkReader = { xkey: undefined, token: undefined, annotations: {} }

export interface ProviderContext {
  readonly transport: Transport
  readonly lattice: string
  readonly hostId: string
  readonly secrets: Secrets
  readonly rpc: () => ProviderRpc
  readonly times: ProviderTimes
  /** Links that begin or end at this provider, as the lattice has them now. */
  readonly links: (providerId: string) => readonly Link[]
  /**
   * With the values of its configurations, and its secrets sealed for whoever holds that key; undefined, with words in the log, when
   * they cannot be had.
   */
  readonly resolve: (link: Link, reader: LinkReader) => Promise<ProviderLink | undefined>
  /** Merged values of configurations as they are now; fails with `not-found` when one does not exist. */
  readonly values: (names: readonly string[]) => Promise<Readonly<Record<string, string>>>
  readonly onHealth: (providerId: string, health: Health) => void
  readonly log: (level: 'info' | 'warn' | 'error', text: string) => void
}

/** A provider that runs. */
export interface StartedProvider {
  setLinks(): void
  /** One of its own configurations changed. */
  configChanged(): void
  stop(): Promise<void>
  /** At once, without a word to anybody: the node's process ends. */
  kill(): void
}
