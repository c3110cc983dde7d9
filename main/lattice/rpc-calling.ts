// One call on the calling side, from its first message to the end of all that flows: handshake, the rest of the parameters, and
// exactly one outcome for whoever called (SPEC W5 to W9, W20, W44 to W47).

import type { WitType } from '../../preload/wit.js'
import { TlosError } from '../failure.js'
import type { Message, Refusal, Transport } from '../nats/transport.js'
import { encodeChannels, type EncodedChannels } from '../wrpc/channels.js'
import { encodeValues } from '../wrpc/encode.js'
import { cut } from '../wrpc/gathering.js'
import { invocationSubject } from '../wrpc/names.js'
import { holdsAsync, WholeValues } from '../wrpc/whole-values.js'
import { Inflows } from './rpc-inflow.js'
import { type FlowTimes, flowWindow, largestValues, readTrouble } from './rpc-limits.js'
import { leave, Outflow } from './rpc-outflow.js'
import type { RpcCall } from './rpc-types.js'
import { announceWindow, readWindow, writeTaken } from './rpc-window.js'

const defaultTimeoutMs = 10_000
const nothing = new Uint8Array(0)

export interface CallingOptions {
  readonly transport: Transport
  /** `R_c`. */
  readonly reply: string
  readonly times: FlowTimes
  readonly onResult: (value: unknown) => void
  readonly onError: (error: Error) => void
  /** Nothing more comes or goes. */
  readonly onOver: () => void
}

export class Calling {
  readonly #call: RpcCall
  readonly #options: CallingOptions
  readonly #what: string
  readonly #subject: string
  readonly #headers: Readonly<Record<string, string>> | undefined
  readonly #bytes: Uint8Array
  readonly #channels: EncodedChannels
  readonly #results: WholeValues
  readonly #inflows: Inflows
  readonly #onAbort = (): void => this.fail(new TlosError('cancelled', `${this.#what} was cancelled`))
  #timer: ReturnType<typeof setTimeout> | undefined
  #began = Date.now()
  /** `R_s`; undefined until the handshake. */
  #server: string | undefined
  #isAsked = false
  /** What did not fit into the first message. */
  #rest: readonly Uint8Array[] = []
  #outflow: Outflow | undefined
  #isSending = false
  #isSettled = false
  #isOver = false

  /** Throws when the parameters are not of their types. */
  constructor(call: RpcCall, options: CallingOptions) {
    const { fn } = call
    this.#call = call
    this.#options = options
    this.#what = `${call.prefix} ${call.instance} ${fn.name}`
    this.#subject = invocationSubject(call.prefix, call.instance, fn.name)
    const { bytes, deferred } = encodeValues(fn.params, call.params)
    this.#bytes = bytes
    this.#channels = encodeChannels(deferred, options.transport.info.maxPayload)
    for (const each of this.#channels.later) {
      // It is ours now: that it fails before anybody waits for it is no error of its own.
      if (each.kind === 'future' && each.value instanceof Promise) each.value.catch(() => undefined)
    }
    const types: WitType[] = fn.result === undefined ? [] : [fn.result]
    const mayFlow = call.isFlowing === true && types.some(holdsAsync)
    const asks = mayFlow || this.#channels.later.length > 0
    this.#headers = asks ? { ...call.headers, ...announceWindow(flowWindow) } : call.headers
    this.#inflows = new Inflows({
      what: this.#what,
      times: options.times,
      isAsked: () => this.#isAsked,
      tell: (path, taken) => this.#tell(`${this.#server}.taken.${path}`, writeTaken(taken)),
      hold: () => true,
      release: () => undefined,
      onIdle: () => this.#checkOver(),
    })
    this.#results = new WholeValues(types, largestValues, mayFlow ? (place) => this.#inflows.open(place) : undefined)
  }

  start(): void {
    const { transport, reply } = this.#options
    const { maxPayload } = transport.info
    this.#setLimit()
    this.#call.signal?.addEventListener('abort', this.#onAbort, { once: true })
    // Rust peers subtract the reply subject too; keeping to their limit costs nothing.
    const room = Math.max(0, maxPayload - reply.length - headerBytes(this.#headers))
    const pieces = cut(this.#bytes, room, maxPayload)
    const first = room === 0 ? undefined : pieces.shift()
    this.#rest = pieces
    try {
      transport.publish(this.#subject, first ?? nothing, { reply, headers: this.#headers })
    } catch (error) {
      this.fail(this.#toCallError(error))
    }
  }

  /** What came on `R_c`, or below it. */
  receive(channel: string | undefined, path: string, message: Message): void {
    if (channel === undefined) this.#accept(message)
    // Intermediate subjects of asynchronous results are nobody's (SPEC W14): they are passed over there.
    else if (channel === 'results') this.#receiveResult(path, message)
    else if (channel === 'taken') this.#outflow?.take(path, message.data)
  }

  refuse({ subject }: Refusal, why: string): void {
    if (this.#subject !== subject && (this.#server === undefined || `${this.#server}.params` !== subject)) return
    this.fail(new TlosError('refused', `${this.#what}: ${why}`))
  }

  /** Ends all of it: whoever called, whoever reads, and the peer that reads are told. */
  fail(error: Error): void {
    if (this.#isOver) return
    const wasSettled = this.#isSettled
    this.#settle()
    if (this.#outflow === undefined) leave(this.#channels.later)
    else this.#outflow.stop(error)
    this.#inflows.fail(error)
    if (!wasSettled) this.#options.onError(error)
    this.#over()
  }

  #accept(message: Message): void {
    if (message.status !== undefined) {
      const isNobody = message.status === 503
      const error = isNobody
        ? new TlosError('unreachable', `Nobody serves ${this.#what}`)
        : new TlosError('unreachable', `${this.#what} was refused by the NATS server (status ${message.status})`)
      this.fail(error)
      return
    }
    // A second accept is another server without a queue group: the first one counts.
    if (this.#server !== undefined) return
    if (message.reply === undefined) {
      this.fail(new TlosError('invalid', `${this.#what}: the peer did not say where it listens`))
      return
    }
    this.#server = message.reply
    const window = readWindow(message.headers)
    this.#isAsked = window !== undefined
    this.#sendParams(`${message.reply}.params`, window)
  }

  #sendParams(subject: string, window: number | undefined): void {
    const { transport, times } = this.#options
    try {
      for (const piece of this.#rest) transport.publish(subject, piece)
    } catch (error) {
      // The server may have come back with a smaller limit.
      this.fail(this.#toCallError(error))
    }
    this.#rest = []
    // Always, also without parameters: a Rust server that never sees it stops serving this function (SPEC W8).
    transport.publish(subject, nothing)
    if (this.#isOver) return
    try {
      for (const { path, messages } of this.#channels.whole) {
        for (const each of [...messages, nothing]) transport.publish(`${subject}.${path}`, each)
      }
    } catch (error) {
      this.fail(this.#toCallError(error))
      return
    }
    const { later } = this.#channels
    if (later.length === 0) return
    this.#isSending = true
    const report = (error: unknown): void => this.fail(this.#toCallError(error))
    const onProgress = (): void => {
      // It goes on: the limit begins anew, as that of a component does.
      if (!this.#isSettled && Date.now() - this.#began < times.longestMs) this.#setLimit()
    }
    this.#outflow = new Outflow({ transport, what: this.#what, subject, window, times, report, onProgress })
    void this.#outflow.run(later).finally(() => {
      this.#isSending = false
      this.#checkOver()
    })
  }

  #receiveResult(path: string, message: Message): void {
    const isEnd = path === '' && message.data.length === 0
    const more =
      path === '' ? this.#results.add(message.data) : this.#results.addTo(path, message.data, message.headers)
    if (this.#isSettled) return
    const gathered = isEnd ? this.#results.end() : more
    const trouble = isEnd ? readTrouble(message.headers) : undefined
    if (trouble !== undefined) this.fail(trouble)
    else if (gathered.kind === 'done') {
      // A function without a result is finished by the end of the channel, not before.
      if (this.#call.fn.result === undefined && !isEnd) return
      this.#settle()
      this.#options.onResult(gathered.values[0])
      this.#checkOver()
    } else if (gathered.kind === 'bad') {
      const error = isEnd
        ? new TlosError('trapped', `${this.#what} failed at the far side, which gave no details`)
        : new TlosError('invalid', `${this.#what} gave an answer that is not of its type: ${gathered.reason}`)
      this.fail(error)
    }
  }

  #setLimit(): void {
    const timeoutMs = this.#call.timeoutMs ?? defaultTimeoutMs
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => this.fail(new TlosError('timed-out', `${this.#what} did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    )
  }

  #settle(): void {
    this.#isSettled = true
    clearTimeout(this.#timer)
  }

  #checkOver(): void {
    if (this.#isSettled && !this.#isSending && !this.#inflows.isOpen) this.#over()
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#call.signal?.removeEventListener('abort', this.#onAbort)
    this.#options.onOver()
  }

  #tell(subject: string, data: Uint8Array): void {
    try {
      this.#options.transport.publish(subject, data)
    } catch (error) {
      this.fail(this.#toCallError(error))
    }
  }

  #toCallError(error: unknown): TlosError {
    return new TlosError(error instanceof TlosError ? error.code : 'unreachable', this.#what, { cause: error })
  }
}

/** Size of the header block as NATS counts it. */
function headerBytes(headers: Readonly<Record<string, string>> | undefined): number {
  if (headers === undefined) return 0
  const lines = Object.entries(headers).reduce((sum, [key, value]) => sum + key.length + value.length * 3 + 4, 0)
  return 'NATS/1.0\r\n'.length + lines + 2
}
