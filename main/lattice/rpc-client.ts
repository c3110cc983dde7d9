// The calling half of wRPC over NATS: one wildcard inbox for all calls of a transport, one entry per call in flight.

import { TlosError } from '../failure.js'
import type { Message, Refusal, Subscription, Transport } from '../nats/transport.js'
import { Calling } from './rpc-calling.js'
import type { FlowTimes } from './rpc-limits.js'
import type { RpcCall } from './rpc-types.js'

const nothing = new Uint8Array(0)

export class RpcClient {
  readonly #transport: Transport
  readonly #times: FlowTimes
  readonly #inbox: string
  readonly #subscription: Subscription
  readonly #offStatus: () => void
  readonly #offRefused: () => void
  readonly #underway = new Map<string, Calling>()
  /** Why no call can be answered: our own inbox is forbidden. */
  #inboxRefused: TlosError | undefined
  #lastId = 0

  constructor(transport: Transport, times: FlowTimes) {
    this.#transport = transport
    this.#times = times
    this.#inbox = transport.createInbox()
    this.#subscription = transport.subscribe(`${this.#inbox}.>`, (message) => this.#receive(message))
    this.#offStatus = transport.onStatus((status) => {
      if (status.kind !== 'live') {
        this.#failAll(new TlosError('unreachable', 'The connection was lost during the call'))
      }
    })
    this.#offRefused = transport.onRefused((refusal) => this.#refuse(refusal))
  }

  call(call: RpcCall): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#inboxRefused !== undefined) {
        reject(this.#inboxRefused)
        return
      }
      const what = `${call.prefix} ${call.instance} ${call.fn.name}`
      if (call.signal?.aborted === true) {
        reject(new TlosError('cancelled', `${what} was cancelled`))
        return
      }
      const id = (this.#lastId += 1).toString(36)
      try {
        const calling = new Calling(call, {
          transport: this.#transport,
          reply: `${this.#inbox}.${id}`,
          times: this.#times,
          onResult: resolve,
          onError: reject,
          onOver: () => this.#underway.delete(id),
        })
        this.#underway.set(id, calling)
        calling.start()
      } catch (error) {
        reject(error instanceof TlosError ? error : new TlosError('invalid', what, { cause: error }))
      }
    })
  }

  close(): void {
    this.#offStatus()
    this.#offRefused()
    this.#failAll(new TlosError('cancelled', 'The shell leaves the lattice'))
    this.#subscription.close()
  }

  #receive(message: Message): void {
    const [id = '', channel, ...path] = message.subject.slice(this.#inbox.length + 1).split('.')
    const calling = this.#underway.get(id)
    if (calling !== undefined) {
      calling.receive(channel, path.join('.'), message)
      return
    }
    // A call that nobody waits for any more was accepted: a Rust server serves no other call of this function until the
    // parameters have ended.
    const isAccept = channel === undefined && message.status === undefined && message.reply !== undefined
    if (isAccept) this.#transport.publish(`${message.reply}.params`, nothing)
  }

  #refuse(refusal: Refusal): void {
    const { operation, subject } = refusal
    const why = `the NATS server does not permit these credentials to ${operation} to ${subject}`
    if (operation === 'subscribe') {
      if (subject !== `${this.#inbox}.>`) return
      this.#inboxRefused = new TlosError('refused', `No call can be made: ${why}`)
      this.#failAll(this.#inboxRefused)
      return
    }
    for (const calling of [...this.#underway.values()]) calling.refuse(refusal, why)
  }

  #failAll(error: TlosError): void {
    for (const calling of [...this.#underway.values()]) calling.fail(error)
  }
}
