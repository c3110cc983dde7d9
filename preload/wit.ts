// The WIT type tree as data: one description that the wRPC codec, the argument check, the callable form of a window
// and the listing of a component's world all read. Pure; shared by main and renderer, so it stands beside the contract.
// Values of these types use jco's JavaScript mapping (see docs in `WitType`).

import * as v from 'valibot'

/** Types without parameters, by their WIT keyword. */
export const primitives = [
  'bool',
  'u8',
  'u16',
  'u32',
  'u64',
  's8',
  's16',
  's32',
  's64',
  'f32',
  'f64',
  'char',
  'string',
] as const

export type Primitive = (typeof primitives)[number]

/**
 * A WIT type with every alias resolved.
 *
 * The JavaScript value of each kind is jco's: 64-bit integers are `bigint`, `list<u8>` is `Uint8Array`, other lists are
 * arrays, records are objects with lower-camel-case keys, a variant is `{ tag, val? }`, an enum its kebab-case name,
 * flags an object of lower-camel-case booleans, `option` is the value or `undefined` (nested: `{ tag: 'some' | 'none' }`),
 * `result` is `{ tag: 'ok' | 'err', val? }`, a resource handle is opaque.
 */
export type WitType =
  | { readonly kind: Primitive }
  | { readonly kind: 'list'; readonly element: WitType }
  | { readonly kind: 'option'; readonly inner: WitType }
  | { readonly kind: 'result'; readonly ok?: WitType | undefined; readonly err?: WitType | undefined }
  | { readonly kind: 'tuple'; readonly elements: readonly WitType[] }
  | { readonly kind: 'record'; readonly name?: string | undefined; readonly fields: readonly WitField[] }
  | { readonly kind: 'variant'; readonly name?: string | undefined; readonly cases: readonly WitCase[] }
  | { readonly kind: 'enum'; readonly name?: string | undefined; readonly cases: readonly string[] }
  | { readonly kind: 'flags'; readonly name?: string | undefined; readonly names: readonly string[] }
  | { readonly kind: 'own'; readonly resource: string }
  | { readonly kind: 'borrow'; readonly resource: string }
  | { readonly kind: 'stream'; readonly element?: WitType | undefined }
  | { readonly kind: 'future'; readonly inner?: WitType | undefined }

/** A record field or a parameter; `name` is the WIT spelling (kebab-case). */
export interface WitField {
  readonly name: string
  readonly type: WitType
}

/** A variant case; `type` is absent for a case without payload. */
export interface WitCase {
  readonly name: string
  readonly type?: WitType | undefined
}

/** A function of an interface; `name` is the WIT name (`[method]bucket.get` for methods). */
export interface WitFunction {
  readonly name: string
  readonly params: readonly WitField[]
  readonly result?: WitType | undefined
}

/** An imported or exported interface; `name` is `ns:pkg/iface@version`, or `''` for functions at the world's root. */
export interface WitInterface {
  readonly name: string
  readonly functions: readonly WitFunction[]
}

/** What a component needs and offers. */
export interface WitWorld {
  readonly imports: readonly WitInterface[]
  readonly exports: readonly WitInterface[]
}

const field: v.GenericSchema<WitField> = v.object({ name: v.string(), type: v.lazy(() => witType) })
const witCase: v.GenericSchema<WitCase> = v.object({ name: v.string(), type: v.optional(v.lazy(() => witType)) })

/** Schema of `WitType`, for descriptions that come over a border. */
export const witType: v.GenericSchema<WitType> = v.variant('kind', [
  v.object({ kind: v.picklist(primitives) }),
  v.object({ kind: v.literal('list'), element: v.lazy(() => witType) }),
  v.object({ kind: v.literal('option'), inner: v.lazy(() => witType) }),
  v.object({
    kind: v.literal('result'),
    ok: v.optional(v.lazy(() => witType)),
    err: v.optional(v.lazy(() => witType)),
  }),
  v.object({ kind: v.literal('tuple'), elements: v.array(v.lazy(() => witType)) }),
  v.object({ kind: v.literal('record'), name: v.optional(v.string()), fields: v.array(field) }),
  v.object({ kind: v.literal('variant'), name: v.optional(v.string()), cases: v.array(witCase) }),
  v.object({ kind: v.literal('enum'), name: v.optional(v.string()), cases: v.array(v.string()) }),
  v.object({ kind: v.literal('flags'), name: v.optional(v.string()), names: v.array(v.string()) }),
  v.object({ kind: v.literal('own'), resource: v.string() }),
  v.object({ kind: v.literal('borrow'), resource: v.string() }),
  v.object({ kind: v.literal('stream'), element: v.optional(v.lazy(() => witType)) }),
  v.object({ kind: v.literal('future'), inner: v.optional(v.lazy(() => witType)) }),
])

const witFunction = v.object({ name: v.string(), params: v.array(field), result: v.optional(witType) })
const witInterface = v.object({ name: v.string(), functions: v.array(witFunction) })

/** Schema of `WitWorld`. */
export const witWorld: v.GenericSchema<WitWorld> = v.object({
  imports: v.array(witInterface),
  exports: v.array(witInterface),
})
