// The records that cross the bridge: schema and type together, so the two cannot drift. Pure; nothing but the schema
// library. Wire formats of the lattice are elsewhere: what stands here is what a person can be shown.

import * as v from 'valibot'
import { GrantPart, Lack } from './grants.js'

/** A wasmCloud host: its public nkey (56 characters, `N…`). */
export const HostId = v.pipe(v.string(), v.brand('HostId'))
export type HostId = v.InferOutput<typeof HostId>

/** A component of a lattice, wherever it runs; one NATS token. Providers share this id space. */
export const ComponentId = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{1,256}$/, 'letters, digits, _ and - only, at most 256'),
  v.brand('ComponentId'),
)
export type ComponentId = v.InferOutput<typeof ComponentId>

/** `{host id}/{component or provider id}`: one thing on one node. */
export type OnHostKey = string & { readonly __key: 'OnHostKey' }
/** `{source}|{link name}|{ns}:{package}|{target}`: one link. */
export type LinkKey = string & { readonly __key: 'LinkKey' }

export const failureCodes = [
  'refused', // not allowed, by permissions, policy or the state of things
  'unreachable', // nobody there
  'timed-out',
  'not-found',
  'conflict', // somebody else was faster
  'invalid', // the input is not what it must be
  'too-large',
  'unavailable', // this server, node or build cannot do that
  'trapped', // the component failed inside
  'cancelled',
  'internal', // our bug
] as const
export const FailureCode = v.picklist(failureCodes)
export type FailureCode = (typeof failureCodes)[number]

/** Trouble as plain data: an Error loses its fields on the way across, this does not. */
export const Failure = v.object({ code: FailureCode, message: v.string(), about: v.optional(v.string()) })
export type Failure = v.InferOutput<typeof Failure>

const labels = v.record(v.string(), v.string())

/** What a wasmCloud v2 host tells of itself. It counts its workloads and does not name them. */
export const HostV2 = v.object({
  workloads: v.number(),
  components: v.number(),
  hostname: v.string(),
  /** `linux x86_64`. */
  system: v.string(),
  environment: v.optional(v.string()),
  memoryTotalBytes: v.number(),
  memoryFreeBytes: v.number(),
  httpPort: v.optional(v.number()),
  /** Interfaces of its plugins, beyond the built-in ones of WASI, as `ns:package/interface,…@version`. */
  imports: v.array(v.string()),
  exports: v.array(v.string()),
})
export type HostV2 = v.InferOutput<typeof HostV2>

/** A machine of the lattice. */
export const Host = v.object({
  id: HostId,
  friendlyName: v.string(),
  /**
   * `desktop`: this very shell. `tlos`: another tLOS node. `wasmcloud`: any other host. `wasmcloud-v2`: a host of the
   * protocol that has no lattice; it is shown and never driven.
   */
  kind: v.picklist(['desktop', 'tlos', 'wasmcloud', 'wasmcloud-v2']),
  version: v.string(),
  labels,
  /** Wall clock of the last sign of life. */
  heardAtMs: v.number(),
  startedAtMs: v.number(),
  liveness: v.picklist(['fresh', 'stale', 'gone']),
  /** Why it is gone or stale, in words (`no answer`, `stopped`). */
  reason: v.optional(v.string()),
  cordoned: v.boolean(),
  /** Of the places behind this desktop, the one it would stand on first: so that it is the same whoever came first. */
  seat: v.optional(v.number()),
  /** 0 to 1, absent when the host does not tell (v1 hosts do not). */
  load: v.optional(v.number()),
  v2: v.optional(HostV2),
})
export type Host = v.InferOutput<typeof Host>

/** Counts of calls over the last ten seconds, from real calls. */
export const Traffic = v.object({
  perSecond: v.number(),
  errorsPerSecond: v.number(),
  p50Ms: v.optional(v.number()),
  p99Ms: v.optional(v.number()),
})
export type Traffic = v.InferOutput<typeof Traffic>

/** What an actor did and holds since its node started it, for a person who wonders. */
export const Numbers = v.object({
  calls: v.number(),
  errors: v.number(),
  /** Over the last calls, up to 512. */
  p50Ms: v.optional(v.number()),
  p99Ms: v.optional(v.number()),
  /** In the component's own code, without its waits for others. */
  guestMs: v.number(),
  instances: v.number(),
  mostInstances: v.number(),
  /** What is kept of it while it is at rest, without an instance; its next call goes on from there. */
  keptBytes: v.number(),
  /** Calls that have not begun. */
  waiting: v.number(),
  /** Of all instances together, and in pages of 64 KiB. */
  memoryBytes: v.number(),
  memoryPages: v.number(),
  /** Resources that it has given out. */
  handles: v.number(),
  /** Instances that took the place of one that failed. */
  restarts: v.number(),
  logLines: v.number(),
  /** What it may, by name, in the unit that the name says. */
  limits: v.object({
    memoryBytes: v.number(),
    callMs: v.number(),
    startMs: v.number(),
    logBytesPerSecond: v.number(),
    messageBytes: v.number(),
    callsWaiting: v.number(),
    waitMs: v.number(),
    idleMs: v.number(),
    handles: v.number(),
    handleIdleMs: v.number(),
  }),
})
export type Numbers = v.InferOutput<typeof Numbers>

/** What takes time when a component starts. */
export const StartStep = v.picklist(['fetching', 'preparing', 'starting'])
export type StartStep = v.InferOutput<typeof StartStep>

/** A component on a host. */
export const Component = v.object({
  id: ComponentId,
  hostId: HostId,
  imageRef: v.string(),
  name: v.optional(v.string()),
  version: v.optional(v.string()),
  /** sha256 of the bytes in hex, when known. */
  digest: v.optional(v.string()),
  maxInstances: v.number(),
  annotations: labels,
  state: v.picklist(['starting', 'running', 'busy', 'moving', 'failed', 'stopped']),
  /** First line of what went wrong, for `failed`. */
  problem: v.optional(v.string()),
  /** What is being done, for `starting`. */
  step: v.optional(StartStep),
  /**
   * How its state moves: `exported` (tlos:actor/state), `snapshot` (its memory is copied), `none` (starts empty),
   * `unknown` (not a tLOS node).
   */
  stateKind: v.picklist(['exported', 'snapshot', 'none', 'unknown']),
  /** Exports tlos:shell/window. */
  hasWindow: v.boolean(),
  epoch: v.optional(v.number()),
  memoryBytes: v.optional(v.number()),
  memoryLimitBytes: v.optional(v.number()),
  traffic: v.optional(Traffic),
  /** What it was refused since it was started, for want of a grant of its node. */
  lacks: v.optional(v.array(Lack)),
  /** Grows when something was called; a viewer of its window asks for the content again. */
  activity: v.number(),
  /** Names of its configurations, in order, when its node tells (v1 hosts do not). */
  config: v.optional(v.array(v.string())),
})
export type Component = v.InferOutput<typeof Component>

/** A capability provider on a host. */
export const Provider = v.object({
  id: v.string(),
  hostId: HostId,
  imageRef: v.string(),
  name: v.optional(v.string()),
  annotations: labels,
  health: v.picklist(['unknown', 'running', 'failed']),
})
export type Provider = v.InferOutput<typeof Provider>

/** A link as the lattice has it, with how its calls go. */
export const Link = v.object({
  sourceId: v.string(),
  target: v.string(),
  name: v.string(),
  witNamespace: v.string(),
  witPackage: v.string(),
  interfaces: v.array(v.string()),
  sourceConfig: v.array(v.string()),
  targetConfig: v.array(v.string()),
  traffic: v.optional(Traffic),
})
export type Link = v.InferOutput<typeof Link>

/** The link to the lattice itself. */
export const Connection = v.object({
  state: v.picklist(['starting', 'live', 'lost', 'failed']),
  lattice: v.string(),
  url: v.string(),
  /** The NATS server is a child of this shell. */
  embedded: v.boolean(),
  hasJetStream: v.boolean(),
  /** JetStream of another server, behind leaf nodes. */
  jsDomain: v.optional(v.string()),
  /** Why it is not live, in words with the remedy; while it is live, why calls between components do not go. */
  problem: v.optional(v.string()),
  /** Where calls between components go, when that is another connection. */
  rpcUrl: v.optional(v.string()),
  /** What the server does not permit these credentials, as far as it was tried. */
  refused: v.optional(v.array(v.object({ operation: v.picklist(['publish', 'subscribe']), subject: v.string() }))),
})
export type Connection = v.InferOutput<typeof Connection>

/** Something that happened and has to be said (a receipt, a loss, a refusal); stays in the list of notices. */
export const Notice = v.object({
  id: v.string(),
  atMs: v.number(),
  tone: v.picklist(['good', 'warn', 'bad', 'plain']),
  title: v.string(),
  text: v.string(),
  /**
   * What title and text say, so that it can be said in other languages (`renderer/state/notice-words.ts`). One that is not
   * known is shown as it was said. `detail` among its arguments is what the system or another program said itself.
   */
  said: v.optional(v.lazy(() => SaidPoint)),
  /** What it is about: a component, host or file. */
  about: v.optional(v.string()),
  receipt: v.optional(v.lazy(() => Receipt)),
  /** What was granted or taken away, and where. */
  grant: v.optional(v.object({ hostId: HostId, part: GrantPart })),
  /** What can be done about it: the button's words and the deed. */
  offer: v.optional(
    v.object({
      label: v.string(),
      kind: v.picklist(['start-here', 'undo-move', 'retry-connect', 'give-again', 'take-again']),
      about: v.string(),
    }),
  ),
})
export type Notice = v.InferOutput<typeof Notice>

export const movePhases = [
  'preparing',
  'pausing',
  'saving',
  'loading',
  'committing',
  'forwarding',
  'done',
  'failed',
] as const

/** What a move did (move.md: receipt). */
export const Receipt = v.object({
  moveId: v.string(),
  componentId: ComponentId,
  imageRef: v.string(),
  from: HostId,
  fromName: v.string(),
  to: HostId,
  toName: v.string(),
  epoch: v.number(),
  startedAtMs: v.number(),
  /** Wall time of each phase in ms. */
  phases: v.array(v.object({ phase: v.picklist(movePhases), ms: v.number() })),
  /** From the last call served at `from` (or the pause, when nothing was called) to being served at `to`. */
  pauseMs: v.number(),
  stateBytes: v.number(),
  stateKind: v.picklist(['exported', 'snapshot', 'none']),
  /** Calls that arrived during the move and were handed on. */
  callsQueued: v.number(),
  callsLost: v.number(),
  callsTwice: v.number(),
  askedBy: v.string(),
  outcome: v.picklist(['moved', 'failed']),
  reason: v.optional(v.string()),
})
export type Receipt = v.InferOutput<typeof Receipt>

/** What a text beside it means, as data: so that it can be said in other languages. */
export const SaidPoint = v.object({
  code: v.string(),
  args: v.record(v.string(), v.union([v.string(), v.number()])),
})
export type SaidPoint = v.InferOutput<typeof SaidPoint>

/**
 * What a part of a verdict means. The codes are those of `main/actors/offers.ts`; one that is not known is shown as the text
 * beside it.
 */
export const VerdictPoint = SaidPoint
export type VerdictPoint = SaidPoint

/** What a node says to a component that might come (M1). */
export const Verdict = v.object({
  hostId: HostId,
  kind: v.picklist(['accepts', 'but', 'refuses']),
  /** Most important first; one line on the nameplate (`accepts: bytes here, 1 of 1 links, pause about 40 ms`). */
  summary: v.string(),
  /** What the summary says, in its order. */
  points: v.optional(v.array(VerdictPoint)),
  /** Rows of the verdict card. */
  details: v.array(
    v.object({
      label: v.string(),
      value: v.string(),
      tone: v.picklist(['plain', 'warn', 'bad', 'good']),
      point: v.optional(VerdictPoint),
    }),
  ),
})
export type Verdict = v.InferOutput<typeof Verdict>

/** A component that can be started: its bytes are in the lattice's image store. */
export const Installed = v.object({
  id: ComponentId,
  imageRef: v.string(),
  name: v.string(),
  version: v.optional(v.string()),
  sizeBytes: v.number(),
  installedAtMs: v.number(),
})
export type Installed = v.InferOutput<typeof Installed>

/** Everything the renderer knows of the lattice, by id. Keys are `HostId`, `OnHostKey`, `LinkKey`, ComponentId. */
export interface LatticeState {
  readonly connection: Connection
  readonly hosts: Readonly<Record<string, Host>>
  readonly components: Readonly<Record<string, Component>>
  readonly providers: Readonly<Record<string, Provider>>
  readonly links: Readonly<Record<string, Link>>
  readonly installed: Readonly<Record<string, Installed>>
}

/** The key of a component or provider on a host. */
export function onHostKey(hostId: string, id: string): OnHostKey {
  return `${hostId}/${id}` as OnHostKey
}

/** The key of a link: v1 lattices upsert by exactly these parts. */
export function linkKey(link: Pick<Link, 'sourceId' | 'name' | 'witNamespace' | 'witPackage' | 'target'>): LinkKey {
  return `${link.sourceId}|${link.name}|${link.witNamespace}:${link.witPackage}|${link.target}` as LinkKey
}
