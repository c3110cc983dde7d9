// The bus as the rest of main sees it: subjects and bytes, request and reply, buckets and stored objects. Types only;
// implementations are `connection.ts` (a NATS server) and `test/support/memory-transport.ts` (the same rules in memory).
// Errors are `TlosError`s: `unreachable` (no responders, connection gone), `timed-out`, `refused` (permissions,
// credentials), `conflict` (compare-and-set lost), `not-found`, `unavailable` (no JetStream here).

/** A message as it came. `headers` keys are lower case as written by the sender; the first value of each. */
export interface Message {
  readonly subject: string
  readonly data: Uint8Array
  readonly reply?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** NATS status code of a header-only message (503: no responders), absent on ordinary messages. */
  readonly status?: number | undefined
}

export interface PublishOptions {
  readonly reply?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export interface Subscription {
  /** Stops delivery now; messages on their way are dropped. May be called twice. */
  close(): void
  /** Stops new delivery, lets what the server had already sent arrive, then ends. Resolves after the last handler call. */
  drain(): Promise<void>
}

export interface RequestOptions {
  readonly timeoutMs?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
}

/** `live`: usable now. `lost`: the server went, the client is trying again. `closed`: for good, `problem` says why if not by us. */
export interface TransportStatus {
  readonly kind: 'live' | 'lost' | 'closed'
  readonly problem?: string | undefined
}

export interface ServerInfo {
  /** URL in use, without credentials. */
  readonly url: string
  readonly version: string
  /** Largest payload (with headers) in bytes the server takes; may change on reconnect. */
  readonly maxPayload: number
  /** With answers for these credentials, in the domain that was asked for; may change on reconnect. */
  readonly hasJetStream: boolean
  readonly jsDomain?: string | undefined
}

/** One key of a bucket. `value` is absent when the key was deleted. `revision` grows over the whole bucket. */
export interface BucketEntry {
  readonly key: string
  readonly value?: Uint8Array | undefined
  readonly revision: number
}

export interface Bucket {
  get(key: string): Promise<BucketEntry | undefined>
  keys(filter?: string): Promise<string[]>
  /** Resolves to the new revision. */
  put(key: string, value: Uint8Array): Promise<number>
  /** Compare-and-set: fails with `conflict` unless the key's last revision is `revision` (0: must not exist). */
  update(key: string, value: Uint8Array, revision: number): Promise<number>
  delete(key: string): Promise<void>
  /**
   * All present keys first, then each change; `onSeeded` is called once between them. Goes on over reconnects
   * (starting again with everything present). Returns the unsubscribe function.
   */
  watch(onEntry: (entry: BucketEntry) => void, onSeeded?: () => void): Promise<() => void>
}

export interface BucketOptions {
  /** Values kept per key. */
  readonly history?: number | undefined
}

/** Content by name, of any size. */
export interface ObjectStore {
  has(name: string): Promise<boolean>
  get(name: string): Promise<Uint8Array | undefined>
  put(name: string, bytes: Uint8Array): Promise<void>
  delete(name: string): Promise<void>
}

/** What the permissions of our credentials forbid; the server tells it after the fact. */
export interface Refusal {
  readonly operation: 'publish' | 'subscribe'
  readonly subject: string
}

export interface Transport {
  readonly info: ServerInfo
  readonly status: TransportStatus
  /** Fails with `too-large` when it is more than `maxPayload`, headers included. */
  publish(subject: string, data: Uint8Array, options?: PublishOptions): void
  /** The handler runs for each message in order of arrival; what it throws is logged, not passed on. */
  subscribe(pattern: string, handler: (message: Message) => void, options?: { queue?: string }): Subscription
  /** First reply. Fails with `unreachable` when nobody listens, `timed-out` after `timeoutMs` (default 2,000). */
  request(subject: string, data: Uint8Array, options?: RequestOptions): Promise<Message>
  /** Every reply within the window (ms); ends early on no responders. */
  gather(subject: string, data: Uint8Array, options: { windowMs: number }): Promise<Message[]>
  /** A fresh subject nobody else uses. */
  createInbox(): string
  /** Resolves when the server has seen everything published before. */
  flush(): Promise<void>
  /** Gets or creates; never alters an existing bucket. */
  bucket(name: string, options?: BucketOptions): Promise<Bucket>
  objects(name: string): Promise<ObjectStore>
  onStatus(listener: (status: TransportStatus) => void): () => void
  /** Refused subscriptions are told before a `flush` that follows them resolves. */
  /** What was refused since it was opened, each once, at most 200. */
  refused(): readonly Refusal[]
  onRefused(listener: (refusal: Refusal) => void): () => void
  close(): Promise<void>
}
