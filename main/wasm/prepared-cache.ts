// Prepared components on disk, one folder each, under the digest of the component and all that shaped the output. Folders
// appear whole (written aside, then renamed), and each file is checked by its hash before it is believed.

import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
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

const keyOf = (digest: string): string =>
  `${digest}-${createHash('sha256').update(transpileKey).digest('hex').slice(0, 12)}`

export async function openPreparedCache(folder: string, extraFolders: readonly string[]): Promise<PreparedCache> {
  await mkdir(folder, { recursive: true })
  await sweepDrafts(folder)
  const verified = new Map<string, Prepared>()
  const damaged = new Set<string>()

  async function look(place: string): Promise<Prepared | undefined> {
    if (damaged.has(place)) return undefined
    const prepared = await readWhole(place)
    if (prepared !== undefined) verified.set(prepared.manifest.digest, prepared)
    return prepared
  }

  async function find(digest: string): Promise<Prepared | undefined> {
    const known = verified.get(digest)
    if (known !== undefined) return known
    for (const place of [folder, ...extraFolders]) {
      const prepared = await look(join(place, keyOf(digest)))
      if (prepared?.manifest.digest === digest) return prepared
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
      return prepared
    },
    discard: (draft) => rm(draft, { recursive: true, force: true }),
    async drop(prepared) {
      verified.delete(prepared.manifest.digest)
      if (prepared.folder.startsWith(join(folder, '/'))) await rm(prepared.folder, { recursive: true, force: true })
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
