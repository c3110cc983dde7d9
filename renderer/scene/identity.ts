// Keeps the identity of what did not change, so that readers compare with `===`. Pure.

/** Whether two plain values say the same: numbers, strings, booleans, undefined, arrays and objects of such. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, at) => isSame(item, b[at]))
  }
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  // Plain objects of a description: reading them by key is what they are for.
  return keys.every(
    (key) => key in b && isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  )
}

/** The next map with every value replaced by the previous one that says the same; the previous map if all do. */
export function keepIdentity<K, T>(previous: ReadonlyMap<K, T>, next: Map<K, T>): ReadonlyMap<K, T> {
  let isAllSame = previous.size === next.size
  for (const [key, value] of next) {
    const old = previous.get(key)
    if (old !== undefined && isSame(old, value)) next.set(key, old)
    else isAllSame = false
  }
  return isAllSame ? previous : next
}
