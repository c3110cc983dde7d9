// A NATS server as a `Transport`. With `dial.ts`, which makes the connection, the only file that imports the clients:
// another broker client would change these two alone.

import { createInbox as newInbox, Events, headers as createHeaders } from 'nats'
import type { Msg, MsgHdrs, NatsConnection } from 'nats'
import { formatChain, TlosError } from '../failure.js'
import { toRefusal, toTlosError } from './client-errors.js'
import { dial, type DialOptions } from './dial.js'
import { probeJetStream } from './jetstream-probe.js'
import { openBucket } from './kv-bucket.js'
import { openObjects } from './object-store.js'
import { Refusals } from './refusals.js'
import { abortable, withLimit } from './waits.js'
import type {
  Bucket,
  Message,
  ObjectStore,
  PublishOptions,
  ServerInfo,
  Transport,
  TransportStatus,
} from './transport.js'

export interface TransportOptions extends DialOptions {
  /** JetStream of another server, behind leaf nodes, is named by its domain. */
  readonly jsDomain?: string | undefined
  readonly log?: ((level: 'warn' | 'error', text: string) => void) | undefined
}

/** Fails with `unreachable`, `refused` or `invalid` and a sentence that says what to do. */
export async function openTransport(options: TransportOptions): Promise<Transport> {
  const { connection, url, onLive } = await dial(options)
  const hasJetStream = await probeJetStream(connection, options.jsDomain, false)
  return wrap({ connection, url, onLive, hasJetStream, options })
}

interface Opened {
  readonly connection: NatsConnection
  readonly url: string
  readonly onLive: () => void
  readonly hasJetStream: boolean
  readonly options: TransportOptions
}

function wrap({ connection, url, onLive, options, ...first }: Opened): Transport {
  const { jsDomain, inboxPrefix } = options
  const log = options.log ?? (() => undefined)
  let { hasJetStream } = first
  let status: TransportStatus = { kind: 'live' }
  const statusListeners = new Set<(status: TransportStatus) => void>()
  const pending = new Set<(error: TlosError) => void>()
  const refusals = new Refusals((text) => log('warn', text))
  const buckets = new Map<string, Promise<Bucket>>()
  const stores = new Map<string, Promise<ObjectStore>>()

  function setStatus(next: TransportStatus): void {
    status = next
    if (next.kind !== 'live') {
      const gone = new TlosError('unreachable', 'The connection to the NATS server was lost', { about: url })
      for (const reject of [...pending]) reject(gone)
    }
    for (const listener of [...statusListeners]) listener(next)
  }

  void (async () => {
    for await (const event of connection.status()) {
      if (event.type === Events.Disconnect) setStatus({ kind: 'lost', problem: `The NATS server at ${url} went away` })
      else if (event.type === Events.Reconnect) {
        onLive()
        // The server may be another one now; whoever reads again on `live` has to know what there is to read.
        hasJetStream = await probeJetStream(connection, jsDomain, hasJetStream)
        if (!connection.isClosed()) setStatus({ kind: 'live' })
      } else if (event.type === Events.Error) {
        const refusal = toRefusal(event)
        if (refusal !== undefined) refusals.tell(refusal)
        else log('warn', `NATS: ${JSON.stringify(event.data)}`)
      }
    }
  })().catch((error: unknown) => log('error', formatChain(error)))
  void connection.closed().then((error) => {
    setStatus(error === undefined ? { kind: 'closed' } : { kind: 'closed', problem: formatChain(error) })
  })

  /** Fails at once when the connection goes, instead of at the end of the time limit. */
  async function untilLost<T>(promise: Promise<T>): Promise<T> {
    let reject: ((error: TlosError) => void) | undefined
    const lost = new Promise<never>((_, fail) => {
      reject = fail
      pending.add(fail)
    })
    try {
      return await Promise.race([promise, lost])
    } finally {
      if (reject !== undefined) pending.delete(reject)
    }
  }

  const transport: Transport = {
    get info(): ServerInfo {
      const info = connection.info
      return {
        url,
        version: info?.version ?? '',
        maxPayload: info?.max_payload ?? 1_048_576,
        hasJetStream,
        jsDomain,
      }
    },
    get status() {
      return status
    },
    publish(subject, data, publishOptions) {
      if (connection.isClosed()) return
      try {
        connection.publish(subject, data, toClientOptions(publishOptions))
      } catch (error) {
        throw toTlosError(error, `publishing ${subject}`)
      }
    },
    subscribe(pattern, handler, subscribeOptions) {
      const subscription = connection.subscribe(pattern, {
        ...(subscribeOptions?.queue === undefined ? {} : { queue: subscribeOptions.queue }),
        callback: (error, message) => {
          if (error) {
            // Here, not from the events: they come later than the answer to a flush.
            const refusal = toRefusal(error)
            if (refusal !== undefined) refusals.tell(refusal)
            else log('warn', `subscription ${pattern}: ${formatChain(error)}`)
            return
          }
          try {
            handler(toMessage(message))
          } catch (thrown) {
            log('error', `handling ${message.subject}: ${formatChain(thrown)}`)
          }
        },
      })
      return {
        close: () => {
          if (!connection.isClosed()) subscription.unsubscribe()
        },
        drain: async () => {
          if (connection.isClosed() || subscription.isClosed()) return
          await subscription.drain().catch(() => undefined)
        },
      }
    },
    async request(subject, data, requestOptions) {
      if (status.kind !== 'live') {
        throw new TlosError('unreachable', 'There is no connection to the NATS server', { about: url })
      }
      const signal = requestOptions?.signal
      if (signal?.aborted === true) throw new TlosError('cancelled', `the request ${subject} was cancelled`)
      const headers = requestOptions?.headers
      try {
        const reply = connection.request(subject, data, {
          timeout: requestOptions?.timeoutMs ?? 2_000,
          ...(headers === undefined ? {} : { headers: toHeaders(headers) }),
        })
        reply.catch(() => undefined) // When the race is lost its late failure is nobody's.
        return toMessage(await untilLost(signal === undefined ? reply : abortable(reply, signal, subject)))
      } catch (error) {
        throw toTlosError(error, `the request ${subject}`)
      }
    },
    async gather(subject, data, { windowMs }) {
      const replies: Message[] = []
      const inbox = newInbox(inboxPrefix)
      let end: () => void = () => undefined
      const over = new Promise<void>((resolve) => (end = resolve))
      const timer = setTimeout(end, windowMs)
      const subscription = transport.subscribe(inbox, (message) => {
        // An empty payload is a status: nobody listens, so nobody will answer.
        if (message.status !== undefined) end()
        else replies.push(message)
      })
      const offRefused = refusals.listen((refusal) => {
        if (refusal.subject === subject) end()
      })
      try {
        transport.publish(subject, data, { reply: inbox })
        await over
      } finally {
        clearTimeout(timer)
        offRefused()
        subscription.close()
      }
      return replies
    },
    createInbox: () => newInbox(inboxPrefix),
    async flush() {
      try {
        await untilLost(connection.flush())
      } catch (error) {
        throw toTlosError(error, 'flushing')
      }
    },
    bucket(name, bucketOptions) {
      return once(buckets, name, () => openBucket(connection, transport, name, bucketOptions ?? {}))
    },
    objects(name) {
      return once(stores, name, () => openObjects(connection, transport, name))
    },
    onStatus(listener) {
      statusListeners.add(listener)
      return () => statusListeners.delete(listener)
    },
    refused: () => refusals.list(),
    onRefused: (listener) => refusals.listen(listener),
    async close() {
      if (connection.isClosed()) return
      await withLimit(connection.flush(), 1_000).catch(() => undefined)
      await connection.close()
    },
  }
  return transport
}

/** One opening per name; a failed one may be tried again. */
function once<T>(opened: Map<string, Promise<T>>, name: string, open: () => Promise<T>): Promise<T> {
  let found = opened.get(name)
  if (found === undefined) {
    found = open()
    opened.set(name, found)
    found.catch(() => opened.delete(name))
  }
  return found
}

function toHeaders(headers: Readonly<Record<string, string>>): MsgHdrs {
  const made = createHeaders()
  for (const [key, value] of Object.entries(headers)) made.set(key, value)
  return made
}

function toClientOptions(options: PublishOptions | undefined): { reply?: string; headers?: MsgHdrs } | undefined {
  if (options === undefined) return undefined
  return {
    ...(options.reply === undefined ? {} : { reply: options.reply }),
    ...(options.headers === undefined ? {} : { headers: toHeaders(options.headers) }),
  }
}

function toMessage(message: Msg): Message {
  const { data, headers } = message
  // Over TCP the client hands out Node Buffers, whose methods differ: plain bytes leave this file.
  const bytes = data.constructor === Uint8Array ? data : new Uint8Array(data.buffer, data.byteOffset, data.length)
  const { reply } = message
  const base = { subject: message.subject, data: bytes, reply: reply === '' ? undefined : reply }
  if (headers === undefined) return base
  const entries = headers.keys().map((key): [string, string] => [key, headers.get(key)])
  return headers.code > 0
    ? { ...base, headers: Object.fromEntries(entries), status: headers.code }
    : { ...base, headers: Object.fromEntries(entries) }
}
