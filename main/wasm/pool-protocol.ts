// What the runtime and a pool process say to each other, and a pool process and its workers. Types only. Everything is
// structured-clone data: `u64` is `bigint`, bytes are `Uint8Array`.

import type { Lack } from '../../preload/grants.js'
import type { FailureCode } from '../../preload/records.js'
import type { WitWorld } from '../../preload/wit.js'
import type { FromExchange } from './http-exchange.js'
import type { FlowPart } from './http-flow.js'
import type { LogLine } from './log-batch.js'
import type { SnapshotState } from './prepared-format.js'
import type { ConfigValues, Grants, InstanceLimits } from './types.js'

/** An error as data. */
export interface Fault {
  readonly code: FailureCode
  readonly message: string
}

/** A handle of a resource that an instance gave out. */
export interface GivenHandle {
  /** Its bytes in hex. */
  readonly handle: string
  /** The interface that defines the resource, and its name there. */
  readonly instance: string
  readonly resource: string
}

/** What a call changed of the handles that an instance has given out. */
export interface HandleChanges {
  readonly made: readonly GivenHandle[]
  /** In hex: dropped, or given back with the resource. */
  readonly gone: readonly string[]
}

export interface FileOf {
  readonly name: string
  readonly sha256: string
}

export interface StartMessage {
  readonly kind: 'start'
  readonly id: number
  readonly componentId: string
  readonly digest: string
  readonly folder: string
  readonly glue: FileOf
  readonly modules: readonly FileOf[]
  readonly world: WitWorld
  readonly limits: InstanceLimits
  readonly snapshot: SnapshotState
  readonly config: ConfigValues
  readonly grants: Grants
}

export interface CallMessage {
  readonly kind: 'call'
  readonly id: number
  readonly callId: number
  readonly instance: string
  readonly functionName: string
  readonly args: readonly unknown[]
  readonly timeoutMs: number
  /** Longest wait behind other calls; past it the call is answered with `timed-out` and was not run. */
  readonly waitMs: number
}

/** Between two calls, in its turn among them; answered like one: by the image's bytes, or by nothing. */
export type CopyMessage = {
  readonly id: number
  readonly callId: number
  readonly timeoutMs: number
  /** As in `CallMessage`. */
  readonly waitMs: number
} & CopyRequest

/** `isWhole`, `isCertain`, `isFirm`: see `SnapshotOptions`. After a `restore` that failed the instance is gone. */
export type CopyRequest =
  | { readonly kind: 'snapshot'; readonly isWhole: boolean; readonly isCertain: boolean; readonly isFirm: boolean }
  | { readonly kind: 'restore'; readonly image: Uint8Array }

/** Other values of wasi:config; answered, by nothing, when every read from there on gives them. */
export interface ConfigMessage {
  readonly kind: 'config'
  readonly id: number
  readonly callId: number
  readonly values: ConfigValues
}

/** An answer to an import, to the process and on to the worker that waits. */
export interface ImportReply {
  readonly kind: 'import-reply'
  readonly id: number
  readonly importId: number
  readonly outcome: Outcome
}

export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: Fault }

export type ToPool =
  | StartMessage
  | CallMessage
  | CopyMessage
  | ImportReply
  | ConfigMessage
  /** Of the bodies of a call that serves HTTP. */
  | { readonly kind: 'flow'; readonly id: number; readonly callId: number; readonly flow: FlowPart }
  | { readonly kind: 'stop'; readonly id: number }
  | { readonly kind: 'ping'; readonly nonce: number }

export interface ImportRequest {
  readonly kind: 'import'
  readonly id: number
  readonly importId: number
  /** Nobody waits for an answer. */
  readonly isOneWay: boolean
  readonly instance: string
  readonly functionName: string
  readonly args: readonly unknown[]
  /** Of the link that it takes; absent: `default`. */
  readonly linkName?: string | undefined
}

/** Of a call or a copy. */
export interface Answer {
  readonly kind: 'answer'
  readonly id: number
  readonly callId: number
  readonly outcome: Outcome
  /** Of the instance; absent when the process answered for it. */
  readonly memoryBytes?: number | undefined
  /** As `Instance.guestMs`, of this call. */
  readonly guestMs: number
  readonly handles?: HandleChanges | undefined
}

/** `Answer` and `ImportRequest` may also come from a worker itself (lane.ts). */
export type FromPool =
  | { readonly kind: 'started'; readonly id: number; readonly memoryBytes: number }
  | Answer
  | { readonly kind: 'flow'; readonly id: number; readonly callId: number; readonly flow: FromExchange }
  /** The instance is no more; without a fault it was stopped. Its open calls end with this. */
  | { readonly kind: 'gone'; readonly id: number; readonly fault?: Fault | undefined }
  | { readonly kind: 'log'; readonly id: number; readonly lines: readonly LogLine[] }
  /** It asked for what it was not granted; each once. */
  | { readonly kind: 'lacked'; readonly id: number; readonly lack: Lack }
  | ImportRequest
  | { readonly kind: 'pong'; readonly nonce: number }

/** What a worker is started with: where what it is to be will lie, once the signal is not 0. */
export interface SpareData {
  readonly port: unknown
  readonly signal: SharedArrayBuffer
}

/** What a worker is to be. */
export interface WorkerSeed {
  /** As the runtime counts instances. */
  readonly id: number
  /** The socket of its process for what goes straight to the runtime (lane.ts). */
  readonly lane: number | undefined
  readonly digest: string
  readonly glue: string
  readonly modules: ReadonlyMap<string, WebAssembly.Module>
  readonly world: WitWorld
  readonly config: ConfigValues
  /** Where later ones come (guest-config.ts). */
  readonly configPort: unknown
  readonly snapshot: SnapshotState
  /** Most that one memory may have. */
  readonly memoryBytes: number
  /** For what is simply given (environment, arguments, input); whatever must be checked is asked of the process. */
  readonly grants: Grants
  readonly importPort: unknown
  /** See call-turn.ts. */
  readonly turn: SharedArrayBuffer
  readonly importMs: number
  readonly logBytesPerSecond: number
  readonly messageBytes: number
  /** Most resources that it may have given out. */
  readonly handles: number
}

export interface WorkerCall {
  readonly kind: 'call'
  readonly callId: number
  readonly instance: string
  readonly functionName: string
  readonly args: readonly unknown[]
}

export type WorkerCopy = { readonly callId: number } & CopyRequest

export type FromWorker =
  | { readonly kind: 'started'; readonly memoryBytes: number }
  | { readonly kind: 'refused'; readonly fault: Fault }
  | (Answer & {
      /** The guest failed inside or ended itself: this was the instance's last answer. */
      readonly isBroken: boolean
    })
  /** The runtime has the answer already, and others wait. */
  | { readonly kind: 'answered'; readonly callId: number }
  | { readonly kind: 'log'; readonly lines: readonly LogLine[] }
  | { readonly kind: 'lacked'; readonly lack: Lack }

/** What a worker asks on its import port. */
export interface WorkerImport {
  /** For the process itself, which holds what was granted (granted/service.ts); no guest can say this. */
  readonly isForProcess: boolean
  readonly isOneWay: boolean
  readonly importId: number
  readonly instance: string
  readonly functionName: string
  readonly args: readonly unknown[]
  readonly linkName?: string | undefined
}
