// A token as `wascap` makes it (lattice.md 2.6): three parts, signed by its issuer's account key, good for a time. Checked and made
// here; what its payload says of a component, a provider or a host is for others.

import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { TlosError } from '../failure.js'
import { type KeyPair, verifySignature } from './nkeys.js'

/** What every payload has; the rest is of the thing that is signed. */
const timesSchema = v.object({ exp: v.nullish(v.number()), nbf: v.nullish(v.number()), iss: v.string() })
const headerSchema = v.object({ typ: v.literal('jwt'), alg: v.literal('Ed25519') })

const text = new TextDecoder('utf-8', { fatal: true })

/** `what`: whose token it is, for the words. Fails with `invalid` unless it is genuine and valid now. */
export function checkToken<S extends v.GenericSchema>(
  token: string,
  schema: S,
  { what, nowMs }: { readonly what: string; readonly nowMs: number },
): v.InferOutput<S> {
  const fail = (why: string): TlosError => invalidToken(what, why)
  const [header, body, signature, ...more] = token.split('.')
  if (header === undefined || body === undefined || signature === undefined || more.length > 0) {
    throw fail('it has not three parts')
  }
  parsePart(headerSchema, header, 'header', fail)
  const payload = parsePart(schema, body, 'payload', fail)
  const { exp, nbf, iss } = parsePart(timesSchema, body, 'payload', fail)
  const nowSeconds = Math.floor(nowMs / 1000)
  if (!verifySignature(iss, new TextEncoder().encode(`${header}.${body}`), Buffer.from(signature, 'base64url'))) {
    throw fail('its signature is not valid')
  }
  if (typeof exp === 'number' && exp < nowSeconds) throw fail(`it expired at ${timeText(exp)}`)
  if (typeof nbf === 'number' && nbf > nowSeconds) throw fail(`it cannot be used before ${timeText(nbf)}`)
  return payload
}

export function invalidToken(what: string, why: string): TlosError {
  return new TlosError('invalid', `failed to validate the token of the ${what}`, { cause: new Error(why) })
}

/** A token that does not expire, with these words about its subject. */
export function makeToken(
  issuer: KeyPair,
  { subject, wascap, nowMs }: { readonly subject: string; readonly wascap: unknown; readonly nowMs: number },
): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const header = part({ typ: 'jwt', alg: 'Ed25519' })
  const payload = part({
    jti: randomBytes(16).toString('hex'),
    iat: Math.floor(nowMs / 1000),
    iss: issuer.publicKey,
    sub: subject,
    wascap,
    wascap_revision: 3,
  })
  const signature = issuer.sign(new TextEncoder().encode(`${header}.${payload}`))
  return `${header}.${payload}.${Buffer.from(signature).toString('base64url')}`
}

function timeText(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString()
}

function parsePart<S extends v.GenericSchema>(
  schema: S,
  part: string,
  name: string,
  fail: (why: string) => TlosError,
): v.InferOutput<S> {
  let json: unknown
  try {
    json = JSON.parse(text.decode(Buffer.from(part, 'base64url')))
  } catch {
    throw fail(`its ${name} is not JSON`)
  }
  const result = v.safeParse(schema, json)
  if (!result.success) throw fail(`its ${name} does not fit (${v.getDotPath(result.issues[0]) ?? 'whole'})`)
  return result.output
}
