// A JetStream key-value bucket as a `Bucket`: compare-and-set, and a watch that begins again after a reconnect. Takes the
// client connection's own objects; imports types of the client only.

import type { KV, KvEntry, NatsConnection } from 'nats'
import { TlosError } from '../failure.js'
import { toTlosError } from './client-errors.js'
import { getOrCreate } from './get-or-create.js'
import type { Bucket, BucketEntry, BucketOptions, Transport } from './transport.js'

export async function openBucket(
  connection: NatsConnection,
  transport: Transport,
  name: string,
  options: BucketOptions,
): Promise<Bucket> {
  const what = `bucket ${name}`
  const { hasJetStream, jsDomain: domain } = transport.info
  if (!hasJetStream) {
    throw new TlosError('unavailable', `The NATS server has no JetStream, so there is no ${what}`)
  }
  const kv = await attempt(what, () =>
    getOrCreate(() =>
      connection
        .jetstream({ ...(domain === undefined ? {} : { domain }) })
        .views.kv(name, { history: options.history ?? 1 }),
    ),
  )
  return {
    get: (key) =>
      attempt(what, async () => {
        const entry = await kv.get(key)
        return entry === null || entry.operation !== 'PUT' ? undefined : toEntry(entry)
      }),
    keys: (filter) =>
      attempt(what, async () => {
        const keys: string[] = []
        for await (const key of await kv.keys(filter)) keys.push(key)
        return keys
      }),
    put: (key, value) => attempt(what, () => kv.put(key, value)),
    update: (key, value, revision) =>
      attempt(what, () => (revision === 0 ? kv.create(key, value) : kv.update(key, value, revision))),
    delete: (key) => attempt(what, () => kv.delete(key)),
    watch: (onEntry, onSeeded) => watch(kv, transport, what, onEntry, onSeeded),
  }
}

async function attempt<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw toTlosError(error, what)
  }
}

function toEntry(entry: KvEntry): BucketEntry {
  const value = new Uint8Array(entry.value)
  return entry.operation === 'PUT'
    ? { key: entry.key, value, revision: entry.revision }
    : { key: entry.key, revision: entry.revision }
}

type Iterator = Awaited<ReturnType<KV['watch']>>

async function watch(
  kv: KV,
  transport: Transport,
  what: string,
  onEntry: (entry: BucketEntry) => void,
  onSeeded: (() => void) | undefined,
): Promise<() => void> {
  let current: Iterator | undefined
  let isStopped = false

  async function follow(iterator: Iterator): Promise<void> {
    for await (const entry of iterator) {
      if (isStopped || iterator !== current) return
      onEntry(toEntry(entry))
    }
  }

  async function begin(): Promise<void> {
    const iterator = await kv.watch({ initializedFn: () => (isStopped ? undefined : onSeeded?.()) })
    current?.stop()
    current = iterator
    if (isStopped) iterator.stop()
    // A watch that breaks is begun again at the next reconnect; there is nobody to tell in between.
    else void follow(iterator).catch(() => undefined)
  }

  await attempt(what, begin)
  // The server's side of a watch does not live through a restart; the client would notice only after missed heartbeats.
  const offStatus = transport.onStatus((status) => {
    if (status.kind === 'live') void beginAgain(begin, () => isStopped || transport.status.kind !== 'live')
  })
  return () => {
    isStopped = true
    offStatus()
    current?.stop()
  }
}

/** JetStream needs a moment after a restart of the server: tries for a while, as long as the connection stays. */
async function beginAgain(begin: () => Promise<void>, isOver: () => boolean): Promise<void> {
  for (let attemptNumber = 0; attemptNumber < 20 && !isOver(); attemptNumber += 1) {
    const hasBegun = await begin().then(
      () => true,
      () => false,
    )
    if (hasBegun) return
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
