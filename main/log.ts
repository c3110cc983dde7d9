// Structured log: one JSON object per line, to stderr and to a file that is turned over when it is full, so that neither
// can grow without end. Written synchronously: the lines before a crash are the ones that matter. Secrets are removed here,
// by key and by shape, whoever logs. Never throws.

import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'

const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

export interface Log {
  debug(text: string, fields?: Readonly<Record<string, unknown>>): void
  info(text: string, fields?: Readonly<Record<string, unknown>>): void
  warn(text: string, fields?: Readonly<Record<string, unknown>>): void
  error(text: string, fields?: Readonly<Record<string, unknown>>): void
  write(level: LogLevel, text: string, fields?: Readonly<Record<string, unknown>>): void
  /** The same log for a part; its lines carry `part`. */
  part(name: string): Log
}

export interface LogOptions {
  /** Without it, stderr only. */
  readonly file?: string | undefined
  /** Value of TLOS_LOG: a level, or `silent` for stderr. Default: `info` and up to the file, `warn` and up to stderr. */
  readonly level?: string | undefined
  /** Bytes of one file; three older ones are kept beside it (`.1` to `.3`). */
  readonly maxBytes?: number | undefined
  readonly stderr?: ((line: string) => void) | undefined
  readonly now?: (() => number) | undefined
}

const kept = 3
const maxText = 8_192
const maxDepth = 6
const maxEntries = 100
/** Objects of a whole line: a deep and wide one must not cost more than it says. */
const maxObjects = 200

const secretKey = /pass(word|phrase)?$|secret|token|seed|credential|authorization|cookie|jwt|private|nkey/i
/** `scheme://user:password@host`: anything between the slashes and the last @ of the authority. Linear in the text. */
const urlCredentials = /(:\/\/)[^\s/?#"']*@/g
/** nkey seeds: S, kind, 56 more characters of base32. */
const nkeySeed = /\bS[ACNOUX][A-Z2-7]{56}\b/g

/** Text without credentials in URLs and without nkey seeds. */
function withoutSecrets(text: string): string {
  return text.replace(urlCredentials, '$1***@').replace(nkeySeed, '***')
}

function tame(value: unknown, depth: number, budget: { objects: number }): unknown {
  if (typeof value === 'string') {
    const clean = withoutSecrets(value)
    return clean.length > maxText ? `${clean.slice(0, maxText)}… (${clean.length} characters)` : clean
  }
  if (typeof value === 'bigint') return `${value}n`
  if (value === null || typeof value !== 'object') {
    return typeof value === 'function' || typeof value === 'symbol' ? typeof value : value
  }
  budget.objects -= 1
  if (depth >= maxDepth || budget.objects < 0) return '…'
  if (value instanceof Error) {
    const { code } = value as { code?: unknown }
    const fields = { error: value.message, code, stack: value.stack, cause: value.cause }
    return tame(
      Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined)),
      depth + 1,
      budget,
    )
  }
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if (Array.isArray(value)) return value.slice(0, maxEntries).map((entry) => tame(entry, depth + 1, budget))
  const entries = Object.entries(value).slice(0, maxEntries)
  return Object.fromEntries(
    entries.map(([key, field]) => [key, secretKey.test(key) ? '***' : tame(field, depth + 1, budget)] as const),
  )
}

/** One line of the log, secrets removed, always valid JSON. */
function formatLine(
  atMs: number,
  level: LogLevel,
  part: string | undefined,
  text: string,
  fields: Readonly<Record<string, unknown>> = {},
): string {
  const head = {
    at: new Date(atMs).toISOString(),
    level,
    ...(part === undefined ? {} : { part }),
    text: tame(text, 0, { objects: 0 }),
  }
  try {
    // Ours last: a field cannot pretend to be the level or the time.
    return JSON.stringify({ ...(tame(fields, 0, { objects: maxObjects }) as object), ...head })
  } catch {
    // A getter of some object threw.
    return JSON.stringify(head)
  }
}

function openFile(file: string, maxBytes: number): (line: string) => void {
  let size: number | undefined
  const turnOver = (): void => {
    rmSync(`${file}.${kept}`, { force: true })
    for (let n = kept - 1; n >= 0; n -= 1) {
      const from = n === 0 ? file : `${file}.${n}`
      if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, `${file}.${n + 1}`)
    }
    size = 0
  }
  return (line) => {
    try {
      if (size === undefined) {
        mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
        size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
      }
      const text = `${line}\n`
      const bytes = Buffer.byteLength(text)
      if (size > 0 && size + bytes > maxBytes) turnOver()
      appendFileSync(file, text, { mode: 0o600 })
      size += bytes
    } catch {
      // A full disk must not end the shell; look again what is there at the next line.
      size = undefined
    }
  }
}

let isGuarded = false
/** Whoever reads it may be gone, as when a shell was killed: that must not end a node that still has something to save. */
function toStderr(line: string): void {
  if (!isGuarded) {
    isGuarded = true
    process.stderr.on('error', () => undefined)
  }
  process.stderr.write(`${line}\n`)
}

export function openLog(options: LogOptions = {}): Log {
  const asked = options.level?.toLowerCase()
  const level = logLevels.find((one) => one === asked)
  const rank = (one: LogLevel): number => logLevels.indexOf(one)
  const toFile = options.file === undefined ? undefined : openFile(options.file, options.maxBytes ?? 2 * 1024 * 1024)
  const fileRank = rank(level ?? 'info')
  const stderrRank = asked === 'silent' ? logLevels.length : rank(level ?? 'warn')
  const stderr = options.stderr ?? toStderr
  const now = options.now ?? Date.now

  const create = (part: string | undefined): Log => {
    const write: Log['write'] = (one, text, fields) => {
      const isForFile = toFile !== undefined && rank(one) >= fileRank
      const isForStderr = rank(one) >= stderrRank
      if (!isForFile && !isForStderr) return
      const line = formatLine(now(), one, part, text, fields)
      if (isForFile) toFile(line)
      if (isForStderr) stderr(line)
    }
    return {
      write,
      debug: (text, fields) => write('debug', text, fields),
      info: (text, fields) => write('info', text, fields),
      warn: (text, fields) => write('warn', text, fields),
      error: (text, fields) => write('error', text, fields),
      part: (name) => create(part === undefined ? name : `${part}/${name}`),
    }
  }
  return create(undefined)
}
