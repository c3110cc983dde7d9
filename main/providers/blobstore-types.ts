// wrpc:blobstore as v1 providers serve it (wrpc.md 5.7): names and types. Pure.

import type { WitFunction, WitInterface, WitType } from '../../preload/wit.js'

export const blobstoreInstance = 'wrpc:blobstore/blobstore@0.2.0'

const string: WitType = { kind: 'string' }
const u64: WitType = { kind: 'u64' }
const optionalU64: WitType = { kind: 'option', inner: u64 }
/** How a stream went: comes when it has ended. */
const status: WitType = { kind: 'future', inner: { kind: 'result', err: string } }
const stream = (element: WitType): WitType => ({ kind: 'stream', element })
const withStatus = (data: WitType): WitType => ({ kind: 'tuple', elements: [data, status] })
const objectId: WitType = {
  kind: 'record',
  name: 'object-id',
  fields: [
    { name: 'container', type: string },
    { name: 'object', type: string },
  ],
}
const containerMetadata: WitType = {
  kind: 'record',
  name: 'container-metadata',
  fields: [{ name: 'created-at', type: u64 }],
}
const objectMetadata: WitType = {
  kind: 'record',
  name: 'object-metadata',
  fields: [
    { name: 'created-at', type: u64 },
    { name: 'size', type: u64 },
  ],
}

const fn = (name: string, params: Readonly<Record<string, WitType>>, ok?: WitType): WitFunction => ({
  name,
  params: Object.entries(params).map(([param, type]) => ({ name: param, type })),
  result: { kind: 'result', ok, err: string },
})

/** What the provider serves on the bus and in the process. */
export const blobstoreExports: readonly WitInterface[] = [
  {
    name: blobstoreInstance,
    functions: [
      fn('clear-container', { name: string }),
      fn('container-exists', { name: string }, { kind: 'bool' }),
      fn('create-container', { name: string }),
      fn('delete-container', { name: string }),
      fn('get-container-info', { name: string }, containerMetadata),
      fn(
        'list-container-objects',
        { name: string, limit: optionalU64, offset: optionalU64 },
        withStatus(stream(string)),
      ),
      fn('copy-object', { src: objectId, dest: objectId }),
      fn('delete-object', { id: objectId }),
      fn('delete-objects', { container: string, objects: { kind: 'list', element: string } }),
      fn('get-container-data', { id: objectId, start: u64, end: u64 }, withStatus(stream({ kind: 'u8' }))),
      fn('get-object-info', { id: objectId }, objectMetadata),
      fn('has-object', { id: objectId }, { kind: 'bool' }),
      fn('move-object', { src: objectId, dest: objectId }),
      fn('write-container-data', { id: objectId, data: stream({ kind: 'u8' }) }, status),
    ],
  },
]
