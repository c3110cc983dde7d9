// Damage to real bytes, the same for the same seed.

export type Mutation = (bytes: Uint8Array) => Uint8Array

const lebExtremes = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x7f],
  [0x00],
  [0x80],
] as const

/** Sections behind the preamble of a module or component: offset of the id, and the end. */
function sectionsOf(bytes: Uint8Array): { readonly start: number; readonly end: number }[] {
  const found: { start: number; end: number }[] = []
  let at = 8
  while (at < bytes.length) {
    const start = at
    let size = 0
    at += 1
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[at++] ?? 0
      size += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    at += size
    if (at > bytes.length) break
    found.push({ start, end: at })
  }
  return found
}

const join = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]))

/** One of: bits turned, a byte set, a piece cut out or doubled, sections swapped, dropped or doubled, a LEB128 at its ends. */
export function createMutation(random: () => number): Mutation {
  const below = (count: number): number => Math.floor(random() * count)
  const kinds: readonly Mutation[] = [
    (bytes) => {
      const copy = Uint8Array.from(bytes)
      for (let left = 1 + below(4); left > 0; left -= 1) {
        const at = below(copy.length)
        copy[at] = (copy[at] ?? 0) ^ (1 << below(8))
      }
      return copy
    },
    (bytes) => {
      const copy = Uint8Array.from(bytes)
      copy[below(copy.length)] = below(256)
      return copy
    },
    (bytes) => {
      const from = below(bytes.length)
      return join(bytes.subarray(0, from), bytes.subarray(from + below(16)))
    },
    (bytes) => {
      const from = below(bytes.length)
      const piece = bytes.subarray(from, from + below(64))
      return join(bytes.subarray(0, from), piece, piece, bytes.subarray(from))
    },
    (bytes) => {
      const at = below(bytes.length)
      return join(bytes.subarray(0, at), lebExtremes[below(lebExtremes.length)] ?? [], bytes.subarray(at + 1))
    },
    (bytes) => {
      const sections = sectionsOf(bytes)
      const one = sections[below(sections.length)]
      const other = sections[below(sections.length)]
      if (one === undefined || other === undefined) return bytes
      const [first, second] = one.start <= other.start ? [one, other] : [other, one]
      const part = (from: number, to: number): Uint8Array => bytes.subarray(from, to)
      switch (below(3)) {
        case 0:
          return join(part(0, one.start), part(one.end, bytes.length))
        case 1:
          return join(part(0, one.end), part(one.start, bytes.length))
        default:
          if (first === second) return bytes
          return join(
            part(0, first.start),
            part(second.start, second.end),
            part(first.end, second.start),
            part(first.start, first.end),
            part(second.end, bytes.length),
          )
      }
    },
    (bytes) => bytes.subarray(0, below(bytes.length)),
  ]
  return (bytes) => {
    let mutated = bytes
    for (let left = 1 + below(2); left > 0; left -= 1) mutated = kinds[below(kinds.length)]?.(mutated) ?? mutated
    return mutated.length === 0 ? bytes : mutated
  }
}
