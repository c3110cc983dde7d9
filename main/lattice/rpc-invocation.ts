// One invocation on the serving side, from its first message to the end of its results: handshake, the rest of the
// parameters, and exactly one outcome, which its caller is told whatever happens here (SPEC W5, W10, W24).

import type { WitFunction } from '../../preload/wit.js'
import type { TlosError } from '../failure.js'
import type { Message, Transport } from '../nats/transport.js'
import type { EncodedChannels } from '../wrpc/channels.js'
import { cut, type Gathered } from '../wrpc/gathering.js'
import { invocationSubject } from '../wrpc/names.js'
import { holdsAsync, WholeValues } from '../wrpc/whole-values.js'
import { Inflows } from './rpc-inflow.js'
import { type FlowTimes, flowWindow, largestValues, progressMs, writeTrouble } from './rpc-limits.js'
import { leave, Outflow } from './rpc-outflow.js'
import { announceWindow, readWindow, writeTaken } from './rpc-window.js'

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
  /** Byte streams and futures among the parameters come as they come. */
  readonly isFlowing: boolean
  readonly times: FlowTimes
  /** Takes bytes from what may be held in all; false when there is no room for them. */
  readonly hold: (bytes: number) => boolean
  readonly release: (bytes: number) => void
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
  /** What the caller wants of a stream before it says more; undefined: it will say nothing. */
  readonly #window: number | undefined
  readonly #inflows: Inflows
  readonly #kept: Promise<unknown>[] = []
  #outflow: Outflow | undefined

  constructor(options: InvocationOptions) {
    this.#options = options
    const { instance, fn, message, reply, times, hold, release } = options
    this.#window = readWindow(message.headers)
    this.#inflows = new Inflows({
      what: `${instance} ${fn.name}`,
      times,
      isAsked: () => this.#window !== undefined,
      tell: (path, taken) => this.#tell(`${reply}.taken.${path}`, writeTaken(taken)),
      hold,
      release,
      onIdle: () => undefined,
    })
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
    const { fn, message, isFlowing } = this.#options
    const types = fn.params.map((param) => param.type)
    this.#gathering = new WholeValues(
      types,
      largestValues,
      isFlowing && types.some(holdsAsync) ? (place) => this.#inflows.open(place) : undefined,
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
        if (!this.#inflows.isOpen) this.#gathering = undefined
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome)
      }
      this.#wait()
      this.#shakeHands()
    })
  }

  /** More of the parameters, or of a stream among them by its path; without bytes the end of that. */
  receive(path: string, { data: bytes, headers }: Message): void {
    const gathering = this.#gathering
    if (gathering === undefined) return
    if (this.#settle === undefined) {
      // They are decoded, and what still comes flows.
      if (path !== '' && this.#inflows.isOpen) gathering.addTo(path, bytes, headers)
      return
    }
    if (!this.#options.hold(bytes.length)) {
      this.#settle(new Error('there is no room for more parameters'))
      return
    }
    const gathered: Gathered =
      path !== '' ? gathering.addTo(path, bytes, headers) : bytes.length === 0 ? gathering.end() : gathering.add(bytes)
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

  /** What the caller said of a stream among the results. */
  take(path: string, data: Uint8Array): void {
    this.#outflow?.take(path, data)
  }

  /** Parameters go on flowing until this is settled. */
  keep(work: Promise<unknown>): void {
    this.#kept.push(work)
    work.catch(() => undefined)
  }

  /** `channels` are the streams and futures among the results. */
  answer(results: Uint8Array, { whole, later }: EncodedChannels): void {
    if (this.#isOver) return leave(later)
    const { transport, reply } = this.#options
    const { maxPayload } = transport.info
    const subject = `${reply}.results`
    this.#shakeHands()
    for (const piece of cut(results, maxPayload, maxPayload)) transport.publish(subject, piece)
    transport.publish(subject, nothing)
    this.#isOver = true
    for (const { path, messages } of whole) {
      for (const each of [...messages, nothing]) transport.publish(`${subject}.${path}`, each)
    }
    if (later.length === 0) return
    const { instance, fn, times, report } = this.#options
    const what = `the answer of ${instance} ${fn.name}`
    this.#outflow = new Outflow({ transport, what, subject, window: this.#window, times, report })
    this.keep(this.#outflow.run(later))
  }

  /** Something may still flow. */
  get isFlowing(): boolean {
    return this.#kept.length > 0 || this.#inflows.isOpen
  }

  /** Resolves when nothing flows any more. Parameters that nobody can be reading are not wanted from then on. */
  async flowed(): Promise<void> {
    await Promise.allSettled(this.#kept)
    this.#inflows.cancel()
  }

  /** Breaks off what flows, both ways. */
  breakOff(error: TlosError): void {
    this.#inflows.fail(error)
    this.#outflow?.stop(error)
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
    const { transport, reply, inbox, isFlowing, fn } = this.#options
    // Only to somebody who listens for it, and where something may flow.
    const mayFlow = isFlowing && (holdsAsync(fn.result) || fn.params.some(({ type }) => holdsAsync(type)))
    const headers = mayFlow && this.#window !== undefined ? announceWindow(flowWindow) : undefined
    transport.publish(reply, nothing, { reply: inbox, headers })
    this.#hasShaken = true
  }

  #tell(subject: string, data: Uint8Array): void {
    try {
      this.#options.transport.publish(subject, data)
    } catch (error) {
      this.#options.report(error)
    }
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
