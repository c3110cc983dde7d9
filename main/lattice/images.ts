// Component bytes by reference (move.md: getting the bytes): content-addressed in the lattice's object store and in a
// folder of this machine, checked by digest each time; plus the list of what is installed. Knows nothing of Wasm.

import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Installed } from '../../preload/records.js'
import { formatChain, TlosError } from '../failure.js'
import type { Transport } from '../nats/transport.js'
import { decodeJson, encodeJson, imageRef, imagesStore, installedBucket, parseImageRef } from './protocol/tlos.js'

/** As `--max-component-size-bytes` of v1 hosts. */
export const maxImageBytes = 50 * 1024 * 1024

export interface ImagesParts {
  readonly transport: Transport
  readonly lattice: string
  /** Folder for bytes by digest; made when missing. */
  readonly cacheDir: string
  /** May `file://` references be read? Off unless the person at this machine said so. */
  readonly allowFiles: boolean
  readonly maxBytes?: number | undefined
  readonly log?: ((level: 'warn', text: string) => void) | undefined
}

export interface Images {
  /** Keeps the bytes here and in the lattice; resolves to their `tlos://sha256/…` reference. */
  put(bytes: Uint8Array): Promise<string>
  /** Are the bytes on this machine already? */
  hasLocal(ref: string): Promise<boolean>
  /** Could `resolve` get them now? Asks the store, moves no bytes; false when the store does not answer. */
  canResolve(ref: string): Promise<boolean>
  /** The bytes, digest checked. Fails with `not-found`, `too-large`, `refused` or `unavailable`. */
  resolve(ref: string): Promise<Uint8Array>
  /** Adds or replaces an entry of the lattice's list of installed components. */
  install(record: Installed): Promise<void>
  uninstall(componentId: string): Promise<void>
  /** By name. Empty without JetStream. */
  installed(): Promise<readonly Installed[]>
}

export function openImages(parts: ImagesParts): Images {
  const maxBytes = parts.maxBytes ?? maxImageBytes
  const underway = new Map<string, Promise<Uint8Array>>()
  const cached = (digest: string): string => path.join(parts.cacheDir, `${digest}.wasm`)

  function checkSize(sizeBytes: number, about: string): void {
    if (sizeBytes > maxBytes) {
      throw new TlosError('too-large', `${about} has ${mebi(sizeBytes)} MiB; the most is ${mebi(maxBytes)} MiB`, {
        about,
      })
    }
  }

  async function keep(digest: string, bytes: Uint8Array): Promise<void> {
    await mkdir(parts.cacheDir, { recursive: true })
    // A name of its own, then a rename: nobody ever reads half a file.
    const unfinished = path.join(parts.cacheDir, `${digest}.${randomUUID()}.part`)
    try {
      await writeFile(unfinished, bytes)
      await rename(unfinished, cached(digest))
    } finally {
      await rm(unfinished, { force: true })
    }
  }

  async function readCached(digest: string): Promise<Uint8Array | undefined> {
    const bytes = await readFile(cached(digest)).catch(() => undefined)
    if (bytes === undefined) return undefined
    if (digestOf(bytes) === digest) return asPlainBytes(bytes)
    parts.log?.('warn', `${cached(digest)} is damaged and was removed`)
    await rm(cached(digest), { force: true })
    return undefined
  }

  async function fetch(digest: string, ref: string): Promise<Uint8Array> {
    const here = await readCached(digest)
    if (here !== undefined) return here
    if (!parts.transport.info.hasJetStream) throw noJetStream(ref)
    const store = await parts.transport.objects(imagesStore(parts.lattice))
    const bytes = await store.get(digest)
    if (bytes === undefined) {
      throw new TlosError('not-found', `Nobody has put the bytes of ${ref} into this lattice`, { about: ref })
    }
    checkSize(bytes.length, ref)
    if (digestOf(bytes) !== digest) {
      throw new TlosError('invalid', `The bytes this lattice has for ${ref} are not those of the digest`, {
        about: ref,
      })
    }
    await keep(digest, bytes).catch((error: unknown) => {
      parts.log?.('warn', `${ref} could not be kept in ${parts.cacheDir}: ${formatChain(error)}`)
    })
    return bytes
  }

  async function readAllowedFile(ref: string): Promise<Uint8Array> {
    if (!parts.allowFiles) {
      throw new TlosError('refused', `This node does not load files by reference (${ref})`, { about: ref })
    }
    let file
    try {
      file = await open(fileURLToPath(ref), 'r')
    } catch (error) {
      throw new TlosError('not-found', `${ref} cannot be opened`, { about: ref, cause: error })
    }
    try {
      const about = await file.stat()
      if (!about.isFile()) throw new TlosError('invalid', `${ref} is not a file`, { about: ref })
      checkSize(about.size, ref)
      return asPlainBytes(await file.readFile())
    } finally {
      await file.close()
    }
  }

  return {
    async put(bytes) {
      checkSize(bytes.length, 'The component')
      const digest = digestOf(bytes)
      if ((await readCached(digest)) === undefined) await keep(digest, bytes)
      if (parts.transport.info.hasJetStream) {
        const store = await parts.transport.objects(imagesStore(parts.lattice))
        if (!(await store.has(digest))) await store.put(digest, bytes)
      }
      return imageRef(digest)
    },

    async hasLocal(ref) {
      const digest = parseImageRef(ref)
      return digest !== undefined && (await readCached(digest)) !== undefined
    },

    async canResolve(ref) {
      const digest = parseImageRef(ref)
      if (digest === undefined) return ref.startsWith('file:') && parts.allowFiles && (await isFile(ref))
      if ((await readCached(digest)) !== undefined) return true
      if (!parts.transport.info.hasJetStream) return false
      try {
        return await (await parts.transport.objects(imagesStore(parts.lattice))).has(digest)
      } catch {
        return false
      }
    },

    async resolve(ref) {
      const digest = parseImageRef(ref)
      if (digest !== undefined) {
        const going = underway.get(digest)
        if (going !== undefined) return await going
        const fetching = fetch(digest, ref).finally(() => underway.delete(digest))
        underway.set(digest, fetching)
        return await fetching
      }
      if (ref.startsWith('tlos:'))
        throw new TlosError('invalid', `${ref} is not of the form tlos://sha256/<64 hex digits>`)
      if (ref.startsWith('file:')) return await readAllowedFile(ref)
      throw new TlosError(
        'unavailable',
        `This build cannot pull OCI images yet (${ref}); install the component from a file instead`,
        { about: ref },
      )
    },

    async install(record) {
      if (!parts.transport.info.hasJetStream) throw noJetStream(record.name)
      const bucket = await parts.transport.bucket(installedBucket(parts.lattice))
      await bucket.put(record.id, encodeJson(record))
    },

    async uninstall(componentId) {
      if (!parts.transport.info.hasJetStream) throw noJetStream(componentId)
      await (await parts.transport.bucket(installedBucket(parts.lattice))).delete(componentId)
    },

    async installed() {
      if (!parts.transport.info.hasJetStream) return []
      const bucket = await parts.transport.bucket(installedBucket(parts.lattice))
      const entries = await Promise.all((await bucket.keys()).map((key) => bucket.get(key)))
      return entries
        .flatMap((entry) => {
          const decoded = entry?.value === undefined ? undefined : decodeJson(Installed, entry.value)
          return decoded?.ok === true && decoded.value.id === entry?.key ? [decoded.value] : []
        })
        .sort((a, b) => (a.name < b.name ? -1 : 1))
    },
  }
}

async function isFile(ref: string): Promise<boolean> {
  try {
    return (await stat(fileURLToPath(ref))).isFile()
  } catch {
    return false
  }
}

/** sha256 in hex. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A `Buffer` from the file system behaves differently where it is compared or cloned. */
function asPlainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

function mebi(sizeBytes: number): string {
  return (sizeBytes / 1024 / 1024).toFixed(1)
}

function noJetStream(about: string): TlosError {
  return new TlosError('unavailable', `The NATS server has no JetStream, so this lattice has no image store`, { about })
}
