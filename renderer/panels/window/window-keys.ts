// React keys for the flat list of windows: a window is known by its component id, so that an actor that goes on at
// another node keeps its DOM; when it runs on several nodes the others get keys of their own. Pure.

import type { OnHostKey } from '../../../preload/records.js'

interface Keyed {
  readonly key: OnHostKey
  readonly componentId: string
}

/** Which of the windows of a component holds the plain key: who had it keeps it, else the first one there is. */
export function keepHolders(
  before: ReadonlyMap<string, OnHostKey>,
  windows: readonly Keyed[],
): ReadonlyMap<string, OnHostKey> {
  const holders = new Map<string, OnHostKey>()
  for (const { key, componentId } of windows) {
    if (before.get(componentId) === key || !holders.has(componentId)) holders.set(componentId, key)
  }
  return holders
}

export function reactKeyOf(holders: ReadonlyMap<string, OnHostKey>, window: Keyed): string {
  return holders.get(window.componentId) === window.key ? window.componentId : window.key
}

/** The id of the element of a window, for aria-owns. */
export function windowElementId(key: OnHostKey): string {
  return `window-${key.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`
}
