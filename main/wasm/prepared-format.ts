// What is kept of a prepared component on disk, and under which name. Pure; shared by the child
// that writes it and the runtime that reads it.

import * as v from 'valibot'
import { witWorld } from '../../preload/wit.js'

/** Version of `@bytecodealliance/jco-transpile`, part of the cache key: another version makes other glue. */
export const transpilerVersion = '0.15.0'

/** Options of the transpiler that shape the output. Part of the cache key. */
export const transpileOptions = {
  name: 'component',
  instantiation: { tag: 'async' },
  noNodejsCompat: true,
  noTypescript: true,
  strict: true,
  base64Cutoff: 0,
} as const

/** Grows when the layout below or the glue's wrapping changes. */
export const preparedFormat = 6

export const manifestName = 'prepared.json'
export const glueName = 'glue.cjs'

const preparedFile = v.object({ name: v.pipe(v.string(), v.regex(/^[\w.-]+$/)), sha256: v.string() })

const snapshotState = v.variant('can', [
  /** `writesTables`: its code can change tables after the start. */
  v.object({ can: v.literal(true), writesTables: v.boolean() }),
  v.object({ can: v.literal(false), reason: v.string() }),
])
export type SnapshotState = v.InferOutput<typeof snapshotState>

/** `prepared.json`: the last file written, so a folder that has it is complete. */
export const Manifest = v.object({
  format: v.literal(preparedFormat),
  digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  sizeBytes: v.number(),
  name: v.optional(v.string()),
  version: v.optional(v.string()),
  world: witWorld,
  /** Linear memories of one instance. A process can hold a few hundred. */
  memories: v.number(),
  /** Whether instances can be copied, or the reason as the end of a sentence. */
  snapshot: snapshotState,
  glue: preparedFile,
  modules: v.array(preparedFile),
})
export type Manifest = v.InferOutput<typeof Manifest>

/** Order of the bytes that make `transpileTag`. */
export const transpileKey = JSON.stringify([preparedFormat, transpilerVersion, transpileOptions])

/** What the throwaway child is asked for. */
export interface TranspileRequest {
  /** Path of the component's bytes. */
  readonly input: string
  /** An empty folder, which it fills. */
  readonly folder: string
  readonly digest: string
}

export type TranspileReply =
  { readonly ok: true } | { readonly ok: false; readonly code: 'invalid' | 'too-large'; readonly reason: string }
