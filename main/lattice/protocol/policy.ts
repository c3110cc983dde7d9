// What a host asks a policy service and what it is answered (as wasmCloud's host 1.9 does; not in lattice.md): payloads and the key
// under which a decision is kept. Pure.

import * as v from 'valibot'
import { decodeJson, encodeJson } from './tlos.js'
import type { Decoded } from './tlos.js'

/** Who signed it, when. */
export interface PolicyClaims {
  readonly subject: string
  readonly issuer: string
  /** Seconds since 1970. */
  readonly issuedAt?: number | undefined
  readonly expires?: number | undefined
}

interface About {
  readonly id: string
  readonly imageRef: string
  readonly annotations: Readonly<Record<string, string>>
  readonly claims: PolicyClaims | undefined
}

export type PolicyQuestion =
  | ({ readonly kind: 'startComponent'; readonly maxInstances: number } & About)
  | ({ readonly kind: 'startProvider' } & About)
  | ({ readonly kind: 'performInvocation'; readonly interface: string; readonly function: string } & About)

export interface PolicyHost {
  readonly hostId: string
  readonly lattice: string
  /** As they were when the host started. */
  readonly labels: Readonly<Record<string, string>>
}

export interface PolicyDecision {
  readonly requestId: string
  readonly permitted: boolean
  readonly message: string | undefined
}

/** A decision holds for whatever has the same key; limits and annotations are not part of it. */
export function policyKey(question: PolicyQuestion): string {
  const { kind, id, imageRef } = question
  const of = [kind, id, imageRef]
  return JSON.stringify(kind === 'performInvocation' ? [...of, question.interface, question.function] : of)
}

/** `nowMs`: services without a clock are told what has expired. */
export function encodePolicyQuestion(
  requestId: string,
  question: PolicyQuestion,
  host: PolicyHost,
  nowMs: number,
): Uint8Array {
  return encodeJson({
    requestId,
    kind: question.kind,
    version: 'v1',
    request: bodyOf(question, nowMs),
    host: { publicKey: host.hostId, lattice: host.lattice, labels: host.labels },
  })
}

function bodyOf(question: PolicyQuestion, nowMs: number): unknown {
  const { id, imageRef, annotations } = question
  const rest = { imageRef, annotations, claims: claimsToWire(question.claims, nowMs) }
  switch (question.kind) {
    case 'startComponent':
      return { componentId: id, maxInstances: question.maxInstances, ...rest }
    case 'startProvider':
      return { providerId: id, ...rest }
    case 'performInvocation':
      return {
        interface: question.interface,
        function: question.function,
        target: { componentId: id, maxInstances: 0, ...rest },
      }
  }
}

function claimsToWire(claims: PolicyClaims | undefined, nowMs: number): unknown {
  if (claims === undefined) return null
  const { subject, issuer, issuedAt = 0, expires } = claims
  return {
    publicKey: subject,
    issuer,
    issuedAt: String(issuedAt),
    expiresAt: expires ?? null,
    expired: expires !== undefined && Math.floor(nowMs / 1_000) > expires,
  }
}

const decisionSchema = v.pipe(
  v.object({ requestId: v.string(), permitted: v.boolean(), message: v.nullish(v.string()) }),
  v.transform(({ requestId, permitted, message }): PolicyDecision => ({
    requestId,
    permitted,
    message: message ?? undefined,
  })),
)

export function decodePolicyDecision(bytes: Uint8Array): Decoded<PolicyDecision> {
  return decodeJson(decisionSchema, bytes)
}
