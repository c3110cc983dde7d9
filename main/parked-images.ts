// Copies of unmodified actors whose node ended, in files of this machine until its next start: one file an actor, written as
// a whole or not at all, readable by its owner alone. They hold what the guests hold, so they are never put anywhere else,
// used once, and gone at the node's next end. Stands on parked-format.ts; knows nothing of instances.

import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Left, ParkedStore } from './actors/parked.js'
import { formatChain } from './failure.js'
import { decodeParked, encodeParked, type ParkedHeader } from './parked-format.js'

/** One of them; a larger file was not written by us. */
const maxFileBytes = 64 * 1024 * 1024
const ending = '.parked'
const refusedEnding = '.refused'

/** `folder`: of this node alone. `lattice`: what the lattice is called in this machine's files. */
export function openParkedImages(folder: string, lattice: string): ParkedStore {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
  const own = path.join(folder, sha256(lattice).slice(0, 16))
  // An id may be no name of a file.
  const fileOf = (componentId: string): string => path.join(own, `${sha256(componentId)}${ending}`)
  const put = new Set<string>()
  let drafts = 0

  async function write(header: ParkedHeader, image: Uint8Array): Promise<void> {
    const file = fileOf(header.componentId)
    const bytes = encodeParked({ header, image })
    if (bytes.length > maxFileBytes) throw new Error(`its copy has more than ${maxFileBytes} bytes`)
    await mkdir(own, { recursive: true, mode: 0o700 })
    drafts += 1
    const draft = `${file}.${process.pid}-${drafts}.tmp`
    try {
      const handle = await open(draft, 'w', 0o600)
      try {
        await handle.writeFile(bytes)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(draft, file)
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined)
      throw error
    }
    put.add(path.basename(file))
  }

  async function find(componentId: string): Promise<Left | undefined> {
    const file = fileOf(componentId)
    let bytes: Uint8Array
    try {
      if ((await stat(file)).size > maxFileBytes) return { kind: 'broken', why: 'its file is larger than any of ours' }
      bytes = await readFile(file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      return { kind: 'broken', why: formatChain(error) }
    }
    const decoded = decodeParked(bytes)
    if (!decoded.ok) return { kind: 'broken', why: decoded.why }
    const { header, image } = decoded.file
    if (header.componentId !== componentId || header.lattice !== lattice) {
      return { kind: 'broken', why: `its file is of ${header.componentId} in ${header.lattice}` }
    }
    const { savedAt, owned, reason } = header
    return reason === undefined ? { kind: 'image', image, savedAt, owned } : { kind: 'unkept', why: reason, savedAt }
  }

  return {
    find,
    put: ({ componentId, savedAt, owned }, image) =>
      write({ lattice, componentId, savedAt, ...(owned === undefined ? {} : { owned }) }, image),
    putReason: (componentId, savedAt, reason) => write({ lattice, componentId, savedAt, reason }, new Uint8Array()),
    remove: (componentId) => rm(fileOf(componentId)),
    async setAside(componentId) {
      const file = fileOf(componentId)
      const to = `${file.slice(0, -ending.length)}${refusedEnding}`
      return await rename(file, to).then(
        () => to,
        () => undefined,
      )
    },
    async sweep(keep) {
      const kept = new Set([...put, ...[...keep].map((id) => path.basename(fileOf(id)))])
      const all = await readdir(own).catch(() => [])
      const old = all.filter((name) => !kept.has(name))
      await Promise.all(old.map((name) => rm(path.join(own, name), { force: true }).catch(() => undefined)))
    },
  }
}
