// Signs a component as `wash claims sign` does: claims as a token in a custom section at the end of the bytes.

import { createHash } from 'node:crypto'
import { createKey, type KeyPair } from '../../main/lattice/nkeys.js'

export interface Signing {
  readonly account?: KeyPair
  readonly subject?: string
  readonly wascap?: Readonly<Record<string, unknown>>
  readonly payload?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
  /** Done to the token after it was signed. */
  readonly spoil?: (token: string) => string
  readonly section?: string
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export function signComponent(bytes: Uint8Array, signing: Signing = {}): Uint8Array {
  const account = signing.account ?? createKey('account')
  const hash = createHash('sha256').update(bytes).digest('hex').toUpperCase()
  const header = part({ typ: 'jwt', alg: 'Ed25519', ...signing.header })
  const payload = part({
    jti: 'kx4PDGkSXQPjW3Du2vVeGh',
    iat: 1_700_000_000,
    iss: account.publicKey,
    sub: signing.subject ?? createKey('module').publicKey,
    wascap: { hash, prov: false, ...signing.wascap },
    wascap_revision: 3,
    ...signing.payload,
  })
  const signature = Buffer.from(account.sign(Buffer.from(`${header}.${payload}`))).toString('base64url')
  const token = `${header}.${payload}.${signature}`
  return Buffer.concat([bytes, customSection(signing.section ?? 'wasmcloud_jwt', signing.spoil?.(token) ?? token)])
}

export function customSection(name: string, text: string): Uint8Array {
  const content = Buffer.concat([leb(name.length), Buffer.from(name), Buffer.from(text)])
  return Buffer.concat([Uint8Array.of(0), leb(content.length), content])
}

function leb(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest >>>= 7
  } while (rest > 0)
  return Uint8Array.from(bytes)
}
