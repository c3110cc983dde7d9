// Prepared components on disk, one folder each, under the digest of the component and all that shaped the output. Folders
// appear whole (written aside, then renamed), and each file is checked by its hash before it is believed.

import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { createTrim } from './cache-trim.js'
import { Manifest, manifestName, transpileKey } from './prepared-format.js'

/** A prepared component and where it lies. */
export interface Prepared {
  readonly folder: string
  readonly manifest: Manifest
}

export interface PreparedCache {
  /** The prepared component, if it is here and whole. */
  find(digest: string): Promise<Prepared | undefined>
  /** An empty folder to fill; `publish` or `discard` it. */
  draft(): Promise<string>
  /** Makes a filled draft findable. Another process may have been first: then its copy stays. */
  publish(draft: string, digest: string): Promise<Prepared>
  discard(draft: string): Promise<void>
  /** Takes a damaged copy away; one in a read-only folder is only passed over from now on. */
  drop(prepared: Prepared): Promise<void>
}

const draftPrefix = 'draft-'
/** Older drafts belong to processes that are gone. */
const draftAgeMs = 60 * 60 * 1_000

export interface CacheOptions {
  readonly folder: string
  /** Came with the app: only read. */
  readonly extraFolders: readonly string[]
  /** Of the folder; above it the least recently used go. */
  readonly mostBytes: number
  /** Never removed: instances of it live. */
  readonly isInUse: (digest: string) => boolean
  /** What was used so recently stays, too; for tests. */
  readonly graceMs?: number | undefined
}

const keyOf = (digest: string): string =>
  `${digest}-${createHash('sha256').update(transpileKey).digest('hex').slice(0, 12)}`

export async function openPreparedCache(options: CacheOptions): Promise<PreparedCache> {
  const { folder, extraFolders } = options
  await mkdir(folder, { recursive: true })
  await sweepDrafts(folder)
  const verified = new Map<string, Prepared>()
  const damaged = new Set<string>()
  const digestOf = (name: string): string => name.slice(0, 64)
  const trim = createTrim({
    folder,
    markName: manifestName,
    mostBytes: options.mostBytes,
    isInUse: (name) => options.isInUse(digestOf(name)),
    onRemoved: (name) => verified.delete(digestOf(name)),
    graceMs: options.graceMs,
  })

  async function look(place: string): Promise<Prepared | undefined> {
    if (damaged.has(place)) return undefined
    const prepared = await readWhole(place)
    if (prepared !== undefined) verified.set(prepared.manifest.digest, prepared)
    return prepared
  }

  const isOurs = (prepared: Prepared): boolean => prepared.folder.startsWith(join(folder, '/'))

  async function find(digest: string): Promise<Prepared | undefined> {
    const known = verified.get(digest)
    if (known !== undefined) {
      if (isOurs(known)) trim.touch(keyOf(digest))
      return known
    }
    for (const place of [folder, ...extraFolders]) {
      const prepared = await look(join(place, keyOf(digest)))
      if (prepared?.manifest.digest !== digest) continue
      if (isOurs(prepared)) trim.touch(keyOf(digest))
      return prepared
    }
    return undefined
  }

  return {
    find,
    draft: () => mkdtemp(join(folder, draftPrefix)),
    async publish(draft, digest) {
      const place = join(folder, keyOf(digest))
      // A draft is its maker's alone; what comes with the app is read by every user.
      await chmod(draft, 0o755)
      for (let attempt = 0; attempt < 3; attempt += 1) {
        try {
          await rename(draft, place)
          break
        } catch {
          const other = await readWhole(place)
          if (other !== undefined) break
          await rm(place, { recursive: true, force: true })
        }
      }
      await rm(draft, { recursive: true, force: true })
      damaged.delete(place)
      const prepared = await look(place)
      if (prepared === undefined) throw new Error(`the prepared component could not be kept in ${place}`)
      await trim.run()
      return prepared
    },
    discard: (draft) => rm(draft, { recursive: true, force: true }),
    async drop(prepared) {
      verified.delete(prepared.manifest.digest)
      if (isOurs(prepared)) await rm(prepared.folder, { recursive: true, force: true })
      else damaged.add(prepared.folder)
    },
  }
}

/** The component in a folder if each of its files is what the manifest says, else undefined. */
async function readWhole(folder: string): Promise<Prepared | undefined> {
  try {
    const parsed = v.safeParse(Manifest, JSON.parse(await readFile(join(folder, manifestName), 'utf8')))
    if (!parsed.success) return undefined
    const manifest = parsed.output
    for (const file of [manifest.glue, ...manifest.modules]) {
      const digest = createHash('sha256')
        .update(await readFile(join(folder, file.name)))
        .digest('hex')
      if (digest !== file.sha256) return undefined
    }
    return { folder, manifest }
  } catch {
    // Not there, cut short, or not JSON: all the same as never prepared.
    return undefined
  }
}

async function sweepDrafts(folder: string): Promise<void> {
  const now = Date.now()
  for (const name of await readdir(folder)) {
    if (!name.startsWith(draftPrefix)) continue
    const place = join(folder, name)
    const age = await stat(place).then(
      (found) => now - found.mtimeMs,
      () => 0,
    )
    if (age > draftAgeMs) await rm(place, { recursive: true, force: true })
  }
}
