// Which versions of the interfaces outside WASI 0.2 itself can be had here (lattice.md 7: those of a wasmCloud v1 host).
// Pure. Of drafts every version is an interface of its own, so a version that is not listed is refused by name.

import { versionOf, withoutVersion } from './wit-names.js'

/** By package; `''` is the name without a version. */
export const offeredVersions: Readonly<Record<string, readonly string[]>> = {
  'wasi:blobstore': ['0.2.0-draft'],
  'wasi:config': ['0.2.0-draft'],
  'wasi:keyvalue': ['0.2.0-draft'],
  'wasi:logging': ['0.1.0-draft', ''],
  'wasmcloud:bus': ['1.0.0', '2.0.0', '2.0.1'],
  'wasmcloud:messaging': ['0.2.0'],
  'wasmcloud:secrets': ['0.1.0-draft'],
}

/** Why this import cannot be had as it is named, with what is offered instead; undefined when nothing is wrong with it. */
export function findVersionTrouble(name: string): string | undefined {
  const packageName = withoutVersion(name).split('/')[0] ?? ''
  const offered = Object.hasOwn(offeredVersions, packageName) ? offeredVersions[packageName] : undefined
  if (offered === undefined) return undefined
  const version = versionOf(name)
  if (offered.includes(version)) return undefined
  const words = offered.map((each) => (each === '' ? 'without a version' : each)).join(' and ')
  return `${packageName} is offered here as ${words}`
}
