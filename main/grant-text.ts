// Grants as a person writes them on a command line: `ID:KIND=VALUE`, gathered by component. Text in, grants or a sentence
// out; touches nothing but the spelling of a path.

import path from 'node:path'
import { decodeGrants, type Grants, noGrants } from './wasm/grants.js'

export const grantForms = [
  'dir=HOST-PATH,GUEST-PATH[,write]',
  'host=NAME:PORT[,private]',
  'serve=PORT',
  'listen=PORT',
  'env=NAME=VALUE',
  'arg=TEXT',
  'stdin=TEXT',
] as const

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }

type Part = { -readonly [K in keyof Grants]?: Grants[K] }

const refuse = (text: string, why: string): { readonly ok: false; readonly why: string } => ({
  ok: false,
  why: `--grant ${text}: ${why}`,
})

/** Grants by component id. Relative host paths are meant from `cwd`. */
export function parseGrants(texts: readonly string[], cwd: string): Read<ReadonlyMap<string, Grants>> {
  const all = new Map<string, Grants>()
  for (const text of texts) {
    const match = /^([a-zA-Z0-9._-]{1,200}):([a-z]+)=(.*)$/s.exec(text)
    if (match === null) return refuse(text, `a grant is ID:KIND=VALUE, and KIND=VALUE is ${grantForms.join(' or ')}`)
    const [, id = '', kind = '', value = ''] = match
    const part = parsePart(kind, value, cwd)
    if (typeof part === 'string') return refuse(text, part)
    const decoded = decodeGrants(join(all.get(id) ?? noGrants, part))
    if (!decoded.ok) return refuse(text, decoded.why)
    all.set(id, decoded.value)
  }
  return { ok: true, value: all }
}

function parsePart(kind: string, value: string, cwd: string): Part | string {
  switch (kind) {
    case 'dir': {
      const [host = '', guest = '', access, ...more] = value.split(',')
      if (host === '' || guest === '' || more.length > 0 || (access !== undefined && access !== 'write')) {
        return 'a directory is HOST-PATH,GUEST-PATH or HOST-PATH,GUEST-PATH,write'
      }
      const grant = {
        host: path.resolve(cwd, host),
        guest,
        access: access === 'write' ? 'read-write' : 'read',
      } as const
      return { directories: [grant] }
    }
    case 'host': {
      const match = /^(.+):(\d{1,5})(,private)?$/.exec(value)
      if (match === null) return 'a host is NAME:PORT or NAME:PORT,private'
      const [, host = '', port = ''] = match
      return {
        hosts: [{ host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port), private: match[3] !== undefined }],
      }
    }
    case 'serve':
      return { serve: Number(value) }
    case 'listen':
      return { listen: [Number(value)] }
    case 'env': {
      const at = value.indexOf('=')
      if (at < 1) return 'a variable is NAME=VALUE'
      return { environment: { [value.slice(0, at)]: value.slice(at + 1) } }
    }
    case 'arg':
      return { arguments: [value] }
    case 'stdin':
      return { stdin: value }
    default:
      return `there is no kind "${kind}": it is ${grantForms.join(' or ')}`
  }
}

/** Lists are put one after the other; what there is one of is the later. */
export function join(first: Grants, then: Part): Grants {
  const serve = then.serve ?? first.serve
  return {
    directories: [...first.directories, ...(then.directories ?? [])],
    hosts: [...first.hosts, ...(then.hosts ?? [])],
    listen: [...new Set([...first.listen, ...(then.listen ?? [])])],
    environment: { ...first.environment, ...then.environment },
    arguments: [...first.arguments, ...(then.arguments ?? [])],
    stdin: then.stdin === undefined || then.stdin === '' ? first.stdin : then.stdin,
    ...(serve === undefined ? {} : { serve }),
  }
}
