// Reads the file that `capture.ts` and `wash capture` write: inventories and messages, each checked. A file comes from anywhere,
// so it is hostile until read: sizes are limited, and what is no capture is said to be none.

import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { Header } from 'tar'
import * as v from 'valibot'
import { TlosError } from '../failure.js'
import { type Inventory, inventoryCodec } from './protocol/inventory.js'

/** Unpacked. A recording has 64 MiB at most, and its bytes are written as numbers. */
const mostBytes = 512 * 1024 * 1024

export interface ReadMessage {
  readonly subject: string
  readonly data: Uint8Array
  readonly atMs: number
}

export interface ReadCapture {
  readonly inventories: readonly Inventory[]
  /** By the time that they were published. */
  readonly messages: readonly ReadMessage[]
}

const whole = v.pipe(v.number(), v.safeInteger())
const byte = v.pipe(whole, v.minValue(0), v.maxValue(255))
/** Year, day of the year, hour, minute, second, nanosecond, and the zone's offset in three parts. */
const time = v.tuple([whole, whole, whole, whole, whole, whole, whole, whole, whole])
const message = v.object({ subject: v.string(), payload: v.array(byte), published: time })

/** Fails with `invalid` or `too-large`, in words. */
export async function readCapture(packed: Uint8Array): Promise<ReadCapture> {
  const inventories: Inventory[] = []
  const messages: ReadMessage[] = []
  let hasInventories = false
  for (const { path, data } of entriesOf(await unpack(packed))) {
    if (path === 'inventory.json') {
      hasInventories = true
      inventories.push(...readInventories(data))
    } else if (path.startsWith('messages/')) messages.push(readMessage(path, data))
  }
  if (!hasInventories) throw notOne('it has no inventory.json')
  return { inventories, messages: messages.sort((a, b) => a.atMs - b.atMs) }
}

async function unpack(packed: Uint8Array): Promise<Buffer> {
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: mostBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new TlosError('too-large', `This capture has more than ${mostBytes / 1024 / 1024} MiB unpacked`)
    }
    throw notOne('it is not packed as one, or it is cut off', error)
  }
}

function* entriesOf(tar: Buffer): Generator<{ readonly path: string; readonly data: Buffer }> {
  for (let at = 0; at + 512 <= tar.length;) {
    const header = new Header(tar, at)
    if (header.nullBlock) return
    const { size, path } = header
    const from = at + 512
    if (!header.cksumValid || size === undefined || path === undefined || from + size > tar.length) {
      throw notOne('it is damaged or cut off')
    }
    if (header.type === 'File' || header.type === 'OldFile') yield { path, data: tar.subarray(from, from + size) }
    at = from + Math.ceil(size / 512) * 512
  }
  throw notOne('it is cut off')
}

function readInventories(data: Buffer): Inventory[] {
  const list = v.safeParse(v.array(v.unknown()), parse('inventory.json', data))
  if (!list.success) throw notOne('inventory.json is no list')
  return list.output.map((one) => {
    const read = inventoryCodec.decode(Buffer.from(JSON.stringify(one)))
    if (!read.ok) throw notOne(`inventory.json is not understood (${read.reason})`)
    return read.value
  })
}

function readMessage(path: string, data: Buffer): ReadMessage {
  const read = v.safeParse(message, parse(path, data))
  if (!read.success) throw notOne(`${path} is no message`)
  const { subject, payload, published } = read.output
  const [year, day, hour, minute, second, nanos, east, eastMinutes, eastSeconds] = published
  const utc = Date.UTC(year, 0, day, hour, minute, second) + nanos / 1e6
  const atMs = utc - ((east * 60 + eastMinutes) * 60 + eastSeconds) * 1_000
  if (!Number.isFinite(new Date(atMs).getTime())) throw notOne(`${path} has no time`)
  return { subject, data: Uint8Array.from(payload), atMs }
}

function parse(path: string, data: Buffer): unknown {
  try {
    return JSON.parse(data.toString())
  } catch (error) {
    throw notOne(`${path} is no JSON`, error)
  }
}

function notOne(why: string, cause?: unknown): TlosError {
  return new TlosError('invalid', `This is no capture of a lattice: ${why}`, cause === undefined ? {} : { cause })
}
