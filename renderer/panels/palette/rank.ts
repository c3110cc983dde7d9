// Which deeds fit what was typed, best first. Pure. Every word of the query must be found: at the start of a word, inside
// of one, or as letters in order; earlier and nearer counts more.

export interface Rankable {
  readonly title: string
  readonly hint: string
  /** Breaks ties and orders an empty query: larger first. */
  readonly weight: number
}

const normal = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/\p{Mn}/gu, '')

/** 0: not found. */
function scoreWord(word: string, text: string): number {
  const at = text.indexOf(word)
  if (at === 0) return 100
  if (at > 0 && /[\s\-_/:.«“]/.test(text[at - 1] ?? '')) return 80 - Math.min(20, at / 4)
  if (at > 0) return 45 - Math.min(20, at / 4)
  if (word.length < 2) return 0
  let from = 0
  let spread = 0
  for (const letter of word) {
    const found = text.indexOf(letter, from)
    if (found < 0) return 0
    if (from > 0) spread += found - from
    from = found + 1
  }
  if (spread > word.length * 3) return 0
  const isFromStart = text.split(/\s/).some((part) => part.startsWith(word.charAt(0)))
  return 20 - Math.min(15, spread) + (isFromStart ? 4 : 0)
}

/** 0 when a word of the query is nowhere. */
function scoreOf(query: string, item: Rankable): number {
  const words = normal(query)
    .split(/\s+/)
    .filter((word) => word !== '')
  const title = normal(item.title)
  const hint = normal(item.hint)
  let sum = 1
  for (const word of words) {
    const score = Math.max(scoreWord(word, title), hint.includes(word) ? 12 : 0)
    if (score === 0) return 0
    sum += score
  }
  return sum
}

/** Those that fit, best first; with the same score by weight, then as they came. */
export function rank<T extends Rankable>(query: string, items: readonly T[]): readonly T[] {
  return items
    .map((item, index) => ({ item, index, score: scoreOf(query, item) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || b.item.weight - a.item.weight || a.index - b.index)
    .map(({ item }) => item)
}
