// The blob store that every tLOS node carries: wrpc:blobstore (wrpc.md 5.7) over a JetStream bucket (which objects there
// are, blob-index.ts) and a JetStream object store (their bytes). Containers belong to the component that made them.

import { randomBytes } from 'node:crypto'
import { formatChain, TlosError } from '../failure.js'
import { blobStore } from '../lattice/protocol/tlos.js'
import type { Transport } from '../nats/transport.js'
import { BlobError, type ContainerRecord, createBlobIndex, type ObjectRecord } from './blob-index.js'
import { blobstoreExports, blobstoreInstance } from './blobstore-types.js'
import type { Provider, ProviderCall } from './types.js'

export interface BlobstoreParts {
  readonly transport: Transport
  readonly lattice: string
  readonly nowMs?: (() => number) | undefined
  /** How long bytes stay after nobody can find them any more, for whoever reads them now (default 10,000). */
  readonly graceMs?: number | undefined
}

/** Largest object, bytes: it is in memory as a whole while it is written or read. */
export const maxObjectBytes = 32 * 1024 * 1024
/** How often the bytes of an object are looked for again when somebody replaced it while it was read. */
const readAttempts = 5
const defaultGraceMs = 10_000

interface ObjectId {
  readonly container: string
  readonly object: string
}

/** Resolves when bucket and store are there; fails with `unavailable` on a server without JetStream. */
export async function openBlobstore(parts: BlobstoreParts): Promise<Provider> {
  const { transport, lattice } = parts
  const nowMs = parts.nowMs ?? Date.now
  const index = createBlobIndex(await transport.bucket(blobStore(lattice)), nowMs)
  const blobs = await transport.objects(blobStore(lattice))

  async function open(sourceId: string, name: string): Promise<ContainerRecord> {
    const found = await index.container(sourceId, name)
    if (found === undefined) throw new BlobError(`there is no container ${name}`)
    return found
  }

  async function find(sourceId: string, { container, object }: ObjectId): Promise<ObjectRecord> {
    const found = await index.object(await open(sourceId, container), object)
    if (found === undefined) throw new BlobError(`there is no object ${object} in the container ${container}`)
    return found
  }

  /** Bytes that are removed soon, with the clock of each. */
  const leaving = new Map<string, ReturnType<typeof setTimeout>>()

  function removeBytes(blob: string): void {
    clearTimeout(leaving.get(blob))
    leaving.delete(blob)
    // What cannot be removed now costs space and nothing else.
    blobs.delete(blob).catch(() => undefined)
  }

  /** Nobody finds these bytes any more. */
  function discard(record: ObjectRecord | undefined): void {
    if (record === undefined || record.size === 0) return
    const { blob } = record
    leaving.set(blob, setTimeout(() => removeBytes(blob), parts.graceMs ?? defaultGraceMs).unref())
  }

  async function read(sourceId: string, id: ObjectId): Promise<Uint8Array> {
    for (let attempt = 0; attempt < readAttempts; attempt += 1) {
      const { blob, size } = await find(sourceId, id)
      if (size === 0) return new Uint8Array(0)
      const bytes = await blobs.get(blob).catch((failure: unknown) => {
        // Deleted in the middle, or nothing that another attempt mends: then that one says so.
        if (attempt + 1 === readAttempts) throw failure
        return undefined
      })
      if (bytes?.length === size) return bytes
    }
    throw new BlobError(`the bytes of ${id.object} cannot be found`)
  }

  async function write(sourceId: string, { container, object }: ObjectId, bytes: Uint8Array): Promise<void> {
    if (bytes.length > maxObjectBytes) {
      throw new BlobError(`the object has ${bytes.length} bytes; ${maxObjectBytes} are allowed`)
    }
    const within = await open(sourceId, container)
    const record: ObjectRecord = {
      blob: randomBytes(16).toString('hex'),
      size: bytes.length,
      createdAt: Math.floor(nowMs() / 1_000),
    }
    if (bytes.length > 0) await blobs.put(record.blob, bytes)
    try {
      discard(await index.putObject(within, object, record))
    } catch (failure) {
      discard(record)
      throw failure
    }
  }

  async function copy(sourceId: string, from: ObjectId, to: ObjectId): Promise<void> {
    await write(sourceId, to, await read(sourceId, from))
  }

  async function remove(sourceId: string, container: string, names: readonly string[]): Promise<void> {
    const within = await open(sourceId, container)
    for (const name of names) discard(await index.dropObject(within, name))
  }

  async function empty(container: ContainerRecord): Promise<void> {
    for (const name of await index.objects(container)) discard(await index.dropObject(container, name))
  }

  async function list(call: ProviderCall): Promise<readonly string[]> {
    const names = await index.objects(await open(call.sourceId, text(call, 0)))
    const offset = optionalNumber(call, 2) ?? 0
    const limit = optionalNumber(call, 1) ?? names.length
    return names.slice(offset, offset + limit)
  }

  async function range(call: ProviderCall): Promise<Uint8Array> {
    const [start, end] = [number(call, 1), number(call, 2)]
    const bytes = await read(call.sourceId, objectId(call, 0))
    if (start > end) throw new BlobError(`the range from ${start} to ${end} is none`)
    // Both ends are part of it (wrpc.md 5.7).
    return bytes.slice(start, end + 1)
  }

  const fine = { tag: 'ok' }
  const operations: Readonly<Record<string, (call: ProviderCall) => Promise<unknown>>> = {
    'container-exists': async (call) => (await index.container(call.sourceId, text(call, 0))) !== undefined,
    'create-container': (call) => index.addContainer(call.sourceId, text(call, 0)),
    'delete-container': async (call) => {
      // First out of sight, then what was in it.
      const dropped = await index.dropContainer(call.sourceId, text(call, 0))
      if (dropped === undefined) throw new BlobError(`there is no container ${text(call, 0)}`)
      await empty(dropped)
    },
    'clear-container': async (call) => empty(await open(call.sourceId, text(call, 0))),
    'get-container-info': async (call) => {
      const { createdAt } = await open(call.sourceId, text(call, 0))
      return { createdAt: BigInt(createdAt) }
    },
    'list-container-objects': async (call) => [await list(call), fine],
    'copy-object': (call) => copy(call.sourceId, objectId(call, 0), objectId(call, 1)),
    'move-object': async (call) => {
      const [from, to] = [objectId(call, 0), objectId(call, 1)]
      await copy(call.sourceId, from, to)
      const isSame = from.container === to.container && from.object === to.object
      if (!isSame) await remove(call.sourceId, from.container, [from.object])
    },
    'delete-object': (call) => {
      const { container, object } = objectId(call, 0)
      return remove(call.sourceId, container, [object])
    },
    'delete-objects': (call) => remove(call.sourceId, text(call, 0), texts(call, 1)),
    'get-container-data': async (call) => [await range(call), fine],
    'get-object-info': async (call) => {
      const { createdAt, size } = await find(call.sourceId, objectId(call, 0))
      return { createdAt: BigInt(createdAt), size: BigInt(size) }
    },
    'has-object': async (call) => {
      const { container, object } = objectId(call, 0)
      return (await index.object(await open(call.sourceId, container), object)) !== undefined
    },
    'write-container-data': async (call) => {
      const bytes = call.params[1]
      if (!(bytes instanceof Uint8Array)) throw misfit(call)
      await write(call.sourceId, objectId(call, 0), bytes)
      return fine
    },
  }

  return {
    id: 'blobstore',
    imageRef: 'tlos-blobstore',
    name: 'Blob store',
    exports: blobstoreExports,
    async handle(call) {
      const operation = Object.hasOwn(operations, call.functionName) ? operations[call.functionName] : undefined
      if (call.instance !== blobstoreInstance || operation === undefined) {
        throw new TlosError('not-found', `The blob store has no ${call.instance}.${call.functionName}`)
      }
      try {
        return { tag: 'ok', val: await operation(call) }
      } catch (failure) {
        if (failure instanceof TlosError && failure.code === 'invalid') throw failure
        return { tag: 'err', val: formatChain(failure) }
      }
    },
    close() {
      for (const blob of [...leaving.keys()]) removeBytes(blob)
    },
  }
}

function misfit(call: ProviderCall): TlosError {
  return new TlosError('invalid', `The arguments of ${call.instance}.${call.functionName} do not fit its type`)
}

function text(call: ProviderCall, index: number): string {
  const value = call.params[index]
  if (typeof value !== 'string') throw misfit(call)
  return value
}

function texts(call: ProviderCall, index: number): readonly string[] {
  const value = call.params[index]
  if (!Array.isArray(value) || !value.every((each): each is string => typeof each === 'string')) throw misfit(call)
  return value
}

function objectId(call: ProviderCall, index: number): ObjectId {
  const { container, object } = (call.params[index] ?? {}) as Partial<Record<string, unknown>> // checked right here
  if (typeof container !== 'string' || typeof object !== 'string') throw misfit(call)
  return { container, object }
}

/** Beyond what an object can have, all offsets are the same. */
function number(call: ProviderCall, index: number): number {
  const value = call.params[index]
  if (typeof value !== 'bigint' || value < 0n) throw misfit(call)
  return value > BigInt(Number.MAX_SAFE_INTEGER - 1) ? Number.MAX_SAFE_INTEGER - 1 : Number(value)
}

function optionalNumber(call: ProviderCall, index: number): number | undefined {
  return call.params[index] === undefined || call.params[index] === null ? undefined : number(call, index)
}
