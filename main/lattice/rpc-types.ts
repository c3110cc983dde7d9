// What the rest of main sees of wRPC over NATS. Types only; `rpc.ts` is the implementation. Subjects, handshake and
// bytes are in `main/wrpc/SPEC.md`.

import type { WitFunction, WitInterface } from '../../preload/wit.js'
import type { Message } from '../nats/transport.js'

export interface RpcCall {
  /** `{lattice}.{target id}`. */
  readonly prefix: string
  /** `ns:pkg/iface@version` as on the wire; '' for root functions. */
  readonly instance: string
  readonly fn: WitFunction
  readonly params: readonly unknown[]
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Limit of the whole call, handshake included (default 10,000). */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /**
   * Byte streams and futures of the result come as they come: an `AsyncIterable` of bytes that is read once, and something to
   * `await`. Then the limit ends with the rest of the result, and begins anew while parameters flow; `signal` breaks off both.
   * Those of the parameters flow whenever they are such values, and not bytes and plain ones.
   */
  readonly isFlowing?: boolean | undefined
}

/** One invocation as the handler gets it, decoded. */
export interface ServedCall {
  readonly instance: string
  readonly fn: WitFunction
  readonly params: readonly unknown[]
  readonly headers: Readonly<Record<string, string>>
  /** Parameters go on flowing until this is settled, too, and not only until the result is through. */
  readonly keep: (work: Promise<unknown>) => void
}

/** What to do with an invocation that came in, decided before the handshake. */
export type Admission =
  | { readonly kind: 'serve' }
  /** Hand it on, with the caller's reply subject, to whoever serves this prefix. */
  | { readonly kind: 'forward'; readonly prefix: string }
  /** Nobody's: no handshake, the caller runs into its limit. Only for hostile input. */
  | { readonly kind: 'drop' }

export interface ServeOptions {
  readonly prefix: string
  /** Queue group; none for a subject of this node alone. */
  readonly queue?: string | undefined
  readonly exports: readonly WitInterface[]
  /** Instances whose byte streams and futures come as they come (`RpcCall.isFlowing`). */
  readonly flowing?: readonly string[] | undefined
  readonly handle: (call: ServedCall) => Promise<unknown>
  /** Runs for each invocation in order of arrival; may wait (a held call) as long as it likes. Default: serve. */
  readonly admit?: ((message: Message) => Admission | Promise<Admission>) | undefined
}

export interface Service {
  /** Resolves once the server knows of every subscription. */
  readonly ready: Promise<void>
  /** Stops taking invocations; those already delivered still go through `admit`; resolves when all of them are answered or forwarded. */
  drain(): Promise<void>
  close(): void
}

/** Calls and serves over one `Transport`. Failures of `call` are `TlosError`s: `unreachable` (nobody serves it), `timed-out`, `trapped` (the far side failed without details), `invalid` (our arguments, or an answer that does not decode). */
export interface Rpc {
  call(call: RpcCall): Promise<unknown>
  serve(options: ServeOptions): Service
  close(): void
}
