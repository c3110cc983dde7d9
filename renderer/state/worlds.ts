// What components are made of, asked of main once for the same bytes: for the palette, for cables drawn by hand, for windows
// made from WIT. Stands on the bridge; what could not be had is asked for again by whoever asks next.

import type { Outcome, Shell } from '../../preload/contract.js'
import type { Component } from '../../preload/records.js'
import type { WitWorld } from '../../preload/wit.js'

export type WorldSource = Pick<Component, 'id' | 'hostId' | 'imageRef' | 'digest'>

export interface Worlds {
  of(component: WorldSource): Promise<Outcome<WitWorld>>
  /** Of these, each id once; those that do not answer are left out. */
  all(components: readonly WorldSource[]): Promise<ReadonlyMap<string, WitWorld>>
}

/** The same bytes have the same world, on whatever node; a reference without a digest is all that is known of others. */
const keyOf = ({ id, imageRef, digest }: WorldSource): string => (digest === undefined ? `${id} ${imageRef}` : digest)

export function createWorlds(shell: Pick<Shell, 'call'>): Worlds {
  const known = new Map<string, Promise<Outcome<WitWorld>>>()

  function of(component: WorldSource): Promise<Outcome<WitWorld>> {
    const key = keyOf(component)
    const found = known.get(key)
    if (found !== undefined) return found
    const asked = shell.call('component.describe', component.id, component.hostId)
    known.set(key, asked)
    void asked.then((outcome) => {
      if (!outcome.ok && known.get(key) === asked) known.delete(key)
    })
    return asked
  }

  return {
    of,
    async all(components) {
      const each = new Map(components.map((component) => [component.id as string, component]))
      const worlds = await Promise.all(
        [...each].map(async ([id, component]) => {
          const outcome = await of(component)
          return outcome.ok ? [[id, outcome.value] as const] : []
        }),
      )
      return new Map(worlds.flat())
    },
  }
}
