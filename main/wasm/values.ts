// Values at the border of the glue: what jco gives is brought into the one mapping of preload/wit.ts, and what callers
// give is checked before it reaches a guest. Pure.

import type { WitType } from '../../preload/wit.js'
import { toCamel } from './wit-names.js'

/** As an array they are one allocation; V8 ends the whole process when one is far over a worker's heap limit. */
const maxNumbers = 2_000_000

/** jco's value of a type as `WitType` says it: numeric lists other than `list<u8>` become arrays. */
export function toJsValue(value: unknown, type: WitType | undefined): unknown {
  if (type === undefined) return value
  switch (type.kind) {
    case 'list':
      return toJsList(value, type.element)
    case 'option':
      return toJsOption(value, type.inner)
    case 'tuple':
      return Array.isArray(value) ? type.elements.map((element, index) => toJsValue(value[index], element)) : value
    case 'record':
      return isObject(value)
        ? Object.fromEntries(
            type.fields.map(({ name, type: inner }) => [toCamel(name), toJsValue(value[toCamel(name)], inner)]),
          )
        : value
    case 'variant':
      return toJsCase(value, (tag) => type.cases.find((each) => each.name === tag)?.type)
    case 'result':
      return toJsCase(value, (tag) => (tag === 'ok' ? type.ok : type.err))
    default:
      return value
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function toJsList(value: unknown, element: WitType): unknown {
  if (element.kind === 'u8') return value
  if (ArrayBuffer.isView(value)) {
    // Every view of the glue is a list of numbers.
    const numbers = value as unknown as ArrayLike<unknown>
    if (numbers.length > maxNumbers) {
      throw new RangeError(`a list has ${numbers.length} numbers, and ${maxNumbers} are allowed`)
    }
    return Array.from(numbers)
  }
  return Array.isArray(value) ? value.map((each) => toJsValue(each, element)) : value
}

function toJsOption(value: unknown, inner: WitType): unknown {
  if (inner.kind === 'option') return toJsCase(value, (tag) => (tag === 'some' ? inner : undefined))
  return value === undefined || value === null ? undefined : toJsValue(value, inner)
}

function toJsCase(value: unknown, payload: (tag: unknown) => WitType | undefined): unknown {
  if (!isObject(value)) return value
  const type = payload(value['tag'])
  return type === undefined ? { tag: value['tag'] } : { tag: value['tag'], val: toJsValue(value['val'], type) }
}
