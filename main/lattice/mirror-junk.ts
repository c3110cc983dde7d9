// Counts what could not be understood, by reason, and says each reason once. Bounded: anybody can send anything.

const maxReasons = 200

export interface Junk {
  count(reason: string): void
  counts(): ReadonlyMap<string, number>
}

export function createJunk(log: (level: 'warn', text: string) => void): Junk {
  const counts = new Map<string, number>()
  return {
    count(reason) {
      const short = reason.slice(0, 300)
      const key = counts.has(short) || counts.size < maxReasons ? short : 'other reasons'
      const before = counts.get(key) ?? 0
      counts.set(key, before + 1)
      if (before === 0) log('warn', `not understood: ${key}`)
    },
    counts: () => new Map(counts),
  }
}
