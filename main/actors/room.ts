// How many components a node takes: those that are here, that are being started and that are on their way to it. Counts only.

import { TlosError } from '../failure.js'

export interface Room {
  /** Could this one be here, too? It is not counted itself. */
  hasFor(componentId: string): boolean
  /** Does the work while the component counts as here. Rejects with `refused` when there is no room for it. */
  during<T>(componentId: string, work: () => Promise<T>): Promise<T>
}

/** `most`: absent, as many as fit. `here`: ids of those that count already. */
export function createRoom(most: number | undefined, here: () => Iterable<string>): Room {
  const arriving = new Set<string>()

  function hasFor(componentId: string): boolean {
    const others = new Set([...here(), ...arriving])
    others.delete(componentId)
    return most === undefined || others.size < most
  }

  return {
    hasFor,
    async during(componentId, work) {
      if (!hasFor(componentId)) {
        throw new TlosError('refused', `This node takes no more components (--max-components ${most ?? 0})`, {
          about: componentId,
        })
      }
      arriving.add(componentId)
      try {
        return await work()
      } finally {
        arriving.delete(componentId)
      }
    },
  }
}
