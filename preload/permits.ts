// Providers that the lattice wants this desktop to run, and what the person said of them. Schema and type together.

import * as v from 'valibot'

/** A request to start a provider that nobody has permitted yet. */
export const ProviderAsk = v.object({
  id: v.string(),
  atMs: v.number(),
  providerId: v.string(),
  ref: v.string(),
  kind: v.picklist(['process', 'http-server', 'messaging']),
  /** sha256 of the program, hex; absent for a builtin one, and until it was fetched and looked at. */
  digest: v.optional(v.string()),
  /** What a signed archive says that it is; the signature is not checked. */
  name: v.optional(v.string()),
  /** Why it cannot be looked at, and so not be permitted. */
  trouble: v.optional(v.string()),
  /** This reference is permitted for a program that it is not any more. */
  isOther: v.boolean(),
})
export type ProviderAsk = v.InferOutput<typeof ProviderAsk>

export const ProviderPermit = v.object({
  ref: v.string(),
  /** The only program that it is for; absent for a builtin one. */
  digest: v.optional(v.string()),
  name: v.optional(v.string()),
  givenAtMs: v.number(),
})
export type ProviderPermit = v.InferOutput<typeof ProviderPermit>

export const PermitsView = v.object({
  /** Oldest first. */
  asks: v.array(ProviderAsk),
  /** Kept in this desktop's file, for this lattice. */
  permits: v.array(ProviderPermit),
  /** Refused in this run: not asked for again. */
  refused: v.array(v.string()),
  /** From the command line, for this run, as they stand there. */
  given: v.array(v.string()),
})
export type PermitsView = v.InferOutput<typeof PermitsView>

export const PermitAnswer = v.picklist(['once', 'always', 'refuse'])
export type PermitAnswer = v.InferOutput<typeof PermitAnswer>
