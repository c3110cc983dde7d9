// Bodies of node:http as bodies that flow, and back: no faster than the other side takes them, given up when a client lets
// one wait for too long (http-pace.ts), and when either side goes.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpHeader, HttpStream } from '../wasm/runtime.js'
import { Patience, type Pace } from './http-pace.js'

/** What a client sends. Breaks off with words when it is too slow or goes away. */
export function readBody(incoming: IncomingMessage, pace: Pace): HttpStream {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    // Left early it stays open: the response still has to go.
    const reader = incoming.iterator({ destroyOnReturn: false })
    const patience = new Patience(pace, 'sent')
    try {
      for (;;) {
        const next = await patience.wait(reader.next())
        if (next.done === true) return
        const bytes = next.value as Buffer // no encoding was set
        patience.moved(bytes.length)
        yield bytes
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
  pace: Pace,
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
    const patience = new Patience(pace, 'took')
    for (;;) {
      const next = await reader.next()
      if (next.done === true) break
      if (outgoing.destroyed) return
      if (!outgoing.write(next.value)) await patience.wait(drained(outgoing))
      patience.moved(next.value.length)
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

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      outgoing.off('drain', settle).off('close', settle)
      resolve()
    }
    outgoing.on('drain', settle).on('close', settle)
  })
}
