// A JetStream object store as an `ObjectStore`. Takes the client connection's own objects.

import type { NatsConnection, ObjectResult } from 'nats'
import { TlosError } from '../failure.js'
import { toTlosError } from './client-errors.js'
import { getOrCreate } from './get-or-create.js'
import type { ObjectStore, Transport } from './transport.js'
import { withLimit } from './waits.js'

/** Longest wait for the next piece of an object: one that is deleted while it is read never ends by itself. */
const pieceMs = 10_000

export async function openObjects(
  connection: NatsConnection,
  transport: Transport,
  name: string,
): Promise<ObjectStore> {
  const what = `object store ${name}`
  const { hasJetStream, jsDomain: domain } = transport.info
  if (!hasJetStream) {
    throw new TlosError('unavailable', `The NATS server has no JetStream, so there is no ${what}`)
  }
  const attempt = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      throw toTlosError(error, what)
    }
  }
  const store = await attempt(() =>
    getOrCreate(() => connection.jetstream({ ...(domain === undefined ? {} : { domain }) }).views.os(name)),
  )
  return {
    has: (object) =>
      attempt(async () => {
        const info = await store.info(object)
        return info !== null && !info.deleted
      }),
    get: (object) =>
      attempt(async () => {
        const found = await store.get(object)
        return found === null ? undefined : await readWhole(found)
      }),
    put: (object, bytes) =>
      attempt(async () => {
        await store.putBlob({ name: object }, bytes)
      }),
    delete: (object) =>
      attempt(async () => {
        await store.delete(object)
      }),
  }
}

async function readWhole({ data, error }: ObjectResult): Promise<Uint8Array> {
  const reader = data.getReader()
  const pieces: Uint8Array[] = []
  try {
    for (;;) {
      const { done, value } = await withLimit(reader.read(), pieceMs)
      if (done) break
      pieces.push(value)
    }
    const failure = await withLimit(error, pieceMs)
    if (failure instanceof Error) throw failure
  } catch (failure) {
    // Nobody waits for the rest.
    reader.cancel().catch(() => undefined)
    throw failure
  }
  return new Uint8Array(Buffer.concat(pieces))
}
