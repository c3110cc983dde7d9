// What goes out besides the synchronous bytes: the messages of each stream and future of a value, ready before the first
// one is sent, so that a value that does not fit fails the call and not half of it (SPEC W42). Pure.

import type { WitType } from '../../preload/wit.js'
import type { AsyncValue } from './async-value.js'
import { ByteWriter } from './bytes.js'
import { encodeValue } from './encode.js'

/** Where a chunk is ended, bytes; a peer hands a chunk on when it is complete. */
const chunkBytes = 64 * 1024

/** One channel below that of the parameters or results, without its end. */
export interface Channel {
  /** `0.1`, behind the subject of the channel above. */
  readonly path: string
  /** Messages, none of them empty. */
  readonly messages: readonly Uint8Array[]
}

/** Throws a `TypeError` when a value is not of its type, or has streams inside of its elements. */
export function encodeChannels(deferred: readonly AsyncValue[], mostBytes: number): readonly Channel[] {
  return deferred.map(({ path, type, value }) => {
    const messages =
      type.kind === 'future' ? futureMessages(type.inner, value) : streamMessages(type.element, value, mostBytes)
    return {
      path: path.join('.'),
      messages: messages.filter(({ length }) => length > 0).flatMap((each) => cutTo(each, mostBytes)),
    }
  })
}

function futureMessages(inner: WitType | undefined, value: unknown): readonly Uint8Array[] {
  return inner === undefined ? [] : [encodeAlone(inner, value)]
}

/** Chunks of whole elements, and the empty one that ends the stream. */
function streamMessages(element: WitType | undefined, value: unknown, mostBytes: number): readonly Uint8Array[] {
  const end = new Uint8Array([0])
  if (element === undefined) throw new TypeError('a stream of nothing cannot be sent')
  // Room for the length in front of the elements.
  const size = Math.max(1, Math.min(chunkBytes, mostBytes - 5))
  if (element.kind === 'u8' && value instanceof Uint8Array) {
    const chunks: Uint8Array[] = []
    for (let at = 0; at < value.length; at += size)
      chunks.push(chunkOf(...countAndBytes(value.subarray(at, at + size))))
    return [...chunks, end]
  }
  if (!Array.isArray(value)) throw new TypeError('the elements of a stream are expected as a list')
  const chunks: Uint8Array[] = []
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  for (const each of value as readonly unknown[]) {
    const bytes = encodeAlone(element, each)
    if (waiting.length > 0 && waitingBytes + bytes.length > size) {
      chunks.push(chunkOf(waiting.length, waiting))
      waiting = []
      waitingBytes = 0
    }
    waiting.push(bytes)
    waitingBytes += bytes.length
  }
  if (waiting.length > 0) chunks.push(chunkOf(waiting.length, waiting))
  return [...chunks, end]
}

const countAndBytes = (bytes: Uint8Array): [number, readonly Uint8Array[]] => [bytes.length, [bytes]]

function chunkOf(count: number, parts: readonly Uint8Array[]): Uint8Array {
  const out = new ByteWriter()
  out.unsigned(count)
  for (const part of parts) out.bytes(part)
  return out.finish()
}

function encodeAlone(type: WitType, value: unknown): Uint8Array {
  const { bytes, deferred } = encodeValue(type, value)
  if (deferred.length > 0) throw new TypeError('streams inside of streams and futures cannot be sent')
  return bytes
}

function cutTo(bytes: Uint8Array, most: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += most) pieces.push(bytes.subarray(at, at + most))
  return pieces
}
