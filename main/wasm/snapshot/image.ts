// The bytes of a copied instance: what it is of (component and tools), then, compressed, a description and memory pages.
// Pure. Decoding believes nothing: sizes are checked before anything is allocated by them, shapes before they are used.

import { deflateSync, inflateSync } from 'node:zlib'
import * as v from 'valibot'
import { SnapshotRefusal } from './refusal.js'

/** Grows when what is below changes its meaning. */
export const imageFormat = 2

const magic = Buffer.from('tLOSsnap', 'latin1')
const hashBytes = 32
/** magic, u32 format, component, tools, u32 length of what was compressed. All numbers are little-endian. */
const prefixBytes = magic.length + 4 + 2 * hashBytes + 4
/** Everything but memory. Far above what was ever seen: a leaky component had 110 KB after 20,000 resources. */
const maxDescriptionBytes = 4 * 1024 * 1024

/** What an image is of; it fits nothing else. */
export interface Identity {
  /** sha256 of the component, hex. */
  readonly digest: string
  /** sha256 over all that shaped its prepared form, hex. */
  readonly tool: string
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32))
const int32 = v.pipe(v.number(), v.integer(), v.minValue(-(2 ** 31)), v.maxValue(2 ** 32))
const recipe = v.tupleWithRest([v.string()], v.union([v.string(), v.number()]))
const run = v.tuple([count, count, v.picklist(['data', 'zero'])])
/** Number of the core instance, and index of the item in it. */
const place = [count, count] as const

const Description = v.object({
  /** Fingerprint of the fresh instance that pages are a difference to, hex; absent: pages are all there is. */
  base: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
  /** The guest's monotonic clock, ns. */
  clock: v.optional(v.pipe(v.string(), v.regex(/^\d{1,18}$/))),
  /** Size in bytes, and what is in it. */
  memories: v.array(v.tuple([...place, count, v.array(run)])),
  /** `n` and the hex bytes of a double, or `b` and decimal text of 64 bits. */
  globals: v.array(v.tuple([...place, v.pipe(v.string(), v.regex(/^(n[0-9a-f]{16}|b-?\d{1,20})$/))])),
  /** Length, and slots that hold another function than at the start: the table and slot where that one stood, or null. */
  tables: v.array(v.tuple([...place, count, v.array(v.tuple([count, v.nullable(v.tuple([count, count]))]))])),
  handles: v.array(v.object({ id: v.pipe(count, v.maxValue(100_000)), cells: v.array(int32), reps: v.array(int32) })),
  /** The host's objects that the guest holds: map, its counter, number and recipe of each. */
  captures: v.array(v.tuple([count, count, v.array(v.tuple([int32, recipe]))])),
  /** The guest's resources that the host holds: the host's name for it, handle table, handle. */
  held: v.array(v.tuple([count, count, count])),
  /** Handles of those that it has given out: the name in `held`, the bytes in hex, interface and name of the resource. */
  given: v.array(v.tuple([count, v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)), v.string(), v.string()])),
})
export type Description = v.InferOutput<typeof Description>

export interface DecodedImage {
  readonly description: Description
  /** Pages of all `data` runs, in order. */
  readonly pages: Uint8Array
}

/** `fillPages` writes `pageBytes` bytes into `target` from `at`. */
export function encodeImage(
  identity: Identity,
  description: Description,
  pageBytes: number,
  fillPages: (target: Uint8Array, at: number) => void,
): Uint8Array {
  const text = Buffer.from(JSON.stringify(description))
  if (text.length > maxDescriptionBytes) {
    throw new SnapshotRefusal('too-large', `it has made too many resources (${text.length} bytes of handles)`)
  }
  const body = Buffer.allocUnsafe(4 + text.length + pageBytes)
  body.writeUInt32LE(text.length, 0)
  text.copy(body, 4)
  fillPages(body, 4 + text.length)
  const prefix = Buffer.alloc(prefixBytes)
  let at = magic.copy(prefix)
  at = prefix.writeUInt32LE(imageFormat, at)
  at += prefix.write(identity.digest, at, 'hex')
  at += prefix.write(identity.tool, at, 'hex')
  prefix.writeUInt32LE(body.length, at)
  const packed = deflateSync(body, { level: 1 })
  // A buffer of its own, so that it can be handed on without a copy.
  const image = new Uint8Array(prefixBytes + packed.length)
  image.set(prefix)
  image.set(packed, prefixBytes)
  return image
}

/** `maxPageBytes`: what the memories of an instance here may hold together. Throws only `SnapshotRefusal`. */
export function decodeImage(image: Uint8Array, identity: Identity, maxPageBytes: number): DecodedImage {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength)
  if (bytes.length < prefixBytes || !bytes.subarray(0, magic.length).equals(magic)) {
    throw new SnapshotRefusal('invalid', 'these are not the bytes of a copied instance')
  }
  const format = bytes.readUInt32LE(magic.length)
  if (format !== imageFormat) {
    throw new SnapshotRefusal('unavailable', `it has format ${format}, and this node knows ${imageFormat}`)
  }
  const digestAt = magic.length + 4
  const toolAt = digestAt + hashBytes
  if (bytes.toString('hex', digestAt, toolAt) !== identity.digest) {
    throw new SnapshotRefusal('invalid', 'it is of another component')
  }
  if (bytes.toString('hex', toolAt, toolAt + hashBytes) !== identity.tool) {
    throw new SnapshotRefusal('unavailable', 'it was made by another version of the component runtime')
  }
  return readBody(unpack(bytes, maxPageBytes))
}

function unpack(bytes: Buffer, maxPageBytes: number): Buffer {
  const length = bytes.readUInt32LE(prefixBytes - 4)
  if (length > 4 + maxDescriptionBytes + maxPageBytes) {
    throw new SnapshotRefusal('too-large', `it holds ${length} bytes, more than an instance may have here`)
  }
  let body: Buffer
  try {
    // The limit is what ends a small image that unpacks to gigabytes.
    body = inflateSync(bytes.subarray(prefixBytes), { maxOutputLength: Math.max(1, length) })
  } catch {
    throw new SnapshotRefusal('invalid', 'it is cut short or damaged')
  }
  if (body.length !== length) throw new SnapshotRefusal('invalid', 'it is cut short or damaged')
  return body
}

function readBody(body: Buffer): DecodedImage {
  const length = body.length < 4 ? Infinity : body.readUInt32LE(0)
  if (length > maxDescriptionBytes || 4 + length > body.length) {
    throw new SnapshotRefusal('invalid', 'its description is longer than it is')
  }
  let json: unknown
  try {
    json = JSON.parse(body.toString('utf8', 4, 4 + length))
  } catch {
    throw new SnapshotRefusal('invalid', 'its description cannot be read')
  }
  const parsed = v.safeParse(Description, json)
  if (!parsed.success) {
    const where = v.getDotPath(parsed.issues[0]) ?? 'at its root'
    throw new SnapshotRefusal('invalid', `its description is not what it must be (${where.slice(0, 100)})`)
  }
  return { description: parsed.output, pages: body.subarray(4 + length) }
}
