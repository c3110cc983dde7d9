// Russian has three forms of a counted thing: 1 узел, 2 узла, 5 узлов. Pure.
// English has two: plural-en.ts.

export function plural(count: number, one: string, few: string, many: string): string {
  const lastTwo = count % 100
  const last = count % 10
  if (lastTwo >= 11 && lastTwo <= 14) return many
  if (last === 1) return one
  return last >= 2 && last <= 4 ? few : many
}
