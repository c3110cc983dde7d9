// A secret as the configuration bucket has it (lattice.md 4.2): never its value, only where to ask for it. Pure.

import * as v from 'valibot'
import { optionalText, text } from './json.js'

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
