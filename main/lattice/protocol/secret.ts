// A secret as the configuration bucket has it (lattice.md 4.2): never its value, only where to ask for it. Pure.

import * as v from 'valibot'
import { optionalText, text } from './json.js'
import { decodeJson, type Decoded, encodeJson } from './tlos.js'

export const secretPrefix = 'SECRET_'
const secretType = 'secret.wasmcloud.dev/v1alpha1'
const policyType = 'properties.secret.wasmcloud.dev/v1alpha1'

export interface SecretReference {
  readonly name: string
  readonly backend: string
  readonly key: string
  readonly field?: string | undefined
  readonly version?: string | undefined
  readonly policyProperties: Readonly<Record<string, string>>
}

const entry = v.object({ name: text, backend: v.string(), key: v.string(), field: optionalText, version: optionalText })
const policy = v.object({ properties: v.record(v.string(), v.unknown()) })

/** Undefined when it is none. */
export function readSecret(values: Readonly<Record<string, string>>): SecretReference | undefined {
  const read = v.safeParse(entry, values)
  return read.success ? { ...read.output, policyProperties: readPolicy(values['policy']) } : undefined
}

/** The policy is JSON in a text. */
function readPolicy(written: string | undefined): Readonly<Record<string, string>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(written ?? '')
  } catch {
    return {}
  }
  const read = v.safeParse(policy, parsed)
  if (!read.success) return {}
  const texts = Object.entries(read.output.properties).filter(
    (one): one is [string, string] => typeof one[1] === 'string',
  )
  return Object.fromEntries(texts)
}

/** The entry as `wash secrets put` writes it. */
export function writeSecret(secret: SecretReference): Readonly<Record<string, string>> {
  return {
    name: secret.name,
    type: secretType,
    backend: secret.backend,
    key: secret.key,
    ...(secret.field === undefined ? {} : { field: secret.field }),
    ...(secret.version === undefined ? {} : { version: secret.version }),
    policy: JSON.stringify({ type: policyType, properties: secret.policyProperties }),
  }
}

/** Is this name of a configuration one of a secret? */
export function isSecretName(name: string): boolean {
  return name.startsWith(secretPrefix)
}

/** A secret's value, spelled as HostData and links have it. */
export type SecretValue =
  { readonly kind: 'String'; readonly value: string } | { readonly kind: 'Bytes'; readonly value: Uint8Array }

/** By the name that its reference gives it, which is what a component or provider knows it by. */
export type SecretValues = ReadonlyMap<string, SecretValue>

export const noSecrets: SecretValues = new Map()

export function secretsToWire(secrets: SecretValues): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...secrets].map(([name, { kind, value }]) => [name, { kind, value: kind === 'String' ? value : [...value] }]),
  )
}

/** Where one backend is asked. */
export const secretSubjects = (prefix: string, backend: string) => ({
  serverXkey: `${prefix}.v1alpha1.${backend}.server_xkey`,
  get: `${prefix}.v1alpha1.${backend}.get`,
})

/** Headers of a request and of its sealed answer: whose key each was sealed with. */
export const hostXkeyHeader = 'WasmCloud-Host-Xkey'
export const serverXkeyHeader = 'Server-Response-Xkey'

/** On whose behalf a secret is asked for. */
export interface SecretContext {
  /** Tokens of the component or provider and of this host. */
  readonly entity: string
  readonly host: string
  /** Name of the application it belongs to. */
  readonly application: string | undefined
}

const reference = v.object({
  name: v.string(),
  backend: v.string(),
  key: v.string(),
  field: v.nullish(v.string()),
  version: v.nullish(v.string()),
  policy: v.string(),
  type: v.string(),
})
export type StoredReference = v.InferOutput<typeof reference>

/** As strict as v1 hosts: everything but `field` and `version` must be there, and the policy must be JSON. */
export function readReference(values: Readonly<Record<string, string>>): StoredReference | undefined {
  const read = v.safeParse(reference, values)
  if (!read.success) return undefined
  try {
    JSON.parse(read.output.policy)
    return read.output
  } catch {
    return undefined
  }
}

export function encodeSecretRequest(secret: StoredReference, context: SecretContext): Uint8Array {
  return encodeJson({
    key: secret.key,
    field: secret.field ?? null,
    version: secret.version ?? null,
    context: {
      entity_jwt: context.entity,
      host_jwt: context.host,
      application: { name: context.application ?? null, policy: secret.policy },
    },
  })
}

const answerSchema = v.object({
  secret: v.nullish(
    v.object({
      version: text,
      string_secret: v.nullish(v.string()),
      binary_secret: v.nullish(v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)))),
    }),
  ),
  /** A word (`SecretNotFound`), or an object with one field (`{"UpstreamError": "…"}`). */
  error: v.optional(v.unknown()),
})

/** What a backend answered; `missing`: it has no such secret, or one without a value. */
export type SecretAnswer =
  | { readonly kind: 'value'; readonly value: SecretValue }
  | { readonly kind: 'missing' }
  | { readonly kind: 'error'; readonly words: string }

export function decodeSecretAnswer(bytes: Uint8Array): Decoded<SecretAnswer> {
  const decoded = decodeJson(answerSchema, bytes)
  if (!decoded.ok) return decoded
  const { secret, error } = decoded.value
  if (error !== undefined && error !== null) {
    return { ok: true, value: { kind: 'error', words: typeof error === 'string' ? error : JSON.stringify(error) } }
  }
  const { string_secret: string, binary_secret: bytesOf } = secret ?? {}
  if (typeof string === 'string')
    return { ok: true, value: { kind: 'value', value: { kind: 'String', value: string } } }
  if (Array.isArray(bytesOf)) {
    return { ok: true, value: { kind: 'value', value: { kind: 'Bytes', value: Uint8Array.from(bytesOf) } } }
  }
  return { ok: true, value: { kind: 'missing' } }
}
