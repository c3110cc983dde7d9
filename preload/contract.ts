// Every call and event that crosses between main and renderer. Schemas and types together; no behaviour. Adding a
// feature is one line in a table here and one in `main/handlers.ts`.

import * as v from 'valibot'
import type { Change } from './changes.js'
import { Frame, WindowEvent } from './frame.js'
import { GrantPart, GrantsView, RunInput } from './grants.js'
import { ApplicationStatus } from './applications.js'
import { latticeCalls } from './lattice-calls.js'
import { PermitAnswer, PermitsView } from './permits.js'
import { Remembered } from './remembered.js'
import {
  ComponentId,
  type Failure,
  HostId,
  Installed,
  type LatticeState,
  Link,
  Notice,
  Numbers,
  Receipt,
  Verdict,
} from './records.js'
import { witWorld } from './wit.js'

const Nothing = v.undefined()
/** Values of WIT types (jco mapping), checked in main against the function's own types. */
const WitValues = v.array(v.unknown())

/** One NATS server and how to sign in there, by one way. Files are of this machine, read by main at each connect. */
export const NatsEnd = v.object({
  url: v.string(),
  user: v.optional(v.string()),
  password: v.optional(v.string()),
  passwordFile: v.optional(v.string()),
  token: v.optional(v.string()),
  tokenFile: v.optional(v.string()),
  /** An nkey seed (`SU…`), with a JWT the key of that user. */
  seedFile: v.optional(v.string()),
  jwtFile: v.optional(v.string()),
  credsFile: v.optional(v.string()),
  /** PEM: who may have signed the server's certificate; who we are. */
  caFile: v.optional(v.string()),
  certFile: v.optional(v.string()),
  keyFile: v.optional(v.string()),
})
export type NatsEnd = v.InferOutput<typeof NatsEnd>

/** Where a lattice's servers are: control and events, and calls between components when those go elsewhere. */
export const NatsSettings = v.object({
  ...NatsEnd.entries,
  rpc: v.optional(NatsEnd),
  jsDomain: v.optional(v.string()),
  inboxPrefix: v.optional(v.string()),
  /** What control subjects begin with; `wasmbus.ctl` unless the lattice has another. */
  ctlTopicPrefix: v.optional(v.pipe(v.string(), v.regex(/^[^\s.*>]+(?:\.[^\s.*>]+)*$/))),
})
export type NatsSettings = v.InferOutput<typeof NatsSettings>

export const ConnectRequest = v.object({ ...NatsSettings.entries, lattice: v.string() })
export type ConnectRequest = v.InferOutput<typeof ConnectRequest>

/** As the person asks for it. */
export const JoinLattice = v.object({
  ...ConnectRequest.entries,
  /** Keep it in the system's key store when it worked. */
  isRemembered: v.optional(v.boolean()),
})

/** What a person arranged; saved by main as it is, so the renderer owns its meaning (`renderer/state/workspace.ts`). */
export const WorkspaceFile = v.record(v.string(), v.unknown())

/** The number is that of the next batch: batches before it are already in the state. */
export const Snapshot = v.object({ state: v.custom<LatticeState>((s) => typeof s === 'object'), next: v.number() })
export const ChangeBatch = v.object({ number: v.number(), changes: v.custom<readonly Change[]>(Array.isArray) })
export type ChangeBatch = v.InferOutput<typeof ChangeBatch>

export const LogLine = v.object({
  atMs: v.number(),
  level: v.picklist(['trace', 'debug', 'info', 'warn', 'error', 'critical']),
  text: v.string(),
  /** Said by its node about it; absent: its own words. */
  by: v.optional(v.literal('node')),
})

const call = <const A extends readonly v.GenericSchema[], R extends v.GenericSchema>(args: A, result: R) => ({
  args: v.tuple(args),
  result,
})

export const calls = {
  ...latticeCalls,
  'lattice.watch': call([], Snapshot),
  'lattice.connect': call([JoinLattice], Nothing),
  'lattice.reconnect': call([v.string()], Nothing), // one that is remembered
  'connection.remembered': call([], Remembered),
  'connection.forget': call([v.string()], Nothing),
  'lattice.own': call([], Nothing), // the one that this shell runs itself
  'lattice.retry': call([], Nothing),
  'lattice.events': call(
    [],
    v.array(v.object({ atMs: v.number(), type: v.string(), source: v.string(), data: v.unknown() })),
  ),
  'node.start': call([v.string()], Nothing), // a local node by friendly name, again
  'host.forget': call([HostId], Nothing),
  'host.stop': call([HostId], Nothing),
  'label.put': call([HostId, v.string(), v.string()], Nothing),
  'label.delete': call([HostId, v.string()], Nothing),
  'component.install': call([v.string(), v.instance(Uint8Array)], Installed), // file name, bytes
  'component.uninstall': call([ComponentId], Nothing),
  'component.start': call([ComponentId, v.string(), HostId], Nothing), // id, image reference
  'component.scale': call([ComponentId, HostId, v.pipe(v.number(), v.integer(), v.minValue(0))], Nothing),
  'component.restart': call([ComponentId, HostId], Nothing),
  'component.describe': call([ComponentId, HostId], witWorld),
  'component.call': call([ComponentId, HostId, v.string(), v.string(), WitValues], v.unknown()),
  'component.numbers': call([ComponentId, HostId], Numbers),
  'component.log': call([ComponentId, HostId], v.array(LogLine)),
  'run.start': call([ComponentId, HostId, v.string(), RunInput], v.number()), // interface; the exit code
  'run.stop': call([ComponentId, HostId], Nothing),
  'grant.list': call([ComponentId, HostId], GrantsView),
  'grant.give': call([ComponentId, HostId, GrantPart], GrantsView),
  'grant.take': call([ComponentId, HostId, GrantPart], GrantsView),
  'grant.choose-folder': call([], v.nullable(v.string())), // asks the person; null: none
  'permit.view': call([], PermitsView),
  'permit.answer': call([v.string(), PermitAnswer], Nothing), // the id of what was asked
  'permit.revoke': call([v.string()], Nothing), // a reference; what runs from it here is stopped
  'permit.ask-again': call([v.string()], Nothing), // a reference that was refused
  'window.open': call([ComponentId, HostId], Frame),
  'window.send': call([ComponentId, HostId, WindowEvent], Frame),
  'move.ask': call([ComponentId, HostId], v.array(Verdict)), // component, where it is now
  'move.start': call([ComponentId, HostId, HostId], Receipt), // component, from, to
  'move.receipts': call([ComponentId], v.array(Receipt)),
  'link.put': call([Link], Nothing),
  'link.delete': call([Link], Nothing),
  'notice.list': call([], v.array(Notice)),
  'workspace.load': call([], v.nullable(WorkspaceFile)),
  'workspace.save': call([WorkspaceFile], Nothing),
  'shell.inspect': call([v.string()], v.unknown()), // raw JSON of a host, component or link, for copying
  'shell.ready': call([], Nothing), // first frame drawn: main may do what can wait
  'shell.settled': call([], Nothing), // the answer to `shell.closing`: nothing is left to be saved
} as const

export const events = {
  'lattice.changed': ChangeBatch,
  'move.progressed': v.object({ moveId: v.string(), componentId: ComponentId, phase: v.string() }),
  'notice.raised': Notice,
  /** The window is about to be closed, and waits a little for `shell.settled`. */
  'shell.closing': v.object({}),
  'permit.changed': PermitsView,
  /** wadm told something; without a name of any application. */
  'application.changed': v.object({ name: v.string(), status: v.optional(ApplicationStatus) }),
} as const

/** Names of the two channels under everything: requests of the page, and events to it. */
export const channels = { call: 'tlos:call', event: 'tlos:event' } as const

export type Calls = typeof calls
export type Events = typeof events
export type CallName = keyof Calls
export type EventName = keyof Events
export type CallArgs<N extends CallName> = v.InferOutput<Calls[N]['args']>
export type CallResult<N extends CallName> = v.InferOutput<Calls[N]['result']>
export type EventPayload<N extends EventName> = v.InferOutput<Events[N]>

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

/** `window.shell`: all that the page can reach. `call` never rejects; `on` returns its own unsubscribe function. */
export interface Shell {
  call<N extends CallName>(name: N, ...args: CallArgs<N>): Promise<Outcome<CallResult<N>>>
  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void
}
