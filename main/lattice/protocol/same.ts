// Equality of plain data: records that say the same are the same, whether an absent field is left out or undefined. Pure.

/** Deep, for JSON-like values. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((item, index) => isSame(item, b[index]))
  }
  return covers(a, b) && covers(b, a)
}

/** Every field of `a` is the same in `b`. */
function covers(a: object, b: object): boolean {
  for (const key of Object.keys(a)) {
    // Plain objects: a field that is not there reads as undefined, unless it is one every object inherits.
    const other: unknown = Object.hasOwn(b, key) ? (b as Record<string, unknown>)[key] : undefined
    if (!isSame((a as Record<string, unknown>)[key], other)) return false
  }
  return true
}
