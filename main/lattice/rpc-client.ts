// The calling half of wRPC over NATS: one wildcard inbox for all calls of a transport, one entry per call in flight.

import type { WitType } from '../../preload/wit.js'
import { TlosError } from '../failure.js'
import type { Message, Refusal, Subscription, Transport } from '../nats/transport.js'
import { type Channel, encodeChannels } from '../wrpc/channels.js'
import { cut } from '../wrpc/gathering.js'
import { invocationSubject } from '../wrpc/names.js'
import { encodeValues } from '../wrpc/encode.js'
import { WholeValues } from '../wrpc/whole-values.js'
import { largestValues, readTrouble } from './rpc-limits.js'
import type { RpcCall } from './rpc-types.js'

const defaultTimeoutMs = 10_000
const nothing = new Uint8Array(0)

interface Pending {
  readonly what: string
  readonly subject: string
  /** Where the rest of the parameters goes; absent until the handshake. */
  params?: string
  /** What did not fit into the first message. */
  rest: readonly Uint8Array[]
  /** Streams and futures among the parameters. */
  readonly channels: readonly Channel[]
  readonly results: WholeValues
  readonly hasResult: boolean
  settle(outcome: { readonly value: unknown } | { readonly error: Error }): void
}

export class RpcClient {
  readonly #transport: Transport
  readonly #inbox: string
  readonly #subscription: Subscription
  readonly #offStatus: () => void
  readonly #offRefused: () => void
  readonly #pending = new Map<string, Pending>()
  /** Why no call can be answered: our own inbox is forbidden. */
  #inboxRefused: TlosError | undefined
  #lastId = 0

  constructor(transport: Transport) {
    this.#transport = transport
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
      let encoded: ReturnType<typeof encodeParams>
      try {
        encoded = encodeParams(call, this.#transport.info.maxPayload)
      } catch (error) {
        reject(error instanceof TlosError ? error : new TlosError('invalid', what, { cause: error }))
        return
      }
      const id = (this.#lastId += 1).toString(36)
      const timeoutMs = call.timeoutMs ?? defaultTimeoutMs
      const timer = setTimeout(
        () => pending.settle({ error: new TlosError('timed-out', `${what} did not answer within ${timeoutMs} ms`) }),
        timeoutMs,
      )
      const onAbort = (): void => pending.settle({ error: new TlosError('cancelled', `${what} was cancelled`) })
      call.signal?.addEventListener('abort', onAbort, { once: true })
      const types: WitType[] = call.fn.result === undefined ? [] : [call.fn.result]
      const pending: Pending = {
        what,
        subject: invocationSubject(call.prefix, call.instance, call.fn.name),
        rest: [],
        channels: encoded.channels,
        results: new WholeValues(types, largestValues),
        hasResult: call.fn.result !== undefined,
        settle: (outcome) => {
          if (!this.#pending.delete(id)) return
          clearTimeout(timer)
          call.signal?.removeEventListener('abort', onAbort)
          if ('error' in outcome) reject(outcome.error)
          else resolve(outcome.value)
        },
      }
      this.#pending.set(id, pending)
      this.#send(call, id, pending, encoded.bytes)
    })
  }

  close(): void {
    this.#offStatus()
    this.#offRefused()
    this.#subscription.close()
    this.#failAll(new TlosError('cancelled', 'The shell leaves the lattice'))
  }

  #send(call: RpcCall, id: string, pending: Pending, bytes: Uint8Array): void {
    const { maxPayload } = this.#transport.info
    const reply = `${this.#inbox}.${id}`
    // Rust peers subtract the reply subject too; keeping to their limit costs nothing.
    const room = Math.max(0, maxPayload - reply.length - headerBytes(call.headers))
    const pieces = cut(bytes, room, maxPayload)
    const first = room === 0 ? undefined : pieces.shift()
    pending.rest = pieces
    try {
      this.#transport.publish(pending.subject, first ?? nothing, { reply, headers: call.headers })
    } catch (error) {
      pending.settle({ error: toCallError(error, pending.what) })
    }
  }

  #receive(message: Message): void {
    const [id = '', channel, ...path] = message.subject.slice(this.#inbox.length + 1).split('.')
    const pending = this.#pending.get(id)
    if (pending === undefined) {
      // A call that nobody waits for any more was accepted: a Rust server serves no other call of this function until
      // the parameters have ended.
      const isAccept = channel === undefined && message.status === undefined && message.reply !== undefined
      if (isAccept) this.#transport.publish(`${message.reply}.params`, nothing)
      return
    }
    if (channel === undefined) this.#accept(pending, message)
    // Intermediate subjects of asynchronous results are nobody's (SPEC W14): they are passed over there.
    else if (channel === 'results') receiveResult(pending, path.join('.'), message)
  }

  #accept(pending: Pending, message: Message): void {
    if (message.status !== undefined) {
      const isNobody = message.status === 503
      const error = isNobody
        ? new TlosError('unreachable', `Nobody serves ${pending.what}`)
        : new TlosError('unreachable', `${pending.what} was refused by the NATS server (status ${message.status})`)
      pending.settle({ error })
      return
    }
    // A second accept is another server without a queue group: the first one counts.
    if (pending.params !== undefined) return
    if (message.reply === undefined) {
      pending.settle({ error: new TlosError('invalid', `${pending.what}: the peer did not say where it listens`) })
      return
    }
    pending.params = `${message.reply}.params`
    try {
      for (const piece of pending.rest) this.#transport.publish(pending.params, piece)
    } catch (error) {
      // The server may have come back with a smaller limit.
      pending.settle({ error: toCallError(error, pending.what) })
    }
    pending.rest = []
    // Always, also without parameters: a Rust server that never sees it stops serving this function (SPEC W8).
    this.#transport.publish(pending.params, nothing)
    try {
      for (const { path, messages } of pending.channels) {
        for (const each of [...messages, nothing]) this.#transport.publish(`${pending.params}.${path}`, each)
      }
    } catch (error) {
      pending.settle({ error: toCallError(error, pending.what) })
    }
  }

  #refuse({ operation, subject }: Refusal): void {
    const why = `the NATS server does not permit these credentials to ${operation} to ${subject}`
    if (operation === 'subscribe') {
      if (subject !== `${this.#inbox}.>`) return
      this.#inboxRefused = new TlosError('refused', `No call can be made: ${why}`)
      this.#failAll(this.#inboxRefused)
      return
    }
    for (const pending of [...this.#pending.values()]) {
      if (pending.subject !== subject && pending.params !== subject) continue
      pending.settle({ error: new TlosError('refused', `${pending.what}: ${why}`) })
    }
  }

  #failAll(error: TlosError): void {
    for (const pending of [...this.#pending.values()]) pending.settle({ error })
  }
}

function receiveResult(pending: Pending, path: string, message: Message): void {
  const { results } = pending
  const isEnd = path === '' && message.data.length === 0
  const more = path === '' ? results.add(message.data) : results.addTo(path, message.data)
  const gathered = isEnd ? results.end() : more
  const trouble = isEnd ? readTrouble(message.headers) : undefined
  if (trouble !== undefined) pending.settle({ error: trouble })
  else if (gathered.kind === 'done') {
    // A function without a result is finished by the end of the channel, not before.
    if (pending.hasResult || isEnd) pending.settle({ value: gathered.values[0] })
  } else if (gathered.kind === 'bad') {
    const error = isEnd
      ? new TlosError('trapped', `${pending.what} failed at the far side, which gave no details`)
      : new TlosError('invalid', `${pending.what} gave an answer that is not of its type: ${gathered.reason}`)
    pending.settle({ error })
  }
}

function encodeParams(call: RpcCall, maxPayload: number): { bytes: Uint8Array; channels: readonly Channel[] } {
  const { bytes, deferred } = encodeValues(call.fn.params, call.params)
  return { bytes, channels: encodeChannels(deferred, maxPayload) }
}

function toCallError(error: unknown, what: string): TlosError {
  return new TlosError(error instanceof TlosError ? error.code : 'unreachable', what, { cause: error })
}

/** Size of the header block as NATS counts it. */
function headerBytes(headers: Readonly<Record<string, string>> | undefined): number {
  if (headers === undefined) return 0
  const lines = Object.entries(headers).reduce((sum, [key, value]) => sum + key.length + value.length * 3 + 4, 0)
  return 'NATS/1.0\r\n'.length + lines + 2
}
