// English has two forms of a counted thing. Pure.
// Russian has three: plural-ru.ts.

export function plural(count: number, one: string, many: string): string {
  return count === 1 ? one : many
}
