// The messaging provider that every tLOS node carries: wasmcloud:messaging over the lattice's own NATS server. Components
// with a link to it publish and ask; components with a link from it hear what its configuration names. It keeps them away
// from the subjects that the lattice itself lives on (subjects.ts).

import { formatChain, TlosError } from '../failure.js'
import type { Transport } from '../nats/transport.js'
import { consumerInstance, messagingExports, type BrokerMessage } from './messaging-types.js'
import { openReplies } from './replies.js'
import { findPublishTrouble } from './subjects.js'
import { Subscriptions } from './subscriptions.js'
import type { CallComponent, Provider, ProviderCall } from './types.js'

export const messagingId = 'messaging'

export interface MessagingParts {
  readonly transport: Transport
  readonly lattice: string
  readonly call: CallComponent
  /** Absent: the one that every node carries. */
  readonly as?: { readonly id: string; readonly imageRef: string; readonly name: string } | undefined
  readonly log: (text: string) => void
  readonly nowMs?: (() => number) | undefined
}

/** Longest wait for an answer, ms; the limit of the component's own call comes first when it is shorter. */
const longestWaitMs = 30_000
/** Most requests of all components that wait for their answers. */
const mostRequests = 1_000
/** Room for what the client adds, within the server's payload limit, bytes. */
const headerRoom = 512
/** After so many bytes the server must have taken what was published before more is. */
const unseenBytes = 1024 * 1024

/** Trouble that the component is told in words: `err(string)`. */
class Refused extends Error {}

export function openMessaging(parts: MessagingParts): Provider {
  const { transport, lattice } = parts
  const nowMs = parts.nowMs ?? Date.now
  const replies = openReplies(transport, lattice, nowMs)
  const self = parts.as ?? { id: messagingId, imageRef: 'tlos-messaging', name: 'Messaging' }
  const subscriptions = new Subscriptions({ ...parts, providerId: self.id, replies, nowMs })
  let requests = 0
  let unseen = 0

  function check(subject: string, body: Uint8Array): void {
    if (!replies.isLent(subject)) {
      const trouble = findPublishTrouble(subject)
      if (trouble !== undefined) throw new Refused(trouble)
    }
    const limit = transport.info.maxPayload - headerRoom
    if (body.length > limit) {
      throw new Refused(`the message has ${body.length} bytes; the NATS server takes ${Math.max(limit, 0)} at most`)
    }
    // The client would keep what cannot be sent now, without a limit.
    if (transport.status.kind !== 'live') throw new Refused('there is no connection to the NATS server')
  }

  async function publish({ subject, body, replyTo }: BrokerMessage): Promise<void> {
    check(subject, body)
    // Whoever answers must not be led to a subject of the lattice.
    if (replyTo !== undefined && !replies.isLent(replyTo)) {
      const trouble = findPublishTrouble(replyTo)
      if (trouble !== undefined) throw new Refused(`no answer can go there: ${trouble}`)
    }
    transport.publish(subject, body, { reply: replyTo })
    unseen += body.length + subject.length
    if (unseen > unseenBytes) {
      unseen = 0
      await transport.flush()
    }
  }

  async function request(subject: string, body: Uint8Array, timeoutMs: number): Promise<BrokerMessage> {
    check(subject, body)
    if (requests >= mostRequests) throw new Refused(`${requests} requests wait for their answers already`)
    requests += 1
    try {
      const limitMs = Math.min(Math.max(timeoutMs, 1), longestWaitMs)
      const answer = await transport.request(subject, body, { timeoutMs: limitMs })
      // The inbox that it came on is the node's own: the component is told what it asked.
      return { subject, body: answer.data, replyTo: replies.answerable(answer.reply) }
    } catch (error) {
      if (!(error instanceof TlosError)) throw error
      if (error.code === 'unreachable') throw new Refused(`nobody answers on ${subject}`)
      if (error.code === 'timed-out') throw new Refused(`no answer came on ${subject} in time`)
      throw error
    } finally {
      requests -= 1
    }
  }

  async function answer(call: ProviderCall): Promise<unknown> {
    if (call.functionName === 'publish') return await publish(messageOf(call, call.params[0]))
    const [subject, body, timeoutMs] = call.params
    if (typeof subject !== 'string' || !(body instanceof Uint8Array) || typeof timeoutMs !== 'number') {
      throw misfit(call)
    }
    return await request(subject, body, timeoutMs)
  }

  return {
    ...self,
    exports: messagingExports,
    async handle(call) {
      const isKnown = call.functionName === 'publish' || call.functionName === 'request'
      if (call.instance !== consumerInstance || !isKnown) {
        throw new TlosError('not-found', `The messaging provider has no ${call.instance}.${call.functionName}`)
      }
      try {
        return { tag: 'ok', val: await answer(call) }
      } catch (failure) {
        if (failure instanceof TlosError && failure.code === 'invalid') throw failure
        return { tag: 'err', val: formatChain(failure) }
      }
    },
    setLinks: (links) => subscriptions.setLinks(links),
    close() {
      subscriptions.close()
      replies.close()
    },
  }
}

function messageOf(call: ProviderCall, value: unknown): BrokerMessage {
  if (typeof value !== 'object' || value === null) throw misfit(call)
  const { subject, body, replyTo } = value as Partial<Record<keyof BrokerMessage, unknown>> // checked right here
  if (typeof subject !== 'string' || !(body instanceof Uint8Array)) throw misfit(call)
  if (replyTo !== undefined && replyTo !== null && typeof replyTo !== 'string') throw misfit(call)
  return { subject, body, replyTo: replyTo ?? undefined }
}

function misfit(call: ProviderCall): TlosError {
  return new TlosError('invalid', `The arguments of ${call.instance}.${call.functionName} do not fit its type`)
}
