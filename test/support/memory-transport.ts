// The bus in memory, by the rules of a NATS server: `*` and `>`, one member of each queue group, 503 to a requester
// when nobody listens, order of arrival, delivery always later than the call. `cut` and `mend` play the server's death.

import { TlosError } from '../../main/failure.js'
import type {
  Bucket,
  BucketEntry,
  Message,
  ObjectStore,
  PublishOptions,
  RequestOptions,
  Subscription,
  Transport,
  TransportStatus,
} from '../../main/nats/transport.js'

export interface MemoryBusOptions {
  readonly maxPayload?: number
  /** Default: with it. */
  readonly hasJetStream?: boolean
}

interface Listener {
  readonly owner: object
  readonly pattern: readonly string[]
  readonly queue: string | undefined
  readonly handler: (message: Message) => void
  isOpen: boolean
  /** Handed to it and not yet handled. */
  underway: number
  onIdle: (() => void) | undefined
}

/** A server without a network: transports opened on the same bus hear each other. */
export class MemoryBus {
  readonly options: MemoryBusOptions
  readonly listeners: Listener[] = []
  readonly buckets = new Map<string, MemoryBucket>()
  readonly stores = new Map<string, Map<string, Uint8Array>>()
  /** Every message published, in order: for tests that compare whole sequences. */
  readonly published: Message[] = []
  /** What handlers threw. */
  readonly thrown: unknown[] = []
  #isUp = true
  readonly #onTurn = new Set<(status: TransportStatus) => void>()
  #turn = 0
  #lastInbox = 0

  constructor(options: MemoryBusOptions = {}) {
    this.options = options
  }

  /** The server goes: everybody is `lost`, messages are gone. */
  cut(): void {
    this.#isUp = false
    for (const tell of [...this.#onTurn]) tell({ kind: 'lost', problem: 'cut' })
  }

  mend(): void {
    this.#isUp = true
    for (const tell of [...this.#onTurn]) tell({ kind: 'live' })
    for (const bucket of this.buckets.values()) bucket.reseed()
  }

  get isUp(): boolean {
    return this.#isUp
  }

  createInbox(): string {
    this.#lastInbox += 1
    return `_INBOX.m${this.#lastInbox}`
  }

  onTurn(tell: (status: TransportStatus) => void): () => void {
    this.#onTurn.add(tell)
    return () => this.#onTurn.delete(tell)
  }

  publish(owner: object, message: Message): void {
    if (!this.#isUp) return
    this.published.push(message)
    const tokens = message.subject.split('.')
    const matching = this.listeners.filter((each) => each.isOpen && matches(each.pattern, tokens))
    const groups = new Map<string, Listener[]>()
    for (const each of matching) {
      if (each.queue === undefined) this.deliver(each, message)
      else groups.set(each.queue, [...(groups.get(each.queue) ?? []), each])
    }
    this.#turn += 1
    for (const members of groups.values()) {
      const chosen = members[this.#turn % members.length]
      if (chosen !== undefined) this.deliver(chosen, message)
    }
    const { reply } = message
    if (matching.length > 0 || reply === undefined) return
    // As the server does: to the publisher alone, where it listens for the reply.
    const own = this.listeners.filter((each) => each.owner === owner && matches(each.pattern, reply.split('.')))
    for (const each of own) this.deliver(each, { subject: reply, data: new Uint8Array(0), headers: {}, status: 503 })
  }

  deliver(listener: Listener, message: Message): void {
    listener.underway += 1
    const copy = { ...message, data: new Uint8Array(message.data) }
    setImmediate(() => {
      listener.underway -= 1
      try {
        if (listener.isOpen) listener.handler(copy)
      } catch (error) {
        // Contained, as the real one does: a handler that throws does not end the bus.
        this.thrown.push(error)
      } finally {
        if (listener.underway === 0) listener.onIdle?.()
      }
    })
  }
}

function matches(pattern: readonly string[], tokens: readonly string[]): boolean {
  for (const [index, part] of pattern.entries()) {
    if (part === '>') return tokens.length > index
    if (tokens[index] === undefined || (part !== '*' && part !== tokens[index])) return false
  }
  return pattern.length === tokens.length
}

/** One client of the bus. */
export function openMemoryTransport(bus: MemoryBus = new MemoryBus()): Transport {
  const owner = {}
  let status: TransportStatus = bus.isUp ? { kind: 'live' } : { kind: 'lost' }
  const statusListeners = new Set<(status: TransportStatus) => void>()
  const pending = new Set<(error: TlosError) => void>()
  const maxPayload = bus.options.maxPayload ?? 1_048_576
  const hasJetStream = bus.options.hasJetStream ?? true

  function setStatus(next: TransportStatus): void {
    status = next
    if (next.kind !== 'live') {
      for (const fail of [...pending]) fail(new TlosError('unreachable', 'The connection was lost'))
    }
    for (const listener of [...statusListeners]) listener(next)
  }
  const offTurn = bus.onTurn(setStatus)

  const transport: Transport = {
    info: { url: 'memory:', version: '0', maxPayload, hasJetStream },
    get status() {
      return status
    },
    publish(subject, data, options: PublishOptions = {}) {
      if (status.kind === 'closed') return
      if (data.length + sizeOf(options.headers) > maxPayload)
        throw new TlosError('too-large', `publishing ${subject}: too many bytes`)
      bus.publish(owner, {
        subject,
        data: new Uint8Array(data),
        ...(options.reply === undefined ? {} : { reply: options.reply }),
        ...(options.headers === undefined ? {} : { headers: { ...options.headers } }),
      })
    },
    subscribe(pattern, handler, options): Subscription {
      const listener: Listener = {
        owner,
        pattern: pattern.split('.'),
        queue: options?.queue,
        handler,
        isOpen: true,
        underway: 0,
        onIdle: undefined,
      }
      bus.listeners.push(listener)
      const leave = (): void => {
        const index = bus.listeners.indexOf(listener)
        if (index >= 0) bus.listeners.splice(index, 1)
      }
      return {
        close() {
          listener.isOpen = false
          leave()
        },
        async drain() {
          leave()
          if (listener.underway > 0) await new Promise<void>((resolve) => (listener.onIdle = resolve))
          listener.isOpen = false
        },
      }
    },
    request(subject, data, options: RequestOptions = {}) {
      return new Promise<Message>((resolve, reject) => {
        const { signal } = options
        if (status.kind !== 'live') return reject(new TlosError('unreachable', 'There is no connection'))
        if (signal?.aborted === true) return reject(new TlosError('cancelled', `${subject} was cancelled`))
        const inbox = bus.createInbox()
        const subscription = transport.subscribe(inbox, (message) => {
          if (message.status === 503) fail(new TlosError('unreachable', `${subject}: nobody listens there`))
          else end(() => resolve(message))
        })
        const timer = setTimeout(
          () => fail(new TlosError('timed-out', `${subject}: no answer in time`)),
          options.timeoutMs ?? 2_000,
        )
        const onAbort = (): void => fail(new TlosError('cancelled', `${subject} was cancelled`))
        const fail = (error: TlosError): void => end(() => reject(error))
        function end(act: () => void): void {
          clearTimeout(timer)
          subscription.close()
          pending.delete(fail)
          signal?.removeEventListener('abort', onAbort)
          act()
        }
        pending.add(fail)
        signal?.addEventListener('abort', onAbort, { once: true })
        try {
          transport.publish(subject, data, { reply: inbox, headers: options.headers })
        } catch (error) {
          fail(error as TlosError) // it throws nothing else
        }
      })
    },
    gather(subject, data, { windowMs }) {
      return new Promise((resolve) => {
        const replies: Message[] = []
        const inbox = bus.createInbox()
        const timer = setTimeout(end, windowMs)
        const subscription = transport.subscribe(inbox, (message) => {
          if (message.status !== undefined) end()
          else replies.push(message)
        })
        function end(): void {
          clearTimeout(timer)
          subscription.close()
          resolve(replies)
        }
        transport.publish(subject, data, { reply: inbox })
      })
    },
    createInbox: () => bus.createInbox(),
    async flush() {
      if (status.kind !== 'live') throw new TlosError('unreachable', 'There is no connection')
      await new Promise((resolve) => setImmediate(resolve))
    },
    async bucket(name): Promise<Bucket> {
      if (!hasJetStream) throw new TlosError('unavailable', `no JetStream, so there is no bucket ${name}`)
      const found = bus.buckets.get(name) ?? new MemoryBucket()
      bus.buckets.set(name, found)
      return found
    },
    async objects(name): Promise<ObjectStore> {
      if (!hasJetStream) throw new TlosError('unavailable', `no JetStream, so there is no object store ${name}`)
      const store = bus.stores.get(name) ?? new Map<string, Uint8Array>()
      bus.stores.set(name, store)
      return {
        has: async (object) => store.has(object),
        get: async (object) => copyOf(store.get(object)),
        put: async (object, bytes) => void store.set(object, new Uint8Array(bytes)),
        delete: async (object) => void store.delete(object),
      }
    },
    onStatus(listener) {
      statusListeners.add(listener)
      return () => statusListeners.delete(listener)
    },
    refused: () => [],
    onRefused: () => () => undefined,
    async close() {
      if (status.kind === 'closed') return
      offTurn()
      setStatus({ kind: 'closed' })
      for (const each of bus.listeners.filter((listener) => listener.owner === owner)) {
        each.isOpen = false
        bus.listeners.splice(bus.listeners.indexOf(each), 1)
      }
    },
  }
  return transport
}

const sizeOf = (headers: Readonly<Record<string, string>> | undefined): number =>
  headers === undefined ? 0 : Object.entries(headers).reduce((sum, entry) => sum + entry.join(': \r\n').length, 12)

const copyOf = (bytes: Uint8Array | undefined): Uint8Array | undefined =>
  bytes === undefined ? undefined : new Uint8Array(bytes)

interface Watcher {
  readonly onEntry: (entry: BucketEntry) => void
  readonly onSeeded: (() => void) | undefined
}

/** A bucket with history 1: the last value of each key, one revision for all. */
export class MemoryBucket implements Bucket {
  readonly #entries = new Map<string, BucketEntry>()
  readonly #watchers = new Set<Watcher>()
  #revision = 0

  async get(key: string): Promise<BucketEntry | undefined> {
    const entry = this.#entries.get(key)
    return entry?.value === undefined ? undefined : { ...entry, value: new Uint8Array(entry.value) }
  }

  async keys(filter = '>'): Promise<string[]> {
    const pattern = filter.split('.')
    return this.#present()
      .map((entry) => entry.key)
      .filter((key) => matches(pattern, key.split('.')))
  }

  async put(key: string, value: Uint8Array): Promise<number> {
    return this.#change({ key, value: new Uint8Array(value), revision: this.#revision + 1 })
  }

  async update(key: string, value: Uint8Array, revision: number): Promise<number> {
    const last = this.#entries.get(key)
    // A deleted key counts as one that does not exist, as it does for the NATS client's `create`.
    const isFree = last?.value === undefined
    if (revision === 0 ? !isFree : last?.revision !== revision) {
      throw new TlosError('conflict', `${key}: somebody else was faster`)
    }
    return this.put(key, value)
  }

  async delete(key: string): Promise<void> {
    this.#change({ key, revision: this.#revision + 1 })
  }

  async watch(onEntry: (entry: BucketEntry) => void, onSeeded?: () => void): Promise<() => void> {
    const watcher = { onEntry, onSeeded }
    this.#seed(watcher)
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** After a reconnect a watch begins again with everything present. */
  reseed(): void {
    for (const watcher of this.#watchers) this.#seed(watcher)
  }

  #seed(watcher: Watcher): void {
    for (const entry of this.#present()) watcher.onEntry(entry)
    watcher.onSeeded?.()
  }

  #present(): BucketEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.value !== undefined)
  }

  #change(entry: BucketEntry): number {
    this.#revision = entry.revision
    this.#entries.set(entry.key, entry)
    for (const watcher of [...this.#watchers]) watcher.onEntry(entry)
    return entry.revision
  }
}
