// Keeps the folder of prepared components below a size: the least recently used go first. Use is the time of a mark on
// disk, since several processes share the folder. Knows names and sizes, not what is in them.

import { readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'

/** Somebody may be reading what was used so recently. */
const graceMs = 60_000
/** A use is marked on disk at most this often. */
const markEveryMs = 30_000

export interface TrimOptions {
  readonly folder: string
  /** The file in each entry whose time says when it was used last. */
  readonly markName: string
  readonly mostBytes: number
  /** Never removed, by the entry's name. */
  readonly isInUse: (name: string) => boolean
  /** Removed by now. */
  readonly onRemoved: (name: string) => void
  readonly graceMs?: number | undefined
}

export interface Trim {
  /** An entry was used now. Failing to mark it only makes it look older. */
  touch(name: string): void
  /** Removes what is too much. Resolves when done; never fails. */
  run(): Promise<void>
}

const entryName = /^[0-9a-f]{64}-[0-9a-f]{12}$/

interface Entry {
  readonly name: string
  readonly bytes: number
  readonly usedAtMs: number
}

export function createTrim(options: TrimOptions): Trim {
  const { folder, markName } = options
  const marked = new Map<string, number>()
  let running: Promise<void> | undefined

  async function measure(name: string): Promise<Entry | undefined> {
    try {
      const place = join(folder, name)
      const files = await readdir(place)
      const sizes = await Promise.all(files.map(async (file) => (await stat(join(place, file))).size))
      const { mtimeMs } = await stat(join(place, markName))
      return { name, bytes: sizes.reduce((sum, size) => sum + size, 0), usedAtMs: mtimeMs }
    } catch {
      // Another process removed it meanwhile.
      return undefined
    }
  }

  async function remove(name: string): Promise<void> {
    // Away at once and as a whole: nobody finds half of it. Drafts that stay behind are swept.
    const aside = join(folder, `draft-${name.slice(0, 16)}-${process.pid}`)
    await rename(join(folder, name), aside)
    options.onRemoved(name)
    await rm(aside, { recursive: true, force: true })
  }

  async function trim(): Promise<void> {
    const names = (await readdir(folder)).filter((name) => entryName.test(name))
    const entries = (await Promise.all(names.map(measure))).filter((entry) => entry !== undefined)
    let total = entries.reduce((sum, { bytes }) => sum + bytes, 0)
    const before = Date.now() - (options.graceMs ?? graceMs)
    for (const { name, bytes, usedAtMs } of entries.sort((a, b) => a.usedAtMs - b.usedAtMs)) {
      if (total <= options.mostBytes) break
      if (usedAtMs > before || options.isInUse(name)) continue
      await remove(name)
      total -= bytes
    }
  }

  return {
    touch(name) {
      const now = Date.now()
      if (now - (marked.get(name) ?? 0) < markEveryMs) return
      marked.set(name, now)
      utimes(join(folder, name, markName), now / 1_000, now / 1_000).catch(() => undefined)
    },
    run() {
      running ??= trim()
        .catch(() => undefined)
        .finally(() => {
          running = undefined
        })
      return running
    },
  }
}
