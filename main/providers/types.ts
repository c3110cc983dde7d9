// A capability provider that lives in the node's own process: plain calls with decoded values. Types only; who routes
// the calls (a link on this node, or wRPC from others) is decided elsewhere.

import type { WitInterface } from '../../preload/wit.js'

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
}
