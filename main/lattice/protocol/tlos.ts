// What tLOS nodes say to each other beyond wasmCloud v1: subjects, schemas, encode and decode. All of it lives under
// `tlos` (subjects, buckets, labels, annotations), so that a v1 peer is never confused. Pure.

import * as v from 'valibot'
import { Lack } from '../../../preload/grants.js'
import {
  ComponentId,
  HostId,
  movePhases,
  Receipt,
  SaidPoint,
  StartStep,
  Traffic,
  Verdict,
} from '../../../preload/records.js'
import { witWorld } from '../../../preload/wit.js'

/** Label by which a node says that it speaks this protocol; the value is its version. */
export const versionLabel = 'tlos.version'
/** Label of the host inside a desktop shell (value `desktop`) and of headless nodes (`node`). */
export const kindLabel = 'tlos.kind'
/** Label of a node that wants a place of its own on the plane: its number among those behind the desktop, from 0. */
export const seatLabel = 'tlos.seat'
/** Annotation of a component that keeps nothing between calls, said by whoever starts it: a move loses nothing. */
export const statelessAnnotation = 'tlos.dev/stateless'
/** Annotation of a component that is one thing with a memory, whatever count is asked for: one instance, calls in order. */
export const actorAnnotation = 'tlos.dev/actor'

export const ownersBucket = (lattice: string): string => `TLOS_ACTORS_${lattice}`
export const receiptsBucket = (lattice: string): string => `TLOS_RECEIPTS_${lattice}`
export const imagesStore = (lattice: string): string => `TLOS_IMAGES_${lattice}`
export const stateStore = (lattice: string): string => `TLOS_STATE_${lattice}`
export const installedBucket = (lattice: string): string => `TLOS_INSTALLED_${lattice}`
/** Both the bucket that says which blobs there are and the store that holds their bytes. */
export const blobStore = (lattice: string): string => `TLOS_BLOBS_${lattice}`
export const keyvalueBucket = (lattice: string): string => `TLOS_KEYVALUE_${lattice}`

/** Reference of bytes by content. */
export const imageRef = (digest: string): string => `tlos://sha256/${digest}`
/** The digest in a `tlos://sha256/…` reference, undefined for any other reference. */
export function parseImageRef(ref: string): string | undefined {
  return /^tlos:\/\/sha256\/([0-9a-f]{64})$/.exec(ref)?.[1]
}

/** Requests to one node about an actor. All answer with `Reply`. */
const nodeCommands = [
  'profile',
  'move',
  'prepare',
  'load',
  'serve',
  'settle',
  'abandon',
  'describe',
  'log',
  'numbers',
  'restart',
] as const
export type NodeCommand = (typeof nodeCommands)[number]

export const tlosSubjects = (lattice: string) => ({
  /** Scatter: who would take this actor? Each tLOS node answers with a `Verdict`. */
  offer: `tlos.ctl.v1.${lattice}.actor.offer`,
  /** Scatter: each tLOS node answers with whole `Facts`. */
  facts: `tlos.ctl.v1.${lattice}.facts`,
  /** Scatter: the node that gave out this handle of an actor answers, by the hash of the handle. */
  handle: `tlos.ctl.v1.${lattice}.handle`,
  command: (command: NodeCommand, hostId: string): string => `tlos.ctl.v1.${lattice}.actor.${command}.${hostId}`,
  commandsOf: (hostId: string): string => `tlos.ctl.v1.${lattice}.actor.*.${hostId}`,
  event: (name: EventKind): string => `tlos.evt.${lattice}.${name}`,
  events: `tlos.evt.${lattice}.>`,
  /** wRPC prefix that reaches an actor on exactly this node; forwarded calls take it. */
  direct: (hostId: string, componentId: string): string => `tlos.rpc.${lattice}.${hostId}.${componentId}`,
  /** Where the answer to a message goes that was handed to a component; below it one token per node and one per message. */
  reply: `tlos.reply.${lattice}`,
})

/** The command at the end of a subject of `commandsOf`, undefined when it is none of ours. */
export function parseCommand(subject: string): NodeCommand | undefined {
  const token = subject.split('.').at(-2)
  return nodeCommands.find((command) => command === token)
}

/** How an actor's state is kept and moved: by the component itself, by copying its instance, or not at all. */
export const StateKind = v.picklist(['exported', 'snapshot', 'none'])
export type StateKind = v.InferOutput<typeof StateKind>

/** What the offering node asks of all others (M1). */
export const Offer = v.object({
  componentId: ComponentId,
  imageRef: v.string(),
  digest: v.string(),
  sizeBytes: v.number(),
  /** Interfaces it imports, with version. */
  imports: v.array(v.string()),
  /** Links it has: `ns:package/interface` with the target's id. */
  links: v.array(v.object({ interface: v.string(), target: v.string() })),
  annotations: v.record(v.string(), v.string()),
  stateKind: StateKind,
  stateBytes: v.optional(v.number()),
  memoryBytes: v.number(),
  /** Resources that it has given out and that would be lost; absent: none. */
  handles: v.optional(v.number()),
  /** Labels the target must have. */
  constraints: v.record(v.string(), v.string()),
  from: HostId,
  /** The offering node puts the bytes into the lattice before it asks to prepare, wherever they came from. */
  shares: v.optional(v.boolean()),
})
export type Offer = v.InferOutput<typeof Offer>

/** Asks the node that serves an actor to move it. Accepted only; the outcome is an event. */
export const MoveRequest = v.object({ moveId: v.string(), componentId: ComponentId, to: HostId, askedBy: v.string() })
export type MoveRequest = v.InferOutput<typeof MoveRequest>

const ofMove = { moveId: v.string(), componentId: ComponentId }

/** To the target: get the bytes, start an instance, do not serve it. */
export const PrepareRequest = v.object({
  ...ofMove,
  from: HostId,
  imageRef: v.string(),
  /** Of the bytes that run; the reference may mean others by now. Older nodes do not tell. */
  digest: v.optional(v.string()),
  annotations: v.record(v.string(), v.string()),
  maxInstances: v.number(),
  config: v.array(v.string()),
  limits: v.optional(v.record(v.string(), v.string())),
  stateKind: StateKind,
})
export type PrepareRequest = v.InferOutput<typeof PrepareRequest>

/** To the target: take over the saved state (a name in the state store). */
export const LoadRequest = v.object({ ...ofMove, state: v.string(), sizeBytes: v.number() })
export type LoadRequest = v.InferOutput<typeof LoadRequest>

/** To the target: you own it (the record says so, for stateful ones); serve. */
export const ServeRequest = v.object({ ...ofMove, epoch: v.number() })
export type ServeRequest = v.InferOutput<typeof ServeRequest>

/** To the target: these calls were handed on to you; how many came, how many had come before? */
export const SettleRequest = v.object({ ...ofMove, forwarded: v.number() })
export type SettleRequest = v.InferOutput<typeof SettleRequest>
export const SettleReply = v.object({ received: v.number(), twice: v.number() })

/** To the target: the move is off. */
export const AbandonRequest = v.object({ ...ofMove, reason: v.string() })
export const ActorRequest = v.object({ componentId: ComponentId })

export const LogReply = v.array(
  v.object({
    atMs: v.number(),
    level: v.picklist(['trace', 'debug', 'info', 'warn', 'error', 'critical']),
    text: v.string(),
    /** Said by its node about it; absent: its own words. */
    by: v.optional(v.literal('node')),
  }),
)

/** Who may serve a stateful actor (move.md). `serving`: the owner has it in memory. `parked`: nobody; `state` holds it. */
export const OwnerRecord = v.object({
  owner: HostId,
  epoch: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Name in the state store, of the last saved state. */
  state: v.optional(v.string()),
  phase: v.picklist(['serving', 'parked']),
  /** Of a parked one without such a state: its owner's node has a copy of it, for its own next start. */
  isKept: v.optional(v.boolean()),
  since: v.string(),
})
export type OwnerRecord = v.InferOutput<typeof OwnerRecord>

/** What a node knows of one of its actors and the v1 inventory does not carry. */
export const ActorFacts = v.object({
  componentId: ComponentId,
  state: v.picklist(['starting', 'running', 'busy', 'moving', 'failed', 'stopped']),
  problem: v.optional(v.string()),
  /** While it is `starting`. */
  step: v.optional(StartStep),
  digest: v.optional(v.string()),
  name: v.optional(v.string()),
  version: v.optional(v.string()),
  stateKind: StateKind,
  hasWindow: v.boolean(),
  epoch: v.optional(v.number()),
  memoryBytes: v.optional(v.number()),
  memoryLimitBytes: v.optional(v.number()),
  traffic: v.optional(Traffic),
  /** What it asked of its node and was not granted: what was granted is told to nobody. */
  lacks: v.optional(v.array(Lack)),
  activity: v.number(),
  /** Names of its configurations, in order: v1 inventories do not have them. */
  config: v.optional(v.array(v.string())),
})
export type ActorFacts = v.InferOutput<typeof ActorFacts>

/** Calls over one link as its source's node counted them. */
export const LinkFacts = v.object({
  sourceId: v.string(),
  target: v.string(),
  interface: v.string(),
  name: v.string(),
  traffic: Traffic,
})
export type LinkFacts = v.InferOutput<typeof LinkFacts>

/** `whole`: forget what was known of this node's actors before. Otherwise only what changed. */
export const Facts = v.object({
  hostId: HostId,
  load: v.optional(v.number()),
  whole: v.boolean(),
  actors: v.array(ActorFacts),
  links: v.array(LinkFacts),
})
export type Facts = v.InferOutput<typeof Facts>

export const MoveProgress = v.object({
  ...ofMove,
  from: HostId,
  to: HostId,
  phase: v.picklist(movePhases),
})
export type MoveProgress = v.InferOutput<typeof MoveProgress>

/**
 * An actor whose memory is gone, that came back from a saved state, or that `failed` while it ran; said so that the picture
 * can tell.
 */
export const ActorNote = v.object({
  componentId: ComponentId,
  hostId: HostId,
  kind: v.picklist(['restored', 'older', 'empty', 'lost', 'failed']),
  text: v.string(),
  /** The text as data. */
  said: v.optional(SaidPoint),
})
export type ActorNote = v.InferOutput<typeof ActorNote>

const eventSchemas = {
  facts: Facts,
  actor_moving: MoveProgress,
  actor_moved: Receipt,
  actor_move_failed: Receipt,
  actor_note: ActorNote,
} as const
export type EventKind = keyof typeof eventSchemas
export type TlosEvent = {
  [K in EventKind]: { readonly kind: K; readonly data: v.InferOutput<(typeof eventSchemas)[K]> }
}[EventKind]

export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string }

const utf8 = new TextDecoder('utf-8', { fatal: true })
const text = new TextEncoder()

/** Any of the payloads here as bytes. */
export function encodeJson(value: unknown): Uint8Array {
  return text.encode(JSON.stringify(value))
}

/** Bytes from the bus against a schema; never throws. Unknown fields are ignored. */
export function decodeJson<S extends v.GenericSchema>(schema: S, bytes: Uint8Array): Decoded<v.InferOutput<S>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(utf8.decode(bytes))
  } catch {
    return { ok: false, reason: 'not JSON' }
  }
  const result = v.safeParse(schema, parsed)
  if (result.success) return { ok: true, value: result.output }
  const issue = result.issues[0]
  const path = v.getDotPath(issue)
  return { ok: false, reason: path === null ? issue.message : `${path}: ${issue.message}` }
}

/** An event of `tlos.evt.{lattice}.>` by the last token of its subject. */
export function decodeEvent(subject: string, bytes: Uint8Array): Decoded<TlosEvent> {
  const kind = subject.slice(subject.lastIndexOf('.') + 1)
  if (!Object.hasOwn(eventSchemas, kind)) return { ok: false, reason: `unknown event ${kind.slice(0, 64)}` }
  const known = kind as EventKind // hasOwn above
  const decoded = decodeJson(eventSchemas[known], bytes)
  // The schema was chosen by the kind, so data and kind belong together.
  return decoded.ok ? { ok: true, value: { kind: known, data: decoded.value } as TlosEvent } : decoded
}

/** The reply envelope of commands: the same three shapes as the v1 control interface. */
export const Reply = v.object({ success: v.boolean(), message: v.string(), response: v.optional(v.unknown()) })

export function encodeDone(response?: unknown): Uint8Array {
  return encodeJson(response === undefined ? { success: true, message: '' } : { success: true, message: '', response })
}

export function encodeRefusal(message: string): Uint8Array {
  return encodeJson({ success: false, message })
}

/** A reply whose `response` must fit the schema; a refusal or junk becomes a reason. */
export function decodeReply<S extends v.GenericSchema>(schema: S, bytes: Uint8Array): Decoded<v.InferOutput<S>> {
  const reply = decodeJson(Reply, bytes)
  if (!reply.ok) return reply
  if (!reply.value.success) return { ok: false, reason: reply.value.message }
  const response = v.safeParse(schema, reply.value.response)
  return response.success
    ? { ok: true, value: response.output }
    : { ok: false, reason: `unexpected answer: ${response.issues[0].message}` }
}

export const nothing = v.optional(v.unknown())
export const verdictReply = Verdict
export const describeReply = witWorld
