// The link as providers get it (lattice.md 6.1, InterfaceLinkDefinition): configurations are resolved to their values.
// Pure.

import * as v from 'valibot'
import type { Link } from '../../../preload/records.js'
import { codec, textMap, token } from './json.js'

/** `sourceConfig` and `targetConfig` (names) are not on the wire and decode as empty. */
export type ProviderLink = Link & {
  readonly sourceValues: Readonly<Record<string, string>>
  readonly targetValues: Readonly<Record<string, string>>
}

const providerLinkSchema = v.pipe(
  v.object({
    source_id: token,
    target: token,
    name: v.optional(v.string(), 'default'),
    wit_namespace: v.string(),
    wit_package: v.string(),
    interfaces: v.array(v.string()),
    source_config: textMap,
    target_config: textMap,
  }),
  v.transform((wire): ProviderLink => ({
    sourceId: wire.source_id,
    target: wire.target,
    name: wire.name,
    witNamespace: wire.wit_namespace,
    witPackage: wire.wit_package,
    interfaces: wire.interfaces,
    sourceConfig: [],
    targetConfig: [],
    sourceValues: wire.source_config,
    targetValues: wire.target_config,
  })),
)

/** Secrets never travel in the clear: both fields are null here. */
export const providerLinkCodec = codec(providerLinkSchema, (link: ProviderLink) => ({
  source_id: link.sourceId,
  target: link.target,
  name: link.name,
  wit_namespace: link.witNamespace,
  wit_package: link.witPackage,
  interfaces: link.interfaces,
  source_config: link.sourceValues,
  target_config: link.targetValues,
  source_secrets: null,
  target_secrets: null,
}))
