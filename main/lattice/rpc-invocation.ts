// One invocation on the serving side, from its first message to the end of its results: handshake, the rest of the
// parameters, and exactly one outcome, which its caller is told whatever happens here (SPEC W5, W10, W24).

import type { WitFunction } from '../../preload/wit.js'
import type { Message, Transport } from '../nats/transport.js'
import type { Channel } from '../wrpc/channels.js'
import { cut, type Gathered } from '../wrpc/gathering.js'
import { invocationSubject } from '../wrpc/names.js'
import { WholeValues } from '../wrpc/whole-values.js'
import { largestValues, progressMs, writeTrouble } from './rpc-limits.js'

const nothing = new Uint8Array(0)

export interface InvocationOptions {
  readonly transport: Transport
  readonly instance: string
  readonly fn: WitFunction
  readonly message: Message
  /** The caller's `R_c`. */
  readonly reply: string
  /** Our `R_s`. */
  readonly inbox: string
  /** Takes bytes from what may be held in all; false when there is no room for them. */
  readonly hold: (bytes: number) => boolean
  /** What could not be published, where there is nobody to throw it to. */
  readonly report: (error: unknown) => void
}

export class Invocation {
  readonly #options: InvocationOptions
  #gathering: WholeValues | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #settle: ((outcome: readonly unknown[] | Error) => void) | undefined
  #hasShaken = false
  #isOver = false

  constructor(options: InvocationOptions) {
    this.#options = options
  }

  /** Its outcome has been told. */
  get isOver(): boolean {
    return this.#isOver
  }

  get instance(): string {
    return this.#options.instance
  }

  get fn(): WitFunction {
    return this.#options.fn
  }

  get message(): Message {
    return this.#options.message
  }

  /** Says where it listens, and gives the parameters as soon as they are complete. Throws when they are not of their types. */
  accept(): readonly unknown[] | Promise<readonly unknown[]> {
    const { fn, message } = this.#options
    this.#gathering = new WholeValues(
      fn.params.map((param) => param.type),
      largestValues,
    )
    const first = this.#gathering.add(message.data)
    if (first.kind === 'bad') throw misfit(first.reason)
    if (first.kind === 'done') {
      // With the results, when they are there at once: one write to the server, one wake of the caller, instead of two.
      setImmediate(() => this.#tryHandshake())
      return first.values
    }
    return new Promise((resolve, reject) => {
      this.#settle = (outcome) => {
        clearTimeout(this.#timer)
        this.#settle = undefined
        this.#gathering = undefined
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome)
      }
      this.#wait()
      this.#shakeHands()
    })
  }

  /** More of the parameters, or of a stream among them by its path; without bytes the end of that. */
  receive(path: string, bytes: Uint8Array): void {
    const gathering = this.#gathering
    if (this.#settle === undefined || gathering === undefined) return
    if (!this.#options.hold(bytes.length)) {
      this.#settle(new Error('there is no room for more parameters'))
      return
    }
    const gathered: Gathered =
      path !== '' ? gathering.addTo(path, bytes) : bytes.length === 0 ? gathering.end() : gathering.add(bytes)
    if (gathered.kind === 'done') this.#settle(gathered.values)
    else if (gathered.kind === 'bad') this.#settle(misfit(gathered.reason))
    else this.#wait()
  }

  /** Hands it on as it came, before its handshake. */
  forward(prefix: string): void {
    if (this.#isOver) return
    const { transport, instance, fn, message, reply } = this.#options
    transport.publish(invocationSubject(prefix, instance, fn.name), message.data, { reply, headers: message.headers })
    this.#isOver = true
  }

  /** The caller is told nothing and runs into its limit. */
  drop(): void {
    this.#isOver = true
  }

  /** `channels` are the streams and futures among the results. */
  answer(results: Uint8Array, channels: readonly Channel[]): void {
    if (this.#isOver) return
    const { transport, reply } = this.#options
    const { maxPayload } = transport.info
    const subject = `${reply}.results`
    this.#shakeHands()
    for (const piece of cut(results, maxPayload, maxPayload)) transport.publish(subject, piece)
    transport.publish(subject, nothing)
    this.#isOver = true
    for (const { path, messages } of channels) {
      for (const each of [...messages, nothing]) transport.publish(`${subject}.${path}`, each)
    }
  }

  /** Ends it without results. */
  fail(error: Error): void {
    if (this.#isOver) return
    const { transport, reply } = this.#options
    this.#shakeHands()
    this.#isOver = true
    transport.publish(`${reply}.results`, nothing, { headers: writeTrouble(error, transport.info.maxPayload) })
    this.#settle?.(error)
  }

  /** Before everything else that the caller is told. */
  #shakeHands(): void {
    if (this.#hasShaken) return
    this.#options.transport.publish(this.#options.reply, nothing, { reply: this.#options.inbox })
    this.#hasShaken = true
  }

  #tryHandshake(): void {
    try {
      this.#shakeHands()
    } catch (error) {
      this.#options.report(error)
    }
  }

  #wait(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => this.#settle?.(new Error(`the parameters did not come within ${progressMs} ms`)),
      progressMs,
    )
  }
}

const misfit = (reason: string): Error => new Error(`the parameters are not of their types: ${reason}`)
