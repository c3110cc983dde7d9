// What goes out besides the synchronous bytes: the messages of each stream and future of a value that is there, ready before the first
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

/** A channel whose data is not there yet: it is sent as it comes. */
export type LaterChannel = { readonly path: string } & (
  | { readonly kind: 'bytes'; readonly source: AsyncIterable<Uint8Array> }
  | { readonly kind: 'future'; readonly inner: WitType | undefined; readonly value: PromiseLike<unknown> }
)

export interface EncodedChannels {
  readonly whole: readonly Channel[]
  readonly later: readonly LaterChannel[]
}

/** Throws a `TypeError` when a value is not of its type, or has streams inside of its elements. */
export function encodeChannels(deferred: readonly AsyncValue[], mostBytes: number): EncodedChannels {
  const whole: Channel[] = []
  const later: LaterChannel[] = []
  for (const { path: indexes, type, value } of deferred) {
    const path = indexes.join('.')
    if (type.kind === 'stream' && type.element?.kind === 'u8' && isFlow(value)) {
      later.push({ path, kind: 'bytes', source: value })
    } else if (type.kind === 'future' && isPromise(value)) {
      later.push({ path, kind: 'future', inner: type.inner, value })
    } else if (type.kind === 'future') {
      whole.push({ path, messages: encodeFuture(type.inner, value, mostBytes) })
    } else {
      whole.push({ path, messages: cutAll(streamMessages(type.element, value, mostBytes), mostBytes) })
    }
  }
  return { whole, later }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const isFlow = (value: unknown): value is AsyncIterable<Uint8Array> =>
  isObject(value) && Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === 'function'

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  isObject(value) && 'then' in value && typeof value.then === 'function'

/** Messages of a future, none of them empty. Throws as `encodeChannels`. */
export function encodeFuture(inner: WitType | undefined, value: unknown, mostBytes: number): readonly Uint8Array[] {
  return cutAll(futureMessages(inner, value), mostBytes)
}

/** Most bytes of a stream that go into one message. */
export const chunkSize = (mostBytes: number): number => Math.max(1, Math.min(chunkBytes, mostBytes - 5))

/** The message with these bytes of a stream. */
export const encodeChunk = (bytes: Uint8Array): Uint8Array => chunkOf(bytes.length, [bytes])

/** Ends a stream. */
export const streamEnd = new Uint8Array([0])

/**
 * A chunk of which nothing will come: a stream that breaks off ends inside of it. At the border of a chunk a Rust peer takes
 * it for whole.
 */
export const brokenChunk = new Uint8Array([1])

const cutAll = (messages: readonly Uint8Array[], mostBytes: number): readonly Uint8Array[] =>
  messages.filter(({ length }) => length > 0).flatMap((each) => cutTo(each, mostBytes))

function futureMessages(inner: WitType | undefined, value: unknown): readonly Uint8Array[] {
  return inner === undefined ? [] : [encodeAlone(inner, value)]
}

/** Chunks of whole elements, and the empty one that ends the stream. */
function streamMessages(element: WitType | undefined, value: unknown, mostBytes: number): readonly Uint8Array[] {
  if (element === undefined) throw new TypeError('a stream of nothing cannot be sent')
  // Room for the length in front of the elements.
  const size = chunkSize(mostBytes)
  if (element.kind === 'u8' && value instanceof Uint8Array) {
    const chunks: Uint8Array[] = []
    for (let at = 0; at < value.length; at += size) chunks.push(encodeChunk(value.subarray(at, at + size)))
    return [...chunks, streamEnd]
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
  return [...chunks, streamEnd]
}

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
