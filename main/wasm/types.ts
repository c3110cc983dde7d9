// What the rest of main sees of the component runtime. Types only; `runtime.ts` is the implementation and the folder's
// face. Errors are `TlosError`s: `invalid` (not a component, with what it is instead), `too-large`, `unavailable` (an
// import nobody offers), `trapped` (the guest failed; the instance is gone), `timed-out` (deadline; the instance is gone).

import type { WitWorld } from '../../preload/wit.js'
import type { Grants } from './grants.js'

export type { Grants } from './grants.js'

/** What is known of a component's bytes once they are checked, decoded and transpiled (cached by digest). */
export interface PreparedComponent {
  /** sha256 of the bytes, hex. */
  readonly digest: string
  readonly sizeBytes: number
  readonly world: WitWorld
  /** From the component's own metadata, when it carries some. */
  readonly name?: string | undefined
  readonly version?: string | undefined
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
}

export const defaultLimits: InstanceLimits = { memoryBytes: 64 * 1024 * 1024, callMs: 10_000, startMs: 10_000 }

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'critical'

/** What an instance may reach. Nothing else exists for it. */
export interface InstanceHost {
  /**
   * A call of an import that is not served inside the worker. `instance` is `ns:pkg/iface@version`, values are jco's.
   * For a function whose type is `result`, resolve to `{ tag: 'ok' | 'err', val? }`. A rejection ends the instance
   * (the guest cannot be told), unless the function's type is a `result` with a string or `error` variant err arm.
   */
  callImport(instance: string, functionName: string, args: readonly unknown[]): Promise<unknown>
  /** wasi:logging, stdout and stderr of the guest. */
  log(level: LogLevel, text: string): void
}

export interface StartOptions {
  /** For messages and logs. */
  readonly componentId: string
  readonly limits?: Partial<InstanceLimits> | undefined
  readonly host: InstanceHost
  /** wasi:config values. */
  readonly config?: Readonly<Record<string, string>> | undefined
  /** What it may reach beyond `host`; absent: nothing. */
  readonly grants?: Grants | undefined
}

/** One live instance in its worker. Calls run one after another in order of arrival. */
export interface Instance {
  readonly digest: string
  /** Bytes of linear memory after the last call. */
  readonly memoryBytes: number
  /**
   * Calls an export (`instance` is `ns:pkg/iface@version`, or '' at the root). A `result` comes back as
   * `{ tag: 'ok' | 'err', val? }`. Rejects with `invalid` for wrong arguments (the instance is fine), `trapped` or
   * `timed-out` (the instance is gone).
   */
  call(
    instance: string,
    functionName: string,
    args: readonly unknown[],
    options?: { timeoutMs?: number },
  ): Promise<unknown>
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
