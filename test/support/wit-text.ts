// Reads the WIT type texts of the vectors (`result<list<u8>, string>`, `record { a: u8 }`, `flags of 17 names f0..f16`, …)
// into type trees. For tests only: the product reads component binaries, never text.

import { primitives, type WitField, type WitType } from '../../preload/wit.js'

export function parseWitType(text: string, named: Readonly<Record<string, string>> = {}): WitType {
  let rest = text.trim()

  const skip = (): void => {
    rest = rest.trimStart()
  }
  const take = (token: string): boolean => {
    skip()
    if (!rest.startsWith(token)) return false
    rest = rest.slice(token.length)
    return true
  }
  const expectToken = (token: string): void => {
    if (!take(token)) throw new Error(`${token} is expected before "${rest.slice(0, 30)}" in ${text}`)
  }
  const word = (): string => {
    skip()
    const found = /^%?[A-Za-z][A-Za-z0-9-]*/.exec(rest)?.[0]
    if (found === undefined) throw new Error(`a name is expected at "${rest.slice(0, 30)}" in ${text}`)
    rest = rest.slice(found.length)
    return found.replace('%', '')
  }
  const listOf = <T>(end: string, item: () => T): T[] => {
    const items: T[] = []
    while (!take(end)) {
      items.push(item())
      take(',')
    }
    return items
  }
  const field = (): WitField => {
    const name = word()
    expectToken(':')
    return { name, type: type() }
  }
  const counted = (): number => {
    skip()
    const found = /^of (\d+) (?:cases|names) [a-z]\d+\.\.[a-z]?\d*/.exec(rest)
    if (found === null) return -1
    rest = rest.slice(found[0].length)
    return Number(found[1])
  }

  function type(): WitType {
    skip()
    for (const [name, meaning] of Object.entries(named)) if (take(name)) return parseWitType(meaning, named)
    const name = word()
    const primitive = primitives.find((p) => p === name)
    if (primitive !== undefined) return { kind: primitive }
    switch (name) {
      case 'list':
        return { kind: 'list', element: inBrackets() }
      case 'option':
        return { kind: 'option', inner: inBrackets() }
      case 'own':
      case 'borrow': {
        expectToken('<')
        const resource = word()
        expectToken('>')
        return { kind: name, resource }
      }
      case 'stream':
        return take('<') ? { kind: 'stream', element: untilBracket() } : { kind: 'stream' }
      case 'future':
        return take('<') ? { kind: 'future', inner: untilBracket() } : { kind: 'future' }
      case 'tuple':
        expectToken('<')
        return { kind: 'tuple', elements: listOf('>', type) }
      case 'result': {
        if (!take('<')) return { kind: 'result' }
        const ok = take('_') ? undefined : type()
        const err = take(',') ? type() : undefined
        expectToken('>')
        return { kind: 'result', ok, err }
      }
      case 'record':
        expectToken('{')
        return { kind: 'record', fields: listOf('}', field) }
      case 'variant':
        expectToken('{')
        return {
          kind: 'variant',
          cases: listOf('}', () => {
            const caseName = word()
            if (!take('(')) return { name: caseName }
            const payload = type()
            expectToken(')')
            return { name: caseName, type: payload }
          }),
        }
      case 'enum': {
        const count = counted()
        if (count >= 0) return { kind: 'enum', cases: Array.from({ length: count }, (_, i) => `c${i}`) }
        expectToken('{')
        return { kind: 'enum', cases: listOf('}', word) }
      }
      case 'flags': {
        const count = counted()
        if (count >= 0) return { kind: 'flags', names: Array.from({ length: count }, (_, i) => `f${i}`) }
        expectToken('{')
        return { kind: 'flags', names: listOf('}', word) }
      }
      default:
        throw new Error(`unknown type ${name} in ${text}`)
    }
  }
  const untilBracket = (): WitType => {
    const inner = type()
    expectToken('>')
    return inner
  }
  const inBrackets = (): WitType => {
    expectToken('<')
    return untilBracket()
  }

  const parsed = type()
  skip()
  if (rest !== '') throw new Error(`"${rest}" is left over in ${text}`)
  return parsed
}

/** `params(A, B)` as a list of types. */
export function parseWitParams(text: string, named: Readonly<Record<string, string>> = {}): readonly WitType[] {
  const inner = text.slice('params('.length, -1).trim()
  if (inner === '') return []
  const tuple = parseWitType(`tuple<${inner}>`, named)
  return tuple.kind === 'tuple' ? tuple.elements : []
}
