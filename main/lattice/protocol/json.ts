// JSON bytes against schemas: the one way by which payloads of the lattice come in and go out. Pure; stands on the
// schema library, knows no message.

import * as v from 'valibot'
import type { Decoded } from './tlos.js'
import { decodeJson, encodeJson } from './tlos.js'

/** A payload in both directions. `decode` never throws; `encode` writes exactly the fields peers know. */
export interface Codec<T> {
  decode(bytes: Uint8Array): Decoded<T>
  encode(value: T): Uint8Array
  /** As a plain object, for use inside another payload. */
  toWire(value: T): unknown
}

export function codec<S extends v.GenericSchema>(
  schema: S,
  toWire: (value: v.InferOutput<S>) => unknown,
): Codec<v.InferOutput<S>> {
  return {
    decode: (bytes) => decodeJson(objectOf(schema), bytes),
    encode: (value) => encodeJson(toWire(value)),
    toWire,
  }
}

/** The schema library takes arrays for objects; a list where an object belongs is junk. */
function objectOf<S extends v.GenericSchema>(schema: S) {
  return v.pipe(
    v.unknown(),
    v.check((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'not an object'),
    schema,
  )
}

/** Text to text. */
export const requiredTextMap = objectOf(v.record(v.string(), v.string()))

/** Text to text. Absent and null read as an empty map, as Rust's readers do. */
export const textMap = v.nullish(requiredTextMap, () => ({}))

/** A list of texts; absent and null read as empty. */
export const textList = v.nullish(v.array(v.string()), () => [])

/** A text; absent and null read as empty. */
export const text = v.nullish(v.string(), '')

/** A text that may be absent; null reads as absent. */
export const optionalText = v.pipe(
  v.nullish(v.string()),
  v.transform((given) => given ?? undefined),
)

export const u32 = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4_294_967_295))
export const u64 = v.pipe(v.number(), v.integer(), v.minValue(0))

/** The id of a component or provider: one token of a NATS subject, of a sensible length. */
export const token = v.pipe(v.string(), v.regex(/^[^\s.*>/]{1,256}$/, 'not an id'))

/** A host's id: the public nkey of a server. Anything else could not have been issued by a host. */
export const hostNkey = v.pipe(v.string(), v.regex(/^N[A-Z2-7]{55}$/, 'not a host id'))

/** A list in which what does not fit is left out, so that one bad entry does not hide all others. */
export function listOf<S extends v.GenericSchema>(item: S) {
  return v.pipe(
    v.nullish(v.array(v.unknown()), () => []),
    v.transform((list): readonly v.InferOutput<S>[] =>
      list.flatMap((entry) => {
        const result = v.safeParse(item, entry)
        return result.success ? [result.output] : []
      }),
    ),
  )
}
