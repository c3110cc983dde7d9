// What two messages have in common whoever wrote them: names and kinds of values, not the values.

import type { HostData } from '../../../main/lattice/protocol/host-data.js'
import { noSecrets } from '../../../main/lattice/protocol/secret.js'

/** Lists by the shape of their first entry, maps of text by being one. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])]
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]))
}

/** With one configuration and one link. */
export const sampleHostData: HostData = {
  hostId: 'N',
  lattice: 'default',
  providerId: 'listens',
  instanceId: 'i',
  rpcUrl: 'nats://127.0.0.1:4222',
  rpcJwt: '',
  rpcSeed: '',
  hostXkey: 'X',
  providerXkeySeed: 'SX',
  config: { a: 'b' },
  secrets: noSecrets,
  links: [
    {
      sourceId: 'listens',
      target: 'other',
      name: 'default',
      witNamespace: 'demo',
      witPackage: 'far',
      interfaces: ['numbers'],
      sourceConfig: [],
      targetConfig: [],
      sourceValues: { a: 'b' },
      targetValues: {},
    },
  ],
  rpcTimeoutMs: 2_000,
  logLevel: 'info',
}
