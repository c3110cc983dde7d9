// What the rest of main sees of the component runtime. Types only; `runtime.ts` is the implementation and the folder's
// face. Errors are `TlosError`s: `invalid` (not a component, with what it is instead), `too-large`, `unavailable` (an
// import nobody offers), `trapped` (the guest failed; the instance is gone), `timed-out` (deadline; the instance is gone).

import type { Lack } from '../../preload/grants.js'
import type { WitWorld } from '../../preload/wit.js'
import type { Grants } from './grants.js'
import type { GivenHandle } from './pool-protocol.js'

export type { Grants } from './grants.js'
export type { GivenHandle } from './pool-protocol.js'

/** What is known of a component's bytes once they are checked, decoded and transpiled (cached by digest). */
export interface PreparedComponent {
  /** sha256 of the bytes, hex. */
  readonly digest: string
  readonly sizeBytes: number
  readonly world: WitWorld
  /** From the component's own metadata, when it carries some. */
  readonly name?: string | undefined
  readonly version?: string | undefined
  /** Its instances can be copied, as far as can be told from the bytes; else the reason as the end of a sentence. */
  readonly snapshot: { readonly can: true } | { readonly can: false; readonly reason: string }
}

export interface PrepareOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((text: string) => void) | undefined
}

/** Limits of one instance. */
export interface InstanceLimits {
  /** Patched maximum of each linear memory, bytes. */
  readonly memoryBytes: number
  /** Longest time in one call, ms. */
  readonly callMs: number
  readonly startMs: number
  /** Of its log; what is over is counted, not kept. */
  readonly logBytesPerSecond: number
  /** Of the arguments of one call together, and of its result; of its own calls of imports, too. */
  readonly messageBytes: number
  /** Resources that it may have given out at a time. */
  readonly handles: number
}

export const defaultLimits: InstanceLimits = {
  memoryBytes: 64 * 1024 * 1024,
  callMs: 10_000,
  startMs: 10_000,
  logBytesPerSecond: 64 * 1024,
  messageBytes: 16 * 1024 * 1024,
  handles: 1_000,
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'critical'

export type ConfigValues = Readonly<Record<string, string>>

/** Values that may change while an instance runs. */
export interface ConfigSource {
  /** As they are now. */
  current(): ConfigValues
  /** The listener resolves when its instance reads the new ones. Returns the unsubscribe function. */
  onChanged(listener: () => Promise<void>): () => void
}

/** What an instance may reach. Nothing else exists for it. */
export interface InstanceHost {
  /**
   * A call of an import that is not served inside the worker. `instance` is `ns:pkg/iface@version`, values are jco's.
   * For a function whose type is `result`, resolve to `{ tag: 'ok' | 'err', val? }`. A rejection ends the instance
   * (the guest cannot be told), unless the function's type is a `result` with a string or `error` variant err arm.
   * `linkName`: of the link to take, `default` when absent. `wasmcloud:bus/lattice` `find-missing` is asked so, too, with a name
   * and interfaces (`ns:pkg/iface`): resolve to the first that has no link of this name, or undefined.
   */
  callImport(instance: string, functionName: string, args: readonly unknown[], linkName?: string): Promise<unknown>
  /** wasi:logging, stdout and stderr of the guest. */
  log(level: LogLevel, text: string): void
  /** It asked for something that `grants` does not give it. */
  lacked?(lack: Lack): void
}

export interface StartOptions {
  /** For messages and logs. */
  readonly componentId: string
  readonly limits?: Partial<InstanceLimits> | undefined
  readonly host: InstanceHost
  /**
   * wasi:config values. The instance has a copy of its own, which is renewed when they change.
   */
  readonly config?: ConfigValues | ConfigSource | undefined
  /** What it may reach beyond `host`; absent: nothing. */
  readonly grants?: Grants | undefined
  /** From `Instance.snapshot`: it goes on as that instance was. See `Instance.restore` for what it may fail with. */
  readonly image?: Uint8Array | undefined
}

export interface SnapshotOptions {
  /**
   * All of its memory, not the difference to a fresh instance. Larger, and fits also where a fresh instance differs
   * (`restore` fails with `conflict` there).
   */
  readonly isWhole?: boolean | undefined
  /**
   * Fits a fresh instance for certain, if its host is as it was: the difference, unless the start of this one asked its
   * host for anything, which may answer otherwise the next time; then the whole.
   */
  readonly isCertain?: boolean | undefined
  /** Refused with what may not be there any more when it is gone on from it, as an open file: nobody is to notice a rest. */
  readonly isFirm?: boolean | undefined
}

/** One live instance in its worker. Calls run one after another in order of arrival. */
export interface Instance {
  readonly digest: string
  /** Bytes of linear memory after the last call. */
  readonly memoryBytes: number
  /** Time spent in the guest's own code by all its calls, ms: without its waits for imports. */
  readonly guestMs: number
  /** Resources that it has given out, by handle in hex. They go with the instance. */
  readonly given: ReadonlyMap<string, GivenHandle>
  /**
   * Calls an export (`instance` is `ns:pkg/iface@version`, or '' at the root), or the drop of one of its resources
   * (`dropFunction`). Handles are 16 bytes; one that the instance does not know is `not-found`, and one too many `refused`. A `result` comes back as
   * `{ tag: 'ok' | 'err', val? }`. Rejects with `invalid` for wrong arguments, `too-large` for more of them, or of a
   * result, than a message may have (the instance is fine then), `trapped` or
   * `timed-out` (the instance is gone, unless the call had not begun: `waitMs` is the longest it may stand behind others).
   */
  call(
    instance: string,
    functionName: string,
    args: readonly unknown[],
    options?: { timeoutMs?: number; waitMs?: number },
  ): Promise<unknown>
  /**
   * A copy of all it is between two calls, the handles that it has given out included, for the same component on any node with this runtime. It holds what the guest
   * holds, secrets included. The instance goes on; once another one does from the copy, stop this one. Rejects with
   * `refused` when it cannot be copied, in words, `too-large`, or as `call` does.
   */
  snapshot(options?: SnapshotOptions): Promise<Uint8Array>
  /**
   * Goes on as the instance that the image was taken of. Only before the first call. Rejects with `invalid` (damaged, of
   * another component), `unavailable` (of other tools), `refused` (it holds what cannot be made here), `too-large`,
   * `conflict` (the difference does not fit: ask for the whole); the instance is gone then.
   */
  restore(image: Uint8Array): Promise<void>
  /** Called once when the instance is gone, with the reason (undefined: stopped by `stop`). */
  onGone(listener: (reason: Error | undefined) => void): () => void
  /** Ends it, also in the middle of a call. May be called twice. */
  stop(): Promise<void>
}

export interface Runtime {
  /** Checks, decodes and transpiles; cheap when cached. */
  prepare(bytes: Uint8Array, options?: PrepareOptions): Promise<PreparedComponent>
  /** The cached description, if these bytes were prepared on this machine before. */
  describe(digest: string): Promise<PreparedComponent | undefined>
  /** A fresh instance of prepared bytes. */
  start(digest: string, options: StartOptions): Promise<Instance>
  /** Imports (`ns:pkg/iface`, without version) that instances can have without a link: served in the worker. */
  readonly builtinImports: readonly string[]
  /** Processes of the pool with their ids, for the memory table. */
  processes(): readonly { readonly pid: number; readonly instances: number }[]
  close(): Promise<void>
}
