// What one actor needs of its node. Types only.

import type { Grants, InstanceHost, Runtime } from '../wasm/types.js'
import type { NodeLimits } from './limits.js'

export interface ActorParts {
  readonly runtime: Runtime
  /** Makes what the runtime keeps of it once more: it was removed or damaged meanwhile. */
  readonly prepareAgain: () => Promise<unknown>
  /** What the instance may reach; logging is the actor's own. */
  readonly callImport: InstanceHost['callImport']
  readonly config: () => Readonly<Record<string, string>>
  /** May this be called from outside? Undefined: yes, and there is nothing to wait for. */
  readonly permit?: ((instance: string, functionName: string) => Promise<void> | undefined) | undefined
  /** What this node lets it reach beyond the lattice. */
  readonly grants: () => Grants
  /** The most that its node lets it have; absent: no more than what is usual. */
  readonly nodeLimits?: NodeLimits | undefined
  readonly now: () => number
  /** Something to tell changed (state, counts); called often, must be cheap. */
  readonly onChanged: () => void
  /** What the component saved last of its own state, to go on from after a failure. */
  readonly lastSaved: () => Promise<Uint8Array | undefined>
  /** It ended by itself: why, whether it is started again soon, and whether it then goes on from what was kept of it. */
  readonly onFailed: (problem: string, startsAgain: boolean, goesOn: boolean) => void
}
