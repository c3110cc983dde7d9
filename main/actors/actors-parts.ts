// What the actors of a node need of it. Types only.

import type { Link } from '../../preload/records.js'
import type { Images } from '../lattice/images.js'
import type { Policy } from '../lattice/policy.js'
import type { Secrets } from '../lattice/secrets.js'
import type { ActorNote } from '../lattice/protocol/tlos.js'
import type { Rpc } from '../lattice/rpc-types.js'
import type { StartedProviders } from '../provider-host/types.js'
import type { Provider } from '../providers/types.js'
import type { Grants, Runtime } from '../wasm/types.js'
import type { NodeLimits } from './limits.js'
import type { Ownership } from './ownership.js'
import type { ParkedStore } from './parked.js'

export interface ActorsParts {
  readonly lattice: string
  readonly hostId: string
  readonly rpc: Rpc
  readonly runtime: Runtime
  readonly images: Images
  readonly ownership: Ownership
  readonly providers: readonly Provider[]
  /** Those that the lattice asked for; absent: this node starts none. */
  readonly started?: StartedProviders | undefined
  /** Where unmodified actors are copied to when the node ends; absent: nowhere. */
  readonly parked?: ParkedStore | undefined
  /** Links of a source changed, of whatever kind it is. */
  readonly onLinks?: ((sourceId: string, links: readonly Link[]) => void) | undefined
  /** Merged values of named configurations. */
  readonly configValues: (names: readonly string[]) => Readonly<Record<string, string>>
  /** Who is asked before anything starts or is called; absent: nobody. */
  readonly policy?: Policy | undefined
  /** Where secrets come from; absent: nobody gets any. */
  readonly secrets?: Pick<Secrets, 'fetch'> | undefined
  /** The most that components get here; absent: as usual, and as many as fit. */
  readonly nodeLimits?: NodeLimits | undefined
  /** What this node grants to these bytes under this id. */
  readonly grants: (componentId: string, digest: string) => Grants
  readonly now: () => number
  /** The node that gave out a handle (in hex) of an actor that runs here as well. */
  readonly findHandle: (componentId: string, key: string) => Promise<string | undefined>
  /** What became of an actor's state, to be told on the lattice. */
  readonly onNote: (note: ActorNote) => void
  /** Which actors run here changed (for resuming after a restart). */
  readonly onTableChanged: () => void
  /** An actor takes calls from now on; called before its v1 event is published. */
  readonly onServed: () => void
  /** Anything about any actor changed; called often, must be cheap. */
  readonly onChanged: () => void
}
