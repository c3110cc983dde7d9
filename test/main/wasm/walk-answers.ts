// What a component without a grant gets from everything it can call; data of no-authority.test.ts. Functions are named as the
// guest of that test names them: interfaces of WASI 0.2 without their version.

const noLink = (name: string): string =>
  `walk has no link for ${name}: draw a cable from it to something that offers this interface`
const noBucket = (name: string): unknown => ({ err: { tag: 'other', val: noLink(`wasi:keyvalue/${name}`) } })
const noBlobs = { err: noLink('wasi:blobstore/blobstore') }
const noBroker = { err: noLink('wasmcloud:messaging/consumer') }
export const noOther = { err: 'interface `wasi:keyvalue/store` does not have an existing link with name `other`' }

/** What every function that a component without a grant can reach does for it. Called in the guest by `walk.js`. */
export const answers: Readonly<Record<string, unknown>> = {
  'wasi:cli/environment.get-environment': { got: [] },
  'wasi:cli/environment.get-arguments': { got: [] },
  'wasi:cli/environment.initial-cwd': { got: '/' },
  'wasi:cli/stdin.get-stdin': { err: { tag: 'closed' } },
  'wasi:cli/terminal-stdin.get-terminal-stdin': { got: false },
  'wasi:cli/terminal-stdout.get-terminal-stdout': { got: false },
  'wasi:cli/terminal-stderr.get-terminal-stderr': { got: false },
  'wasi:filesystem/preopens.get-directories': { got: 0 },
  'wasi:sockets/tcp-create-socket.create-tcp-socket': { err: 'access-denied' },
  'wasi:sockets/udp-create-socket.create-udp-socket': { err: 'access-denied' },
  'wasi:sockets/ip-name-lookup.resolve-addresses': { err: 'access-denied' },
  'wasi:http/outgoing-handler.handle': { err: { tag: 'HTTP-request-denied' } },
  'wasi:config/store@0.2.0-draft.get': { got: null },
  'wasi:config/store@0.2.0-draft.get-all': { got: [] },
  'wasi:config/runtime@0.2.0-draft.get': { got: null },
  'wasi:config/runtime@0.2.0-draft.get-all': { got: [] },
  'wasi:logging/logging.log': { got: 'written' },
  'wasi:logging/logging@0.1.0-draft.log': { got: 'written' },
  'wasi:keyvalue/store@0.2.0-draft.[method]bucket.get': noBucket('store'),
  'wasi:keyvalue/store@0.2.0-draft.[method]bucket.set': noBucket('store'),
  'wasi:keyvalue/store@0.2.0-draft.[method]bucket.delete': noBucket('store'),
  'wasi:keyvalue/store@0.2.0-draft.[method]bucket.exists': noBucket('store'),
  'wasi:keyvalue/store@0.2.0-draft.[method]bucket.list-keys': noBucket('store'),
  'wasi:keyvalue/atomics@0.2.0-draft.increment': noBucket('atomics'),
  'wasi:keyvalue/batch@0.2.0-draft.get-many': noBucket('batch'),
  'wasi:keyvalue/batch@0.2.0-draft.set-many': noBucket('batch'),
  'wasi:keyvalue/batch@0.2.0-draft.delete-many': noBucket('batch'),
  'wasi:blobstore/blobstore@0.2.0-draft.create-container': noBlobs,
  'wasi:blobstore/blobstore@0.2.0-draft.get-container': noBlobs,
  'wasi:blobstore/blobstore@0.2.0-draft.delete-container': noBlobs,
  'wasi:blobstore/blobstore@0.2.0-draft.container-exists': noBlobs,
  'wasi:blobstore/blobstore@0.2.0-draft.copy-object': noBlobs,
  'wasi:blobstore/blobstore@0.2.0-draft.move-object': noBlobs,
  'wasi:blobstore/types@0.2.0-draft.[static]outgoing-value.finish': { err: 'it was written to no container' },
  // 1.0 does not look whether there is such a link; using it then fails.
  'wasmcloud:bus/lattice@1.0.0.set-link-name': {
    err: { tag: 'other', val: 'walk has no link named other for wasi:keyvalue/store' },
  },
  'wasmcloud:bus/lattice@2.0.1.set-link-name': noOther,
  'wasmcloud:messaging/consumer@0.2.0.request': noBroker,
  'wasmcloud:messaging/consumer@0.2.0.publish': noBroker,
  'wasmcloud:secrets/store@0.1.0-draft.get': { err: { tag: 'not-found' } },
  'demo:far/answers@0.1.0.ask': { err: { tag: 'other', val: noLink('demo:far/answers') } },
  'wasi:cli/stdout.get-stdout': { got: 'written' },
  'wasi:cli/stderr.get-stderr': { got: 'written' },
}

/** What a component may do without anybody's leave: its own memory, time and chance, and to end. By interface or function. */
export const plain: readonly string[] = [
  'wasi:cli/exit.exit',
  'wasi:io/error.',
  'wasi:io/poll.',
  'wasi:io/streams.',
  'wasi:clocks/monotonic-clock.',
  'wasi:clocks/wall-clock.',
  'wasi:random/random.',
  'wasi:random/insecure.',
  'wasi:random/insecure-seed.',
  // A name for the network, with which every further step is refused, and the code of an error.
  'wasi:sockets/instance-network.instance-network',
  'wasi:sockets/network.network-error-code',
  'wasi:filesystem/types.filesystem-error-code',
  'wasi:http/types.http-error-code',
  // Values to be sent, if something sends them.
  ...['fields', 'outgoing-request', 'request-options', 'outgoing-response', 'outgoing-body'].flatMap((resource) => [
    `wasi:http/types.[constructor]${resource}`,
    `wasi:http/types.[method]${resource}.`,
    `wasi:http/types.[static]${resource}.`,
  ]),
  // Names, of which each use asks for its link.
  'wasi:keyvalue/store@0.2.0-draft.open',
  ...['1.0.0', '2.0.1'].map((version) => `wasmcloud:bus/lattice@${version}.[constructor]call-target-interface`),
  // Bytes of its own, which can be written to nothing.
  'wasi:blobstore/types@0.2.0-draft.[static]outgoing-value.new-outgoing-value',
  'wasi:blobstore/types@0.2.0-draft.[method]outgoing-value.outgoing-value-write-body',
]
