// A secrets backend as one on a v1 lattice answers (secrets API v1alpha1): raw NATS and the nkeys library, no code of ours. What it
// was asked, opened, is in `asked`.

import { connect, headers, type NatsConnection, nkeys } from 'nats'

export interface AskedSecret {
  readonly key: string
  readonly field: string | null
  readonly version: string | null
  readonly context: {
    readonly entity_jwt: string
    readonly host_jwt: string
    readonly application: { readonly name: string | null; readonly policy: string }
  }
}

/** `error` as Rust writes its enum: a word, or an object with one field. */
export type StoredSecret =
  { readonly text: string } | { readonly bytes: readonly number[] } | { readonly error: unknown }

export interface SecretsBackend {
  readonly asked: readonly AskedSecret[]
  /** From now on under another key, as after a restart. */
  renewKey(): void
  close(): Promise<void>
}

export async function openSecretsBackend(
  url: string,
  prefix: string,
  secrets: Readonly<Record<string, StoredSecret>>,
): Promise<SecretsBackend> {
  const nats: NatsConnection = await connect({ servers: url })
  const asked: AskedSecret[] = []
  let key = nkeys.createCurve()
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
  nats.subscribe(`${prefix}.server_xkey`, {
    callback: (_error, message) => message.respond(new TextEncoder().encode(key.getPublicKey())),
  })
  nats.subscribe(`${prefix}.get`, {
    callback: (_error, message) => {
      const sender = message.headers?.get('WasmCloud-Host-Xkey') ?? ''
      const opened = openedBy(key, message.data, sender)
      if (opened === null) {
        message.respond(encode({ error: 'DecryptionError' }))
        return
      }
      const request = JSON.parse(new TextDecoder().decode(opened)) as AskedSecret
      asked.push(request)
      const secret = secrets[request.key]
      if (secret === undefined || 'error' in secret) {
        message.respond(encode({ error: secret === undefined ? 'SecretNotFound' : secret.error }))
        return
      }
      const own = nkeys.createCurve()
      const answer = {
        secret: {
          version: '1',
          string_secret: 'text' in secret ? secret.text : null,
          binary_secret: 'bytes' in secret ? secret.bytes : null,
        },
      }
      const sealed = headers()
      sealed.set('Server-Response-Xkey', own.getPublicKey())
      message.respond(own.seal(encode(answer), sender), { headers: sealed })
    },
  })
  await nats.flush()
  return {
    asked,
    renewKey: () => (key = nkeys.createCurve()),
    close: () => nats.close(),
  }
}

/** Null when it was sealed for another key. */
function openedBy(key: ReturnType<typeof nkeys.createCurve>, sealed: Uint8Array, sender: string): Uint8Array | null {
  try {
    return key.open(sealed, sender)
  } catch {
    return null
  }
}
