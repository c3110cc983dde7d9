// Bytes on their way between threads: moved instead of copied where they have a buffer of their own, copied once where
// they are a part of a larger one, which would else be copied whole, twice. Pure but for the buffers.

/** Below this a copy costs less than moving. */
const leastBytes = 4 * 1024
/** Bytes lie near the top of a value or are many small ones, which are not worth looking for. */
const maxDepth = 3

/**
 * Buffers in the value that may be given away with it: bytes that fill a buffer of their own, nobody else's after the
 * message was sent.
 */
export function ownBuffers(value: unknown, found: ArrayBuffer[] = [], depth = 0): ArrayBuffer[] {
  if (value instanceof Uint8Array) {
    const { buffer, byteLength } = value
    const isOwn = buffer instanceof ArrayBuffer && byteLength === buffer.byteLength && byteLength >= leastBytes
    if (isOwn && !found.includes(buffer)) found.push(buffer)
  } else if (typeof value === 'object' && value !== null && depth < maxDepth) {
    // Long lists of records are not worth the walk.
    const items = Array.isArray(value) ? (value.length <= 16 ? value : []) : Object.values(value)
    for (const item of items) ownBuffers(item, found, depth + 1)
  }
  return found
}

/** The values with large bytes at their top taken out of the buffer that they share with others. */
export function separateBytes(values: readonly unknown[]): readonly unknown[] {
  const isPart = (value: unknown): value is Uint8Array =>
    value instanceof Uint8Array && value.byteLength !== value.buffer.byteLength
  if (!values.some(isPart)) return values
  // `slice` of a Node `Buffer` would be another view: always the plain kind.
  return values.map((value) => (isPart(value) ? Uint8Array.prototype.slice.call(value) : value))
}
