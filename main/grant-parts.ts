// Grants one thing at a time, as a person gives and takes them in the window, and back to the whole. Pure. At most one part
// has each key; a part that is given takes the place of the one with its key.

import type { GrantPart } from '../preload/grants.js'
import { type Grants, noGrants, normalName } from './wasm/grants.js'

export function partsOf(grants: Grants): GrantPart[] {
  return [
    ...grants.directories.map((each): GrantPart => ({ kind: 'directory', ...each })),
    ...grants.hosts.map((each): GrantPart => ({ kind: 'host', ...each })),
    ...(grants.serve === undefined ? [] : [{ kind: 'serve', port: grants.serve } as const]),
    ...grants.listen.map((port): GrantPart => ({ kind: 'listen', port })),
    ...Object.entries(grants.environment).map(([name, value]): GrantPart => ({ kind: 'variable', name, value })),
    ...(grants.arguments.length === 0 ? [] : [{ kind: 'arguments', list: grants.arguments } as const]),
    ...(grants.stdin === '' ? [] : [{ kind: 'stdin', text: grants.stdin } as const]),
  ]
}

/** Unchecked: `decodeGrants` says what is wrong with them. */
export function grantsOf(parts: readonly GrantPart[]): Grants {
  return parts.reduce((grants: Grants, part): Grants => {
    switch (part.kind) {
      case 'directory': {
        const { host, guest, access } = part
        return { ...grants, directories: [...grants.directories, { host, guest, access }] }
      }
      case 'host': {
        const { host, port } = part
        return { ...grants, hosts: [...grants.hosts, { host, port, private: part.private }] }
      }
      case 'serve':
        return { ...grants, serve: part.port }
      case 'listen':
        return { ...grants, listen: [...grants.listen, part.port] }
      case 'variable':
        return { ...grants, environment: { ...grants.environment, [part.name]: part.value } }
      case 'arguments':
        return { ...grants, arguments: part.list }
      case 'stdin':
        return { ...grants, stdin: part.text }
    }
  }, noGrants)
}

/** What a grant is for: parts with one key exclude each other. */
export function keyOf(part: GrantPart): string {
  switch (part.kind) {
    case 'directory':
      return `directory ${part.guest}`
    case 'host':
      return `host ${normalName(part.host)} ${part.port}`
    case 'listen':
      return `listen ${part.port}`
    case 'variable':
      return `variable ${part.name}`
    default:
      return part.kind
  }
}

export function withPart(parts: readonly GrantPart[], part: GrantPart): GrantPart[] {
  const key = keyOf(part)
  const isKnown = parts.some((each) => keyOf(each) === key)
  return isKnown ? parts.map((each) => (keyOf(each) === key ? part : each)) : [...parts, part]
}

export function withoutPart(parts: readonly GrantPart[], part: GrantPart): GrantPart[] {
  const key = keyOf(part)
  return parts.filter((each) => keyOf(each) !== key)
}
