// NATS nkeys in text form (lattice.md 2.1): ed25519 (and X25519 for `X`) key pairs in base32 with a checksum. Stands on
// node:crypto alone.

import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import { TlosError } from '../failure.js'

const prefixes = {
  server: 13 << 3,
  cluster: 2 << 3,
  operator: 14 << 3,
  account: 0,
  user: 20 << 3,
  module: 12 << 3,
  service: 21 << 3,
  curve: 23 << 3,
} as const
const seedMarker = 18 << 3

/** What a key is for; its first letter in text form says so (`N` server, `A` account, `X` curve, …). */
export type KeyKind = keyof typeof prefixes

export interface KeyPair {
  readonly kind: KeyKind
  /** `S` and the kind's letter, 58 characters. Secret. */
  readonly seed: string
  /** 56 characters. */
  readonly publicKey: string
  /** ed25519 signature; curve keys cannot sign. */
  sign(data: Uint8Array): Uint8Array
}

/** A new pair from the system's random source. */
export function createKey(kind: KeyKind): KeyPair {
  return pairOf(kind, randomBytes(32))
}

/** The pair of a seed text; fails with `invalid` when it is none. */
export function keyFromSeed(seed: string): KeyPair {
  const bytes = decodeChecked(seed)
  const [first, second] = bytes ?? []
  if (bytes?.length !== 34 || first === undefined || second === undefined || (first & 0xf8) !== seedMarker) {
    throw new TlosError('invalid', 'This is not an nkey seed: it begins with S and has 58 characters.')
  }
  const prefix = ((first & 7) << 5) | (second >> 3)
  const kind = kindOf(prefix)
  if (kind === undefined) throw new TlosError('invalid', 'This nkey seed is of an unknown kind.')
  return pairOf(kind, bytes.subarray(2))
}

/** Is the text a public key of that kind, checksum included? */
export function isPublicKey(text: string, kind: KeyKind): boolean {
  const bytes = decodeChecked(text)
  return bytes?.length === 33 && bytes[0] === prefixes[kind]
}

/** Was this signed by whoever has the seed of that public key (of any kind that signs)? False for what is no key. */
export function verifySignature(publicKey: string, data: Uint8Array, signature: Uint8Array): boolean {
  const bytes = decodeChecked(publicKey)
  if (bytes?.length !== 33 || kindOf(bytes[0] ?? -1) === undefined || bytes[0] === prefixes.curve) return false
  const der = Buffer.concat([ed25519PublicHeader, bytes.subarray(1)])
  try {
    return verify(null, data, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature)
  } catch {
    return false
  }
}

function pairOf(kind: KeyKind, seed: Uint8Array): KeyPair {
  const prefix = prefixes[kind]
  const key = privateKey(kind, seed)
  const marker = [seedMarker | (prefix >> 5), (prefix & 31) << 3]
  return {
    kind,
    seed: encodeChecked(Buffer.from([...marker, ...seed])),
    publicKey: encodeChecked(Buffer.from([prefix, ...publicBytes(key)])),
    sign(data) {
      if (kind === 'curve') throw new TlosError('invalid', 'A curve key cannot sign.')
      return sign(null, data, key)
    },
  }
}

/** PKCS #8 headers of raw 32-byte keys. */
const ed25519Header = Buffer.from('302e020100300506032b657004220420', 'hex')
const x25519Header = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** SPKI header of a raw 32-byte key. */
const ed25519PublicHeader = Buffer.from('302a300506032b6570032100', 'hex')

function privateKey(kind: KeyKind, seed: Uint8Array): KeyObject {
  const der = Buffer.concat([kind === 'curve' ? x25519Header : ed25519Header, seed])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

/** The last 32 bytes of the SPKI form are the key itself. */
function publicBytes(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)
}

function kindOf(prefix: number): KeyKind | undefined {
  const kinds = Object.keys(prefixes) as KeyKind[] // the table's own keys
  return kinds.find((kind) => prefixes[kind] === prefix)
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 base32 without padding. */
export function formatBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet[(value >> bits) & 31]
    }
    value &= (1 << bits) - 1
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text
}

/** Undefined for anything but upper-case base32 without padding. */
export function parseBase32(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8))
  let bits = 0
  let value = 0
  let at = 0
  for (const letter of text) {
    const digit = alphabet.indexOf(letter)
    if (digit < 0) return undefined
    value = (value << 5) | digit
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = (value >> bits) & 255
      value &= (1 << bits) - 1
    }
  }
  return value === 0 ? bytes : undefined
}

/** CRC-16/XMODEM. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = ((crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff
  }
  return crc
}

function encodeChecked(body: Uint8Array): string {
  const crc = crc16(body)
  return formatBase32(Buffer.from([...body, crc & 255, crc >> 8]))
}

function decodeChecked(text: string): Uint8Array | undefined {
  const bytes = text.length > 64 ? undefined : parseBase32(text)
  if (bytes === undefined || bytes.length < 3) return undefined
  const body = bytes.subarray(0, -2)
  const [low = 0, high = 0] = bytes.subarray(-2)
  return crc16(body) === (low | (high << 8)) ? body : undefined
}
