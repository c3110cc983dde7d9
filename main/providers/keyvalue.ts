// The key-value provider that every tLOS node carries: wrpc:keyvalue (wrpc.md 5.6) over one JetStream bucket, so that
// what a component stores outlives it and is there on every node. Values belong to the component that stored them.

import type { WitFunction, WitInterface, WitType } from '../../preload/wit.js'
import { formatChain, TlosError } from '../failure.js'
import { keyvalueBucket } from '../lattice/protocol/tlos.js'
import type { BucketEntry, Transport } from '../nats/transport.js'
import { decodeToken, encodeToken, sourceToken } from './tokens.js'
import type { Provider, ProviderCall } from './types.js'

const keyvalueId = 'keyvalue'

export interface KeyvalueParts {
  readonly transport: Transport
  readonly lattice: string
  /** Default `keyvalue`. */
  readonly id?: string | undefined
}

const version = '0.2.0-draft'
const pageSize = 1_000
/** How often `increment` is tried again when others change the same key. */
const casAttempts = 100
/** Subjects have a limit on servers (4 KiB with everything); a key that comes near it could not be stored. */
const maxKeyLength = 2_048
/** Room for headers of a bucket write within the server's payload limit, bytes. */
const headerRoom = 512
const maxU64 = (1n << 64n) - 1n

const string: WitType = { kind: 'string' }
const u64: WitType = { kind: 'u64' }
const bytes: WitType = { kind: 'list', element: { kind: 'u8' } }
const strings: WitType = { kind: 'list', element: string }
const pair: WitType = { kind: 'tuple', elements: [string, bytes] }
const error: WitType = {
  kind: 'variant',
  name: 'error',
  cases: [{ name: 'no-such-store' }, { name: 'access-denied' }, { name: 'other', type: string }],
}
const keyResponse: WitType = {
  kind: 'record',
  name: 'key-response',
  fields: [
    { name: 'keys', type: strings },
    { name: 'cursor', type: { kind: 'option', inner: u64 } },
  ],
}

const fn = (name: string, params: Readonly<Record<string, WitType>>, ok?: WitType): WitFunction => ({
  name,
  params: Object.entries(params).map(([param, type]) => ({ name: param, type })),
  result: { kind: 'result', ok, err: error },
})

/** What it serves on the bus and in the process. */
export const keyvalueExports: readonly WitInterface[] = [
  {
    name: `wrpc:keyvalue/store@${version}`,
    functions: [
      fn('get', { bucket: string, key: string }, { kind: 'option', inner: bytes }),
      fn('set', { bucket: string, key: string, value: bytes }),
      fn('delete', { bucket: string, key: string }),
      fn('exists', { bucket: string, key: string }, { kind: 'bool' }),
      fn('list-keys', { bucket: string, cursor: { kind: 'option', inner: u64 } }, keyResponse),
    ],
  },
  {
    name: `wrpc:keyvalue/atomics@${version}`,
    functions: [fn('increment', { bucket: string, key: string, delta: u64 }, u64)],
  },
  {
    name: `wrpc:keyvalue/batch@${version}`,
    functions: [
      fn('get-many', { bucket: string, keys: strings }, { kind: 'list', element: { kind: 'option', inner: pair } }),
      fn('set-many', { bucket: string, 'key-values': { kind: 'list', element: pair } }),
      fn('delete-many', { bucket: string, keys: strings }),
    ],
  },
]

/** Trouble that the interface has a case for: it becomes `other(words)`. */
class StoreError extends Error {}

/** Resolves when the bucket is there; fails with `unavailable` on a server without JetStream. */
export async function openKeyvalue(parts: KeyvalueParts): Promise<Provider> {
  const { transport } = parts
  const bucket = await transport.bucket(keyvalueBucket(parts.lattice))

  function keyOf(call: ProviderCall, store: string, key: string): string {
    const name = `${storePrefix(call.sourceId, store)}.${encodeToken(key)}`
    if (name.length > maxKeyLength) throw new StoreError(`the key has ${key.length} characters, too many to be stored`)
    return name
  }

  async function read(name: string): Promise<BucketEntry | undefined> {
    return await bucket.get(name)
  }

  async function write(name: string, value: Uint8Array): Promise<void> {
    const limit = transport.info.maxPayload - headerRoom - name.length
    if (value.length > limit) {
      throw new StoreError(`the value has ${value.length} bytes; the NATS server takes ${Math.max(limit, 0)} at most`)
    }
    await bucket.put(name, value)
  }

  async function remove(name: string): Promise<void> {
    // A marker for what never was would be kept for ever.
    if ((await bucket.get(name))?.value !== undefined) await bucket.delete(name)
  }

  async function increment(name: string, delta: bigint): Promise<bigint> {
    for (let attempt = 0; attempt < casAttempts; attempt++) {
      const entry = await bucket.get(name)
      const next = parseNumber(entry?.value) + delta
      if (next > maxU64) throw new StoreError('the sum does not fit into 64 bits')
      try {
        await bucket.update(name, encodeText(String(next)), entry?.revision ?? 0)
        return next
      } catch (failure) {
        if (!(failure instanceof TlosError) || failure.code !== 'conflict') throw failure
        // Apart from each other, so that of many writers one gets through each time.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(50, attempt * 2)))
      }
    }
    throw new StoreError('others keep changing this key; try again')
  }

  async function listKeys(prefix: string, cursor: bigint): Promise<{ keys: string[]; cursor: bigint | undefined }> {
    const names = await bucket.keys(`${prefix}.*`)
    const keys = names.flatMap((name) => decodeToken(name.slice(prefix.length + 1)) ?? []).sort()
    const start = cursor > BigInt(keys.length) ? keys.length : Number(cursor)
    const end = start + pageSize
    return { keys: keys.slice(start, end), cursor: end < keys.length ? BigInt(end) : undefined }
  }

  const operations: Readonly<Record<string, (call: ProviderCall) => Promise<unknown>>> = {
    'store.get': async (call) => (await read(keyOf(call, text(call, 0), text(call, 1))))?.value,
    'store.set': (call) => write(keyOf(call, text(call, 0), text(call, 1)), byteList(call, call.params[2])),
    'store.delete': (call) => remove(keyOf(call, text(call, 0), text(call, 1))),
    'store.exists': async (call) => (await read(keyOf(call, text(call, 0), text(call, 1))))?.value !== undefined,
    'store.list-keys': (call) => listKeys(storePrefix(call.sourceId, text(call, 0)), number(call, 1, 0n)),
    'atomics.increment': (call) => increment(keyOf(call, text(call, 0), text(call, 1)), number(call, 2)),
    'batch.get-many': (call) =>
      Promise.all(
        list(call, 1).map(async (key) => {
          const value = (await read(keyOf(call, text(call, 0), asText(call, key))))?.value
          return value === undefined ? undefined : [key, value]
        }),
      ),
    'batch.set-many': async (call) => {
      const store = text(call, 0)
      const pairs = list(call, 1).map((entry) => {
        if (!Array.isArray(entry) || entry.length !== 2) throw misfit(call)
        return [keyOf(call, store, asText(call, entry[0])), byteList(call, entry[1])] as const
      })
      await Promise.all(pairs.map(([name, value]) => write(name, value)))
    },
    'batch.delete-many': async (call) => {
      await Promise.all(list(call, 1).map((key) => remove(keyOf(call, text(call, 0), asText(call, key)))))
    },
  }

  return {
    id: parts.id ?? keyvalueId,
    imageRef: 'tlos-keyvalue',
    name: 'Key-value store',
    exports: keyvalueExports,
    async handle(call) {
      const area = /^wrpc:keyvalue\/([a-z]+)@0\.2\.0-draft$/.exec(call.instance)?.[1] ?? ''
      const operation = Object.hasOwn(operations, `${area}.${call.functionName}`)
        ? operations[`${area}.${call.functionName}`]
        : undefined
      if (operation === undefined) {
        throw new TlosError('not-found', `The key-value store has no ${call.instance}.${call.functionName}`)
      }
      try {
        return { tag: 'ok', val: await operation(call) }
      } catch (failure) {
        if (failure instanceof TlosError && failure.code === 'invalid') throw failure
        if (failure instanceof TlosError && failure.code === 'refused')
          return { tag: 'err', val: { tag: 'access-denied' } }
        return { tag: 'err', val: { tag: 'other', val: formatChain(failure) } }
      }
    },
  }
}

const storePrefix = (sourceId: string, store: string): string => `${sourceToken(sourceId)}.${encodeToken(store)}`

const encodeText = (given: string): Uint8Array => new TextEncoder().encode(given)

/** Decimal text, as the stores of wasmCloud keep counters; nothing counts as 0. */
function parseNumber(value: Uint8Array | undefined): bigint {
  if (value === undefined) return 0n
  const given = Buffer.from(value).toString()
  if (!/^\d{1,20}$/.test(given)) throw new StoreError('the value is not a number')
  return BigInt(given)
}

function misfit(call: ProviderCall): TlosError {
  return new TlosError('invalid', `The arguments of ${call.instance}.${call.functionName} do not fit its type`)
}

function asText(call: ProviderCall, value: unknown): string {
  if (typeof value !== 'string') throw misfit(call)
  return value
}

function text(call: ProviderCall, index: number): string {
  return asText(call, call.params[index])
}

function list(call: ProviderCall, index: number): readonly unknown[] {
  const value = call.params[index]
  if (!Array.isArray(value)) throw misfit(call)
  return value
}

function byteList(call: ProviderCall, value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw misfit(call)
  return value
}

function number(call: ProviderCall, index: number, absent?: bigint): bigint {
  const value = call.params[index] ?? absent
  if (typeof value !== 'bigint' || value < 0n || value > maxU64) throw misfit(call)
  return value
}
