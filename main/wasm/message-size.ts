// How large a value is as a message, roughly: what it would take to keep a guest, or a caller, from handing over more
// than the other side should hold. Pure.

/** Bytes that a value without bytes or text of its own counts for. */
const scalarBytes = 8

/**
 * Bytes of bytes and characters of text in it, and a little for everything else; stops counting somewhere above `most`.
 * Takes values of the WIT mapping, which have no cycles; deeper than any of those it gives up as too large.
 */
export function sizeOf(value: unknown, most: number, depth = 0): number {
  if (typeof value === 'string') return value.length + scalarBytes
  if (typeof value !== 'object' || value === null) return scalarBytes
  if (ArrayBuffer.isView(value)) return value.byteLength + scalarBytes
  if (depth > 1_000) return Infinity
  let sum = scalarBytes
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    sum += sizeOf(item, most - sum, depth + 1)
    if (sum > most) break
  }
  return sum
}

/** In words, when the values are larger than allowed together. */
export function findTooLarge(values: readonly unknown[], most: number): string | undefined {
  return sizeOf(values, most) > most ? `more than ${formatBytes(most)}, the limit of a message` : undefined
}

function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KiB`
  return `${(bytes / 1024 / 1024).toFixed(0)} MiB`
}
