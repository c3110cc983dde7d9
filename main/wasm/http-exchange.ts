// One HTTP request to a component as the runtime has it: its body pumped to the pool process as fast as the component reads,
// the response read from there as fast as its reader takes it.

import type { HttpHead, HttpRequest, HttpStream, SentRequest } from './http-data.js'
import { type FlowPart, Inflow, Outflow } from './http-flow.js'

/** What comes from the pool process. */
export type FromExchange = FlowPart | ({ readonly part: 'head' } & HttpHead)

export interface HttpExchange {
  readonly sent: SentRequest
  /** To be called when the pool process was told of the request. */
  start(): void
  take(part: FromExchange): void
  /** The call has ended; with an error, what flows still is broken off. */
  close(failure: Error | undefined): void
}

export function openExchange(request: HttpRequest, send: (part: FlowPart) => void): HttpExchange {
  const { onResponse, body, ...head } = request
  const wake: (() => void)[] = []
  const changed = (): void => {
    for (const each of wake.splice(0)) each()
  }
  const change = (): Promise<void> => new Promise((resolve) => wake.push(resolve))
  let isOpen = true
  const outflow = new Outflow((part) => isOpen && send(part), changed)
  const inflow = new Inflow((part) => isOpen && send(part), changed)

  async function pump(stream: HttpStream): Promise<void> {
    try {
      for await (const piece of stream) {
        for (let at = 0; at < piece.length;) {
          const { room } = outflow
          // The component does not read on: whoever writes learns it from the end of this loop.
          if (room === undefined) return
          if (room === 0) {
            await change()
            continue
          }
          outflow.write(piece.slice(at, at + room))
          at += room
        }
        if (outflow.room === undefined) return
      }
      outflow.end(stream.trailers)
    } catch (error) {
      outflow.break(error instanceof Error ? error.message : String(error))
    }
  }

  async function next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const bytes = inflow.read(Number.POSITIVE_INFINITY)
      if (bytes.length > 0) return { done: false, value: bytes }
      const { ended } = inflow
      if (ended?.why !== undefined) throw new Error(`the response broke off: ${ended.why}`)
      if (ended !== undefined) return { done: true, value: undefined }
      await change()
    }
  }
  /** Not a generator: giving up must not wait for the next piece. */
  const reader: AsyncIterator<Uint8Array, undefined> = {
    next,
    return() {
      inflow.cancel()
      return Promise.resolve({ done: true, value: undefined })
    },
  }

  function respond({ status, headers }: HttpHead): void {
    const stream: HttpStream = {
      [Symbol.asyncIterator]: () => reader,
      get trailers() {
        return inflow.ended?.trailers ?? []
      },
    }
    onResponse?.({ status, headers, body: stream })
  }

  const isWhole = body instanceof Uint8Array
  return {
    sent: { ...head, body: isWhole ? body : undefined, mayFlow: onResponse !== undefined },
    take(part) {
      if (part.part === 'head') respond(part)
      else if (part.part === 'taken' || part.part === 'unwanted') outflow.take(part)
      else inflow.take(part)
    },
    start() {
      if (!isWhole) void pump(body)
    },
    close(failure) {
      isOpen = false
      inflow.take({ part: 'broken', why: failure?.message ?? 'the component did not finish it' })
      outflow.take({ part: 'unwanted' })
    },
  }
}
