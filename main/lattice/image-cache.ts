// The folder of images on this machine: bytes by their digest, checked each time they are read, written atomically, kept
// below a size. Knows nothing of references and of where bytes come from.

import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** All images together; the least recently used go first. A guess at what a person spares for it. */
export const maxCacheBytes = 2 * 1024 * 1024 * 1024
/** Somebody may be reading what was used so recently. */
const graceMs = 60_000

export interface ImageCache {
  /** `only`: there is no other copy to get them from, so they are never removed. */
  keep(digest: string, bytes: Uint8Array, worth: 'again' | 'only'): Promise<void>
  /** Undefined when they are not here, or were damaged (then they are removed). */
  read(digest: string): Promise<Uint8Array | undefined>
  has(digest: string): Promise<boolean>
}

export interface ImageCacheParts {
  readonly folder: string
  readonly maxBytes?: number | undefined
  readonly log: (text: string) => void
}

/** sha256 in hex. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A `Buffer` from the file system behaves differently where it is compared or cloned. */
export function asPlainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

const removable = /^[0-9a-f]{64}\.wasm$/

export function openImageCache({ folder, maxBytes = maxCacheBytes, log }: ImageCacheParts): ImageCache {
  const again = (digest: string): string => path.join(folder, `${digest}.wasm`)
  const only = (digest: string): string => path.join(folder, `${digest}.only.wasm`)

  async function readAt(file: string, digest: string): Promise<Uint8Array | undefined> {
    const bytes = await readFile(file).catch(() => undefined)
    if (bytes === undefined) return undefined
    if (digestOf(bytes) === digest) return asPlainBytes(bytes)
    log(`${file} is damaged and was removed`)
    await rm(file, { force: true })
    return undefined
  }

  async function trim(): Promise<void> {
    const names = (await readdir(folder)).filter((name) => removable.test(name))
    const files = await Promise.all(
      names.map(async (name) => {
        const file = path.join(folder, name)
        const about = await stat(file)
        return { file, bytes: about.size, usedAtMs: about.mtimeMs }
      }),
    )
    let total = files.reduce((sum, { bytes }) => sum + bytes, 0)
    const before = Date.now() - graceMs
    for (const { file, bytes, usedAtMs } of files.sort((a, b) => a.usedAtMs - b.usedAtMs)) {
      if (total <= maxBytes || usedAtMs > before) break
      await rm(file, { force: true })
      total -= bytes
    }
  }

  return {
    async keep(digest, bytes, worth) {
      await mkdir(folder, { recursive: true })
      // A name of its own, then a rename: nobody ever reads half a file.
      const unfinished = path.join(folder, `${digest}.${randomUUID()}.part`)
      try {
        await writeFile(unfinished, bytes)
        await rename(unfinished, worth === 'only' ? only(digest) : again(digest))
      } finally {
        await rm(unfinished, { force: true })
      }
      await trim().catch(() => undefined)
    },

    async read(digest) {
      const bytes = await readAt(again(digest), digest)
      if (bytes === undefined) return await readAt(only(digest), digest)
      const now = Date.now() / 1_000
      // Not being able to mark the use only makes it look older.
      utimes(again(digest), now, now).catch(() => undefined)
      return bytes
    },

    async has(digest) {
      const found = await Promise.all(
        [again(digest), only(digest)].map((file) =>
          stat(file).then(
            (about) => about.isFile(),
            () => false,
          ),
        ),
      )
      return found.includes(true)
    },
  }
}
