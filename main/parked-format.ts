// What lies on the disk of an actor whose node ended: a header in JSON and the copy of its instance, under one checksum. Pure.
// Decoding believes nothing: it tells why something cannot be used.

import { createHash } from 'node:crypto'
import * as v from 'valibot'

const magic = Buffer.from('tLOSpark', 'latin1')
/** Grows when what is below changes its meaning. */
const format = 1
const hashBytes = 32
/** magic, u32 format, sha256 of what follows, u32 length of the header. All numbers are little-endian. */
const prefixBytes = magic.length + 4 + hashBytes + 4
const maxHeaderBytes = 64 * 1024

const Header = v.object({
  /** What the lattice is called in this machine's files (lattice-key.ts). */
  lattice: v.string(),
  componentId: v.string(),
  savedAt: v.string(),
  /** Of an owned actor: who owned it when it was saved, and its epoch then. */
  owned: v.optional(v.object({ owner: v.string(), epoch: v.pipe(v.number(), v.integer(), v.minValue(1)) })),
  /** Why there is no copy. */
  reason: v.optional(v.string()),
})
export type ParkedHeader = v.InferOutput<typeof Header>

export interface ParkedFile {
  readonly header: ParkedHeader
  /** Empty when there is a reason. */
  readonly image: Uint8Array
}

export type DecodedParked =
  | { readonly ok: true; readonly file: ParkedFile }
  /** The end of a sentence. */
  | { readonly ok: false; readonly why: string }

export function encodeParked({ header, image }: ParkedFile): Uint8Array {
  const text = Buffer.from(JSON.stringify(header))
  const bytes = Buffer.alloc(prefixBytes + text.length + image.length)
  magic.copy(bytes)
  bytes.writeUInt32LE(format, magic.length)
  bytes.writeUInt32LE(text.length, prefixBytes - 4)
  text.copy(bytes, prefixBytes)
  bytes.set(image, prefixBytes + text.length)
  checksum(bytes).copy(bytes, magic.length + 4)
  return bytes
}

export function decodeParked(given: Uint8Array): DecodedParked {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  const damaged: DecodedParked = { ok: false, why: 'its file is cut short or damaged' }
  if (bytes.length < prefixBytes || !bytes.subarray(0, magic.length).equals(magic)) return damaged
  const found = bytes.readUInt32LE(magic.length)
  if (found !== format) return { ok: false, why: `its file has format ${found}, and this node knows ${format}` }
  if (!checksum(bytes).equals(bytes.subarray(magic.length + 4, prefixBytes - 4))) return damaged
  const length = bytes.readUInt32LE(prefixBytes - 4)
  if (length > maxHeaderBytes || prefixBytes + length > bytes.length) return damaged
  let json: unknown
  try {
    json = JSON.parse(bytes.toString('utf8', prefixBytes, prefixBytes + length))
  } catch {
    return damaged
  }
  const header = v.safeParse(Header, json)
  if (!header.success) return damaged
  return { ok: true, file: { header: header.output, image: bytes.subarray(prefixBytes + length) } }
}

/** Over everything but the magic, the format and itself. */
const checksum = (bytes: Buffer): Buffer =>
  createHash('sha256')
    .update(bytes.subarray(prefixBytes - 4))
    .digest()
