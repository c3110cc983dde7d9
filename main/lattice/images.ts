// Bytes by reference (move.md: getting the bytes): content-addressed in the lattice's object store, by tag or digest in a
// registry, by path where that is allowed; each checked by digest each time. Plus the list of what is installed. Knows
// nothing of Wasm.

import { open, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Installed } from '../../preload/records.js'
import { formatChain, TlosError } from '../failure.js'
import type { Transport } from '../nats/transport.js'
import { asPlainBytes, digestOf, openImageCache } from './image-cache.js'
import { openImageTags } from './image-tags.js'
import type { Fetch, GetLimits } from './oci/http-get.js'
import type { ImageKind } from './oci/manifest.js'
import { createPuller } from './oci/puller.js'
import { formatOciReference } from './oci/reference.js'
import { createRegistries, type Registries } from './oci/registries.js'
import { decodeJson, encodeJson, imageRef, imagesStore, installedBucket, parseImageRef } from './protocol/tlos.js'

export { digestOf } from './image-cache.js'

/** Of a provider's archive, which holds programs for several machines; it lies in memory while it is unpacked. */
const maxProviderBytes = 512 * 1024 * 1024

/** As `--max-component-size-bytes` of v1 hosts. */
export const maxImageBytes = 50 * 1024 * 1024

export interface ImagesParts {
  readonly transport: Transport
  readonly lattice: string
  /** Folder for bytes by digest; made when missing. */
  readonly cacheDir: string
  /** May `file://` references be read? Off unless the person at this machine said so. */
  readonly allowFiles: boolean
  /** What may be asked of registries; absent: anything over HTTPS, without credentials. */
  readonly registries?: Registries | undefined
  readonly maxBytes?: number | undefined
  /** Of the folder. */
  readonly maxCacheBytes?: number | undefined
  readonly log?: ((level: 'info' | 'warn', text: string) => void) | undefined
  /** How registries are reached; absent: as the runtime does it. For tests: how long that may take. */
  readonly fetch?: Fetch | undefined
  readonly limits?: GetLimits | undefined
}

/** What is known of the bytes behind a reference. */
export interface ImageWish {
  /** sha256 in hex: exactly these bytes, wherever they are; a tag may mean others by now. */
  readonly digest?: string | undefined
  /** `component` when absent. */
  readonly kind?: ImageKind | undefined
}

export interface Images {
  /** Keeps the bytes here and in the lattice; resolves to their `tlos://sha256/…` reference. */
  put(bytes: Uint8Array): Promise<string>
  /** Are the bytes on this machine already? */
  hasLocal(ref: string, wish?: ImageWish): Promise<boolean>
  /** Could `resolve` get them now? Moves no bytes; false when nobody answers. */
  canResolve(ref: string, wish?: ImageWish): Promise<boolean>
  /**
   * The bytes, digest checked. A tag is asked for each time; when its registry does not answer, what it meant last time
   * is taken. Fails with `not-found`, `too-large`, `refused`, `invalid`, `conflict` (the reference means other bytes than
   * wished), `unreachable`, `timed-out` or `unavailable`.
   */
  resolve(ref: string, wish?: ImageWish): Promise<Uint8Array>
  /** Makes sure that the lattice's store has these bytes, so that any node can take them by digest. */
  share(ref: string, digest: string): Promise<void>
  /** Adds or replaces an entry of the lattice's list of installed components. */
  install(record: Installed): Promise<void>
  uninstall(componentId: string): Promise<void>
  /** By name. Empty without JetStream. */
  installed(): Promise<readonly Installed[]>
}

/** A registry's manifest is asked for while a person holds an actor in the hand. */
const lookMs = 1_000

export function openImages(parts: ImagesParts): Images {
  const maxBytes = parts.maxBytes ?? maxImageBytes
  const warn = (text: string): void => parts.log?.('warn', text)
  const cache = openImageCache({ folder: parts.cacheDir, maxBytes: parts.maxCacheBytes, log: warn })
  const tags = openImageTags(parts.cacheDir, warn)
  const puller = createPuller({
    registries: parts.registries ?? createRegistries(),
    maxBytes,
    maxProviderBytes,
    fetch: parts.fetch,
    limits: parts.limits,
  })
  const underway = new Map<string, Promise<Uint8Array>>()

  function checkSize(sizeBytes: number, about: string): void {
    if (sizeBytes > maxBytes) {
      throw new TlosError('too-large', `${about} has ${mebi(sizeBytes)} MiB; the most is ${mebi(maxBytes)} MiB`, {
        about,
      })
    }
  }

  async function keepCopy(digest: string, bytes: Uint8Array, ref: string): Promise<void> {
    await cache.keep(digest, bytes, 'again').catch((error: unknown) => {
      warn(`${ref} could not be kept in ${parts.cacheDir}: ${formatChain(error)}`)
    })
  }

  /** From the lattice's store; undefined when it has none. */
  async function fromStore(digest: string, ref: string): Promise<Uint8Array | undefined> {
    const store = await parts.transport.objects(imagesStore(parts.lattice))
    const bytes = await store.get(digest)
    if (bytes === undefined) return undefined
    checkSize(bytes.length, ref)
    if (digestOf(bytes) !== digest) {
      throw new TlosError('invalid', `The bytes this lattice has for ${ref} are not those of the digest`, {
        about: ref,
      })
    }
    await keepCopy(digest, bytes, ref)
    return bytes
  }

  async function byDigest(digest: string, ref: string): Promise<Uint8Array> {
    const here = await cache.read(digest)
    if (here !== undefined) return here
    if (!parts.transport.info.hasJetStream) throw noJetStream(ref)
    const bytes = await fromStore(digest, ref)
    if (bytes !== undefined) return bytes
    throw new TlosError('not-found', `Nobody has put the bytes of ${ref} into this lattice`, { about: ref })
  }

  async function fromRegistry(ref: string, kind: ImageKind): Promise<Uint8Array> {
    const name = formatOciReference(puller.check(ref))
    const known = await tags.get(name)
    const here = known === undefined ? undefined : await cache.read(known)
    // A digest means the same bytes for ever.
    if (here !== undefined && name.includes('@')) return here
    try {
      const found = await puller.find(ref, kind)
      const digest = found.digest.slice('sha256:'.length)
      let bytes = await cache.read(digest)
      if (bytes === undefined) {
        parts.log?.('info', `pulling ${ref} (${mebi(found.sizeBytes)} MiB)`)
        bytes = await found.fetch()
        await keepCopy(digest, bytes, ref)
      }
      await tags.set(name, digest)
      return bytes
    } catch (error) {
      if (here === undefined || !isAway(error)) throw error
      warn(`${ref} is taken as it was pulled last: ${formatChain(error)}`)
      return here
    }
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

  /** One pull at a time for each thing. */
  function once(key: string, get: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const going = underway.get(key)
    if (going !== undefined) return going
    const getting = get().finally(() => underway.delete(key))
    underway.set(key, getting)
    return getting
  }

  async function resolveAny(ref: string, kind: ImageKind): Promise<Uint8Array> {
    const digest = parseImageRef(ref)
    if (digest !== undefined) return await once(digest, () => byDigest(digest, ref))
    if (ref.startsWith('tlos:')) {
      throw new TlosError('invalid', `${ref} is not of the form tlos://sha256/<64 hex digits>`)
    }
    if (ref.startsWith('file:')) return await readAllowedFile(ref)
    return await once(`${kind} ${ref}`, () => fromRegistry(ref, kind))
  }

  /** Exactly these bytes: from here, from the lattice, and only then from where the reference leads. */
  async function resolveExactly(ref: string, digest: string, kind: ImageKind): Promise<Uint8Array> {
    const here = await cache.read(digest)
    if (here !== undefined) return here
    if (parts.transport.info.hasJetStream) {
      const shared = await fromStore(digest, ref).catch(() => undefined)
      if (shared !== undefined) return shared
    }
    const bytes = await resolveAny(ref, kind)
    if (digestOf(bytes) === digest) return bytes
    if (!/^(?:tlos|file):/.test(ref)) {
      // A registry may have what nothing names any more.
      const layer = await puller.fetchLayer(ref, `sha256:${digest}`, kind).catch(() => undefined)
      if (layer !== undefined) {
        await keepCopy(digest, layer, ref)
        return layer
      }
    }
    throw new TlosError('conflict', `${ref} means other bytes by now than those that are wanted`, { about: ref })
  }

  async function inStore(digest: string): Promise<boolean> {
    if (!parts.transport.info.hasJetStream) return false
    try {
      return await (await parts.transport.objects(imagesStore(parts.lattice))).has(digest)
    } catch {
      return false
    }
  }

  /** The digest that a reference means as far as this machine knows. */
  async function localDigest(ref: string): Promise<string | undefined> {
    const digest = parseImageRef(ref)
    if (digest !== undefined || /^(?:tlos|file):/.test(ref)) return digest
    try {
      return await tags.get(formatOciReference(puller.check(ref)))
    } catch {
      // No reference, or none that is taken here.
      return undefined
    }
  }

  return {
    async put(bytes) {
      checkSize(bytes.length, 'The component')
      const digest = digestOf(bytes)
      const { hasJetStream } = parts.transport.info
      if ((await cache.read(digest)) === undefined) await cache.keep(digest, bytes, hasJetStream ? 'again' : 'only')
      if (hasJetStream) {
        const store = await parts.transport.objects(imagesStore(parts.lattice))
        if (!(await store.has(digest))) await store.put(digest, bytes)
      }
      return imageRef(digest)
    },

    async hasLocal(ref, wish) {
      const digest = wish?.digest ?? (await localDigest(ref))
      return digest !== undefined && (await cache.has(digest))
    },

    async canResolve(ref, wish) {
      const digest = wish?.digest ?? (await localDigest(ref))
      if (digest !== undefined && ((await cache.has(digest)) || (await inStore(digest)))) return true
      if (parseImageRef(ref) !== undefined || ref.startsWith('tlos:')) return false
      if (ref.startsWith('file:')) return parts.allowFiles && (await isFile(ref))
      const looking = puller.find(ref, wish?.kind ?? 'component').then(
        () => true,
        () => false,
      )
      return await Promise.race([looking, afterMs(lookMs)])
    },

    async resolve(ref, wish) {
      const kind = wish?.kind ?? 'component'
      const { digest } = wish ?? {}
      const bytes = digest === undefined ? await resolveAny(ref, kind) : await resolveExactly(ref, digest, kind)
      // What is kept from before may be larger than what is allowed now.
      if (kind === 'component') checkSize(bytes.length, ref)
      return bytes
    },

    async share(ref, digest) {
      if (await inStore(digest)) return
      if (!parts.transport.info.hasJetStream) throw noJetStream(ref)
      const bytes = await resolveExactly(ref, digest, 'component')
      await (await parts.transport.objects(imagesStore(parts.lattice))).put(digest, bytes)
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

/** The registry could not be asked, as opposed to: it said no. */
function isAway(error: unknown): boolean {
  return error instanceof TlosError && ['unreachable', 'timed-out', 'unavailable'].includes(error.code)
}

function afterMs(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref())
}

function mebi(sizeBytes: number): string {
  return (sizeBytes / 1024 / 1024).toFixed(1)
}

function noJetStream(about: string): TlosError {
  return new TlosError('unavailable', `The NATS server has no JetStream, so this lattice has no image store`, { about })
}
