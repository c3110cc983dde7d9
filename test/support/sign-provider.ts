// The `claims.jwt` of a provider archive, as `wash par create` makes it.

import { createHash } from 'node:crypto'
import { createKey, type KeyPair } from '../../main/lattice/nkeys.js'

export interface ProviderSigning {
  readonly account?: KeyPair
  readonly subject?: string
  readonly wascap?: Readonly<Record<string, unknown>>
  readonly payload?: Readonly<Record<string, unknown>>
  readonly spoil?: (token: string) => string
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const hashOf = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').toUpperCase()

/** `entries`: what is hashed, by its name in the claims (`x86_64-linux`, `world.wasm`). */
export function signProvider(
  entries: Readonly<Record<string, string | Uint8Array>>,
  signing: ProviderSigning = {},
): string {
  const account = signing.account ?? createKey('account')
  const hashes = Object.fromEntries(Object.entries(entries).map(([name, content]) => [name, hashOf(content)]))
  const header = part({ typ: 'jwt', alg: 'Ed25519' })
  const payload = part({
    jti: 'kx4PDGkSXQPjW3Du2vVeGh',
    iat: 1_700_000_000,
    iss: account.publicKey,
    sub: signing.subject ?? createKey('service').publicKey,
    wascap: { name: 'Test store', vendor: 'tlos', rev: 3, ver: '0.3.0', target_hashes: hashes, ...signing.wascap },
    wascap_revision: 3,
    ...signing.payload,
  })
  const signature = Buffer.from(account.sign(Buffer.from(`${header}.${payload}`))).toString('base64url')
  const token = `${header}.${payload}.${signature}`
  return signing.spoil?.(token) ?? token
}
