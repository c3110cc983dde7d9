// The owner records of a lattice's stateful actors (bucket `TLOS_ACTORS_{lattice}`): a watched copy and compare-and-set.
// Stands on a `Transport`; knows nothing of instances or moves.

import type { Bucket, Transport } from '../nats/transport.js'
import { TlosError } from '../failure.js'
import { decodeJson, encodeJson, OwnerRecord, ownersBucket } from '../lattice/protocol/tlos.js'

/** A record with the bucket revision it had; the revision is what a compare-and-set compares. */
export interface OwnedAt {
  readonly record: OwnerRecord
  readonly revision: number
}

export interface Owners {
  /** False on a server without JetStream: nothing can be owned, so nothing stateful can be moved. */
  readonly isAvailable: boolean
  /** From the bucket itself, not from the copy. Undefined: nobody ever owned it, or the record is not readable. */
  read(componentId: string): Promise<OwnedAt | undefined>
  /** Writes the record if the revision is still the last one (0: if there is none); fails with `conflict` otherwise. */
  claim(componentId: string, record: OwnerRecord, revision: number): Promise<number>
  onChanged(listener: (componentId: string, record: OwnerRecord) => void): () => void
  close(): void
}

export async function openOwners(transport: Transport, lattice: string): Promise<Owners> {
  if (!transport.info.hasJetStream) return withoutBucket()
  const bucket = await transport.bucket(ownersBucket(lattice))
  const listeners = new Set<(componentId: string, record: OwnerRecord) => void>()
  const stop = await bucket.watch((entry) => {
    const record = decode(entry.value)
    if (record !== undefined) for (const listener of listeners) listener(entry.key, record)
  })
  return {
    isAvailable: true,
    read: (componentId) => read(bucket, componentId),
    claim: (componentId, record, revision) => bucket.update(componentId, encodeJson(record), revision),
    onChanged(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: stop,
  }
}

async function read(bucket: Bucket, componentId: string): Promise<OwnedAt | undefined> {
  const entry = await bucket.get(componentId)
  const record = decode(entry?.value)
  if (entry === undefined || record === undefined) return undefined
  return { record, revision: entry.revision }
}

function decode(value: Uint8Array | undefined): OwnerRecord | undefined {
  if (value === undefined) return undefined
  const decoded = decodeJson(OwnerRecord, value)
  return decoded.ok ? decoded.value : undefined
}

function withoutBucket(): Owners {
  return {
    isAvailable: false,
    read: () => Promise.resolve(undefined),
    claim: () =>
      Promise.reject(
        new TlosError('unavailable', 'The NATS server has no JetStream, so ownership of actors cannot be recorded.'),
      ),
    onChanged: () => () => undefined,
    close: () => undefined,
  }
}
