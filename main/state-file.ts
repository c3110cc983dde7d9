// One JSON file that outlives the process: read once, checked against a schema, written atomically, and twice, so that one
// that is ruined has a copy beside it. Losing what a person arranged is the one thing it must never do: what cannot be read is
// moved aside and reported, what cannot be written leaves the old file as it was. One process writes a file (the shell's
// single instance, a node's own folder).

import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import * as v from 'valibot'
import { TlosError } from './failure.js'

/** More than any arrangement of windows needs; a file beyond it was not written by us. */
const maxBytes = 16 * 1024 * 1024

export interface StateTrouble {
  /** For a person: what is wrong, where the file is now and what is used instead. */
  readonly message: string
  /** Where the unreadable file was moved to. */
  readonly movedTo?: string | undefined
}

export interface StateFile<T> {
  /** As loaded or last given to `save`. */
  readonly value: T
  /** What was wrong with the file when it was opened. */
  readonly trouble: StateTrouble | undefined
  /**
   * Resolves when this value, or one given later, is on the disk. Rejects with `unavailable` (disk full, folder gone,
   * not allowed) or `invalid` (not JSON data); the old file is then untouched.
   */
  save(value: T): Promise<void>
  /** Resolves when nothing that was given to `save` is still on its way to the disk. Never rejects. */
  settled(): Promise<void>
}

export interface StateFileOptions<T> {
  readonly folder: string
  /** File name without `.json`. */
  readonly name: string
  readonly schema: v.GenericSchema<unknown, T>
  /** When there is no file, or none that can be used. */
  readonly initial: T
}

type Read<T> =
  | { readonly kind: 'value'; readonly value: T; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'broken'; readonly why: string }

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code
const wordsOf = (error: unknown): string => {
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'writing there is not allowed'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}

async function readState<T>(file: string, schema: v.GenericSchema<unknown, T>): Promise<Read<T>> {
  let text: string
  try {
    if ((await stat(file)).size > maxBytes) return { kind: 'broken', why: `it is larger than ${maxBytes} bytes` }
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'absent' }
    return { kind: 'broken', why: error instanceof Error ? error.message : String(error) }
  }
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return { kind: 'broken', why: text.trim() === '' ? 'it is empty' : 'it is not JSON' }
  }
  const parsed = v.safeParse(schema, data)
  if (parsed.success) return { kind: 'value', value: parsed.output, text }
  const [issue] = parsed.issues
  return { kind: 'broken', why: `${v.getDotPath(issue) ?? 'its content'}: ${issue.message}` }
}

/** Left by a process that ended in the middle of a write. */
async function removeLeftovers(folder: string, name: string): Promise<void> {
  const isLeftover = (entry: string): boolean => entry.startsWith(`${name}.json.`) && entry.endsWith('.tmp')
  for (const entry of (await readdir(folder)).filter(isLeftover)) await rm(path.join(folder, entry), { force: true })
}

async function writeDurably(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    const handle = await open(temporary, 'w', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
  // So that the rename itself survives a power cut. Not every file system offers it.
  const folder = await open(path.dirname(file), 'r').catch(() => undefined)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}

/**
 * Opens the file of a folder (made when missing). Never rejects for what the file contains: then `trouble` is set, the
 * file is kept as `NAME.json.broken-TIME`, and the backup or `initial` is used. Rejects with `unavailable` when the
 * folder cannot be had.
 */
export async function openStateFile<T>(options: StateFileOptions<T>): Promise<StateFile<T>> {
  const { folder, name, schema } = options
  const file = path.join(folder, `${name}.json`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await removeLeftovers(folder, name)
  } catch (error) {
    throw new TlosError('unavailable', `the folder ${folder} cannot be used: ${wordsOf(error)}`, {
      about: folder,
      cause: error,
    })
  }

  let value = options.initial
  let trouble: StateTrouble | undefined
  /** The file could be neither read nor moved: writing would destroy it. */
  let isLocked = false
  const read = await readState(file, schema)
  if (read.kind === 'value') {
    value = read.value
    // A process that ended between the two left an older copy, or none.
    const copy = await readFile(`${file}.bak`, 'utf8').catch(() => '')
    if (copy !== read.text) await writeDurably(`${file}.bak`, read.text).catch(() => undefined)
  }
  if (read.kind === 'broken') {
    const movedTo = `${file}.broken-${new Date().toISOString().replace(/[:.]/g, '-')}`
    isLocked = !(await rename(file, movedTo).then(
      () => true,
      () => false,
    ))
    const backup = await readState(`${file}.bak`, schema)
    if (backup.kind === 'value') {
      value = backup.value
      // Whoever does not save before the next start must find it again. Without it, the backup is still there.
      if (!isLocked) await copyFile(`${file}.bak`, file).catch(() => undefined)
    }
    const instead = backup.kind === 'value' ? 'its copy is used' : 'a fresh one is used'
    trouble = isLocked
      ? { message: `${file} cannot be used (${read.why}) nor moved aside: ${instead}, and changes are not kept` }
      : { message: `${file} cannot be used (${read.why}): ${instead}. It was kept as ${movedTo}`, movedTo }
  }

  let waiting: Promise<void> | undefined
  let running: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    waiting = undefined
    if (isLocked) throw new TlosError('unavailable', `${file} is not saved: ${trouble?.message ?? ''}`, { about: file })
    let text: string
    try {
      text = `${JSON.stringify(value, undefined, 2)}\n`
    } catch (error) {
      throw new TlosError('invalid', `${file} is not saved: its value is not JSON data`, { about: file, cause: error })
    }
    if (text.length > maxBytes) throw new TlosError('too-large', `${file} is not saved: too much data`, { about: file })
    try {
      await writeDurably(file, text)
    } catch (error) {
      const message = `${file} was not saved: ${wordsOf(error)}. What was saved before is still there`
      throw new TlosError('unavailable', message, { about: file, cause: error })
    }
    // The same once more and after it, so that at each moment one of the two is whole. A version before this one would be as
    // old as what happened to be saved together: whoever begins with it would lose the last of their doings, and perhaps more.
    await writeDurably(`${file}.bak`, text).catch(() => undefined)
  }

  return {
    get value() {
      return value
    },
    trouble,
    save(next) {
      value = next
      if (waiting === undefined) {
        // Values given while a write runs share the next one.
        waiting = running.then(write)
        running = waiting.catch(() => undefined)
      }
      return waiting
    },
    async settled() {
      // Each write may have another one behind it.
      for (let last: Promise<void> | undefined; last !== running;) {
        last = running
        await last
      }
    },
  }
}
