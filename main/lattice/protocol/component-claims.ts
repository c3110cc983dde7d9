// What a signed component says of itself (lattice.md 2.6) in its two spellings: the payload of the token inside the Wasm,
// and `claims` in events. Pure; whether a token is genuine is decided in `claims.ts`.

import * as v from 'valibot'
import type { Claims } from './buckets.js'
import { seconds, timeOfEvent, timeToEvent, whole } from './claim-times.js'
import { optionalText, text } from './json.js'

export interface ComponentClaims {
  /** Public key of the component, `M…`. */
  readonly subject: string
  /** Public key of the account that signed, `A…`. */
  readonly issuer: string
  readonly name?: string | undefined
  readonly version?: string | undefined
  readonly revision?: number | undefined
  readonly callAlias?: string | undefined
  readonly tags?: readonly string[] | undefined
  /** Seconds since 1970. */
  readonly issuedAt?: number | undefined
  readonly notBefore?: number | undefined
  readonly expires?: number | undefined
}

/** Payload of a token; `wascap` holds what is said of the component. */
export const claimsPayload = v.object({
  exp: v.nullish(seconds),
  nbf: v.nullish(seconds),
  jti: v.string(),
  iat: seconds,
  iss: v.string(),
  sub: v.string(),
  wascap: v.object({
    hash: v.string(),
    name: optionalText,
    tags: v.nullish(v.array(v.string())),
    rev: v.nullish(whole),
    ver: optionalText,
    call_alias: optionalText,
  }),
  wascap_revision: v.nullish(whole),
})

export function claimsOfPayload(payload: v.InferOutput<typeof claimsPayload>): ComponentClaims {
  const { wascap } = payload
  return {
    subject: payload.sub,
    issuer: payload.iss,
    name: wascap.name,
    version: wascap.ver,
    revision: wascap.rev ?? undefined,
    callAlias: wascap.call_alias,
    tags: wascap.tags ?? undefined,
    issuedAt: payload.iat,
    notBefore: payload.nbf ?? undefined,
    expires: payload.exp ?? undefined,
  }
}

/** `claims` of an event. Times are seconds as text, or `never`. */
export const eventClaims = v.object({
  call_alias: optionalText,
  issuer: text,
  tags: v.nullish(v.array(v.string())),
  name: optionalText,
  version: optionalText,
  revision: v.nullish(whole),
  not_before_human: text,
  expires_human: text,
})

export function claimsOfEvent(subject: string, wire: v.InferOutput<typeof eventClaims>): ComponentClaims {
  return {
    subject,
    issuer: wire.issuer,
    name: wire.name,
    version: wire.version,
    revision: wire.revision ?? undefined,
    callAlias: wire.call_alias,
    tags: wire.tags ?? undefined,
    notBefore: timeOfEvent(wire.not_before_human),
    expires: timeOfEvent(wire.expires_human),
  }
}

/** What is not said is null, as hosts write it. */
export function claimsToEvent(claims: ComponentClaims): unknown {
  return {
    call_alias: claims.callAlias ?? null,
    issuer: claims.issuer,
    tags: claims.tags ?? null,
    name: claims.name ?? null,
    version: claims.version ?? null,
    revision: claims.revision ?? null,
    not_before_human: timeToEvent(claims.notBefore),
    expires_human: timeToEvent(claims.expires),
  }
}

/** As they are kept in the lattice bucket. */
export function claimsToStore(claims: ComponentClaims): Claims {
  return {
    kind: 'component',
    callAlias: claims.callAlias ?? '',
    issuer: claims.issuer,
    name: claims.name ?? '',
    revision: String(claims.revision ?? 0),
    subject: claims.subject,
    tags: [...(claims.tags ?? [])],
    version: claims.version ?? '',
    configSchema: undefined,
  }
}
