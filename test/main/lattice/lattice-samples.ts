// Small things that tests of the lattice build their messages from: ids, JSON bytes, repeatable randomness.

/** A host id like any other, different for each number. */
export function hostId(n: number): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  let tail = ''
  for (let rest = n, at = 0; at < 10; at++, rest = Math.floor(rest / 32)) tail += digits[rest % 32]
  return `N${tail.padEnd(55, 'A')}`
}

export function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

export function json(data: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(data))
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
