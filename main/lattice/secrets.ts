// Secrets for what runs on this host: its references are in the configuration bucket, the values come from the backend that each
// names, sealed both ways with curve keys made for the one request (wasmCloud's secrets API v1alpha1). Nothing is kept here, logged or
// put on the bus in the clear.

import { TlosError } from '../failure.js'
import type { Transport } from '../nats/transport.js'
import { createKey, type KeyPair } from './nkeys.js'
import { configBucket, configCodec } from './protocol/buckets.js'
import {
  decodeSecretAnswer,
  encodeSecretRequest,
  hostXkeyHeader,
  isSecretName,
  noSecrets,
  readReference,
  type SecretContext,
  secretSubjects,
  type SecretValue,
  type SecretValues,
  secretsToWire,
  serverXkeyHeader,
  type StoredReference,
} from './protocol/secret.js'
import { isToken } from './protocol/subjects.js'
import { encodeJson } from './protocol/tlos.js'
import { makeToken } from './token.js'
import { open, seal } from './xkeys.js'

export interface SecretsParts {
  readonly transport: Transport
  readonly lattice: string
  /** What subjects of backends begin with; undefined: this host has none, and whatever needs a secret fails. */
  readonly topic: string | undefined
  /** This host, as its token names it. */
  readonly host: { readonly id: string; readonly friendlyName: string }
  readonly now: () => number
}

/** Who wants it: without a token of its own it gets none. */
export interface SecretHolder {
  readonly token: string | undefined
  readonly annotations: Readonly<Record<string, string>>
}

export interface Secrets {
  /** Public curve key of this host: what seals secrets for providers. */
  readonly hostXkey: string
  /** The values of those names that are of secrets, others are passed over. Fails, in the words of v1 hosts, unless it has all. */
  fetch(names: readonly string[], holder: SecretHolder): Promise<SecretValues>
  /** For the provider with that public key alone; undefined when there are none. */
  sealFor(providerXkey: string, secrets: SecretValues): Uint8Array | undefined
}

/** Longest wait for a backend, ms. It may ask further away. */
const backendMs = 10_000
/** By wadm: which application something belongs to. */
const applicationAnnotation = 'wasmcloud.dev/appspec'

export function openSecrets(parts: SecretsParts): Secrets {
  const hostKey = createKey('curve')
  let hostToken: string | undefined
  const serverKeys = new Map<string, string>()

  /** Signed by nobody who is known, as that of every v1 host: it tells a backend which host asks, it proves nothing. */
  function tokenOfHost(): string {
    hostToken ??= makeToken(createKey('account'), {
      subject: parts.host.id,
      wascap: { name: parts.host.friendlyName, labels: { self_signed: 'true' } },
      nowMs: parts.now(),
    })
    return hostToken
  }

  async function referenceOf(name: string): Promise<StoredReference> {
    const bucket = await parts.transport.bucket(configBucket(parts.lattice))
    const entry = await bucket.get(name)
    if (entry?.value === undefined) {
      const words = `Secret config ${name} not found in config store, could not create secret request`
      throw new TlosError('not-found', words, { about: name })
    }
    const values = configCodec.decode(entry.value)
    const reference = values.ok ? readReference(values.value) : undefined
    if (reference !== undefined && isToken(reference.backend)) return reference
    const words = `failed to deserialize secret reference from config store, ensure ${name} is a secret reference and not configuration`
    throw new TlosError('invalid', words, { about: name })
  }

  async function serverKeyOf(backend: string, subject: string): Promise<string> {
    const known = serverKeys.get(backend)
    if (known !== undefined) return known
    const reply = await parts.transport.request(subject, new Uint8Array(), { timeoutMs: backendMs })
    const key = new TextDecoder().decode(reply.data)
    serverKeys.set(backend, key)
    return key
  }

  /** One exchange, with a key of its own. Undefined: it was not sealed, which is how backends tell errors. */
  async function ask(topic: string, reference: StoredReference, context: SecretContext): Promise<SecretValue> {
    const { backend, name } = reference
    const subjects = secretSubjects(topic, backend)
    const own: KeyPair = createKey('curve')
    const sealed = seal(own, await serverKeyOf(backend, subjects.serverXkey), encodeSecretRequest(reference, context))
    const reply = await parts.transport.request(subjects.get, sealed, {
      timeoutMs: backendMs,
      headers: { [hostXkeyHeader]: own.publicKey },
    })
    const sender = headerOf(reply.headers, serverXkeyHeader)
    const opened = sender === undefined ? reply.data : open(own, sender, reply.data)
    if (opened === undefined) throw new TlosError('invalid', 'failed to open secret response')
    const answer = decodeSecretAnswer(opened)
    if (!answer.ok) throw new TlosError('invalid', `failed to deserialize secret response: ${answer.reason}`)
    if (answer.value.kind === 'error') throw new TlosError('refused', `server error: ${answer.value.words}`)
    // Whoever answers in the clear has only errors to tell: a value would have been read by everybody on the bus.
    if (sender === undefined) throw new TlosError('invalid', 'server error: unhandled server error')
    if (answer.value.kind === 'value') return answer.value.value
    throw new TlosError('not-found', `secret ${name} did not contain a value`, { about: name })
  }

  async function fetchOne(
    topic: string,
    name: string,
    context: SecretContext,
  ): Promise<readonly [string, SecretValue]> {
    const reference = await referenceOf(name)
    const wasKnown = serverKeys.has(reference.backend)
    try {
      return [reference.name, await ask(topic, reference, context)]
    } catch (error) {
      serverKeys.delete(reference.backend)
      // It was started anew, with another key.
      if (!wasKnown || !isOfOldKey(error)) throw error
      return [reference.name, await ask(topic, reference, context)]
    }
  }

  return {
    hostXkey: hostKey.publicKey,

    async fetch(names, { token, annotations }) {
      const wanted = names.filter(isSecretName)
      if (wanted.length === 0) return noSecrets
      try {
        if (parts.topic === undefined) {
          throw new TlosError('unavailable', 'secret store not configured, could not fetch secrets')
        }
        if (token === undefined) {
          throw new TlosError(
            'refused',
            'entity did not have an embedded JWT, required to fetch secrets (was this entity signed during build?)',
          )
        }
        const context = { entity: token, host: tokenOfHost(), application: annotations[applicationAnnotation] }
        const values = new Map<string, SecretValue>()
        for (const name of wanted) values.set(...(await fetchOne(parts.topic, name, context)))
        return values
      } catch (error) {
        throw new TlosError('unavailable', 'Unable to fetch requested secrets', { cause: error })
      }
    },

    sealFor: (providerXkey, secrets) =>
      secrets.size === 0 ? undefined : seal(hostKey, providerXkey, encodeJson(secretsToWire(secrets))),
  }
}

/** The backend could not open what was sealed for the key that it had. */
function isOfOldKey(error: unknown): boolean {
  return error instanceof TlosError && /^server error: (?:DecryptionError|InvalidXKey)$/.test(error.message)
}

/** Names of headers come as they were written. */
function headerOf(headers: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
}
