// A peer of a v1 lattice that shares no code with the host it speaks to: raw JSON on raw subjects through the NATS client
// alone. It checks by itself what holds for each reply (the envelope) and for each event (CloudEvents 1.0), so that every
// test of this folder checks that as well.

import { connect, Empty, type JetStreamManager, type NatsConnection } from 'nats'

export interface Reply {
  readonly success: boolean
  readonly message: string
  readonly response?: unknown
}

/** An event as it was heard; `kind` is its type without `com.wasmcloud.lattice.`. */
export interface Heard {
  readonly kind: string
  readonly source: string
  readonly data: Readonly<Record<string, unknown>>
}

/** What is stored under a key of a bucket; `operation` is that of the header `KV-Operation`, absent for values. */
export interface Stored {
  readonly text: string
  readonly operation: string | undefined
  readonly rollup: string | undefined
}

export interface PeerOptions {
  readonly lattice?: string
  readonly ctlPrefix?: string
}

const decoder = new TextDecoder()
const limitMs = 20_000

export class Peer {
  readonly lattice: string
  readonly connection: NatsConnection
  readonly #prefix: string
  readonly #heard: Heard[] = []
  readonly #faults: string[] = []
  readonly #ids = new Set<string>()
  #barriers = 0

  private constructor(connection: NatsConnection, options: PeerOptions) {
    this.connection = connection
    this.lattice = options.lattice ?? 'default'
    this.#prefix = `${options.ctlPrefix ?? 'wasmbus.ctl'}.v1.${this.lattice}`
    connection.subscribe(`wasmbus.evt.${this.lattice}.>`, {
      callback: (_error, message) => this.#hear(message.subject, decoder.decode(message.data)),
    })
  }

  /** Hears every event from here on. */
  static async open(url: string, options: PeerOptions = {}): Promise<Peer> {
    const peer = new Peer(await connect({ servers: url, name: 'black-box peer' }), options)
    await peer.connection.flush()
    return peer
  }

  close(): Promise<void> {
    return this.connection.close()
  }

  subject(tail: string): string {
    return `${this.#prefix}.${tail}`
  }

  /** One request, its reply as text. */
  async askText(tail: string, body?: unknown): Promise<string> {
    const reply = await this.connection.request(this.subject(tail), encode(body), { timeout: limitMs })
    return decoder.decode(reply.data)
  }

  /** One request; its reply must be an envelope. */
  async ask(tail: string, body?: unknown): Promise<Reply> {
    return asReply(await this.askText(tail, body))
  }

  /** The data of a reply that must be one. */
  async data(tail: string, body?: unknown): Promise<unknown> {
    const reply = await this.ask(tail, body)
    if (!reply.success || reply.response === undefined) throw new Error(`no data: ${JSON.stringify(reply)}`)
    return reply.response
  }

  /** Publishes without a reply subject. */
  tell(tail: string, body?: unknown): void {
    this.connection.publish(this.subject(tail), encode(body))
  }

  /**
   * Every reply to one message, until `hosts` answered a ping that was sent after it: NATS keeps the order of what goes to a
   * connection and of what comes from it, so whoever would have answered has.
   */
  async replies(tail: string, body: unknown, hosts: number): Promise<Reply[]> {
    const inbox = `_INBOX.replies.${++this.#barriers}.${Math.random().toString(36).slice(2)}`
    const replies: Reply[] = []
    const subscription = this.connection.subscribe(inbox, {
      callback: (_error, message) => {
        if (message.data.length > 0) replies.push(asReply(decoder.decode(message.data)))
      },
    })
    this.connection.publish(this.subject(tail), encode(body), { reply: inbox })
    await this.pings(hosts)
    await this.pings(hosts)
    subscription.unsubscribe()
    return replies
  }

  /**
   * How many replies so many messages get. Each host then answers as many of another kind: who answers twice has done so by
   * then, since a host takes its messages in order.
   */
  async countReplies(tail: string, body: unknown, messages: number): Promise<number> {
    const inbox = `_INBOX.count.${++this.#barriers}.${Math.random().toString(36).slice(2)}`
    let replies = 0
    const subscription = this.connection.subscribe(inbox, {
      callback: (_error, message) => {
        if (message.data.length > 0) replies += 1
      },
    })
    for (let n = 0; n < messages; n += 1) {
      this.connection.publish(this.subject(tail), encode(body), { reply: inbox })
    }
    await until(
      () => replies >= messages,
      () => `${messages} replies to ${tail}, heard ${replies}`,
    )
    for (let n = 0; n < messages; n += 1) await this.ask(`config.get.count-${n}`)
    subscription.unsubscribe()
    return replies
  }

  /** Pings until that many hosts have answered; their replies. */
  async pings(hosts: number): Promise<Record<string, unknown>[]> {
    const inbox = `_INBOX.ping.${++this.#barriers}.${Math.random().toString(36).slice(2)}`
    const answers: Record<string, unknown>[] = []
    let enough: () => void = () => undefined
    const done = new Promise<void>((resolve) => (enough = resolve))
    const subscription = this.connection.subscribe(inbox, {
      callback: (_error, message) => {
        if (message.data.length > 0) answers.push(asReply(decoder.decode(message.data)).response as never)
        if (answers.length >= hosts) enough()
      },
    })
    this.connection.publish(this.subject('host.ping'), Empty, { reply: inbox })
    await within(done, `${hosts} hosts to answer a ping`)
    subscription.unsubscribe()
    return answers
  }

  /** Everything heard so far, in order. */
  get everything(): readonly Heard[] {
    return this.#heard
  }

  /** The same without heartbeats. */
  get heard(): readonly Heard[] {
    return this.#heard.filter((event) => event.kind !== 'host_heartbeat')
  }

  get heartbeats(): readonly Heard[] {
    return this.#heard.filter((event) => event.kind === 'host_heartbeat')
  }

  /** What was wrong with events that were heard. */
  get faults(): readonly string[] {
    return this.#faults
  }

  /**
   * All that a host says because of this, in order: at least `count` events, and whatever else it says before the event of
   * a scale to 0 of an id that nobody knows.
   */
  async during(hostId: string, run: () => Promise<unknown>, count: number): Promise<Heard[]> {
    const from = this.#heard.length
    const mine = (): Heard[] =>
      this.#heard.slice(from).filter((event) => event.source === hostId && event.kind !== 'host_heartbeat')
    await run()
    await until(
      () => mine().length >= count,
      () => `${count} events, heard ${JSON.stringify(mine())}`,
    )
    const barrier = `barrier-${++this.#barriers}`
    await this.ask(`component.scale.${hostId}`, { component_id: barrier, component_ref: barrier, host_id: hostId })
    await until(
      () => mine().some((event) => event.data['component_id'] === barrier),
      () => 'the event of the barrier',
    )
    return mine().filter((event) => !String(event.data['component_id']).startsWith('barrier-'))
  }

  async jetStream(): Promise<JetStreamManager> {
    return await this.connection.jetstreamManager()
  }

  /** The last message under a key of a bucket, whatever it is. */
  async stored(bucket: string, key: string): Promise<Stored | undefined> {
    const manager = await this.jetStream()
    try {
      const message = await manager.streams.getMessage(`KV_${bucket}`, { last_by_subj: `$KV.${bucket}.${key}` })
      return {
        text: decoder.decode(message.data),
        operation: message.header.get('KV-Operation') || undefined,
        rollup: message.header.get('Nats-Rollup') || undefined,
      }
    } catch {
      return undefined
    }
  }

  /** Writes a key as any client of JetStream would: past the hosts. */
  async store(bucket: string, key: string, value: unknown): Promise<void> {
    await this.connection.jetstream().publish(`$KV.${bucket}.${key}`, encode(value))
  }

  #hear(subject: string, text: string): void {
    const fault = (what: string): void => void this.#faults.push(`${subject}: ${what}: ${text.slice(0, 200)}`)
    let event: Record<string, unknown>
    try {
      event = JSON.parse(text) as Record<string, unknown>
    } catch {
      return fault('not JSON')
    }
    const kind = subject.slice(`wasmbus.evt.${this.lattice}.`.length)
    const expected = ['data', 'datacontenttype', 'id', 'source', 'specversion', 'time', 'type']
    if (Object.keys(event).sort().join() !== expected.join()) fault('other attributes than those of a CloudEvent')
    if (event['specversion'] !== '1.0' || event['datacontenttype'] !== 'application/json') fault('wrong constants')
    if (event['type'] !== `com.wasmcloud.lattice.${kind}`) fault('the type is not that of the subject')
    const { id, time, source, data } = event
    if (typeof id !== 'string' || !/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id))
      fault('id')
    else if (this.#ids.has(id)) fault('an id twice')
    else this.#ids.add(id)
    if (typeof time !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(time)) fault('time')
    if (typeof source !== 'string' || !/^N[A-Z2-7]{55}$/.test(source)) return fault('source')
    if (typeof data !== 'object' || data === null || Array.isArray(data)) return fault('data')
    this.#heard.push({ kind, source, data: data as Record<string, unknown> })
  }
}

export function encode(body: unknown): Uint8Array {
  if (body === undefined) return Empty
  if (body instanceof Uint8Array) return body
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
}

/** Fails unless the text is an envelope: `success`, `message`, and `response` only where there is data. */
function asReply(text: string): Reply {
  const reply = JSON.parse(text) as Record<string, unknown>
  const keys = Object.keys(reply).sort().join()
  const isEnvelope =
    typeof reply['success'] === 'boolean' &&
    typeof reply['message'] === 'string' &&
    (keys === 'message,success' || (keys === 'message,response,success' && reply['response'] !== null))
  if (!isEnvelope) throw new Error(`not an envelope: ${text.slice(0, 300)}`)
  return reply as unknown as Reply // every key and type was checked
}

export async function until(isTrue: () => boolean, what: () => string): Promise<void> {
  const endMs = Date.now() + limitMs
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error(`waited ${limitMs / 1000} s in vain for ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

async function within(promise: Promise<void>, what: string): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limitMs / 1000} s in vain for ${what}`)), limitMs)
  })
  await Promise.race([promise, limit]).finally(() => clearTimeout(timer))
}
