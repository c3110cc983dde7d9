// Grants given and taken in the window, to actors of this desktop: kept in its file, and at once in force, since the actor is
// started again with them. Actors elsewhere are refused in words: a grant is never sent over the bus.

import type { GrantPart, GrantsView } from '../preload/grants.js'
import { type LatticeState, onHostKey } from '../preload/records.js'
import { TlosError } from './failure.js'
import { checkFolder } from './granted-folder.js'
import type { LatticeNode } from './lattice-node.js'
import { parseImageRef } from './lattice/protocol/tlos.js'
import type { Grantee, NodeGrants } from './node-grants.js'

export interface DesktopGrants {
  list(componentId: string, hostId: string): GrantsView
  /** Resolves when the actor runs with it, or, if it does not run here, when it is kept for its next start. */
  give(componentId: string, hostId: string, part: GrantPart): Promise<GrantsView>
  take(componentId: string, hostId: string, part: GrantPart): Promise<GrantsView>
}

export interface DesktopGrantsParts {
  /** What the lattice is called in the file (`lattice-key.ts`). */
  readonly lattice: string
  readonly grants: NodeGrants
  readonly node: Pick<LatticeNode, 'host' | 'actors' | 'renew'>
  readonly picture: () => LatticeState
  /** Where this shell keeps everything: never to be granted. */
  readonly ownFolder: string
}

export function createDesktopGrants(parts: DesktopGrantsParts): DesktopGrants {
  const { grants, node } = parts

  function granteeOf(componentId: string, hostId: string): Grantee {
    if (hostId !== node.host.id) {
      const name = parts.picture().hosts[hostId]?.friendlyName ?? 'another node'
      const message = `${componentId} runs on ${name}: what it may reach there is granted there, never over the lattice`
      throw new TlosError('refused', message, { about: componentId })
    }
    const record = parts.picture().components[onHostKey(hostId, componentId)]
    // One that could not start is known by its reference only.
    const digest =
      node.actors.resident(componentId)?.actor.prepared.digest ??
      record?.digest ??
      parseImageRef(record?.imageRef ?? '')
    if (digest === undefined) {
      throw new TlosError('unavailable', `The bytes of ${componentId} are not known yet; try again when it has started`)
    }
    return { lattice: parts.lattice, componentId, digest }
  }

  return {
    list: (componentId, hostId) => grants.view(granteeOf(componentId, hostId)),
    async give(componentId, hostId, part) {
      const to = granteeOf(componentId, hostId)
      const checked =
        part.kind === 'directory' ? { ...part, host: await checkFolder(part.host, parts.ownFolder) } : part
      await grants.give(to, checked)
      await node.renew(componentId)
      return grants.view(to)
    },
    async take(componentId, hostId, part) {
      const to = granteeOf(componentId, hostId)
      await grants.take(to, part)
      await node.renew(componentId)
      return grants.view(to)
    },
  }
}
