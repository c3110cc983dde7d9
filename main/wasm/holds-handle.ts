// Where in a type there is more than a value: a resource handle, a stream, a future; and the values of handles. Pure.

import type { WitFunction, WitHandle, WitType } from '../../preload/wit.js'
import { toCamel } from './wit-names.js'

const known = new WeakMap<WitType, boolean>()

/** Own or borrow, anywhere in it. */
export function holdsHandle(type: WitType): boolean {
  let holds = known.get(type)
  if (holds === undefined) {
    holds = some(type, ({ kind }) => kind === 'own' || kind === 'borrow')
    known.set(type, holds)
  }
  return holds
}

function some(type: WitType, isWanted: (type: WitType) => boolean): boolean {
  return isWanted(type) || partsOf(type).some((part) => some(part, isWanted))
}

function partsOf(type: WitType): readonly WitType[] {
  switch (type.kind) {
    case 'list':
      return [type.element]
    case 'option':
      return [type.inner]
    case 'result':
      return [type.ok, type.err].filter((part) => part !== undefined)
    case 'tuple':
      return type.elements
    case 'record':
      return type.fields.map((field) => field.type)
    case 'variant':
      return type.cases.flatMap((each) => each.type ?? [])
    default:
      return []
  }
}

const typesOf = ({ params, result }: WitFunction): readonly WitType[] => [
  ...params.map(({ type }) => type),
  ...(result === undefined ? [] : [result]),
]

/** Anything in it but values: then calls of it need the functions below. */
export const hasHandles = (fn: WitFunction): boolean => typesOf(fn).some(holdsHandle)

const isStream = ({ kind }: WitType): boolean => kind === 'stream' || kind === 'future'

/** Why calls of it cannot leave or enter a component, as the end of a sentence. */
export function findObstacle(fn: WitFunction): string | undefined {
  const types = typesOf(fn)
  if (types.some((type) => some(type, isStream)))
    return 'it takes or gives a stream or future, which stay where they are'
  let obstacle: string | undefined
  const isForeign = (type: WitType): boolean => {
    if (type.kind !== 'own' && type.kind !== 'borrow') return false
    const { home, resource } = type
    if (home === undefined) obstacle = `which ${resource} it means cannot be told`
    else if (/^wasi:/.test(home.instance)) obstacle = `a ${resource} of ${home.instance} stays where it is`
    return obstacle !== undefined
  }
  types.some((type) => some(type, isForeign))
  return obstacle
}

/** The same value with each handle in it replaced; parts without any are not copied. */
export function mapHandles(
  value: unknown,
  type: WitType,
  replace: (handle: unknown, type: WitHandle) => unknown,
): unknown {
  if (!holdsHandle(type)) return value
  const inner = (part: unknown, partType: WitType): unknown => mapHandles(part, partType, replace)
  switch (type.kind) {
    case 'own':
    case 'borrow':
      return replace(value, type)
    case 'list':
      return asList(value).map((each) => inner(each, type.element))
    case 'tuple':
      return type.elements.map((element, index) => inner(asList(value)[index], element))
    case 'option':
      if (type.inner.kind === 'option') return mapCase(value, (tag) => (tag === 'some' ? type.inner : undefined), inner)
      return value === undefined || value === null ? undefined : inner(value, type.inner)
    case 'result':
      return mapCase(value, (tag) => (tag === 'ok' ? type.ok : type.err), inner)
    case 'variant':
      return mapCase(value, (tag) => type.cases.find(({ name }) => name === tag)?.type, inner)
    case 'record': {
      const record = asRecord(value)
      return Object.fromEntries(
        type.fields.map(({ name, type: field }) => [toCamel(name), inner(record[toCamel(name)], field)]),
      )
    }
    default:
      return value
  }
}

// Values were checked against their types, or come from glue that made them by these types.
const asList = (value: unknown): readonly unknown[] => value as readonly unknown[]
const asRecord = (value: unknown): Readonly<Record<string, unknown>> => value as Readonly<Record<string, unknown>>

function mapCase(
  value: unknown,
  payload: (tag: unknown) => WitType | undefined,
  inner: (part: unknown, type: WitType) => unknown,
): unknown {
  const { tag, val } = asRecord(value)
  const type = payload(tag)
  return type === undefined ? value : { tag, val: inner(val, type) }
}

/** Calls `visit` with each handle in the values of a function's parameters. */
export function visitHandles(
  fn: WitFunction,
  args: readonly unknown[],
  visit: (handle: Uint8Array, type: WitHandle) => void,
): void {
  fn.params.forEach(({ type }, index) => visitIn(args[index], type, visit))
}

/** As `visitHandles`, in one value. */
export function visitIn(value: unknown, type: WitType, visit: (handle: Uint8Array, type: WitHandle) => void): void {
  mapHandles(value, type, (handle, handleType) => {
    if (handle instanceof Uint8Array) visit(handle, handleType)
    return handle
  })
}

/** One of the component itself, not one that it only uses. */
export const isOwn = ({ home }: WitHandle): boolean => home?.isImported === false

/** Its result can hold a new handle of the component's own. */
export const givesHandles = ({ result }: WitFunction): boolean =>
  result !== undefined &&
  holdsHandle(result) &&
  some(result, (type) => type.kind === 'own' && type.home?.isImported === false)

/** A handle as text, for tables. */
export const keyOf = (handle: Uint8Array): string =>
  Buffer.from(handle.buffer, handle.byteOffset, handle.byteLength).toString('hex')
