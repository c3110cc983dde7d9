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
 * `result` is `{ tag: 'ok' | 'err', val? }`. A resource handle is a `Uint8Array`: bytes that mean something only to the
 * component that made them.
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
  | WitHandle
  | { readonly kind: 'stream'; readonly element?: WitType | undefined }
  | { readonly kind: 'future'; readonly inner?: WitType | undefined }

/** A resource handle, given away (`own`) or lent for a call (`borrow`); `resource` is its name where it is used. */
export interface WitHandle {
  readonly kind: 'own' | 'borrow'
  readonly resource: string
  /** Absent when it cannot be told which resource is meant. */
  readonly home?: WitResource | undefined
}

/** A resource by the interface that defines it: names alone are not unique, and are changed by `use … as`. */
export interface WitResource {
  /** `ns:pkg/iface@version`. */
  readonly instance: string
  readonly name: string
  /** It is one of somebody else. */
  readonly isImported: boolean
}

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
  /** Names of resources that it defines; absent when there are none. */
  readonly resources?: readonly string[] | undefined
}

/** What a component needs and offers. */
export interface WitWorld {
  readonly imports: readonly WitInterface[]
  readonly exports: readonly WitInterface[]
}

const field: v.GenericSchema<WitField> = v.object({ name: v.string(), type: v.lazy(() => witType) })
const witCase: v.GenericSchema<WitCase> = v.object({ name: v.string(), type: v.optional(v.lazy(() => witType)) })

const witResource = v.object({ instance: v.string(), name: v.string(), isImported: v.boolean() })

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
  v.object({ kind: v.literal('own'), resource: v.string(), home: v.optional(witResource) }),
  v.object({ kind: v.literal('borrow'), resource: v.string(), home: v.optional(witResource) }),
  v.object({ kind: v.literal('stream'), element: v.optional(v.lazy(() => witType)) }),
  v.object({ kind: v.literal('future'), inner: v.optional(v.lazy(() => witType)) }),
])

const witFunction = v.object({ name: v.string(), params: v.array(field), result: v.optional(witType) })
const witInterface = v.object({
  name: v.string(),
  functions: v.array(witFunction),
  resources: v.optional(v.array(v.string())),
})

/** Schema of `WitWorld`. */
export const witWorld: v.GenericSchema<WitWorld> = v.object({
  imports: v.array(witInterface),
  exports: v.array(witInterface),
})

const dropPrefix = '[resource-drop]'

/**
 * What gives a handle back and runs the resource's destructor. WIT does not list it, and v1 peers do not know it; `name` is
 * the one of the component model's built-in, which no function of WIT can have.
 */
export const dropFunction = (instance: string, resource: string, isImported = false): WitFunction => ({
  name: `${dropPrefix}${resource}`,
  params: [{ name: 'self', type: { kind: 'own', resource, home: { instance, name: resource, isImported } } }],
})

/** The resource whose drop a function of this name is. */
export const droppedResource = (functionName: string): string | undefined =>
  functionName.startsWith(dropPrefix) ? functionName.slice(dropPrefix.length) : undefined

/** A function of one of the interfaces, drops of its resources included. */
export function findWitFunction(
  interfaces: readonly WitInterface[],
  instance: string,
  functionName: string,
  isImported = false,
): WitFunction | undefined {
  const found = interfaces.find(({ name }) => name === instance)
  const resource = droppedResource(functionName)
  if (resource === undefined) return found?.functions.find(({ name }) => name === functionName)
  return found?.resources?.includes(resource) === true ? dropFunction(instance, resource, isImported) : undefined
}

/** A function as a person reads it: `coin`, `coin.value`, `drop coin` without the brackets of the component model. */
export function spellFunction(name: string): string {
  const dropped = droppedResource(name)
  return dropped === undefined ? name.replace(/^\[(?:constructor|method|static)\]/, '') : `drop ${dropped}`
}
