// Connections of one instance: numbers for them, bytes that arrived and were not asked for yet, and waiting until one of
// several can go on. Knows sockets and HTTP only as streams of Node.

import type { Readable } from 'node:stream'
import { OperationError, type Operations } from './answers.js'

/** Connections that one instance may have at a time. */
export const maxChannels = 64
/** Bytes that lie here before the other side has to wait. */
export const windowBytes = 64 * 1024

/**
 * `done`: an opening or a request has an outcome; `flushed`: nothing of what was written lies here any more; `ended`: all that
 * came was read, and its trailers are known.
 */
export type Side = 'in' | 'out' | 'done' | 'flushed' | 'ended'
export type WaitToken = readonly [id: number, side: Side]

export interface Channel {
  isReady(side: Side): boolean
  /** Empty: nothing yet. */
  read?(length: number): Incoming
  /** Of a body that comes: nothing more is read, only its end is waited for. */
  discard?(): void
  /** Undefined: not yet. `why`: it broke off. */
  trailers?(): BodyEnd | undefined
  /** Of a body that goes. */
  readonly writer?: BodyWriter
  close(): void
}

/** Names and values. */
export type HeaderPairs = readonly (readonly [string, Uint8Array])[]
export type BodyEnd = { readonly why: string | undefined; readonly trailers: HeaderPairs }

export interface BodyWriter {
  /** Bytes that may be written now; undefined: none ever. */
  room(): number | undefined
  write(bytes: Uint8Array): void
  finish(trailers: HeaderPairs): void
  /** It will not be whole. */
  abort(): void
}

export type Incoming = { readonly bytes: Uint8Array } | { readonly end: string | undefined }

export interface Channels {
  readonly operations: Operations
  assertRoom(code: unknown): void
  add(channel: Channel): number
  get(id: unknown): Channel | undefined
  /** Closes it; does nothing when it is gone. */
  drop(id: unknown): void
  /** To be called when something of any channel may have become ready. */
  changed(): void
  close(): void
}

export function createChannels(): Channels {
  const channels = new Map<number, Channel>()
  const listeners = new Set<() => void>()
  let lastId = 0
  let isClosed = false

  const changed = (): void => {
    for (const listener of [...listeners]) listener()
  }
  const drop = (id: unknown): void => {
    channels.get(id as number)?.close() // a key of another type finds nothing
    channels.delete(id as number)
  }
  const writerOf = (id: unknown): BodyWriter | undefined => channels.get(id as number)?.writer
  /** Indices of those that are ready. What is gone is: whoever waits for it learns that from its next call. */
  const ready = (tokens: readonly WaitToken[]): number[] =>
    tokens.flatMap(([id, side], index) => {
      const channel = channels.get(id)
      return channel === undefined || channel.isReady(side) ? [index] : []
    })

  async function wait(tokens: readonly WaitToken[], ms: number): Promise<number[]> {
    const now = ready(tokens)
    if (now.length > 0 || ms <= 0) return now
    return await new Promise((resolve) => {
      const settle = (): void => {
        listeners.delete(look)
        clearTimeout(timer)
        resolve(ready(tokens))
      }
      const look = (): void => {
        if (isClosed || ready(tokens).length > 0) settle()
      }
      const timer = setTimeout(settle, ms)
      listeners.add(look)
    })
  }

  return {
    operations: {
      // The worker is the only one that asks, in these shapes.
      wait: (tokens, ms) => wait(tokens as WaitToken[], ms as number),
      'channel.read': (id, length) =>
        channels.get(id as number)?.read?.(Math.min(windowBytes, Number(length))) ?? { end: undefined },
      'channel.close': drop,
      'body.room': (id) => writerOf(id)?.room(),
      /** The room that is left. */
      'body.write': (id, bytes) => {
        const writer = writerOf(id)
        writer?.write(bytes as Uint8Array) // the glue gives bytes
        return writer?.room()
      },
      'body.finish': (id, trailers) => writerOf(id)?.finish(trailers as HeaderPairs), // the worker's own shape
      'body.abort': (id) => writerOf(id)?.abort(),
      'body.discard': (id) => channels.get(id as number)?.discard?.(),
      'body.trailers': (id) => channels.get(id as number)?.trailers?.(),
    },
    assertRoom(code) {
      if (channels.size >= maxChannels) throw new OperationError(code)
    },
    add(channel) {
      lastId += 1
      channels.set(lastId, channel)
      return lastId
    },
    get: (id) => channels.get(id as number), // a key of another type finds nothing
    drop,
    changed,
    close() {
      isClosed = true
      for (const channel of channels.values()) channel.close()
      channels.clear()
      changed()
    },
  }
}

export interface Inlet {
  isReady(): boolean
  read(length: number): Incoming
  discard(): void
  /** It ended, and all of it was read. */
  ended(): { readonly why: string | undefined } | undefined
}

/** Takes what `source` gives and holds it back while `windowBytes` lie here. More than `limit` in all ends it with words. */
export function createInlet(source: Readable, changed: () => void, limit = Number.POSITIVE_INFINITY): Inlet {
  let pieces: Buffer[] = []
  let lying = 0
  let total = 0
  let isEnded = false
  let why: string | undefined
  let isDiscarding = false

  const end = (words?: string): void => {
    if (isEnded) return
    isEnded = true
    why = words
    changed()
  }
  source.on('data', (piece: Buffer) => {
    total += piece.length
    if (total > limit) {
      source.destroy()
      return end(`more than ${limit} bytes came`)
    }
    if (isDiscarding) return
    pieces.push(piece)
    lying += piece.length
    if (lying >= windowBytes) source.pause()
    changed()
  })
  source.on('end', () => end())
  source.on('error', (error) => end(error.message))
  source.on('close', () => end('the connection was closed'))

  return {
    isReady: () => lying > 0 || isEnded,
    ended: () => (isEnded && lying === 0 ? { why } : undefined),
    discard() {
      isDiscarding = true
      pieces = []
      lying = 0
      source.resume()
    },
    read(length) {
      if (lying === 0) return isEnded ? { end: why } : { bytes: new Uint8Array(0) }
      const all = Buffer.concat(pieces)
      const bytes = new Uint8Array(all.subarray(0, length))
      const rest = all.subarray(bytes.length)
      pieces = rest.length === 0 ? [] : [rest]
      lying = rest.length
      if (lying < windowBytes) source.resume()
      return { bytes }
    },
  }
}
