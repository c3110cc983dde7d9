// Bodies of node:http as bodies that flow, and back: no faster than the other side takes them, given up when a client keeps
// silent or takes nothing for too long, and when either side goes.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpHeader, HttpStream } from '../wasm/runtime.js'

class Stalled extends Error {}

async function within<T>(promise: Promise<T>, ms: number, words: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Stalled(words)), ms)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}

/** What a client sends. Breaks off with words when it keeps silent for `stallMs` or goes away. */
export function readBody(incoming: IncomingMessage, stallMs: number): HttpStream {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    // Left early it stays open: the response still has to go.
    const reader = incoming.iterator({ destroyOnReturn: false })
    try {
      for (;;) {
        const next = await within(reader.next(), stallMs, `the client sent nothing for ${stallMs} ms`)
        if (next.done === true) return
        yield next.value as Buffer // no encoding was set
      }
    } finally {
      // Not waited for: it ends when what it reads from does.
      void reader.return?.()?.catch(() => undefined)
    }
  }
  return {
    [Symbol.asyncIterator]: pieces,
    get trailers() {
      const raw = incoming.rawTrailers
      return raw.flatMap((name, index): HttpHeader[] =>
        index % 2 === 0 ? [[name.toLowerCase(), new Uint8Array(Buffer.from(raw[index + 1] ?? '', 'latin1'))]] : [],
      )
    },
  }
}

/** Sends a body behind its head. Never rejects: what cannot be sent whole ends the connection, so that nobody takes it for whole. */
export async function writeBody(
  outgoing: ServerResponse,
  body: HttpStream,
  isSent: boolean,
  stallMs: number,
): Promise<void> {
  const reader = body[Symbol.asyncIterator]()
  const giveUp = (): void => void reader.return?.()
  outgoing.on('close', giveUp)
  try {
    if (!isSent) {
      giveUp()
      outgoing.end()
      return
    }
    // Who waits for the first piece may want the head meanwhile.
    outgoing.flushHeaders()
    for (;;) {
      const next = await reader.next()
      if (next.done === true) break
      if (outgoing.destroyed) return
      if (!outgoing.write(next.value)) await drained(outgoing, stallMs)
    }
    if (outgoing.destroyed) return
    const trailers = body.trailers.map(([name, value]): [string, string] => [
      name,
      Buffer.from(value).toString('latin1'),
    ])
    if (trailers.length > 0) outgoing.addTrailers(trailers)
    outgoing.end()
  } catch {
    outgoing.destroy()
  } finally {
    outgoing.off('close', giveUp)
    giveUp()
  }
}

function drained(outgoing: ServerResponse, stallMs: number): Promise<void> {
  const taken = new Promise<void>((resolve) => {
    const settle = (): void => {
      outgoing.off('drain', settle).off('close', settle)
      resolve()
    }
    outgoing.on('drain', settle).on('close', settle)
  })
  return within(taken, stallMs, `the client took nothing for ${stallMs} ms`)
}
