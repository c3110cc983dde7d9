// Is a provider archive what its token says (lattice.md 2.6)? Checked: the signature, the times, and the hashes of what is taken from
// it. A v1 host looks at the hashes alone and takes any signature and any age; here a token says something or the archive fails.

import { claimsOfProvider, type ProviderClaims, providerPayload } from './protocol/provider-claims.js'
import { checkToken, invalidToken } from './token.js'

export interface ArchiveHashes {
  /** The machine whose executable was taken, as archives name it. */
  readonly target: string
  /** sha256, hex. */
  readonly executable: string
  /** Of `world.wasm`, if there is one. */
  readonly world: string | undefined
}

/** Fails with `invalid`: such a provider must not start. */
export function checkProviderClaims(token: string, hashes: ArchiveHashes, nowMs: number): ProviderClaims {
  const what = 'provider'
  const payload = checkToken(token, providerPayload, { what, nowMs })
  const { target_hashes: said } = payload.wascap
  const differs = (name: string, hash: string): boolean => said[name]?.toLowerCase() !== hash.toLowerCase()
  if (differs(hashes.target, hashes.executable)) {
    throw invalidToken(what, `File hash and verify hash do not match for '${hashes.target}'`)
  }
  if (hashes.world !== undefined && differs('world.wasm', hashes.world)) {
    throw invalidToken(what, 'WIT interface hash does not match')
  }
  return claimsOfProvider(payload)
}
