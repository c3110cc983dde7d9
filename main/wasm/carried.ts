// Interfaces that a guest imports with a resource and that travel the lattice as free functions (lattice.md 5.3, wRPC
// 5.6): `wasi:keyvalue` as `wrpc:keyvalue`, the bucket by name. Pure: the types, so that a host can put them on the bus.

import type { WitFunction, WitInterface, WitType } from '../../preload/wit.js'
import { outgoingExport } from './wrpc-http.js'

const error: WitType = {
  kind: 'variant',
  name: 'error',
  cases: [{ name: 'no-such-store' }, { name: 'access-denied' }, { name: 'other', type: { kind: 'string' } }],
}
const string: WitType = { kind: 'string' }
const u64: WitType = { kind: 'u64' }
const bytes: WitType = { kind: 'list', element: { kind: 'u8' } }
const cursor: WitType = { kind: 'option', inner: u64 }
const pair: WitType = { kind: 'tuple', elements: [string, bytes] }
const keys: WitType = { kind: 'list', element: string }
const keyResponse: WitType = {
  kind: 'record',
  name: 'key-response',
  fields: [
    { name: 'keys', type: keys },
    { name: 'cursor', type: cursor },
  ],
}

const onBucket = (name: string, params: Readonly<Record<string, WitType>>, ok?: WitType): WitFunction => ({
  name,
  params: [{ name: 'bucket', type: string }, ...Object.entries(params).map(([param, type]) => ({ name: param, type }))],
  result: ok === undefined ? { kind: 'result', err: error } : { kind: 'result', ok, err: error },
})

export const wrpcStore = 'wrpc:keyvalue/store@0.2.0-draft'
export const wrpcAtomics = 'wrpc:keyvalue/atomics@0.2.0-draft'
export const wrpcBatch = 'wrpc:keyvalue/batch@0.2.0-draft'

/** Interfaces under which `InstanceHost.callImport` is asked although no component imports them by this name. */
export const carriedInterfaces: readonly WitInterface[] = [
  {
    name: wrpcStore,
    functions: [
      onBucket('get', { key: string }, { kind: 'option', inner: bytes }),
      onBucket('set', { key: string, value: bytes }),
      onBucket('delete', { key: string }),
      onBucket('exists', { key: string }, { kind: 'bool' }),
      onBucket('list-keys', { cursor }, keyResponse),
    ],
  },
  { name: wrpcAtomics, functions: [onBucket('increment', { key: string, delta: u64 }, u64)] },
  {
    name: wrpcBatch,
    functions: [
      onBucket('get-many', { keys }, { kind: 'list', element: { kind: 'option', inner: pair } }),
      onBucket('set-many', { 'key-values': { kind: 'list', element: pair } }),
      onBucket('delete-many', { keys }),
    ],
  },
  outgoingExport,
]
