// Which component a path or host of the builtin HTTP server leads to. Paths as the v1 provider takes them: exact, `{name}` for
// one part, `{*rest}` at the end for all that follows; what is exact wins over what is not. Pure.

export interface Route<T> {
  readonly pattern: string
  readonly to: T
}

const one = /^\{[^{}*/]+\}$/
const rest = /^\{\*[^{}/]+\}$/

/** What is wrong with a path as a pattern; undefined when nothing is. */
export function findPatternTrouble(pattern: string): string | undefined {
  if (!/^\/[\x21-\x7e]*$/.test(pattern) || pattern.includes('?')) return `"${pattern}" is no path`
  const parts = pattern.split('/').slice(1)
  for (const [at, part] of parts.entries()) {
    const isLast = at === parts.length - 1
    if (/[{}]/.test(part) && !one.test(part) && !(isLast && rest.test(part))) {
      return `"${pattern}": a part is a word or {name}, and the last may be {*rest}`
    }
  }
  return undefined
}

/** The route of this path (without its query); undefined: none. */
export function findRoute<T>(routes: readonly Route<T>[], path: string): Route<T> | undefined {
  const fitting = routes.filter(({ pattern }) => fits(pattern, path))
  return fitting.sort((a, b) => looseness(a.pattern) - looseness(b.pattern))[0]
}

function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split('/')
  const given = path.split('/')
  for (const [at, part] of wanted.entries()) {
    // As in the v1 provider it does not stand for nothing.
    if (rest.test(part)) return given.slice(at).join('/') !== ''
    const piece = given[at]
    if (piece === undefined) return false
    if (one.test(part) ? piece === '' : piece !== part) return false
  }
  return wanted.length === given.length
}

const looseness = (pattern: string): number =>
  (pattern.match(/\{[^*]/g)?.length ?? 0) + (pattern.includes('{*') ? 1_000 : 0)
