// Where components answer: a requester listens on an inbox, and components may not publish to inboxes. What a component is
// told instead is a subject that nobody can guess; what is sent there this node passes on to the inbox. It is an ordinary
// subject of the bus, so that the answer may come from another node (or from a v1 host) than the message was taken on.

import { randomBytes } from 'node:crypto'
import { tlosSubjects } from '../lattice/protocol/tlos.js'
import type { Message, Subscription, Transport } from '../nats/transport.js'
import { isInbox, isReserved } from './subjects.js'

/** How long an answer is awaited, ms. */
const lentMs = 60_000
/** Most that are awaited; the oldest is forgotten for a new one. */
const mostLent = 10_000
/** Most messages that one answer may consist of. */
const mostParts = 1_000

interface Lent {
  readonly inbox: string
  readonly untilMs: number
  parts: number
}

export interface Replies {
  /**
   * What a component is told as the place for its answer: for an inbox a subject that it may use for a while, nothing for
   * what no component may ever send to, anything else as it is.
   */
  answerable(reply: string | undefined): string | undefined
  /** Answers to an inbox can be given by it, whoever lent it, here or on another node of the lattice. */
  isLent(subject: string): boolean
  close(): void
}

export function openReplies(transport: Transport, lattice: string, nowMs: () => number): Replies {
  const root = tlosSubjects(lattice).reply
  const own = `${root}.${randomBytes(12).toString('hex')}`
  const pattern = new RegExp(`^${root.replaceAll('.', '\\.')}\\.[0-9a-f]{24}\\.[0-9a-f]{32}$`)
  /** In order of their time. */
  const lent = new Map<string, Lent>()
  // Only once somebody waits for an answer: most nodes never do.
  let subscription: Subscription | undefined

  function passOn({ subject, data, headers }: Message): void {
    const found = lent.get(subject)
    if (found === undefined || found.untilMs < nowMs()) return
    found.parts += 1
    if (found.parts >= mostParts) lent.delete(subject)
    transport.publish(found.inbox, data, { headers })
  }

  function forget(): void {
    for (const [subject, { untilMs }] of lent) {
      if (untilMs >= nowMs() && lent.size < mostLent) return
      lent.delete(subject)
    }
  }

  function lend(inbox: string): string {
    subscription ??= transport.subscribe(`${own}.*`, passOn)
    forget()
    const subject = `${own}.${randomBytes(16).toString('hex')}`
    lent.set(subject, { inbox, untilMs: nowMs() + lentMs, parts: 0 })
    return subject
  }

  const isLent = (subject: string): boolean => pattern.test(subject)

  return {
    isLent,
    answerable(reply) {
      if (reply === undefined) return undefined
      if (isInbox(reply)) return lend(reply)
      return isReserved(reply) && !isLent(reply) ? undefined : reply
    },
    close() {
      subscription?.close()
      lent.clear()
    },
  }
}
