// What components hear: the subjects that the links of the messaging provider name, each message handed to the component
// at the end of the link. One message is handled once in the lattice although every node has the provider: its nodes
// share a queue group. At most once: what a component cannot take in time is dropped, and said in the log.

import type { WitFunction } from '../../preload/wit.js'
import { formatChain } from '../failure.js'
import type { Message, Subscription, Transport } from '../nats/transport.js'
import { brokerMessage, handlerInstance, type BrokerMessage } from './messaging-types.js'
import type { Replies } from './replies.js'
import { findSubscribeTrouble, isReserved } from './subjects.js'
import type { CallComponent, ProviderLink } from './types.js'

/** Subjects of one link. */
const mostSubjects = 100
/** Messages of one component that are with it at a time, and that wait. */
const mostInside = 16
const mostWaiting = 1_000
const mostWaitingBytes = 16 * 1024 * 1024
/** The same trouble of the same component is told once in this time, ms. */
const quietMs = 10_000

const handleMessage: WitFunction = {
  name: 'handle-message',
  params: [{ name: 'msg', type: brokerMessage }],
  result: { kind: 'result', err: { kind: 'string' } },
}

export interface SubscriptionParts {
  readonly transport: Transport
  readonly lattice: string
  /** Whose links these are: nodes that have this provider share their subscriptions. */
  readonly providerId: string
  readonly call: CallComponent
  readonly replies: Replies
  readonly log: (text: string) => void
  readonly nowMs: () => number
}

/** What waits for one component. */
interface Lane {
  readonly waiting: BrokerMessage[]
  waitingBytes: number
  inside: number
}

export class Subscriptions {
  readonly #parts: SubscriptionParts
  readonly #open = new Map<string, Subscription>()
  readonly #lanes = new Map<string, Lane>()
  readonly #told = new Map<string, number>()

  constructor(parts: SubscriptionParts) {
    this.#parts = parts
  }

  /** Opens what is new and closes what is gone; the others miss nothing. */
  setLinks(links: readonly ProviderLink[]): void {
    const wanted = new Map<string, () => Subscription>()
    for (const link of links) {
      if (!link.interfaces.includes('wasmcloud:messaging/handler')) continue
      for (const { subject, queue } of this.#subjectsOf(link)) {
        wanted.set(`${link.target} ${link.name} ${subject} ${queue}`, () => this.#listen(link.target, subject, queue))
      }
    }
    for (const [key, subscription] of this.#open) {
      if (wanted.has(key)) continue
      subscription.close()
      this.#open.delete(key)
    }
    for (const [key, open] of wanted) if (!this.#open.has(key)) this.#open.set(key, open())
    const targets = new Set(links.map((link) => link.target))
    for (const target of this.#lanes.keys()) if (!targets.has(target)) this.#lanes.delete(target)
  }

  close(): void {
    for (const subscription of this.#open.values()) subscription.close()
    this.#open.clear()
    this.#lanes.clear()
  }

  /** `subscriptions` of a link, as the v1 provider takes it: `subject` or `subject|queue`, with commas between. */
  #subjectsOf({ target, name, values }: ProviderLink): readonly { subject: string; queue: string }[] {
    const entries = (values['subscriptions'] ?? '').split(',').map((entry) => entry.trim())
    const given = entries.filter((entry) => entry !== '')
    if (given.length > mostSubjects) this.#tell(target, `has more than ${mostSubjects} subjects; the rest is left out`)
    return given.slice(0, mostSubjects).flatMap((entry) => {
      const [subject = '', queue = `tlos.${this.#parts.providerId}.${this.#parts.lattice}.${target}.${name}`] =
        entry.split('|')
      const isQueue = /^[^\s*>]+$/.test(queue)
      const trouble = isQueue ? findSubscribeTrouble(subject, this.#parts.lattice) : `${queue} is not a queue group`
      if (trouble === undefined) return [{ subject, queue }]
      this.#tell(target, `hears nothing under ${entry}: ${trouble}`)
      return []
    })
  }

  #listen(target: string, subject: string, queue: string): Subscription {
    return this.#parts.transport.subscribe(subject, (message) => this.#take(target, message), { queue })
  }

  #take(target: string, { subject, data, reply, status }: Message): void {
    if (status !== undefined || isReserved(subject)) return
    let lane = this.#lanes.get(target)
    if (lane === undefined) this.#lanes.set(target, (lane = { waiting: [], waitingBytes: 0, inside: 0 }))
    if (lane.waiting.length >= mostWaiting || lane.waitingBytes + data.length > mostWaitingBytes) {
      this.#tell(target, `does not keep up: messages for it are dropped while ${lane.waiting.length} wait`)
      return
    }
    lane.waiting.push({ subject, body: data, replyTo: this.#parts.replies.answerable(reply) })
    lane.waitingBytes += data.length
    this.#next(target, lane)
  }

  #next(target: string, lane: Lane): void {
    while (lane.inside < mostInside) {
      const message = lane.waiting.shift()
      if (message === undefined) return
      lane.waitingBytes -= message.body.length
      lane.inside += 1
      void this.#handOver(target, message).finally(() => {
        lane.inside -= 1
        this.#next(target, lane)
      })
    }
  }

  async #handOver(target: string, message: BrokerMessage): Promise<void> {
    try {
      const outcome = await this.#parts.call(target, handlerInstance, handleMessage, [message])
      const { tag, val } = outcome as { tag?: unknown; val?: unknown } // of the function's type, which is a `result`
      if (tag !== 'ok') this.#tell(target, `refused a message on ${message.subject}: ${String(val)}`)
    } catch (error) {
      this.#tell(target, `could not be given a message on ${message.subject}: ${formatChain(error)}`)
    }
  }

  #tell(target: string, words: string): void {
    const now = this.#parts.nowMs()
    // By component: its trouble can name whatever somebody publishes.
    if ((this.#told.get(target) ?? -quietMs) + quietMs > now) return
    this.#told.set(target, now)
    this.#parts.log(`messaging: ${target} ${words}`)
  }
}
