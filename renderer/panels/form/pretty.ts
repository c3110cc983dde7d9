// WIT types and values as text a person reads: signatures in WIT's own words, values in the manner of WAVE. Pure, and
// bounded: a huge or odd value is shortened or shown as it is, never refused.

import type { WitFunction, WitType } from '../../../preload/wit.js'
import { lowerCamel } from './draft.js'
import { shortName } from './held.js'

const listLimit = 200
const textLimit = 20_000
const lineWidth = 60

export function formatType(type: WitType): string {
  switch (type.kind) {
    case 'list':
      return `list<${formatType(type.element)}>`
    case 'option':
      return `option<${formatType(type.inner)}>`
    case 'result': {
      if (type.ok === undefined && type.err === undefined) return 'result'
      const ok = type.ok === undefined ? '_' : formatType(type.ok)
      return type.err === undefined ? `result<${ok}>` : `result<${ok}, ${formatType(type.err)}>`
    }
    case 'tuple':
      return `tuple<${type.elements.map(formatType).join(', ')}>`
    case 'record':
    case 'variant':
    case 'enum':
    case 'flags':
      return type.name ?? type.kind
    case 'own':
      return type.resource
    case 'borrow':
      return `borrow<${type.resource}>`
    case 'stream':
      return type.element === undefined ? 'stream' : `stream<${formatType(type.element)}>`
    case 'future':
      return type.inner === undefined ? 'future' : `future<${formatType(type.inner)}>`
    default:
      return type.kind
  }
}

/** `(item: string, qty: u32) → result<id, string>` without the name, which is drawn apart. */
export function formatSignature(fn: WitFunction): string {
  const params = fn.params.map(({ name, type }) => `${name}: ${formatType(type)}`).join(', ')
  return fn.result === undefined ? `(${params})` : `(${params}) → ${formatType(fn.result)}`
}

/** A value of a type; several lines when it is long. */
export function formatValue(type: WitType | undefined, value: unknown): string {
  const text = print(type, value, '')
  return text.length > textLimit ? `${text.slice(0, textLimit)}…` : text
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

function print(type: WitType | undefined, value: unknown, indent: string): string {
  if (type === undefined) return printUntyped(value)
  switch (type.kind) {
    case 'string':
    case 'char':
      return typeof value === 'string' ? JSON.stringify(value) : printUntyped(value)
    case 'list':
      if (value instanceof Uint8Array) return printBytes(value)
      if (!Array.isArray(value)) return printUntyped(value)
      return fold(
        '[',
        ']',
        indent,
        bounded(value).map((item) => print(type.element, item, `${indent}  `)),
      )
    case 'tuple':
      if (!Array.isArray(value)) return printUntyped(value)
      return fold(
        '(',
        ')',
        indent,
        value.map((item: unknown, index) => print(type.elements[index], item, `${indent}  `)),
      )
    case 'record':
      if (!isRecord(value)) return printUntyped(value)
      return fold(
        '{',
        '}',
        indent,
        type.fields.map((field) => `${field.name}: ${print(field.type, value[lowerCamel(field.name)], `${indent}  `)}`),
      )
    case 'option':
      if (type.inner.kind === 'option' && isRecord(value)) {
        return value['tag'] === 'some' ? `some(${print(type.inner, value['val'], indent)})` : 'none'
      }
      return value === undefined || value === null ? 'none' : `some(${print(type.inner, value, indent)})`
    case 'result':
    case 'variant': {
      if (!isRecord(value) || typeof value['tag'] !== 'string') return printUntyped(value)
      const tag = value['tag']
      const inner =
        type.kind === 'variant' ? type.cases.find((one) => one.name === tag)?.type : tag === 'ok' ? type.ok : type.err
      return inner === undefined ? tag : `${tag}(${print(inner, value['val'], indent)})`
    }
    case 'flags': {
      if (!isRecord(value)) return printUntyped(value)
      return `{${type.names.filter((name) => value[lowerCamel(name)] === true).join(', ')}}`
    }
    case 'enum':
      return typeof value === 'string' ? value : printUntyped(value)
    case 'own':
    case 'borrow':
      return value instanceof Uint8Array ? shortName(type.home?.name ?? type.resource, value) : printUntyped(value)
    default:
      return printUntyped(value)
  }
}

function printUntyped(value: unknown): string {
  if (value === undefined || value === null) return '()'
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value instanceof Uint8Array) return printBytes(value)
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner), 2) ?? '()'
}

/** Bytes that are text are shown as text, others in hex. */
function printBytes(bytes: Uint8Array): string {
  const head = bytes.subarray(0, 256)
  const more = bytes.length > head.length ? `… (${bytes.length} bytes)` : ''
  const isText = head.length > 0 && head.every((byte) => (byte >= 32 && byte < 127) || byte === 10 || byte === 9)
  if (isText) return `b${JSON.stringify(String.fromCharCode(...head))}${more}`
  return `0x${Array.from(head, (byte) => byte.toString(16).padStart(2, '0')).join('')}${more}`
}

function bounded(items: readonly unknown[]): readonly unknown[] {
  return items.slice(0, listLimit)
}

function fold(open: string, close: string, indent: string, parts: readonly string[]): string {
  if (parts.length === 0) return `${open}${close}`
  const flat = `${open}${parts.join(', ')}${close}`
  if (flat.length <= lineWidth && !flat.includes('\n')) return flat
  return `${open}\n${parts.map((part) => `${indent}  ${part}`).join(',\n')}\n${indent}${close}`
}
