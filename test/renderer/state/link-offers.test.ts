import { expect, it } from 'vitest'
import { linkOffersOf } from '../../../renderer/state/link-offers.js'
import { lattice, provider } from '../scene/build.js'

it('offers a cable to each provider of a node for what a component imports of it', () => {
  const ids = ['keyvalue', 'blobstore', 'messaging']
  const providers = ['desk', 'north'].flatMap((hostId) => ids.map((id) => provider(hostId, id)))
  const names = [
    'wasi:logging/logging@0.1.0-draft',
    'wasi:keyvalue/store@0.2.0-draft',
    'wasi:blobstore/blobstore@0.2.0-draft',
    'wasi:blobstore/container@0.2.0-draft',
    'wasmcloud:messaging/consumer@0.2.0',
  ]
  const world = { imports: names.map((name) => ({ name, functions: [] })), exports: [] }
  const offers = linkOffersOf(lattice({ providers }), new Map([['talker', world]]))
  expect(
    offers.map(({ link }) => [link.target, `${link.witNamespace}:${link.witPackage}`, link.interfaces.join()]),
  ).toEqual([
    ['keyvalue', 'wasi:keyvalue', 'store'],
    ['blobstore', 'wasi:blobstore', 'blobstore,container'],
    ['messaging', 'wasmcloud:messaging', 'consumer'],
  ])
})
