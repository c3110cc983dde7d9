import { describe, expect, it } from 'vitest'
import { hallmarkOf, digestOfReference } from '../../../renderer/panels/hallmark.js'
import { en } from '../../../renderer/panels/i18n/en.js'
import { createFormat } from '../../../renderer/panels/i18n/format.js'
import { ru } from '../../../renderer/panels/i18n/ru.js'
import { judgeFile, judgeHead, sizeLimitBytes } from '../../../renderer/panels/popups/wasm-file.js'
import { resolveTheme } from '../../../renderer/panels/theme.js'
import { keepHolders, reactKeyOf } from '../../../renderer/panels/window/window-keys.js'
import type { OnHostKey } from '../../../preload/records.js'

/** Every string, those of functions made with plain arguments, by its path. */
function strings(words: unknown, path = ''): [string, string][] {
  if (typeof words === 'string') return [[path, words]]
  if (typeof words === 'function') return [[path, String((words as (...all: unknown[]) => string)('1', '1', '1'))]]
  return Object.entries(words as object).flatMap(([key, value]) => strings(value, `${path}.${key}`))
}

describe('words', () => {
  const english = strings(en)
  const russian = new Map(strings(ru))

  it('are all there in Russian, none of them empty where English is not', () => {
    expect([...russian.keys()].sort()).toEqual(english.map(([path]) => path).sort())
    expect(english.filter(([path, text]) => text !== '' && russian.get(path) === '')).toEqual([])
  })

  it('are Russian where they are words', () => {
    const untranslated = english.filter(([path, text]) => /[a-z]{4}/.test(text) && russian.get(path) === text)
    expect(untranslated.map(([path]) => path)).toEqual([
      '.v2.section',
      '.transport.lattice',
      '.connection.lattice',
      '.connection.jetStream',
      '.table.title',
    ])
  })

  it('count as Russian counts', () => {
    expect([1, 2, 5, 11, 21, 22, 112].map((n) => ru.bar.nodes(n, String(n)))).toEqual([
      '1 узел',
      '2 узла',
      '5 узлов',
      '11 узлов',
      '21 узел',
      '22 узла',
      '112 узлов',
    ])
  })
})

describe('numbers', () => {
  const [e, r] = [createFormat('en', en), createFormat('ru', ru)]
  it('are grouped by thin spaces and use the comma in Russian', () => {
    expect([e.count(10_200), r.count(10_200), e.rate(1.25), r.rate(1.25), e.rate(41_600)]).toEqual([
      '10\u2009200',
      '10\u2009200',
      '1.3',
      '1,3',
      '41.6k',
    ])
    expect([e.bytes(512), e.bytes(412 * 1024), r.bytes(1_181_116)]).toEqual([
      '512\u2009B',
      '412\u2009KiB',
      '1,1\u2009МиБ',
    ])
  })

  it('say an age in one unit', () => {
    const seconds = [0, 41, 99, 100, 5_400, 6_000, 86_400 * 1.9, 86_400 * 2]
    expect(seconds.map((s) => e.age(s * 1000))).toEqual([
      '0 s',
      '41 s',
      '99 s',
      '1 min',
      '90 min',
      '1 h',
      '45 h',
      '2 d',
    ])
    expect(r.age(41_000)).toBe('41 с')
    expect(e.age(-5)).toBe('0 s')
  })
})

describe('the hallmark', () => {
  it('is made from bits of the digest, the same for the same bytes however the digest is written', () => {
    expect(hallmarkOf('a502')).toEqual({
      arcs: [true, false, true, false, false, true, false, true],
      middle: 'triangle',
    })
    expect(hallmarkOf('sha256:A502ff')).toEqual(hallmarkOf('a502'))
    expect(hallmarkOf('a503')?.middle).toBe('cross')
  })

  it('is not made up when no digest is told', () => {
    expect([hallmarkOf(undefined), hallmarkOf(''), hallmarkOf('zz')]).toEqual([undefined, undefined, undefined])
    expect(digestOfReference(`tlos://sha256/${'ab'.repeat(32)}`)).toBe('ab'.repeat(32))
    expect(digestOfReference('ghcr.io/home/notes:0.9.0')).toBeUndefined()
  })
})

describe('a dropped file', () => {
  it('is judged by its name and size before it is read, and by its first bytes', () => {
    expect([
      judgeFile('a.wasm', 1),
      judgeFile('A.WASM', sizeLimitBytes),
      judgeFile('a.wasm', sizeLimitBytes + 1),
    ]).toEqual(['fine', 'fine', 'too-large'])
    expect([judgeFile('a.txt', 1), judgeFile('a.wasm', 0)]).toEqual(['not-wasm', 'empty'])
    expect(judgeHead(Uint8Array.of(0, 0x61, 0x73, 0x6d, 13, 0, 1, 0))).toBe('fine')
    expect(judgeHead(Uint8Array.of(0, 0x61))).toBe('not-component')
  })
})

describe('the theme', () => {
  it('follows the system only when told to', () => {
    expect(resolveTheme('system', { dark: true, contrast: false })).toBe('dark')
    expect(resolveTheme('system', { dark: false, contrast: true })).toBe('contrast-light')
    expect(resolveTheme('light', { dark: true, contrast: true })).toBe('light')
  })
})

describe('keys of windows', () => {
  const at = (host: string) => ({ key: `${host}/counter` as OnHostKey, componentId: 'counter' })
  it('go on with the actor when it moves, also while it is seen on both nodes', () => {
    const before = keepHolders(new Map(), [at('A')])
    const both = keepHolders(before, [at('B'), at('A')])
    expect([reactKeyOf(both, at('A')), reactKeyOf(both, at('B'))]).toEqual(['counter', 'B/counter'])
    const after = keepHolders(both, [at('B')])
    expect(reactKeyOf(after, at('B'))).toBe('counter')
  })
})
