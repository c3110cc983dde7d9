// Which containers and objects there are: records in one bucket. What an object holds lies elsewhere under a name of its
// own and is there before its record is, so that an object is either the old one or the new one, whenever something dies.
// A container's record gives it an id, under which its objects stand: what a deleted container had comes back with none.

import { randomBytes } from 'node:crypto'
import { TlosError } from '../failure.js'
import type { Bucket } from '../nats/transport.js'
import { decodeToken, encodeToken, sourceToken } from './tokens.js'

export interface ContainerRecord {
  readonly id: string
  /** Seconds since 1970. */
  readonly createdAt: number
}

export interface ObjectRecord {
  /** Name of its bytes in the object store. */
  readonly blob: string
  readonly size: number
  /** Seconds since 1970. */
  readonly createdAt: number
}

/** Trouble that the interface has words for: it becomes `err(words)`. */
export class BlobError extends Error {}

/** How often a record is tried again when others change the same one. */
const casAttempts = 50
/** Subjects have a limit on servers (4 KiB with everything); a name that comes near it could not be stored. */
const maxKeyLength = 2_048

export interface BlobIndex {
  container(sourceId: string, name: string): Promise<ContainerRecord | undefined>
  addContainer(sourceId: string, name: string): Promise<void>
  /** Resolves to what it was; undefined when there was none. */
  dropContainer(sourceId: string, name: string): Promise<ContainerRecord | undefined>
  object(container: ContainerRecord, name: string): Promise<ObjectRecord | undefined>
  /** Resolves to the record in whose place it came. */
  putObject(container: ContainerRecord, name: string, record: ObjectRecord): Promise<ObjectRecord | undefined>
  dropObject(container: ContainerRecord, name: string): Promise<ObjectRecord | undefined>
  /** Names of the objects, sorted. */
  objects(container: ContainerRecord): Promise<string[]>
}

export function createBlobIndex(bucket: Bucket, nowMs: () => number): BlobIndex {
  const containerKey = (sourceId: string, name: string): string =>
    checked(`c.${sourceToken(sourceId)}.${encodeToken(name)}`, name)
  const objectKey = ({ id }: ContainerRecord, name: string): string => checked(`o.${id}.${encodeToken(name)}`, name)

  async function read<T>(
    key: string,
    parse: (value: unknown) => T | undefined,
  ): Promise<{ record: T; revision: number } | undefined> {
    const entry = await bucket.get(key)
    if (entry?.value === undefined) return undefined
    const record = parse(parseJson(entry.value))
    if (record === undefined) throw new BlobError('its record in the lattice is damaged')
    return { record, revision: entry.revision }
  }

  async function drop<T>(key: string, parse: (value: unknown) => T | undefined): Promise<T | undefined> {
    const found = await read(key, parse)
    // A marker for what never was would be kept for ever.
    if (found !== undefined) await bucket.delete(key)
    return found?.record
  }

  return {
    container: async (sourceId, name) => (await read(containerKey(sourceId, name), parseContainer))?.record,
    async addContainer(sourceId, name) {
      const record: ContainerRecord = { id: randomBytes(12).toString('hex'), createdAt: Math.floor(nowMs() / 1_000) }
      try {
        await bucket.update(containerKey(sourceId, name), encodeJson(record), 0)
      } catch (failure) {
        if (!(failure instanceof TlosError) || failure.code !== 'conflict') throw failure
        throw new BlobError(`there is a container ${name} already`)
      }
    },
    dropContainer: (sourceId, name) => drop(containerKey(sourceId, name), parseContainer),
    object: async (container, name) => (await read(objectKey(container, name), parseObject))?.record,
    async putObject(container, name, record) {
      const key = objectKey(container, name)
      for (let attempt = 0; attempt < casAttempts; attempt += 1) {
        const found = await read(key, parseObject)
        try {
          // Exactly one writer takes the place of each record, and knows whose bytes nobody needs any more.
          await bucket.update(key, encodeJson(record), found?.revision ?? 0)
          return found?.record
        } catch (failure) {
          if (!(failure instanceof TlosError) || failure.code !== 'conflict') throw failure
          await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(50, attempt * 2)))
        }
      }
      throw new BlobError('others keep writing this object; try again')
    },
    dropObject: (container, name) => drop(objectKey(container, name), parseObject),
    async objects({ id }) {
      const prefix = `o.${id}.`
      const keys = await bucket.keys(`${prefix}*`)
      return keys.flatMap((key) => decodeToken(key.slice(prefix.length)) ?? []).sort()
    },
  }
}

function checked(key: string, name: string): string {
  if (key.length > maxKeyLength) throw new BlobError(`the name has ${name.length} characters, too many to be stored`)
  return key
}

const encodeJson = (record: object): Uint8Array => new TextEncoder().encode(JSON.stringify(record))

function parseJson(value: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(value))
  } catch {
    return undefined
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
const isToken = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{8,64}$/.test(value)

/** The bucket is open to whoever has the lattice's credentials: what is in it is checked. */
function parseContainer(value: unknown): ContainerRecord | undefined {
  const { id, createdAt } = (value ?? {}) as Partial<Record<string, unknown>> // read only, and checked
  return isToken(id) && isCount(createdAt) ? { id, createdAt } : undefined
}

function parseObject(value: unknown): ObjectRecord | undefined {
  const { blob, size, createdAt } = (value ?? {}) as Partial<Record<string, unknown>> // read only, and checked
  return isToken(blob) && isCount(size) && isCount(createdAt) ? { blob, size, createdAt } : undefined
}
