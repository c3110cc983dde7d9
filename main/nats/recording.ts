// A stream of JetStream that keeps a copy of every message on some subjects for a while: made, looked at, read as a whole,
// and taken away. Asked for over the JetStream API itself, which any `Transport` to a real server carries.

import { TlosError } from '../failure.js'
import type { Transport } from './transport.js'

/** A message as the server keeps it. */
export interface RecordedMessage {
  readonly subject: string
  readonly data: Uint8Array
  /** The header block as it was on the wire (`NATS/1.0`…). */
  readonly headerBlock: Uint8Array | undefined
  /** RFC 3339, with nanoseconds. */
  readonly published: string
}

export interface RecordingState {
  readonly sinceMs: number
  readonly messages: number
  readonly bytes: number
  /** How long a message is kept. */
  readonly windowMs: number
}

export interface Recording {
  /** Undefined: it does not exist. */
  state(): Promise<RecordingState | undefined>
  /** There may be one already: it stays as it is. */
  begin(): Promise<void>
  /** With everything in it. There may be none. */
  end(): Promise<void>
  /** The newest messages, oldest first, and how many older ones are left out. */
  read(most: number): Promise<{ readonly messages: readonly RecordedMessage[]; readonly leftOut: number }>
}

export interface RecordingOptions {
  readonly transport: Transport
  readonly name: string
  readonly subject: string
  readonly windowMs: number
  /** More than this pushes out the oldest. */
  readonly mostBytes: number
}

const streamNotFound = 10_059
const nameTaken = 10_058
const noMessage = 10_037
const readAtOnce = 32

interface Answer {
  readonly error?: { readonly err_code?: number; readonly code?: number; readonly description?: string }
  readonly created?: string
  readonly config?: { readonly max_age?: number }
  readonly state?: {
    readonly messages: number
    readonly bytes: number
    readonly first_seq: number
    readonly last_seq: number
  }
  readonly message?: { readonly subject: string; readonly data?: string; readonly hdrs?: string; readonly time: string }
}

export function createRecording({ transport, name, subject, windowMs, mostBytes }: RecordingOptions): Recording {
  async function ask(operation: string, body: object | undefined, passes: readonly number[] = []): Promise<Answer> {
    const { hasJetStream, jsDomain } = transport.info
    if (!hasJetStream)
      throw new TlosError('unavailable', 'The NATS server has no JetStream, so nothing can be recorded.')
    const api = jsDomain === undefined ? '$JS.API' : `$JS.${jsDomain}.API`
    const data = body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body))
    const reply = await transport.request(`${api}.${operation}.${name}`, data, { timeoutMs: 5_000 })
    // The server's own answer, of which only what stands in `Answer` is read.
    const answer = JSON.parse(Buffer.from(reply.data).toString()) as Answer
    const { error } = answer
    if (error !== undefined && !passes.includes(error.err_code ?? 0)) {
      throw new TlosError(
        'refused',
        `The NATS server refuses the recording: ${error.description ?? 'without a reason'}`,
      )
    }
    return answer
  }

  const info = async (): Promise<Answer | undefined> => {
    const answer = await ask('STREAM.INFO', undefined, [streamNotFound])
    return answer.error === undefined ? answer : undefined
  }

  async function message(sequence: number): Promise<RecordedMessage | undefined> {
    const { message: found } = await ask('STREAM.MSG.GET', { seq: sequence }, [noMessage])
    // Its time was over while we read.
    if (found === undefined) return undefined
    return {
      subject: found.subject,
      data: new Uint8Array(Buffer.from(found.data ?? '', 'base64')),
      headerBlock: found.hdrs === undefined ? undefined : new Uint8Array(Buffer.from(found.hdrs, 'base64')),
      published: found.time,
    }
  }

  return {
    async state() {
      const found = await info()
      if (found?.state === undefined) return undefined
      const { messages, bytes } = found.state
      return {
        sinceMs: Date.parse(found.created ?? ''),
        messages,
        bytes,
        windowMs: (found.config?.max_age ?? 0) / 1e6,
      }
    },

    async begin() {
      const config = {
        name,
        subjects: [subject],
        storage: 'memory',
        retention: 'limits',
        discard: 'old',
        max_age: windowMs * 1e6,
        max_bytes: mostBytes,
        num_replicas: 1,
        // Requests are on these subjects, too: what keeps a copy must not be the first to answer them.
        no_ack: true,
      }
      await ask('STREAM.CREATE', config, [nameTaken])
    },

    async end() {
      await ask('STREAM.DELETE', undefined, [streamNotFound])
    },

    async read(most) {
      const found = await info()
      if (found?.state === undefined) throw new TlosError('not-found', 'Nothing is being recorded.')
      const { messages: kept, first_seq: first, last_seq: last } = found.state
      const from = Math.max(first, last - most + 1)
      const messages: RecordedMessage[] = []
      for (let at = from; at <= last; at += readAtOnce) {
        const sequences = Array.from({ length: Math.min(readAtOnce, last - at + 1) }, (_, index) => at + index)
        const piece = await Promise.all(sequences.map(message))
        messages.push(...piece.filter((one) => one !== undefined))
      }
      return { messages, leftOut: Math.max(0, kept - messages.length) }
    },
  }
}
