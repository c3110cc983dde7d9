// Fields of a form as data and what is typed into them as values. Pure: text in, a value or what is wrong with it out.

import type { Words } from '../i18n/en.js'

export type FieldKind =
  | 'text' // anything
  | 'secret' // anything, not shown
  | 'word' // one token of a subject
  | 'id' // of a component or provider
  | 'count' // from 1
  | 'names' // words with spaces between them
  | 'pairs' // key=value, one a line
  | 'invocation' // namespace:package/interface.function
  | 'path' // begins with a slash
  | 'choice'

export interface Field {
  readonly name: string
  readonly label: string
  readonly kind: FieldKind
  readonly isOptional?: boolean | undefined
  readonly initial?: string | undefined
  readonly placeholder?: string | undefined
  /** For `choice`: value and words. */
  readonly options?: readonly (readonly [string, string])[] | undefined
  /** Shown but not changed: what the form is about. */
  readonly isFixed?: boolean | undefined
  /** Only when this field has this value. */
  readonly when?: { readonly field: string; readonly is: string } | undefined
}

export type Wrong = keyof Words['tools']['form']['wrong']

/** What is wrong with a text for a field; undefined when nothing is. */
export function judge(field: Field, text: string): Wrong | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return field.isOptional === true || field.kind === 'choice' ? undefined : 'required'
  switch (field.kind) {
    case 'text':
    case 'secret':
    case 'choice':
      return undefined
    case 'word':
      return /^[^\s.*>]{1,256}$/.test(trimmed) ? undefined : 'word'
    case 'id':
      return /^[A-Za-z0-9_-]{1,256}$/.test(trimmed) ? undefined : 'id'
    case 'count':
      return /^[1-9]\d{0,9}$/.test(trimmed) && Number(trimmed) <= 4_294_967_295 ? undefined : 'count'
    case 'names':
      return namesOf(trimmed).every((name) => /^[^\s.*>]{1,256}$/.test(name)) ? undefined : 'word'
    case 'path':
      return trimmed.startsWith('/') ? undefined : 'path'
    case 'invocation':
      return /^[^\s:/]+:[^\s:/]+\/\S+\.[a-z0-9-]+$/.test(trimmed) ? undefined : 'invocation'
    case 'pairs': {
      const lines = linesOf(trimmed)
      if (!lines.every((line) => /^[^=\s][^=]*=/.test(line))) return 'pairs'
      const keys = lines.map((line) => line.slice(0, line.indexOf('=')).trim())
      return new Set(keys).size === keys.length ? undefined : 'twice'
    }
  }
}

export const namesOf = (text: string): string[] => text.split(/[\s,]+/).filter((name) => name !== '')

const linesOf = (text: string): string[] => text.split(/\r?\n/).filter((line) => line.trim() !== '')

/** Values may hold `=`; what stands around a key does not belong to it, what stands around a value does. */
export function pairsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    linesOf(text).map((line) => {
      const cut = line.indexOf('=')
      return [line.slice(0, cut).trim(), line.slice(cut + 1)]
    }),
  )
}

export const pairsText = (pairs: Readonly<Record<string, string>>): string =>
  Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')

/** Texts of a form as values; ask only for what was judged. */
export interface Values {
  text(name: string): string
  /** Undefined when nothing was typed. */
  maybe(name: string): string | undefined
  names(name: string): string[]
  pairs(name: string): Record<string, string>
  count(name: string): number
}

export function valuesOf(texts: Readonly<Record<string, string>>): Values {
  const text = (name: string): string => (texts[name] ?? '').trim()
  return {
    text,
    maybe: (name) => (text(name) === '' ? undefined : text(name)),
    names: (name) => namesOf(text(name)),
    pairs: (name) => pairsOf(texts[name] ?? ''),
    count: (name) => Number(text(name)),
  }
}

/** Whether a field is asked for, by what the others have. */
export const isAsked = (field: Field, texts: Readonly<Record<string, string>>): boolean =>
  field.when === undefined || texts[field.when.field] === field.when.is
