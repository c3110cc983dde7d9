// From a reference to the bytes of the component or provider in an image: what the reference means now, and the bytes. Keeps
// nothing; `images.ts` caches by digest.

import { TlosError } from '../../failure.js'
import { type Fetch, type GetLimits } from './http-get.js'
import { chooseLayer, type ImageKind, type Layer } from './manifest.js'
import { type OciReference, parseOciReference } from './reference.js'
import type { Registries } from './registries.js'
import { createRegistry, type Registry } from './registry.js'

export interface PullerParts {
  readonly registries: Registries
  /** Of one layer. */
  readonly maxBytes: number
  /** Of one layer with a provider, which holds programs for several machines; absent: the same. */
  readonly maxProviderBytes?: number | undefined
  readonly fetch?: Fetch | undefined
  readonly limits?: GetLimits | undefined
}

/** An image as its registry has it now. */
export interface FoundImage extends Layer {
  /** Brings the bytes, digest checked. */
  fetch(): Promise<Uint8Array>
}

export interface Puller {
  /** Fails with `invalid` for text that is no reference, and with `refused` for one this node does not take. */
  check(ref: string): OciReference
  /** A layer by its digest, where the reference's repository still has it; under a tag there may be another by now. */
  fetchLayer(ref: string, digest: string, kind: ImageKind): Promise<Uint8Array>
  /** Asks the registry. Fails with `not-found`, `refused`, `too-large`, `invalid`, `unreachable`, `timed-out` or `unavailable`. */
  find(ref: string, kind: ImageKind): Promise<FoundImage>
}

/** An index may lead to a manifest, never to another index. */
const maxDepth = 2

export function createPuller(parts: PullerParts): Puller {
  const fetch = parts.fetch ?? globalThis.fetch

  function check(ref: string): OciReference {
    const reference = parseOciReference(ref)
    if (reference === undefined) throw new TlosError('invalid', `"${ref}" is no reference of an image`, { about: ref })
    if (reference.digest === undefined && reference.tag === 'latest') {
      if (!parts.registries.policyOf(reference.registry).allowLatest) {
        throw new TlosError('refused', `This node does not take images tagged latest (${ref}); name a version`, {
          about: ref,
        })
      }
    }
    return reference
  }

  async function choose(registry: Registry, reference: OciReference, kind: ImageKind, about: string): Promise<Layer> {
    let next = reference.digest ?? reference.tag ?? 'latest'
    for (let depth = 0; depth < maxDepth; depth += 1) {
      const manifest = await registry.manifest(reference.repository, next)
      const chosen = chooseLayer(manifest.bytes, kind, about)
      if (chosen.kind === 'layer') return chosen.layer
      next = chosen.digest
    }
    throw new TlosError('invalid', `${about} is an index of indexes`, { about })
  }

  const registryOf = (reference: OciReference): Registry =>
    createRegistry({
      registry: reference.registry,
      policy: parts.registries.policyOf(reference.registry),
      fetch,
      limits: parts.limits,
    })
  const mostBytes = (kind: ImageKind): number =>
    kind === 'provider' ? (parts.maxProviderBytes ?? parts.maxBytes) : parts.maxBytes

  return {
    check,

    async fetchLayer(ref, digest, kind) {
      const reference = check(ref)
      return await registryOf(reference).blob(reference.repository, { digest, sizeBytes: mostBytes(kind) })
    },

    async find(ref, kind) {
      const reference = check(ref)
      const registry = registryOf(reference)
      const layer = await choose(registry, reference, kind, ref)
      const maxBytes = mostBytes(kind)
      if (layer.sizeBytes > maxBytes) {
        const [size, most] = [layer.sizeBytes, maxBytes].map((bytes) => (bytes / 1024 / 1024).toFixed(1))
        throw new TlosError('too-large', `${ref} has ${size ?? ''} MiB; the most is ${most ?? ''} MiB`, { about: ref })
      }
      return { ...layer, fetch: () => registry.blob(reference.repository, layer) }
    },
  }
}
