// Names of all that a worker serves to its guest, without a link and along one. Pure; worker-imports.ts offers nothing of WASI
// that is not here, the runtime tells the first list, and no-authority.test.ts walks both.

import { withoutVersion } from './wit-names.js'

/** Interfaces served inside the worker, without version; for all else the guest depends on a link. */
export const builtinImports: readonly string[] = [
  ...['environment', 'exit', 'stdin', 'stdout', 'stderr'].map((name) => `wasi:cli/${name}`),
  ...['input', 'output', 'stdin', 'stdout', 'stderr'].map((name) => `wasi:cli/terminal-${name}`),
  ...['wall-clock', 'monotonic-clock'].map((name) => `wasi:clocks/${name}`),
  ...['types', 'preopens'].map((name) => `wasi:filesystem/${name}`),
  ...['error', 'poll', 'streams'].map((name) => `wasi:io/${name}`),
  ...['random', 'insecure', 'insecure-seed'].map((name) => `wasi:random/${name}`),
  ...['types', 'outgoing-handler'].map((name) => `wasi:http/${name}`),
  ...['instance-network', 'ip-name-lookup', 'network'].map((name) => `wasi:sockets/${name}`),
  ...['tcp', 'tcp-create-socket', 'udp', 'udp-create-socket'].map((name) => `wasi:sockets/${name}`),
  ...['store', 'runtime'].map((name) => `wasi:config/${name}`),
  'wasi:logging/logging',
  'wasmcloud:bus/lattice',
  ...['store', 'reveal'].map((name) => `wasmcloud:secrets/${name}`),
]

/** Served with handles that live in the worker, each of whose calls asks for its link. Without version. */
export const linkedImports: readonly string[] = [
  ...['store', 'atomics', 'batch'].map((name) => `wasi:keyvalue/${name}`),
  ...['blobstore', 'container', 'types'].map((name) => `wasi:blobstore/${name}`),
]

export const isBuiltin = (name: string): boolean => builtinImports.includes(withoutVersion(name))
export const isLinked = (name: string): boolean => linkedImports.includes(withoutVersion(name))
