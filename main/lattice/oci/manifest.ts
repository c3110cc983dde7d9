// The manifest of an image, and which of its layers are the bytes we want. Media types are those that wasmCloud hosts take
// (lattice.md 2.7) and the CNCF Wasm artifact layout. Pure.

import * as v from 'valibot'
import { TlosError } from '../../failure.js'

/** What an image is pulled for. */
export type ImageKind = 'component' | 'provider'

/** A blob in a repository. */
export interface Layer {
  /** `sha256:` and 64 hex digits. */
  readonly digest: string
  readonly sizeBytes: number
}

const wasmLayers = ['application/wasm', 'application/vnd.module.wasm.content.layer.v1+wasm']
/** Written by old tools of wasmCloud for both kinds; what is in it is not a tar. */
const untrueTar = 'application/vnd.oci.image.layer.v1.tar'

const accepted: Readonly<Record<ImageKind, readonly string[]>> = {
  component: [...wasmLayers, untrueTar],
  provider: ['application/vnd.wasmcloud.provider.archive.layer.v1+par', untrueTar],
}

/** What we ask registries for, in the order of our liking. */
export const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]

const digest = v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/))
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const descriptor = v.object({ mediaType: v.optional(v.string(), ''), digest, size })
const imageManifest = v.object({ layers: v.pipe(v.array(descriptor), v.maxLength(1_000)) })
const imageIndex = v.object({
  manifests: v.pipe(
    v.array(
      v.object({
        digest,
        platform: v.optional(v.object({ architecture: v.optional(v.string(), ''), os: v.optional(v.string(), '') })),
      }),
    ),
    v.maxLength(1_000),
  ),
})

/** Either the one layer, or the manifest to read instead of this index. */
export type Chosen =
  { readonly kind: 'layer'; readonly layer: Layer } | { readonly kind: 'manifest'; readonly digest: string }

/** Fails with `invalid` when this is no manifest, or none of an image of this kind. */
export function chooseLayer(bytes: Uint8Array, kind: ImageKind, about: string): Chosen {
  const data = parse(bytes, about)
  const index = v.safeParse(imageIndex, data)
  if (index.success) return { kind: 'manifest', digest: chooseManifest(index.output.manifests, about) }
  const manifest = v.safeParse(imageManifest, data)
  if (!manifest.success) throw new TlosError('invalid', `${about}: the registry's manifest is not one`, { about })
  const { layers } = manifest.output
  const fitting = layers.filter((layer) => accepted[kind].includes(layer.mediaType))
  const [layer, second] = fitting
  if (layer === undefined) {
    const found =
      [...new Set(layers.map((other) => other.mediaType || 'no type'))].slice(0, 5).join(', ') || 'no layers'
    throw new TlosError('invalid', `${about} is no image of a ${kind}: it has ${found}`, { about })
  }
  if (second !== undefined) {
    throw new TlosError('invalid', `${about} has ${fitting.length} layers that could be the ${kind}`, { about })
  }
  return { kind: 'layer', layer: { digest: layer.digest, sizeBytes: layer.size } }
}

type Entries = v.InferOutput<typeof imageIndex>['manifests']

/** The one for Wasm; the only one there is says enough without a platform. */
function chooseManifest(entries: Entries, about: string): string {
  const chosen =
    entries.find(({ platform }) => platform?.architecture === 'wasm') ?? (entries.length === 1 ? entries[0] : undefined)
  if (chosen === undefined) {
    throw new TlosError('invalid', `${about} is made for ${entries.length} platforms, and none of them is Wasm`, {
      about,
    })
  }
  return chosen.digest
}

function parse(bytes: Uint8Array, about: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new TlosError('invalid', `${about}: the registry's manifest is no JSON`, { about, cause: error })
  }
}
