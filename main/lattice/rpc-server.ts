// The serving half of wRPC over NATS: one wildcard inbox for all invocations of a transport, invocations in parallel. An
// invocation passes `admit` before its handshake: until then it can be handed on to somebody else.

import type { WitFunction, WitType } from '../../preload/wit.js'
import { formatChain } from '../failure.js'
import type { Message, Subscription, Transport } from '../nats/transport.js'
import { cut, type Gathered, Gathering } from '../wrpc/gathering.js'
import { invocationSubject } from '../wrpc/names.js'
import { encodeValues } from '../wrpc/value.js'
import { largestValues, writeTrouble } from './rpc-limits.js'
import type { Admission, ServeOptions, Service } from './rpc-types.js'

const nothing = new Uint8Array(0)
/** Longest wait for the rest of the parameters, from message to message. */
const progressMs = 10_000
/** Most invocations of one service that are held or running; more are dropped, their callers run into their limits. */
const mostInvocations = 20_000

interface Invocation {
  receive(bytes: Uint8Array): void
}

export class RpcServer {
  readonly #transport: Transport
  readonly #onTrouble: (text: string) => void
  readonly #inbox: string
  readonly #subscription: Subscription
  readonly #invocations = new Map<string, Invocation>()
  readonly #services = new Set<Service>()
  #lastId = 0

  constructor(transport: Transport, onTrouble: (text: string) => void) {
    this.#transport = transport
    this.#onTrouble = onTrouble
    this.#inbox = transport.createInbox()
    this.#subscription = transport.subscribe(`${this.#inbox}.>`, (message) => {
      const [id = '', channel, ...path] = message.subject.slice(this.#inbox.length + 1).split('.')
      if (channel === 'params' && path.length === 0) this.#invocations.get(id)?.receive(message.data)
    })
  }

  serve(options: ServeOptions): Service {
    const underway = new Set<Promise<void>>()
    const take = (instance: string, fn: WitFunction, message: Message): void => {
      if (message.reply === undefined || underway.size >= mostInvocations) return
      const run = this.#handle(options, instance, fn, message, message.reply).catch((error: unknown) =>
        this.#onTrouble(`${message.subject}: ${formatChain(error)}`),
      )
      underway.add(run)
      void run.finally(() => underway.delete(run))
    }
    const subscriptions = options.exports.flatMap(({ name, functions }) =>
      functions.map((fn) =>
        this.#transport.subscribe(
          invocationSubject(options.prefix, name, fn.name),
          (message) => take(name, fn, message),
          options.queue === undefined ? {} : { queue: options.queue },
        ),
      ),
    )
    const settled = async (): Promise<void> => {
      while (underway.size > 0) await Promise.all(underway)
    }
    const service: Service = {
      ready: this.#transport.flush(),
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

  close(): void {
    for (const service of [...this.#services]) service.close()
    this.#subscription.close()
    this.#invocations.clear()
  }

  async #handle(
    options: ServeOptions,
    instance: string,
    fn: WitFunction,
    message: Message,
    reply: string,
  ): Promise<void> {
    const admitted = options.admit?.(message)
    // Without a wait when there is nothing to wait for: this is on the path of every call.
    const admission: Admission | undefined = admitted instanceof Promise ? await admitted : admitted
    if (admission?.kind === 'drop') return
    if (admission?.kind === 'forward') {
      const subject = invocationSubject(admission.prefix, instance, fn.name)
      this.#transport.publish(subject, message.data, { reply, headers: message.headers })
      return
    }
    const results = `${reply}.results`
    let answer: Uint8Array
    try {
      const params = await this.#accept(fn, message, reply)
      const value = await options.handle({ instance, fn, params, headers: message.headers ?? {} })
      answer = encodeResult(fn.result, value)
    } catch (error) {
      this.#transport.publish(results, nothing, { headers: writeTrouble(error) })
      this.#onTrouble(`${instance} ${fn.name}: ${formatChain(error)}`)
      return
    }
    const { maxPayload } = this.#transport.info
    for (const piece of cut(answer, maxPayload, maxPayload)) this.#transport.publish(results, piece)
    this.#transport.publish(results, nothing)
  }

  /** Says where it listens, and resolves to the parameters as soon as they are complete. */
  #accept(fn: WitFunction, message: Message, reply: string): readonly unknown[] | Promise<readonly unknown[]> {
    const gathering = new Gathering(
      fn.params.map((param) => param.type),
      largestValues,
    )
    const id = (this.#lastId += 1).toString(36)
    const accept = (): void => this.#transport.publish(reply, nothing, { reply: `${this.#inbox}.${id}` })
    const first = gathering.add(message.data)
    if (first.kind === 'done') {
      accept()
      return first.values
    }
    if (first.kind === 'bad') {
      accept()
      throw new Error(`the parameters are not of their types: ${first.reason}`)
    }
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer)
        this.#invocations.delete(id)
      }
      const giveUp = (): void => {
        finish()
        reject(new Error(`the parameters did not come within ${progressMs} ms`))
      }
      let timer = setTimeout(giveUp, progressMs)
      this.#invocations.set(id, {
        receive: (bytes) => {
          clearTimeout(timer)
          timer = setTimeout(giveUp, progressMs)
          const gathered: Gathered = bytes.length === 0 ? gathering.end() : gathering.add(bytes)
          if (gathered.kind === 'more') return
          finish()
          if (gathered.kind === 'done') resolve(gathered.values)
          else reject(new Error(`the parameters are not of their types: ${gathered.reason}`))
        },
      })
      accept()
    })
  }
}

function encodeResult(type: WitType | undefined, value: unknown): Uint8Array {
  if (type === undefined) return nothing
  const { bytes, deferred } = encodeValues([{ name: 'result', type }], [value])
  if (deferred.length > 0) throw new Error('streams and futures cannot be answered yet')
  return bytes
}
