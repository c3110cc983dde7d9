// A JetStream object store as an `ObjectStore`. Takes the client connection's own objects.

import type { NatsConnection } from 'nats'
import { TlosError } from '../failure.js'
import { toTlosError } from './client-errors.js'
import { getOrCreate } from './get-or-create.js'
import type { ObjectStore, Transport } from './transport.js'

export async function openObjects(
  connection: NatsConnection,
  transport: Transport,
  name: string,
): Promise<ObjectStore> {
  const what = `object store ${name}`
  if (!transport.info.hasJetStream) {
    throw new TlosError('unavailable', `The NATS server has no JetStream, so there is no ${what}`)
  }
  const attempt = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      throw toTlosError(error, what)
    }
  }
  const store = await attempt(() => getOrCreate(() => connection.jetstream().views.os(name)))
  return {
    has: (object) =>
      attempt(async () => {
        const info = await store.info(object)
        return info !== null && !info.deleted
      }),
    get: (object) =>
      attempt(async () => {
        const bytes = await store.getBlob(object)
        return bytes === null ? undefined : new Uint8Array(bytes)
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
