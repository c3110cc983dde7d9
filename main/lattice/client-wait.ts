// Waits for the event that tells the outcome of a command: listens before the command is sent, because "accepted" is not
// done (lattice.md appendix B, client 3 to 5).

import { TlosError } from '../failure.js'
import type { Transport } from '../nats/transport.js'
import { decodeLatticeEvent, type EventBody, type LatticeEventKind } from './protocol/events.js'
import { eventSubject } from './protocol/subjects.js'

export interface Awaited {
  readonly transport: Transport
  readonly lattice: string
  /** The host whose word counts; events of others are not looked at. */
  readonly hostId: string
  readonly kinds: readonly LatticeEventKind[]
  /** Undefined: this event is about something else. May throw what the command failed with. */
  readonly match: (body: EventBody) => true | undefined
  /** Sends the command; rejects when it is not accepted. */
  readonly send: () => Promise<void>
  readonly limitMs: number
  /** What did not happen, for the error: `counter did not start on …`. */
  readonly words: string
}

/** Resolves when the matching event was heard. Fails with `timed-out`, with the refusal, or with what `match` throws. */
export async function sendAndAwait(parts: Awaited): Promise<void> {
  let heard: () => void = () => undefined
  let failed: (error: unknown) => void = () => undefined
  const outcome = new Promise<void>((resolve, reject) => {
    heard = resolve
    failed = reject
  })
  // Looked at below; until then a failure must not count as unhandled.
  outcome.catch(() => undefined)
  const subscriptions = parts.kinds.map((kind) =>
    parts.transport.subscribe(eventSubject(parts.lattice, kind), (message) => {
      const decoded = decodeLatticeEvent(message.data)
      if (!decoded.ok || decoded.value.source !== parts.hostId) return
      try {
        if (parts.match(decoded.value.body) === true) heard()
      } catch (error) {
        failed(error)
      }
    }),
  )
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    await parts.send()
    const seconds = parts.limitMs / 1000
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new TlosError('timed-out', `${parts.words}: accepted, but nothing was heard for ${seconds} s`)),
        parts.limitMs,
      )
    })
    await Promise.race([outcome, limit])
  } finally {
    clearTimeout(timer)
    for (const subscription of subscriptions) subscription.close()
  }
}
