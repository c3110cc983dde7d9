// The type section of a component binary: value types, functions, resources, instance and component types. Pure.
// Source: component-model, design/mvp/Binary.md. Types are shared, never copied, and each carries the size it would have
// written out, so that a few bytes cannot describe a tree that fills the memory of whoever walks it.

import type { Primitive, WitType } from '../../preload/wit.js'
import type { Reader } from './binary.js'
import { type HandleType, newIdentity, type ResourceIdentity } from './component-resources.js'
import type { CoreCost } from './core-module.js'

export interface ValueEntry {
  readonly kind: 'value'
  readonly type: WitType
  /** Nodes of the type written out as a tree. */
  readonly weight: number
  readonly depth: number
}

export interface FunctionEntry {
  readonly kind: 'function'
  readonly params: readonly { readonly name: string; readonly type: WitType }[]
  readonly result: WitType | undefined
  readonly isAsync: boolean
  readonly weight: number
}

export interface ResourceEntry {
  readonly kind: 'resource'
  readonly name: string
  readonly identity: ResourceIdentity
}

export const newResource = (name: string): ResourceEntry => ({ kind: 'resource', name, identity: newIdentity() })

export interface InstanceEntry {
  readonly kind: 'instance'
  readonly exports: ReadonlyMap<string, Entity>
}

export interface ComponentEntry {
  readonly kind: 'component'
  readonly imports: ReadonlyMap<string, Entity>
  readonly exports: ReadonlyMap<string, Entity>
  /** Of one instance; undefined where only its type is known. */
  readonly cost: CoreCost | undefined
  /** Resources that each instance of it has of its own; undefined where only its type is known. */
  readonly resources: Iterable<ResourceIdentity> | undefined
  isInstantiated: boolean
}

export type TypeEntry = ValueEntry | FunctionEntry | ResourceEntry | InstanceEntry | ComponentEntry

/** Something with a place in an index space. Other core things and values are only counted past, hence `opaque`. */
export type Entity =
  | { readonly sort: 'function'; readonly type: FunctionEntry }
  | { readonly sort: 'type'; readonly type: TypeEntry }
  | { readonly sort: 'instance'; readonly type: InstanceEntry }
  | { readonly sort: 'component'; readonly type: ComponentEntry }
  /** Without a cost: one that is passed in. */
  | { readonly sort: 'module'; readonly cost: CoreCost | undefined }
  | { readonly sort: 'opaque' }

/** Bounds of what is decoded; far above what tools produce. */
export const bounds = {
  depth: 100,
  weight: 20_000,
  nesting: 32,
  entries: 250_000,
  /** Made by one instance. A table costs the host even when it is empty, a memory a share of the address space. */
  core: { instances: 500, memories: 64, tables: 64 },
} as const

const primitiveByCode: Readonly<Record<number, Primitive>> = {
  0x7f: 'bool',
  0x7e: 's8',
  0x7d: 'u8',
  0x7c: 's16',
  0x7b: 'u16',
  0x7a: 's32',
  0x79: 'u32',
  0x78: 's64',
  0x77: 'u64',
  0x76: 'f32',
  0x75: 'f64',
  0x74: 'char',
  0x73: 'string',
}

/** Where a type index is looked up. */
export interface TypeScope {
  typeAt(index: number, reader: Reader): TypeEntry
  handle(kind: HandleType['kind'], entry: ResourceEntry): HandleType
}

const leaf = (type: WitType): ValueEntry => ({ kind: 'value', type, weight: 1, depth: 1 })

/** Joins parts into a type that holds them; refuses what would be too large written out. */
function compose(reader: Reader, type: WitType, parts: readonly ValueEntry[], ownNodes = 1): ValueEntry {
  let weight = ownNodes
  let depth = 0
  for (const part of parts) {
    weight += part.weight
    depth = Math.max(depth, part.depth)
  }
  if (weight > bounds.weight) reader.fail(`a type has more than ${bounds.weight} parts`)
  if (depth + 1 > bounds.depth) reader.fail(`types are nested more than ${bounds.depth} deep`)
  return { kind: 'value', type, weight, depth: depth + 1 }
}

/** A value type where it is used: a primitive, or the index of a defined one. */
function readValueType(reader: Reader, scope: TypeScope): ValueEntry {
  const code = reader.peek()
  if (code >= 0x40 && code <= 0x7f) {
    reader.byte()
    const primitive = primitiveByCode[code]
    if (primitive === undefined) reader.fail(`value type 0x${code.toString(16)} is unknown here`)
    return leaf({ kind: primitive })
  }
  const entry = scope.typeAt(reader.u32(), reader)
  if (entry.kind !== 'value') reader.fail(`a ${entry.kind} type stands where a value type belongs`)
  return entry
}

function readOptionalType(reader: Reader, scope: TypeScope): ValueEntry | undefined {
  const flag = reader.byte()
  if (flag > 1) reader.fail('an optional type is marked neither absent nor present')
  return flag === 1 ? readValueType(reader, scope) : undefined
}

function readFields(reader: Reader, scope: TypeScope): { name: string; entry: ValueEntry }[] {
  return Array.from({ length: reader.count() }, () => ({ name: reader.name(), entry: readValueType(reader, scope) }))
}

const names = (reader: Reader): string[] => Array.from({ length: reader.count() }, () => reader.name())

const present = (...parts: readonly (ValueEntry | undefined)[]): ValueEntry[] =>
  parts.filter((part) => part !== undefined)

function readHandle(reader: Reader, scope: TypeScope, kind: HandleType['kind']): ValueEntry {
  const entry = scope.typeAt(reader.u32(), reader)
  if (entry.kind !== 'resource') reader.fail(`a handle points at a ${entry.kind} type, not at a resource`)
  return leaf(scope.handle(kind, entry))
}

function readVariant(reader: Reader, scope: TypeScope): ValueEntry {
  const cases = Array.from({ length: reader.count() }, () => {
    const name = reader.name()
    const entry = readOptionalType(reader, scope)
    // A refinement, reserved: always absent.
    if (reader.byte() !== 0) reader.fail('a variant case has a refinement, which no tool writes')
    return { name, entry }
  })
  const type: WitType = { kind: 'variant', cases: cases.map(({ name, entry }) => ({ name, type: entry?.type })) }
  return compose(reader, type, present(...cases.map(({ entry }) => entry)), 1 + cases.length)
}

/** A defined value type; `code` is its first byte, read already. */
export function readDefinedValue(reader: Reader, scope: TypeScope, code: number): ValueEntry {
  const primitive = primitiveByCode[code]
  if (primitive !== undefined) return leaf({ kind: primitive })
  switch (code) {
    case 0x72: {
      const fields = readFields(reader, scope)
      const type: WitType = { kind: 'record', fields: fields.map(({ name, entry }) => ({ name, type: entry.type })) }
      const parts = fields.map(({ entry }) => entry)
      return compose(reader, type, parts, 1 + parts.length)
    }
    case 0x71:
      return readVariant(reader, scope)
    case 0x70: {
      const element = readValueType(reader, scope)
      return compose(reader, { kind: 'list', element: element.type }, [element])
    }
    case 0x6f: {
      const elements = Array.from({ length: reader.count() }, () => readValueType(reader, scope))
      return compose(reader, { kind: 'tuple', elements: elements.map((element) => element.type) }, elements)
    }
    case 0x6e: {
      const flags = names(reader)
      return compose(reader, { kind: 'flags', names: flags }, [], 1 + flags.length)
    }
    case 0x6d: {
      const cases = names(reader)
      return compose(reader, { kind: 'enum', cases }, [], 1 + cases.length)
    }
    case 0x6b: {
      const inner = readValueType(reader, scope)
      return compose(reader, { kind: 'option', inner: inner.type }, [inner])
    }
    case 0x6a: {
      const ok = readOptionalType(reader, scope)
      const err = readOptionalType(reader, scope)
      return compose(reader, { kind: 'result', ok: ok?.type, err: err?.type }, present(ok, err))
    }
    case 0x69:
      return readHandle(reader, scope, 'own')
    case 0x68:
      return readHandle(reader, scope, 'borrow')
    case 0x66: {
      const element = readOptionalType(reader, scope)
      return compose(reader, { kind: 'stream', element: element?.type }, present(element))
    }
    case 0x65: {
      const inner = readOptionalType(reader, scope)
      return compose(reader, { kind: 'future', inner: inner?.type }, present(inner))
    }
    default:
      return reader.fail(`type 0x${code.toString(16)} is unknown here`)
  }
}

/** A function type behind its first byte. */
export function readFunctionType(reader: Reader, scope: TypeScope, isAsync: boolean): FunctionEntry {
  const params = readFields(reader, scope)
  const flag = reader.byte()
  let result: ValueEntry | undefined
  if (flag === 0) result = readValueType(reader, scope)
  else if (flag !== 1 || reader.byte() !== 0) reader.fail('a function has named results, which no tool writes any more')
  const parts = [...params.map(({ entry }) => entry), ...present(result)]
  const weight = parts.reduce((sum, part) => sum + part.weight, 1)
  return {
    kind: 'function',
    params: params.map(({ name, entry }) => ({ name, type: entry.type })),
    result: result?.type,
    isAsync,
    weight,
  }
}

/** Gives a type that had no name the one it is exported or imported under. */
export function named(entry: TypeEntry, name: string): TypeEntry {
  if (entry.kind === 'resource') return { ...entry, name }
  if (entry.kind !== 'value') return entry
  const { type } = entry
  switch (type.kind) {
    case 'record':
    case 'variant':
    case 'enum':
    case 'flags':
      // What one exported interface uses of another comes in under a made-up name and goes out under its own.
      return (type.name?.startsWith('import-type-') ?? true) ? { ...entry, type: { ...type, name } } : entry
    default:
      return entry
  }
}
