// Keys and values of the buckets that v1 hosts share (lattice.md 4): component specs with their links, claims, named
// configurations. Pure. Buckets of our own are in `tlos.ts`.

import * as v from 'valibot'
import type { Link } from '../../../preload/records.js'
import { codec, optionalText, textList } from './json.js'
import { fromWireFields, linkFields, toWireFields } from './link-fields.js'
import type { Decoded } from './tlos.js'

export const latticeBucket = (lattice: string): string => `LATTICEDATA_${lattice}`
export const configBucket = (lattice: string): string => `CONFIGDATA_${lattice}`

/** A link as JSON. */
export const linkSchema = v.pipe(
  v.object({
    ...linkFields,
    source_config: textList,
    target_config: textList,
  }),
  v.transform((wire): Link => ({
    ...fromWireFields(wire),
    sourceConfig: wire.source_config,
    targetConfig: wire.target_config,
  })),
)

/** `traffic` is ours and stays here. */
export const linkCodec = codec(linkSchema, (link: Link) => ({
  ...toWireFields(link),
  source_config: link.sourceConfig,
  target_config: link.targetConfig,
}))

/** `url` is `''` for providers and for sources that were never started. */
export interface ComponentSpec {
  readonly url: string
  readonly links: readonly Link[]
}

export const specCodec = codec(
  v.pipe(
    v.object({ url: v.optional(v.string(), ''), links: v.optional(v.array(linkSchema), []) }),
    v.transform((wire): ComponentSpec => wire),
  ),
  (spec: ComponentSpec) => ({ url: spec.url, links: spec.links.map((link) => linkCodec.toWire(link)) }),
)

const tags = v.pipe(
  v.nullish(v.union([v.array(v.string()), v.string()])),
  v.transform((given): readonly string[] | undefined => {
    if (typeof given === 'string') return given === '' ? [] : given.split(',')
    return given ?? undefined
  }),
)

/** What a signed component or provider says of itself; components are those with `tags` or `callAlias`. */
const claimsSchema = v.pipe(
  v.looseObject({
    call_alias: optionalText,
    issuer: optionalText,
    iss: optionalText,
    name: optionalText,
    revision: optionalText,
    rev: optionalText,
    subject: optionalText,
    sub: optionalText,
    tags,
    version: optionalText,
    config_schema: optionalText,
  }),
  v.transform((wire) => ({
    kind: wire.call_alias !== undefined || wire.tags !== undefined ? ('component' as const) : ('provider' as const),
    callAlias: wire.call_alias ?? '',
    issuer: wire.issuer ?? wire.iss ?? '',
    name: wire.name ?? '',
    revision: wire.revision ?? wire.rev ?? '',
    subject: wire.subject ?? wire.sub ?? '',
    tags: wire.tags ?? [],
    version: wire.version ?? '',
    configSchema: wire.config_schema,
  })),
)
export type Claims = v.InferOutput<typeof claimsSchema>

export const claimsCodec = codec(claimsSchema, (claims: Claims) =>
  claims.kind === 'component'
    ? {
        call_alias: claims.callAlias,
        issuer: claims.issuer,
        name: claims.name,
        revision: claims.revision,
        subject: claims.subject,
        tags: claims.tags,
        version: claims.version,
      }
    : {
        issuer: claims.issuer,
        name: claims.name,
        revision: claims.revision,
        subject: claims.subject,
        version: claims.version,
        ...(claims.configSchema === undefined ? {} : { config_schema: claims.configSchema }),
      },
)

/** A named configuration. A `SECRET_` entry fits as well: its fields are texts too. */
export const configCodec = codec(v.record(v.string(), v.string()), (values) => values)

export const componentKey = (id: string): string => `COMPONENT_${id}`
export const claimsKey = (subject: string): string => `CLAIMS_${subject}`

/** Is the text one that a bucket takes as key (lattice.md 4.1)? */
export function isBucketKey(text: string): boolean {
  return /^[-/_=.A-Za-z0-9]+$/.test(text)
}

/** What an entry of the lattice bucket says; `value` is absent when the key was deleted. */
export type LatticeEntry =
  | { readonly kind: 'spec'; readonly id: string; readonly spec: ComponentSpec | undefined }
  | { readonly kind: 'claims'; readonly subject: string; readonly claims: Claims | undefined }
  /** Kinds of hosts before 1.0 (`LINKDEF_`, `REFMAP_`), and kinds nobody knows. */
  | { readonly kind: 'other'; readonly key: string }

/** The kind is what stands before the first `_`, the id all that follows. */
export function decodeLatticeEntry(key: string, value: Uint8Array | undefined): Decoded<LatticeEntry> {
  const cut = key.indexOf('_')
  const kind = key.slice(0, Math.max(cut, 0))
  const id = key.slice(cut + 1)
  if (kind === 'COMPONENT' && id !== '') {
    if (value === undefined) return { ok: true, value: { kind: 'spec', id, spec: undefined } }
    const spec = specCodec.decode(value)
    return spec.ok ? { ok: true, value: { kind: 'spec', id, spec: spec.value } } : spec
  }
  if (kind === 'CLAIMS' && id !== '') {
    if (value === undefined) return { ok: true, value: { kind: 'claims', subject: id, claims: undefined } }
    const claims = claimsCodec.decode(value)
    if (!claims.ok) return claims
    if (claims.value.subject !== id) return { ok: false, reason: 'the claims are those of another subject' }
    return { ok: true, value: { kind: 'claims', subject: id, claims: claims.value } }
  }
  return { ok: true, value: { kind: 'other', key } }
}

/** Values of several configurations in order, later ones over earlier ones. */
export function mergeConfig(maps: readonly Readonly<Record<string, string>>[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...maps) as Record<string, string> // the union of maps of texts
}
