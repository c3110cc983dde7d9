// Arguments of a call against the types of the function, before they go anywhere near a guest. Pure. Says in words what
// is wrong and where, since the values often come from a form or a network.

import type { WitField, WitFunction, WitType } from '../../preload/wit.js'
import { toCamel } from './wit-names.js'

/** `undefined` when all fit, else the trouble as a sentence's end (`reading.degrees must be a number, not text`). */
export function findBadArgument(fn: WitFunction, args: readonly unknown[]): string | undefined {
  if (args.length !== fn.params.length) {
    return `it takes ${fn.params.length} arguments, and ${args.length} were given`
  }
  for (const [index, param] of fn.params.entries()) {
    const trouble = check(args[index], param.type, param.name)
    if (trouble !== undefined) return trouble
  }
  return undefined
}

const integers: Readonly<Record<string, readonly [number, number]>> = {
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u32: [0, 0xffff_ffff],
  s8: [-0x80, 0x7f],
  s16: [-0x8000, 0x7fff],
  s32: [-0x8000_0000, 0x7fff_ffff],
}

/** The trouble with `value` as a `type`, or undefined. */
function check(value: unknown, type: WitType, path: string): string | undefined {
  const mustBe = (what: string): string => `${path} must be ${what}, not ${describe(value)}`
  switch (type.kind) {
    case 'bool':
      return typeof value === 'boolean' ? undefined : mustBe('true or false')
    case 'u8':
    case 'u16':
    case 'u32':
    case 's8':
    case 's16':
    case 's32': {
      const [least, most] = integers[type.kind] ?? [0, 0]
      const isInside = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      return isInside ? undefined : mustBe(`a whole number from ${least} to ${most}`)
    }
    case 'u64':
      return isBigInside(value, 0n, (1n << 64n) - 1n) ? undefined : mustBe('a whole number (bigint) of 64 bits from 0')
    case 's64':
      return isBigInside(value, -(1n << 63n), (1n << 63n) - 1n)
        ? undefined
        : mustBe('a whole number (bigint) of 64 bits')
    case 'f32':
    case 'f64':
      return typeof value === 'number' ? undefined : mustBe('a number')
    case 'char':
      return isChar(value) ? undefined : mustBe('one character')
    case 'string':
      return typeof value === 'string' ? undefined : mustBe('text')
    case 'list':
      return checkList(value, type.element, path, mustBe)
    case 'option':
      return checkOption(value, type.inner, path, mustBe)
    case 'tuple':
      if (!Array.isArray(value) || value.length !== type.elements.length) {
        return mustBe(`a list of exactly ${type.elements.length} values`)
      }
      return first(type.elements, (element, index) => check(value[index], element, `${path}.${index}`))
    case 'record':
      return checkRecord(value, type.fields, path, mustBe)
    case 'enum':
      return typeof value === 'string' && type.cases.includes(value) ? undefined : mustBe(`one of ${list(type.cases)}`)
    case 'flags':
      return checkFlags(value, type.names, path, mustBe)
    case 'variant': {
      const chosen = isObject(value) ? type.cases.find((each) => each.name === value['tag']) : undefined
      if (chosen === undefined || !isObject(value)) return mustBe(`one of ${list(type.cases.map((each) => each.name))}`)
      return checkPayload(value, chosen.type, `${path}.${chosen.name}`)
    }
    case 'result': {
      if (!isObject(value) || (value['tag'] !== 'ok' && value['tag'] !== 'err')) return mustBe('ok or err')
      return checkPayload(value, value['tag'] === 'ok' ? type.ok : type.err, `${path}.${value['tag']}`)
    }
    default:
      return `${path} is a ${type.kind}, which cannot be passed from outside`
  }
}

type MustBe = (what: string) => string

function checkList(value: unknown, element: WitType, path: string, mustBe: MustBe): string | undefined {
  if (element.kind === 'u8') return value instanceof Uint8Array ? undefined : mustBe('bytes')
  if (!Array.isArray(value)) return mustBe('a list')
  return first(value, (each, index) => check(each, element, `${path}.${index}`))
}

function checkOption(value: unknown, inner: WitType, path: string, mustBe: MustBe): string | undefined {
  if (inner.kind !== 'option') return value === undefined ? undefined : check(value, inner, path)
  if (!isObject(value) || (value['tag'] !== 'some' && value['tag'] !== 'none')) return mustBe('some or none')
  return value['tag'] === 'some' ? check(value['val'], inner, `${path}.some`) : undefined
}

function checkRecord(value: unknown, fields: readonly WitField[], path: string, mustBe: MustBe): string | undefined {
  if (!isObject(value)) return mustBe('a record')
  return first(fields, (field) => check(ownValue(value, toCamel(field.name)), field.type, `${path}.${field.name}`))
}

/** Absent flags are not set. */
function checkFlags(value: unknown, names: readonly string[], path: string, mustBe: MustBe): string | undefined {
  if (!isObject(value)) return mustBe(`a set of ${list(names)}`)
  return first(names, (name) => {
    const flag = ownValue(value, toCamel(name))
    return flag === undefined || typeof flag === 'boolean' ? undefined : `${path}.${name} must be true or false`
  })
}

function checkPayload(value: Record<string, unknown>, type: WitType | undefined, path: string): string | undefined {
  if (type !== undefined) return check(value['val'], type, path)
  return value['val'] === undefined ? undefined : `${path} takes no value`
}

function first<T>(items: readonly T[], trouble: (item: T, index: number) => string | undefined): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = trouble(item, index)
    if (found !== undefined) return found
  }
  return undefined
}

/** Only what the object has itself: a field called `constructor` is no reason to find one. */
const ownValue = (value: Record<string, unknown>, key: string): unknown =>
  Object.hasOwn(value, key) ? value[key] : undefined

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isBigInside = (value: unknown, least: bigint, most: bigint): boolean =>
  typeof value === 'bigint' && value >= least && value <= most

const isChar = (value: unknown): boolean =>
  typeof value === 'string' && [...value].length === 1 && !/[\ud800-\udfff]/u.test(value)

const list = (names: readonly string[]): string =>
  names.length > 12 ? `${names.slice(0, 12).join(', ')}, …` : names.join(', ')

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'absent'
  if (typeof value === 'string') return value.length > 40 ? `text of ${value.length} characters` : JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return `${value} (bigint)`
  if (Array.isArray(value)) return `a list of ${value.length}`
  return value instanceof Uint8Array ? `${value.length} bytes` : 'something else'
}
