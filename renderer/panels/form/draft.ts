// What a person has filled in for a value of a WIT type, and the value it stands for in jco's mapping (preload/wit.ts).
// Pure. Trouble is told by path and by a word of the dictionary, so that it stands at its field.

import type { Primitive, WitCase, WitType } from '../../../preload/wit.js'

export type Draft =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'check'; readonly isOn: boolean }
  | { readonly kind: 'flags'; readonly on: readonly string[] }
  | { readonly kind: 'option'; readonly isGiven: boolean; readonly inner: Draft }
  | { readonly kind: 'choice'; readonly tag: string; readonly inner: Draft }
  | { readonly kind: 'items'; readonly items: readonly Draft[] }
  | {
      readonly kind: 'bytes'
      readonly mode: 'text' | 'hex' | 'file'
      readonly text: string
      readonly file?: Uint8Array | undefined
    }
  /** One that is held by hand (held.ts), chosen or not. */
  | { readonly kind: 'handle'; readonly handle?: Uint8Array | undefined }

export interface Problem {
  /** Names and positions from the parameter down, joined by `/`. */
  readonly path: string
  readonly word:
    'required' | 'integer' | 'number' | 'range' | 'char' | 'hex' | 'choice' | 'tooLong' | 'surrogate' | 'handle'
  readonly low?: string | undefined
  readonly high?: string | undefined
}

export type Read =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problems: readonly Problem[] }

/** Lists a person fills by hand, and text, are bounded. */
export const itemLimit = 256
const textLimit = 1_048_576

const bounds: Readonly<Record<string, readonly [bigint, bigint]>> = {
  u8: [0n, 255n],
  u16: [0n, 65_535n],
  u32: [0n, 4_294_967_295n],
  u64: [0n, 18_446_744_073_709_551_615n],
  s8: [-128n, 127n],
  s16: [-32_768n, 32_767n],
  s32: [-2_147_483_648n, 2_147_483_647n],
  s64: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
}

/** Types nest without end in theory; a draft is made only this deep at first, deeper when it is opened. */
export function draftOf(type: WitType): Draft {
  switch (type.kind) {
    case 'bool':
      return { kind: 'check', isOn: false }
    case 'flags':
      return { kind: 'flags', on: [] }
    case 'option':
      return { kind: 'option', isGiven: false, inner: { kind: 'none' } }
    case 'result':
    case 'variant': {
      const [first] = casesOf(type)
      return { kind: 'choice', tag: first?.name ?? '', inner: innerDraft(first) }
    }
    case 'enum':
      return { kind: 'choice', tag: type.cases[0] ?? '', inner: { kind: 'none' } }
    case 'record':
      return { kind: 'items', items: type.fields.map((field) => draftOf(field.type)) }
    case 'tuple':
      return { kind: 'items', items: type.elements.map(draftOf) }
    case 'list':
      return type.element.kind === 'u8' ? { kind: 'bytes', mode: 'text', text: '' } : { kind: 'items', items: [] }
    case 'own':
    case 'borrow':
      return { kind: 'handle' }
    case 'stream':
    case 'future':
      return { kind: 'none' }
    default:
      return { kind: 'text', text: '' }
  }
}

export function innerDraft(chosen: WitCase | undefined): Draft {
  return chosen?.type === undefined ? { kind: 'none' } : draftOf(chosen.type)
}

/** The cases of a variant, or of a result seen as one. */
export function casesOf(type: WitType): readonly WitCase[] {
  if (type.kind === 'variant') return type.cases
  if (type.kind !== 'result') return []
  return [
    { name: 'ok', type: type.ok },
    { name: 'err', type: type.err },
  ].map(({ name, type: inner }) => (inner === undefined ? { name } : { name, type: inner }))
}

const fail = (path: string, word: Problem['word'], low?: string, high?: string): Read => ({
  ok: false,
  problems: [{ path, word, low, high }],
})

const done = (value: unknown): Read => ({ ok: true, value })

/** The value a draft stands for, or every place where it does not stand for one. */
export function readDraft(type: WitType, draft: Draft, path: string): Read {
  switch (type.kind) {
    case 'bool':
      return done(draft.kind === 'check' && draft.isOn)
    case 'flags': {
      const on = draft.kind === 'flags' ? draft.on : []
      return done(Object.fromEntries(type.names.map((name) => [lowerCamel(name), on.includes(name)])))
    }
    case 'option': {
      const isNested = type.inner.kind === 'option'
      if (draft.kind !== 'option' || !draft.isGiven) return done(isNested ? { tag: 'none' } : undefined)
      const inner = readDraft(type.inner, draft.inner, path)
      return inner.ok && isNested ? done({ tag: 'some', val: inner.value }) : inner
    }
    case 'enum':
      return draft.kind === 'choice' && type.cases.includes(draft.tag) ? done(draft.tag) : fail(path, 'choice')
    case 'result':
    case 'variant': {
      const chosen = draft.kind === 'choice' ? casesOf(type).find((one) => one.name === draft.tag) : undefined
      if (chosen === undefined || draft.kind !== 'choice') return fail(path, 'choice')
      if (chosen.type === undefined)
        return done(type.kind === 'result' ? { tag: chosen.name, val: undefined } : { tag: chosen.name })
      const inner = readDraft(chosen.type, draft.inner, `${path}/${chosen.name}`)
      return inner.ok ? done({ tag: chosen.name, val: inner.value }) : inner
    }
    case 'record': {
      const items = draft.kind === 'items' ? draft.items : []
      const read = readAll(type.fields.map((field, index) => [field.type, items[index], `${path}/${field.name}`]))
      if (!read.ok) return read
      return done(Object.fromEntries(type.fields.map((field, index) => [lowerCamel(field.name), read.values[index]])))
    }
    case 'tuple': {
      const items = draft.kind === 'items' ? draft.items : []
      const read = readAll(type.elements.map((element, index) => [element, items[index], `${path}/${index}`]))
      return read.ok ? done(read.values) : read
    }
    case 'list': {
      if (draft.kind === 'bytes') return readBytes(draft, path)
      const items = draft.kind === 'items' ? draft.items : []
      if (items.length > itemLimit) return fail(path, 'tooLong', undefined, String(itemLimit))
      const read = readAll(items.map((item, index) => [type.element, item, `${path}/${index}`]))
      return read.ok ? done(read.values) : read
    }
    case 'own':
    case 'borrow':
      return draft.kind === 'handle' && draft.handle !== undefined ? done(draft.handle) : fail(path, 'handle')
    case 'stream':
    case 'future':
      return fail(path, 'required')
    default:
      return readText(type.kind, draft.kind === 'text' ? draft.text : '', path)
  }
}

function readAll(
  parts: readonly (readonly [WitType, Draft | undefined, string])[],
):
  | { readonly ok: true; readonly values: readonly unknown[] }
  | { readonly ok: false; readonly problems: readonly Problem[] } {
  const values: unknown[] = []
  const problems: Problem[] = []
  for (const [type, draft, path] of parts) {
    const read = readDraft(type, draft ?? draftOf(type), path)
    if (read.ok) values.push(read.value)
    else problems.push(...read.problems)
  }
  return problems.length === 0 ? { ok: true, values } : { ok: false, problems }
}

function readText(kind: Exclude<Primitive, 'bool'>, text: string, path: string): Read {
  if (kind === 'string') {
    if (text.length > textLimit) return fail(path, 'tooLong', undefined, String(textLimit))
    return hasHalfCharacter(text) ? fail(path, 'surrogate') : done(text)
  }
  if (kind === 'char') {
    return [...text].length === 1 && !hasHalfCharacter(text) ? done(text) : fail(path, 'char')
  }
  const trimmed = text.trim().replaceAll(/[\s_]/g, '').replace('−', '-')
  if (trimmed === '') return fail(path, 'required')
  if (kind === 'f32' || kind === 'f64') {
    const plain = trimmed.replace(',', '.')
    const special = { nan: NaN, inf: Infinity, '-inf': -Infinity }[plain.toLowerCase()]
    if (special !== undefined) return done(special)
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? done(Number(plain)) : fail(path, 'number')
  }
  if (!/^[+-]?\d{1,40}$/.test(trimmed) && !/^0x[0-9a-f]{1,16}$/i.test(trimmed)) return fail(path, 'integer')
  const value = BigInt(trimmed.replace(/^\+/, ''))
  const [low, high] = bounds[kind] ?? [0n, 0n]
  if (value < low || value > high) return fail(path, 'range', low.toString(), high.toString())
  return done(kind === 'u64' || kind === 's64' ? value : Number(value))
}

function readBytes(draft: Extract<Draft, { kind: 'bytes' }>, path: string): Read {
  if (draft.mode === 'file') return draft.file === undefined ? fail(path, 'required') : done(draft.file)
  if (draft.mode === 'text') return done(new TextEncoder().encode(draft.text))
  const hex = draft.text.replaceAll(/[\s:]/g, '').replace(/^0x/i, '')
  if (hex.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(hex)) return fail(path, 'hex')
  return done(Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)))
}

/** A lone surrogate is no Unicode scalar value and cannot cross into a component. */
function hasHalfCharacter(text: string): boolean {
  return /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)
}

/** `content-type` to `contentType`, as jco names fields. */
export function lowerCamel(name: string): string {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
