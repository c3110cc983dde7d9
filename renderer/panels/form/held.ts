// Resources that a person holds by hand: handles that functions of made windows gave, under short names. They outlive the
// window that they came from, since another one may take them, and a component that moves takes its handles along. Pure.

import { createStore, type StoreApi } from 'zustand/vanilla'
import type { WitFunction, WitHandle, WitResource, WitType } from '../../../preload/wit.js'
import { lowerCamel } from './draft.js'

export interface HeldHandle {
  /** `coin 3f2a`: its resource and the first of its bytes, as many as tell it from others. */
  readonly name: string
  readonly handle: Uint8Array
  readonly home: WitResource
  /** Whose function gave it. */
  readonly componentId: string
}

/** In order of their coming. */
export type HeldStore = StoreApi<{ readonly held: readonly HeldHandle[] }>

/** Held at a time; the eldest go first. Their component drops them when nobody uses them. */
const mostHeld = 500

export const createHeldStore = (): HeldStore => createStore(() => ({ held: [] }))

const hexOf = (handle: Uint8Array): string => Array.from(handle, (byte) => byte.toString(16).padStart(2, '0')).join('')

const isEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

/** A handle as text, without knowing of others. */
export const shortName = (resource: string, handle: Uint8Array, digits = 4): string =>
  `${resource} ${hexOf(handle).slice(0, digits)}`

/** Of one component or several: a handle fits wherever the very resource is meant, under whatever name. */
export const fits = (type: WitHandle, { home }: HeldHandle): boolean =>
  type.home !== undefined && type.home.instance === home.instance && type.home.name === home.name

function nameFor(resource: string, handle: Uint8Array, held: readonly HeldHandle[]): string {
  for (let digits = 4; digits < 2 * handle.length; digits += 2) {
    const name = shortName(resource, handle, digits)
    if (!held.some((each) => each.name === name)) return name
  }
  return shortName(resource, handle, 2 * handle.length)
}

/** What is held after a call: what it was given away with is gone, what it gave is there. */
export function heldAfter(
  held: readonly HeldHandle[],
  componentId: string,
  fn: WitFunction,
  values: readonly unknown[],
  result: unknown,
): readonly HeldHandle[] {
  const spent: Uint8Array[] = []
  fn.params.forEach(({ type }, index) => {
    for (const [kind, handle] of handlesIn(type, values[index])) if (kind.kind === 'own') spent.push(handle)
  })
  const next = held.filter(({ handle }) => !spent.some((each) => isEqual(each, handle)))
  for (const [type, handle] of fn.result === undefined ? [] : handlesIn(fn.result, result)) {
    const { home } = type
    if (home === undefined || next.some((each) => isEqual(each.handle, handle))) continue
    next.push({ name: nameFor(home.name, handle, next), handle, home, componentId })
  }
  return next.slice(-mostHeld)
}

/** Without those among the values of a call, which turned out to be known to nobody. */
export function heldWithout(held: readonly HeldHandle[], gone: readonly Uint8Array[]): readonly HeldHandle[] {
  return held.filter(({ handle }) => !gone.some((each) => isEqual(each, handle)))
}

/** The handles among the values for a function's parameters. */
export const handlesOf = (fn: WitFunction, values: readonly unknown[]): readonly Uint8Array[] =>
  fn.params.flatMap(({ type }, index) => handlesIn(type, values[index]).map(([, handle]) => handle))

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Each handle in a value with its type. */
function handlesIn(type: WitType, value: unknown): readonly (readonly [WitHandle, Uint8Array])[] {
  switch (type.kind) {
    case 'own':
    case 'borrow':
      return value instanceof Uint8Array ? [[type, value]] : []
    case 'list':
      return Array.isArray(value) ? value.flatMap((each: unknown) => handlesIn(type.element, each)) : []
    case 'tuple':
      return Array.isArray(value) ? type.elements.flatMap((each, index) => handlesIn(each, value[index])) : []
    case 'record':
      if (!isRecord(value)) return []
      return type.fields.flatMap((field) => handlesIn(field.type, value[lowerCamel(field.name)]))
    case 'option':
      if (type.inner.kind === 'option') return isRecord(value) ? handlesIn(type.inner, value['val']) : []
      return handlesIn(type.inner, value)
    case 'result':
    case 'variant': {
      if (!isRecord(value)) return []
      const { tag, val } = value
      const arm = tag === 'ok' ? 'ok' : 'err'
      const inner = type.kind === 'result' ? type[arm] : type.cases.find(({ name }) => name === tag)?.type
      return inner === undefined ? [] : handlesIn(inner, val)
    }
    default:
      return []
  }
}
