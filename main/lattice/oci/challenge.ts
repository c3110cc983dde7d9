// The `WWW-Authenticate` header of a registry (RFC 9110, section 11): which scheme it wants, with which parameters. Pure
// and total: a header that makes no sense has no challenges.

export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>
}

const maxHeader = 8_192
const scheme = /([a-z][\w-]*)(?=[\s,]|$)/iy
const parameter = /\s*,?\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y

export function readChallenges(header: string): readonly Challenge[] {
  if (header.length > maxHeader) return []
  const challenges: Challenge[] = []
  let at = 0
  while (at < header.length) {
    scheme.lastIndex = at
    const named = scheme.exec(header)
    if (named === null) break
    at = scheme.lastIndex
    const parameters = new Map<string, string>()
    for (;;) {
      parameter.lastIndex = at
      const found = parameter.exec(header)
      if (found === null) break
      at = parameter.lastIndex
      const [, name = '', quoted, plain] = found
      parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '')
    }
    challenges.push({ scheme: (named[1] ?? '').toLowerCase(), parameters })
    while (at < header.length && /[\s,]/.test(header.charAt(at))) at += 1
  }
  return challenges
}
