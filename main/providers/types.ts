// A capability provider that lives in the node's own process: plain calls with decoded values. Types only; who routes
// the calls (a link on this node, or wRPC from others) is decided elsewhere.

import type { WitFunction, WitInterface } from '../../preload/wit.js'

export interface ProviderCall {
  /** `ns:pkg/iface@version`. */
  readonly instance: string
  readonly functionName: string
  /** jco's JavaScript values. */
  readonly params: readonly unknown[]
  /** The component that calls; providers keep what belongs to it apart from others. */
  readonly sourceId: string
  readonly linkName: string
}

/** A link that begins at a provider: somebody whom it may call. */
export interface ProviderLink {
  readonly target: string
  readonly name: string
  /** `ns:pkg/iface`, without version. */
  readonly interfaces: readonly string[]
  /** Values of the configurations that the link names for its source. */
  readonly values: Readonly<Record<string, string>>
}

/** Calls a component wherever it runs; rejects with a `TlosError` when it does not answer. */
export type CallComponent = (
  componentId: string,
  instance: string,
  fn: WitFunction,
  params: readonly unknown[],
) => Promise<unknown>

export interface Provider {
  readonly id: string
  readonly imageRef: string
  readonly name: string
  readonly exports: readonly WitInterface[]
  /**
   * Resolves to the value of the function's type (a `result` as `{ tag, val? }`). Rejects with a `TlosError` only for
   * what the type cannot say: an unknown function, or parameters that do not fit it.
   */
  handle(call: ProviderCall): Promise<unknown>
  /** All links that begin at it, whenever one of them or of their configurations changed. */
  setLinks?(links: readonly ProviderLink[]): void
  close?(): void
}
