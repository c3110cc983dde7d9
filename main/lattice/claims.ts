// The token that a signed component carries in a custom section of its own (lattice.md 2.6): found, checked (signature,
// times, the hash of the bytes without it), and read. Stands on the reader of WebAssembly's sections and on `token.ts`.

import { createHash } from 'node:crypto'
import type { TlosError } from '../failure.js'
import { Malformed, readPreamble, Reader } from '../wasm/binary.js'
import { claimsOfPayload, claimsPayload, type ComponentClaims } from './protocol/component-claims.js'
import { checkToken, invalidToken } from './token.js'

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
  const payload = checkToken(token, claimsPayload, { what: 'component', nowMs })
  if ((payload.wascap_revision ?? 0) >= hashedSince) {
    const hash = createHash('sha256').update(withoutTokens(bytes)).digest('hex').toUpperCase()
    if (payload.wascap.hash !== hash) throw invalid('the component was changed after it was signed')
  }
  return claimsOfPayload(payload)
}

const invalid = (why: string): TlosError => invalidToken('component', why)

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

/** As it stands there, genuine or not; undefined for unsigned bytes. */
export function findToken(bytes: Uint8Array): string | undefined {
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
