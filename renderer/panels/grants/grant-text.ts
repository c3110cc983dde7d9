// Grants and arguments as a person types them, and back. Text in, values out; undefined for what cannot be meant. Pure.

import type { GrantKind, GrantPart, Lack } from '../../../preload/grants.js'
import type { WitWorld } from '../../../preload/wit.js'

/** In the order in which they are shown. */
export const grantKinds = [
  'directory',
  'host',
  'serve',
  'listen',
  'arguments',
  'variable',
  'stdin',
] as const satisfies GrantKind[]

/** What a component can use, as its imports and exports say. */
export function asksOf(world: WitWorld): ReadonlySet<GrantKind> {
  const has = (list: WitWorld['imports'], pattern: RegExp): boolean => list.some(({ name }) => pattern.test(name))
  const { imports, exports } = world
  const kinds: readonly (readonly [GrantKind, boolean])[] = [
    ['directory', has(imports, /^wasi:filesystem\//)],
    ['host', has(imports, /^wasi:(?:sockets\/|http\/outgoing-handler)/)],
    ['serve', has(exports, /^wasi:http\/incoming-handler/)],
    ['listen', has(imports, /^wasi:sockets\/(?:tcp|udp)/)],
    ['arguments', has(imports, /^wasi:cli\/environment/)],
    ['variable', has(imports, /^wasi:cli\/environment/)],
    ['stdin', has(imports, /^wasi:cli\/stdin/)],
  ]
  return new Set(kinds.flatMap(([kind, isAsked]) => (isAsked ? [kind] : [])))
}

const nameOrAddress = /^[a-zA-Z0-9._-]{1,253}$/

export function readPort(text: string): number | undefined {
  const port = Number(text)
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535 ? port : undefined
}

/** `example.com:443`, `[::1]:80`, or the beginning of a URL: `https://example.com`. */
export function readHost(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(https?:\/\/)?(\[[0-9a-fA-F:.]+\]|[^/:[\]]+)(?::(\d{1,5}))?\/?$/.exec(text.trim())
  if (match === null) return undefined
  const [, scheme, name = '', digits] = match
  const usual = scheme === undefined ? undefined : scheme.startsWith('https') ? 443 : 80
  const port = digits === undefined ? usual : readPort(digits)
  const host = name.replace(/^\[(.*)\]$/, '$1')
  if (port === undefined || !(name.startsWith('[') || nameOrAddress.test(host))) return undefined
  return { host, port }
}

export function readVariable(text: string): { readonly name: string; readonly value: string } | undefined {
  const at = text.indexOf('=')
  return at < 1 ? undefined : { name: text.slice(0, at).trim(), value: text.slice(at + 1) }
}

/** Words as a shell takes them apart: by spaces, together in quotes, a backslash before what stands for itself. */
export function splitArguments(text: string): readonly string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote: string | undefined
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at)
    const isEscape = letter === '\\' && quote !== "'"
    if (isEscape) {
      at += 1
      if (at === text.length) return undefined
      word = (word ?? '') + text.charAt(at)
    } else if (quote !== undefined) {
      if (letter === quote) quote = undefined
      else word = (word ?? '') + letter
    } else if (letter === '"' || letter === "'") {
      quote = letter
      word ??= ''
    } else if (/\s/.test(letter)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + letter
  }
  if (quote !== undefined) return undefined
  return word === undefined ? words : [...words, word]
}

/** One line that `splitArguments` takes apart into these. */
export function joinArguments(words: readonly string[]): string {
  return words
    .map((word) => (/^[^\s"'\\]+$/.test(word) ? word : `"${word.replace(/["\\]/g, (letter) => `\\${letter}`)}"`))
    .join(' ')
}

export const formatHost = (host: string, port: number | undefined): string => {
  const name = host.includes(':') ? `[${host}]` : host
  return port === undefined ? name : `${name}:${port}`
}

/** A part on one line: what is granted, without what it means. */
export function formatPart(part: GrantPart): string {
  switch (part.kind) {
    case 'directory':
      return part.host
    case 'host':
      return formatHost(part.host, part.port)
    case 'serve':
      return `http://127.0.0.1:${part.port}/`
    case 'listen':
      return `127.0.0.1:${part.port}`
    case 'variable':
      return `${part.name}=${part.value}`
    case 'arguments':
      return joinArguments(part.list)
    case 'stdin':
      return part.text.length > 80 ? `${part.text.slice(0, 80)}…` : part.text
  }
}

/** What was wanted, as far as it was said. */
export function formatLack(lack: Lack): string | undefined {
  if (lack.kind === 'listen') return String(lack.port)
  return lack.kind === 'host' && lack.host !== undefined ? formatHost(lack.host, lack.port) : undefined
}

/** Where a component finds a folder, unless somebody says otherwise: its last name, at the root. */
export function guestNameOf(folder: string): string {
  const last = folder.split('/').filter(Boolean).at(-1)
  return last === undefined ? '/' : `/${last}`
}
