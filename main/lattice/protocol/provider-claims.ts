// What a signed provider archive says of itself (lattice.md 2.6) in its spellings: the payload of `claims.jwt`, `claims` in events,
// and as it is kept in the lattice bucket. Pure; whether it is genuine is decided in `provider-claims.ts` of the folder above.

import * as v from 'valibot'
import type { Claims } from './buckets.js'
import { seconds, timeOfEvent, timeToEvent, whole } from './claim-times.js'
import { optionalText, text } from './json.js'

export interface ProviderClaims {
  /** Public key of the provider, `V…`. */
  readonly subject: string
  /** Public key of the account that signed, `A…`. */
  readonly issuer: string
  readonly name?: string | undefined
  readonly vendor?: string | undefined
  readonly version?: string | undefined
  readonly revision?: number | undefined
  /** Seconds since 1970. */
  readonly issuedAt?: number | undefined
  readonly notBefore?: number | undefined
  readonly expires?: number | undefined
  /** JSON: what the values of its links have to be. */
  readonly configSchema?: string | undefined
}

export const providerPayload = v.object({
  exp: v.nullish(seconds),
  nbf: v.nullish(seconds),
  iat: seconds,
  iss: v.string(),
  sub: v.string(),
  wascap: v.object({
    name: optionalText,
    vendor: v.string(),
    rev: v.nullish(whole),
    ver: optionalText,
    /** By machine (`x86_64-linux`) and for `world.wasm`: SHA-256 in upper-case hex. */
    target_hashes: v.record(v.string(), v.string()),
    config_schema: v.optional(v.unknown()),
  }),
})

export function claimsOfProvider(payload: v.InferOutput<typeof providerPayload>): ProviderClaims {
  const { wascap } = payload
  const schema = wascap.config_schema ?? undefined
  return {
    subject: payload.sub,
    issuer: payload.iss,
    name: wascap.name,
    vendor: wascap.vendor,
    version: wascap.ver,
    revision: wascap.rev ?? undefined,
    issuedAt: payload.iat,
    notBefore: payload.nbf ?? undefined,
    expires: payload.exp ?? undefined,
    ...(schema === undefined ? {} : { configSchema: JSON.stringify(schema) }),
  }
}

/** `claims` of `provider_started`, as they are read. */
export const providerEventClaims = v.object({
  issuer: text,
  name: optionalText,
  version: optionalText,
  not_before_human: text,
  expires_human: text,
})

/** Events do not say the subject: their `public_key` is the provider's id. */
export function providerClaimsOfEvent(wire: v.InferOutput<typeof providerEventClaims>): ProviderClaims {
  return {
    subject: '',
    issuer: wire.issuer,
    name: wire.name,
    version: wire.version,
    notBefore: timeOfEvent(wire.not_before_human),
    expires: timeOfEvent(wire.expires_human),
  }
}

/** `claims` of `provider_started`. What is not said is null, as hosts write it. */
export function providerClaimsToEvent(claims: ProviderClaims): unknown {
  return {
    issuer: claims.issuer,
    tags: null,
    name: claims.name ?? null,
    version: claims.version ?? null,
    not_before_human: timeToEvent(claims.notBefore),
    expires_human: timeToEvent(claims.expires),
  }
}

/** As they are kept in the lattice bucket. */
export function providerClaimsToStore(claims: ProviderClaims): Claims {
  return {
    kind: 'provider',
    callAlias: '',
    issuer: claims.issuer,
    name: claims.name ?? '',
    revision: String(claims.revision ?? 0),
    subject: claims.subject,
    tags: [],
    version: claims.version ?? '',
    configSchema: claims.configSchema,
  }
}
