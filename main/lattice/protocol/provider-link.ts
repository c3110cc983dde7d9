// The link as providers get it (lattice.md 6.1, InterfaceLinkDefinition): configurations are resolved to their values.
// Pure.

import * as v from 'valibot'
import type { Link } from '../../../preload/records.js'
import { codec, textMap } from './json.js'
import { fromWireFields, linkFields, toWireFields } from './link-fields.js'

/** `sourceConfig` and `targetConfig` (names) are not on the wire and decode as empty. */
export type ProviderLink = Link & {
  readonly sourceValues: Readonly<Record<string, string>>
  readonly targetValues: Readonly<Record<string, string>>
  /** Sealed for the provider that is told; absent when there are none. */
  readonly sourceSecrets?: Uint8Array | undefined
  readonly targetSecrets?: Uint8Array | undefined
}

const providerLinkSchema = v.pipe(
  v.object({
    ...linkFields,
    source_config: textMap,
    target_config: textMap,
  }),
  v.transform((wire): ProviderLink => ({
    ...fromWireFields(wire),
    sourceConfig: [],
    targetConfig: [],
    sourceValues: wire.source_config,
    targetValues: wire.target_config,
  })),
)

export const providerLinkCodec = codec(providerLinkSchema, (link: ProviderLink) => ({
  ...toWireFields(link),
  source_config: link.sourceValues,
  target_config: link.targetValues,
  source_secrets: link.sourceSecrets === undefined ? null : [...link.sourceSecrets],
  target_secrets: link.targetSecrets === undefined ? null : [...link.targetSecrets],
}))
