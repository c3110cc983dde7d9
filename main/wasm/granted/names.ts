// Names of hosts to addresses, for one instance: only names it was granted are asked for, only addresses it may connect to
// come back, and which name led to which address is remembered, so that a connection is judged by both.

import { lookup as systemLookup } from 'node:dns/promises'
import { decide, type Grants, normalName } from '../grants.js'
import { parseAddress } from '../addresses.js'
import type { Lacked } from '../lacks.js'

/** Longest a lookup may take, ms. */
const lookupMs = 10_000
const maxRemembered = 1_000

/** All addresses of a name; rejects when it has none. */
export type Lookup = (name: string) => Promise<readonly string[]>

export const lookupBySystem: Lookup = async (name) =>
  (await systemLookup(name, { all: true, verbatim: true })).map(({ address }) => address)

export type Resolved =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  /** It was not granted this name. */
  | { readonly kind: 'not-granted' }
  /** The name leads only where it may not go. */
  | { readonly kind: 'prohibited' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'too-slow' }

export interface Names {
  /** For connections to `port`, or to any granted port. */
  resolve(name: string, port?: number): Promise<Resolved>
  /** Names that were resolved to this address before. */
  namesOf(address: string): readonly string[]
}

export function createNames(grants: Grants, lacked: Lacked, lookup: Lookup = lookupBySystem): Names {
  const names = new Map<string, Set<string>>()

  const mayConnect = (name: string, address: string, port: number | undefined): boolean => {
    const ports = port === undefined ? grants.hosts.map((each) => each.port) : [port]
    return ports.some((each) => decide(grants, { kind: 'connect', names: [name], address, port: each }).ok)
  }

  return {
    async resolve(name, port) {
      const plain = normalName(name)
      if (!decide(grants, { kind: 'name', name, port }).ok) {
        lacked({ kind: 'host', host: plain, port })
        return { kind: 'not-granted' }
      }
      let found: readonly string[]
      try {
        found = parseAddress(plain) === undefined ? await withinLimit(lookup(plain)) : [plain]
      } catch (error) {
        return { kind: error instanceof TooSlow ? 'too-slow' : 'unknown' }
      }
      const addresses = found.filter((address) => mayConnect(plain, address, port))
      // A name with ever other addresses must not fill the memory.
      if (names.size > maxRemembered) names.clear()
      for (const address of addresses) {
        const key = normalName(address)
        names.set(key, (names.get(key) ?? new Set()).add(plain))
      }
      if (addresses.length > 0) return { kind: 'addresses', addresses }
      lacked({ kind: 'host', host: plain, port, address: found[0] })
      return { kind: 'prohibited' }
    },
    namesOf: (address) => [...(names.get(normalName(address)) ?? [])],
  }
}

class TooSlow extends Error {}

async function withinLimit<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooSlow()), lookupMs)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}
