// An operator, an account and a user as NATS knows them in JWT mode, made anew for each test: the server's configuration
// lines and the user's credentials file.

import { createKey, type KeyPair } from '../../main/lattice/nkeys.js'

const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64url')

function encodeJwt(issuer: KeyPair, subject: string, name: string, nats: object): string {
  const iat = Math.floor(Date.now() / 1000)
  const claims = {
    jti: base64(createKey('user').publicKey).slice(0, 52),
    iat,
    iss: issuer.publicKey,
    name,
    sub: subject,
  }
  const text = `${base64('{"typ":"JWT","alg":"ed25519-nkey"}')}.${base64(JSON.stringify({ ...claims, nats: { version: 2, ...nats } }))}`
  return `${text}.${base64(issuer.sign(Buffer.from(text)))}`
}

export interface TestAccounts {
  /** Lines that put a server into operator mode. */
  readonly lines: readonly string[]
  readonly userJwt: string
  readonly userSeed: string
  /** Content of the user's credentials file. */
  readonly credentials: string
}

export function createAccounts(): TestAccounts {
  const [operator, account, user] = [createKey('operator'), createKey('account'), createKey('user')]
  // JetStream in operator mode wants one.
  const system = createKey('account')
  const unlimited = { subs: -1, data: -1, payload: -1 }
  const limits = {
    ...unlimited,
    ...{ imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 },
    ...{ mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 },
  }
  const operatorJwt = encodeJwt(operator, operator.publicKey, 'tests', { type: 'operator' })
  const accountJwt = encodeJwt(operator, account.publicKey, 'lattice', { type: 'account', limits })
  const plain = { ...limits, mem_storage: 0, disk_storage: 0, streams: 0, consumer: 0 }
  const systemJwt = encodeJwt(operator, system.publicKey, 'system', { type: 'account', limits: plain })
  const userJwt = encodeJwt(account, user.publicKey, 'somebody', { type: 'user', pub: {}, sub: {}, ...unlimited })
  return {
    lines: [
      `operator: ${operatorJwt}`,
      `system_account: ${system.publicKey}`,
      'resolver: MEMORY',
      `resolver_preload: { ${account.publicKey}: ${accountJwt}, ${system.publicKey}: ${systemJwt} }`,
    ],
    userJwt,
    userSeed: user.seed,
    credentials: [
      '-----BEGIN NATS USER JWT-----',
      userJwt,
      '------END NATS USER JWT------',
      '',
      '-----BEGIN USER NKEY SEED-----',
      user.seed,
      '------END USER NKEY SEED------',
      '',
    ].join('\n'),
  }
}
