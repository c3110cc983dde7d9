// The token that a signed component carries in a custom section of its own (lattice.md 2.6): found, checked (signature,
// times, the hash of the bytes without it), and read. Stands on the reader of WebAssembly's sections and on nkeys.

import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { TlosError } from '../failure.js'
import { Malformed, readPreamble, Reader } from '../wasm/binary.js'
import { verifySignature } from './nkeys.js'
import { claimsOfPayload, claimsPayload, type ComponentClaims } from './protocol/component-claims.js'

const tokenSections = ['wasmcloud_jwt', 'jwt']
/** Tokens of this revision and later carry the hash of the bytes. */
const hashedSince = 3
/** Layers of components within components that are looked through; the decoder of components allows fewer. */
const maxDepth = 64

const text = new TextDecoder('utf-8', { fatal: true })

/**
 * Undefined for unsigned bytes, whatever they are. Fails with `invalid` when there is a token and it is not genuine or not
 * valid now: such a component must not start.
 */
export function readClaims(bytes: Uint8Array, nowMs: number): ComponentClaims | undefined {
  const token = findToken(bytes)
  if (token === undefined) return undefined
  const [header, body, signature, ...more] = token.split('.')
  if (header === undefined || body === undefined || signature === undefined || more.length > 0) {
    throw invalid('it has not three parts')
  }
  parsePart(v.object({ typ: v.literal('jwt'), alg: v.literal('Ed25519') }), header, 'header')
  const payload = parsePart(claimsPayload, body, 'payload')
  const nowSeconds = Math.floor(nowMs / 1000)
  const { exp, nbf, iss } = payload
  if (!verifySignature(iss, new TextEncoder().encode(`${header}.${body}`), Buffer.from(signature, 'base64url'))) {
    throw invalid('its signature is not valid')
  }
  if (typeof exp === 'number' && exp < nowSeconds) throw invalid(`it expired at ${timeText(exp)}`)
  if (typeof nbf === 'number' && nbf > nowSeconds) throw invalid(`it cannot be used before ${timeText(nbf)}`)
  if ((payload.wascap_revision ?? 0) >= hashedSince) {
    const hash = createHash('sha256').update(withoutTokens(bytes)).digest('hex').toUpperCase()
    if (payload.wascap.hash !== hash) throw invalid('the component was changed after it was signed')
  }
  return claimsOfPayload(payload)
}

function invalid(why: string): TlosError {
  return new TlosError('invalid', 'failed to validate the token of the component', { cause: new Error(why) })
}

function timeText(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString()
}

function parsePart<S extends v.GenericSchema>(schema: S, part: string, what: string): v.InferOutput<S> {
  let json: unknown
  try {
    json = JSON.parse(text.decode(Buffer.from(part, 'base64url')))
  } catch {
    throw invalid(`its ${what} is not JSON`)
  }
  const result = v.safeParse(schema, json)
  if (!result.success) throw invalid(`its ${what} does not fit (${v.getDotPath(result.issues[0]) ?? 'whole'})`)
  return result.output
}

interface Section {
  readonly id: number
  readonly content: Uint8Array
}

/** The sections of a module or component; undefined when the bytes are neither or are cut. */
function sectionsOf(bytes: Uint8Array): readonly Section[] | undefined {
  if (!['component', 'core'].includes(readPreamble(bytes))) return undefined
  const sections: Section[] = []
  try {
    const reader = new Reader(bytes, 'the file', 8)
    while (reader.left > 0) {
      const id = reader.byte()
      sections.push({ id, content: reader.part(reader.u32(), 'a section').rest() })
    }
  } catch (error) {
    // What is wrong with such bytes is said by whoever prepares them.
    if (error instanceof Malformed) return undefined
    throw error
  }
  return sections
}

function isToken(section: Section): boolean {
  if (section.id !== 0) return false
  try {
    return tokenSections.includes(new Reader(section.content, 'a custom section').name())
  } catch (error) {
    if (error instanceof Malformed) return false
    throw error
  }
}

function findToken(bytes: Uint8Array): string | undefined {
  const section = sectionsOf(bytes)?.find(isToken)
  if (section === undefined) return undefined
  const reader = new Reader(section.content, 'a custom section')
  reader.name()
  try {
    return text.decode(reader.rest())
  } catch {
    throw invalid('it is not text')
  }
}

/** The bytes as they were before they were signed: without tokens, lengths in their shortest form, nested ones as well. */
function withoutTokens(bytes: Uint8Array, depth = 0): Uint8Array {
  const sections = sectionsOf(bytes)
  if (sections === undefined || depth > maxDepth) return bytes
  const isComponent = readPreamble(bytes) === 'component'
  const parts: Uint8Array[] = [bytes.subarray(0, 8)]
  for (const section of sections) {
    if (isToken(section)) continue
    const isNested = isComponent && (section.id === 1 || section.id === 4)
    const content = isNested ? withoutTokens(section.content, depth + 1) : section.content
    parts.push(Uint8Array.of(section.id, ...leb(content.length)), content)
  }
  return Buffer.concat(parts)
}

function leb(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ;) {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low + 128 : low)
    if (rest === 0) return bytes
  }
}
