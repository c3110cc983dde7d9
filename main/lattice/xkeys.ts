// Sealing with curve nkeys (lattice.md 2.1): what one key seals for another only that other can open. Stands on the nkeys library of
// NATS's authors, which does the cryptography; keys themselves are made in `nkeys.ts`.

import { fromCurveSeed } from 'nkeys.js'
import { TlosError } from '../failure.js'
import { isPublicKey, type KeyPair } from './nkeys.js'

/** Sealed by this curve key for whoever has the seed of that public one (`X…`). Fails with `invalid` when it is none. */
export function seal(key: KeyPair, recipient: string, data: Uint8Array): Uint8Array {
  if (!isPublicKey(recipient, 'curve'))
    throw new TlosError('invalid', 'This is not a public curve key: it begins with X')
  return pairOf(key).seal(data, recipient)
}

/** Undefined when it was not sealed by that key for this one, or was changed since. */
export function open(key: KeyPair, sender: string, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return pairOf(key).open(sealed, sender) ?? undefined
  } catch {
    return undefined
  }
}

function pairOf(key: KeyPair): ReturnType<typeof fromCurveSeed> {
  return fromCurveSeed(new TextEncoder().encode(key.seed))
}
