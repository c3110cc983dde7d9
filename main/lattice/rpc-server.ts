// The serving half of wRPC over NATS: one wildcard inbox for all invocations of a transport, invocations in parallel. An
// invocation passes `admit` before its handshake: until then it can be handed on to somebody else.

import type { WitFunction, WitType } from '../../preload/wit.js'
import { formatChain, TlosError } from '../failure.js'
import type { Message, Subscription, Transport } from '../nats/transport.js'
import { encodeChannels, type EncodedChannels } from '../wrpc/channels.js'
import { encodeValues } from '../wrpc/encode.js'
import { invocationSubject } from '../wrpc/names.js'
import { Invocation } from './rpc-invocation.js'
import { type FlowTimes, mostHeldBytes, mostInvocations } from './rpc-limits.js'
import type { ServeOptions, Service } from './rpc-types.js'

const nothing = new Uint8Array(0)

interface Underway {
  readonly invocation: Invocation
  /** Bytes of parameters it holds. */
  bytes: number
}

export class RpcServer {
  readonly #transport: Transport
  readonly #onTrouble: (text: string) => void
  readonly #mostBytes: number
  readonly #inbox: string
  readonly #subscription: Subscription
  readonly #times: FlowTimes
  readonly #offRefused: () => void
  readonly #offStatus: () => void
  readonly #underway = new Map<string, Underway>()
  readonly #services = new Set<Service>()
  readonly #refused = new Set<string>()
  #heldBytes = 0
  #lastId = 0

  constructor(transport: Transport, onTrouble: (text: string) => void, times: FlowTimes, mostBytes = mostHeldBytes) {
    this.#transport = transport
    this.#times = times
    this.#mostBytes = mostBytes
    this.#onTrouble = onTrouble
    this.#inbox = transport.createInbox()
    this.#subscription = transport.subscribe(`${this.#inbox}.>`, (message) => {
      const [id = '', channel, ...path] = message.subject.slice(this.#inbox.length + 1).split('.')
      if (channel === 'params') this.#underway.get(id)?.invocation.receive(path.join('.'), message)
      else if (channel === 'taken') this.#underway.get(id)?.invocation.take(path.join('.'), message.data)
    })
    this.#offStatus = transport.onStatus(({ kind }) => {
      if (kind === 'live') return
      // What was on its way is lost: a stream would go on with a hole in it.
      const lost = new TlosError('unreachable', 'The connection was lost during the call')
      for (const { invocation } of [...this.#underway.values()]) invocation.breakOff(lost)
    })
    this.#offRefused = transport.onRefused(({ operation, subject }) => {
      if (operation === 'subscribe') this.#refused.add(subject)
    })
  }

  serve(options: ServeOptions): Service {
    const underway = new Set<Promise<void>>()
    const take = (instance: string, fn: WitFunction, message: Message): void => {
      const run = this.#take(options, instance, fn, message, underway.size < mostInvocations)
      if (run === undefined) return
      underway.add(run)
      void run.finally(() => underway.delete(run))
    }
    const subjects = options.exports.flatMap(({ name, functions }) =>
      functions.map((fn) => ({ name, fn, subject: invocationSubject(options.prefix, name, fn.name) })),
    )
    const subscriptions = subjects.map(({ name, fn, subject }) => {
      this.#refused.delete(subject)
      const queue = options.queue === undefined ? {} : { queue: options.queue }
      return this.#transport.subscribe(subject, (message) => take(name, fn, message), queue)
    })
    const settled = async (): Promise<void> => {
      while (underway.size > 0) await Promise.all(underway)
    }
    const service: Service = {
      ready: this.#confirm(subjects.map(({ subject }) => subject)),
      drain: async () => {
        await Promise.all(subscriptions.map((subscription) => subscription.drain()))
        this.#services.delete(service)
        await settled()
      },
      close: () => {
        this.#services.delete(service)
        for (const subscription of subscriptions) subscription.close()
      },
    }
    // Whoever does not wait for it must not be ended by it.
    service.ready.catch(() => undefined)
    this.#services.add(service)
    return service
  }

  /** Nobody waits in vain: what is held or running ends as a failure for its caller (SPEC W24). */
  close(): void {
    for (const service of [...this.#services]) service.close()
    this.#offRefused()
    this.#offStatus()
    const gone = new TlosError('cancelled', 'The node that served this has left the lattice')
    for (const { invocation } of [...this.#underway.values()]) {
      invocation.breakOff(gone)
      this.#fail(invocation, gone)
    }
    this.#subscription.close()
  }

  async #confirm(subjects: readonly string[]): Promise<void> {
    await this.#transport.flush()
    const refused = subjects.find((subject) => this.#refused.has(subject))
    if (refused !== undefined) {
      throw new TlosError('refused', `The NATS server does not permit these credentials to subscribe to ${refused}`)
    }
  }

  /** Resolves when its caller has been told the outcome and the handler is through; undefined when it is over already. */
  #take(
    options: ServeOptions,
    instance: string,
    fn: WitFunction,
    message: Message,
    hasRoom: boolean,
  ): Promise<void> | undefined {
    const { subject, reply, data } = message
    if (reply === undefined) {
      this.#onTrouble(`${subject}: an invocation without a reply subject`)
      return undefined
    }
    const id = (this.#lastId += 1).toString(36)
    const hold = (bytes: number): boolean => {
      if (this.#heldBytes + bytes > this.#mostBytes) return false
      this.#heldBytes += bytes
      held.bytes += bytes
      return true
    }
    const release = (bytes: number): void => {
      this.#heldBytes -= bytes
      held.bytes -= bytes
    }
    const inbox = `${this.#inbox}.${id}`
    const report = (error: unknown): void => this.#onTrouble(`${instance} ${fn.name}: ${formatChain(error)}`)
    const invocation = new Invocation({
      transport: this.#transport,
      times: this.#times,
      isFlowing: options.flowing?.includes(instance) === true,
      ...{ instance, fn, message, reply, inbox, hold, release, report },
    })
    const held: Underway = { invocation, bytes: 0 }
    if (!hasRoom || !hold(data.length)) {
      this.#fail(invocation, new TlosError('unavailable', `${instance} ${fn.name} has too many calls to answer`))
      return undefined
    }
    this.#underway.set(id, held)
    return this.#run(options, invocation)
      .catch((error: unknown) => {
        this.#fail(invocation, error instanceof Error ? error : new Error(formatChain(error)))
        report(error)
      })
      .then(() => (invocation.isFlowing ? invocation.flowed() : undefined))
      .finally(() => {
        this.#underway.delete(id)
        this.#heldBytes -= held.bytes
      })
  }

  async #run(options: ServeOptions, invocation: Invocation): Promise<void> {
    const { instance, fn, message } = invocation
    const admitted = options.admit?.(message)
    // Without a wait when there is nothing to wait for: this is on the path of every call.
    const admission = admitted instanceof Promise ? await admitted : admitted
    if (invocation.isOver) return
    if (admission?.kind === 'drop') return invocation.drop()
    if (admission?.kind === 'forward') return invocation.forward(admission.prefix)
    const accepted = invocation.accept()
    const params = accepted instanceof Promise ? await accepted : accepted
    const keep = (work: Promise<unknown>): void => invocation.keep(work)
    const value = await options.handle({ instance, fn, params, headers: message.headers ?? {}, keep })
    const { bytes, channels } = encodeResult(fn.result, value, this.#transport.info.maxPayload)
    invocation.answer(bytes, channels)
  }

  /** Contained: whoever closes or refuses goes on, even when the end cannot be published. */
  #fail(invocation: Invocation, error: Error): void {
    try {
      invocation.fail(error)
    } catch (thrown) {
      this.#onTrouble(`${invocation.message.subject}: ${formatChain(thrown)}`)
    }
  }
}

interface EncodedResult {
  readonly bytes: Uint8Array
  readonly channels: EncodedChannels
}

function encodeResult(type: WitType | undefined, value: unknown, maxPayload: number): EncodedResult {
  if (type === undefined) return { bytes: nothing, channels: { whole: [], later: [] } }
  const { bytes, deferred } = encodeValues([{ name: 'result', type }], [value])
  return { bytes, channels: encodeChannels(deferred, maxPayload) }
}
