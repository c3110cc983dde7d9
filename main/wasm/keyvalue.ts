// wasi:keyvalue for a guest, served by calls of wrpc:keyvalue: the bucket resource lives here and is a name there.

import { wrpcAtomics, wrpcBatch, wrpcStore } from './carried.js'
import type { HostCall } from './host-call.js'
import { GuestError } from './import-error.js'

export const keyvalueVersion = '0.2.0-draft'

/** The three interfaces by name without version. */
export function createKeyvalue(call: HostCall): Record<string, Record<string, unknown>> {
  /** Every function is a `result`, so that each failure has a place: `other` with words. */
  function ask(instance: string, functionName: string, args: readonly unknown[]): unknown {
    const outcome = call(instance, functionName, args)
    if (!outcome.ok) throw new GuestError({ tag: 'other', val: outcome.fault.message })
    const { tag, val } = outcome.value as { tag: unknown; val?: unknown }
    if (tag === 'ok') return val
    throw new GuestError(val)
  }

  class Bucket {
    // Private: for a handle that it was never given, the glue makes an empty object of this class, and this refuses it.
    readonly #identifier: string

    constructor(identifier: string) {
      this.#identifier = identifier
    }

    get identifier(): string {
      if (!(#identifier in this)) throw new Error('the component used a bucket that it does not have')
      return this.#identifier
    }

    get(key: string): unknown {
      return ask(wrpcStore, 'get', [this.identifier, key])
    }

    set(key: string, value: Uint8Array): void {
      ask(wrpcStore, 'set', [this.identifier, key, value])
    }

    delete(key: string): void {
      ask(wrpcStore, 'delete', [this.identifier, key])
    }

    exists(key: string): unknown {
      return ask(wrpcStore, 'exists', [this.identifier, key])
    }

    listKeys(cursor: bigint | undefined): unknown {
      return ask(wrpcStore, 'list-keys', [this.identifier, cursor])
    }
  }

  return {
    'wasi:keyvalue/store': { Bucket, open: (identifier: string) => new Bucket(identifier) },
    'wasi:keyvalue/atomics': {
      increment: (bucket: Bucket, key: string, delta: bigint) =>
        ask(wrpcAtomics, 'increment', [bucket.identifier, key, delta]),
    },
    'wasi:keyvalue/batch': {
      getMany: (bucket: Bucket, keys: readonly string[]) => ask(wrpcBatch, 'get-many', [bucket.identifier, keys]),
      setMany: (bucket: Bucket, pairs: readonly unknown[]) => ask(wrpcBatch, 'set-many', [bucket.identifier, pairs]),
      deleteMany: (bucket: Bucket, keys: readonly string[]) => ask(wrpcBatch, 'delete-many', [bucket.identifier, keys]),
    },
  }
}
