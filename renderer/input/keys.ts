// Taking apart the key of a thing on a host, and giving ids that came from the lattice their brand back. Pure.

import { onHostKey, type ComponentId, type HostId, type OnHostKey } from '../../preload/records.js'

/** `{host}/{id}` as its two parts; host ids have no slash. */
export function partsOf(key: OnHostKey): { readonly hostId: HostId; readonly id: ComponentId } {
  const slash = key.indexOf('/')
  // Both were checked when the record crossed the bridge; the key only joined them.
  return { hostId: key.slice(0, slash) as HostId, id: key.slice(slash + 1) as ComponentId }
}

/** An id that the lattice, or a person through a checked form, gave; main checks it again. */
export function asHostId(id: string): HostId {
  return id as HostId
}

export function asComponentId(id: string): ComponentId {
  return id as ComponentId
}

export { onHostKey }
