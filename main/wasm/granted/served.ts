// Requests that one instance serves, as its pool process has them: the body that comes from the runtime and the one that goes
// back, each as one side of a channel that the worker reads and writes.

import type { FromExchange } from '../http-exchange.js'
import type { SentRequest } from '../http-data.js'
import { type FlowPart, Inflow, Outflow } from '../http-flow.js'
import type { Operations } from './answers.js'
import type { Channel, Channels, HeaderPairs } from './channels.js'

export interface Served {
  readonly operations: Operations
  /** It waits for its turn; what of its body comes meanwhile is kept. */
  arrive(callId: number, request: SentRequest): void
  /** Its turn: as the worker is to have it. */
  begin(callId: number, request: SentRequest): SentRequest
  take(callId: number, part: FlowPart): void
  end(callId: number): void
}

interface Exchange {
  readonly channel: Channel
  id: number | undefined
  take(part: FlowPart): void
  head(status: number, headers: HeaderPairs): void
}

/** `progressed`: something of a body went over the border. */
export function createServed(
  channels: Channels,
  send: (callId: number, part: FromExchange) => void,
  progressed: (callId: number) => void,
): Served {
  const exchanges = new Map<number, Exchange>()

  function open(callId: number, hasBody: boolean): Exchange {
    let hasBegun = false
    const tell = (part: FromExchange): void => send(callId, part)
    const changed = (): void => {
      progressed(callId)
      channels.changed()
    }
    const inflow = new Inflow(tell, changed)
    const outflow = new Outflow(tell, changed)
    if (!hasBody) inflow.take({ part: 'end', trailers: [] })
    return {
      id: undefined,
      head(status, headers) {
        hasBegun = true
        tell({ part: 'head', status, headers })
      },
      take(part) {
        if (part.part === 'taken' || part.part === 'unwanted') outflow.take(part)
        else inflow.take(part)
      },
      channel: {
        isReady(side) {
          if (side === 'in') return inflow.isReady
          if (side === 'ended') return inflow.ended !== undefined
          return side === 'out' ? outflow.room !== 0 : outflow.isFlushed
        },
        read(length) {
          const bytes = inflow.read(length)
          if (bytes.length > 0) progressed(callId)
          return bytes.length > 0 || inflow.ended === undefined ? { bytes } : { end: inflow.ended.why }
        },
        discard: () => inflow.discard(),
        trailers: () => inflow.ended,
        writer: {
          room: () => outflow.room,
          write: (bytes) => outflow.write(bytes),
          finish: (trailers) => outflow.end(trailers),
          abort: () => outflow.break('the component did not finish it'),
        },
        close() {
          inflow.cancel()
          if (hasBegun) outflow.break('the component did not finish it')
        },
      },
    }
  }

  return {
    operations: {
      /** The first of a response that flows. */
      'served.head': (id, status, headers) => {
        const found = [...exchanges.values()].find((each) => each.id === id)
        found?.head(Number(status), headers as HeaderPairs) // the worker's own shape
      },
    },
    arrive(callId, request) {
      if (request.body !== undefined && !request.mayFlow) return
      exchanges.set(callId, open(callId, request.body === undefined))
    },
    begin(callId, request) {
      const exchange = exchanges.get(callId)
      if (exchange === undefined) return request
      exchange.id = channels.add(exchange.channel)
      return { ...request, channel: exchange.id }
    },
    take: (callId, part) => exchanges.get(callId)?.take(part),
    end(callId) {
      const exchange = exchanges.get(callId)
      if (exchange === undefined) return
      exchanges.delete(callId)
      if (exchange.id !== undefined) channels.drop(exchange.id)
    },
  }
}
