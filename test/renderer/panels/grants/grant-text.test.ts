import { describe, expect, it } from 'vitest'
import type { Lack } from '../../../../preload/grants.js'
import type { WitWorld } from '../../../../preload/wit.js'
import {
  asksOf,
  formatHost,
  guestNameOf,
  joinArguments,
  readHost,
  readPort,
  readVariable,
  splitArguments,
} from '../../../../renderer/panels/grants/grant-text.js'
import { foremostLack, lackSentence } from '../../../../renderer/panels/grants/lack-sentence.js'
import { en } from '../../../../renderer/panels/i18n/en.js'
import { ru } from '../../../../renderer/panels/i18n/ru.js'

describe('A host as it is typed', () => {
  it.each([
    ['example.com:443', { host: 'example.com', port: 443 }],
    [' example.com:443 ', { host: 'example.com', port: 443 }],
    ['https://example.com', { host: 'example.com', port: 443 }],
    ['http://example.com:8080/', { host: 'example.com', port: 8080 }],
    ['192.168.1.2:80', { host: '192.168.1.2', port: 80 }],
    ['[::1]:8080', { host: '::1', port: 8080 }],
    ['example.com', undefined],
    ['example.com:0', undefined],
    ['example.com:65536', undefined],
    ['two words:80', undefined],
    ['::1:80', undefined],
    ['https://example.com/path', undefined],
    ['user@example.com:80', undefined],
  ])('%s', (text, meant) => {
    expect(readHost(text)).toEqual(meant)
  })

  it('is written as it can be typed', () => {
    for (const [host, port] of [
      ['example.com', 443],
      ['::1', 80],
    ] as const) {
      expect(readHost(formatHost(host, port))).toEqual({ host, port })
    }
  })
})

describe('Arguments as they are typed', () => {
  it.each([
    ['', []],
    ['  a  b ', ['a', 'b']],
    ['--name "two words" \'a "b"\'', ['--name', 'two words', 'a "b"']],
    ['a\\ b "c\\"d" \'e\\f\'', ['a b', 'c"d', 'e\\f']],
    ['"" x', ['', 'x']],
    ['un"finished', undefined],
    ['ends with \\', undefined],
  ])('%s', (text, words) => {
    expect(splitArguments(text)).toEqual(words)
  })

  it('are taken apart again as they were', () => {
    const words = ['plain', 'two words', '', 'q"uo\\te', "it's", 'новое слово', '$HOME;']
    expect(splitArguments(joinArguments(words))).toEqual(words)
  })
})

describe('What else is typed', () => {
  it('is a port, a variable, and a name where a folder is seen', () => {
    expect([readPort('80'), readPort('0'), readPort('8 0'), readPort('65535')]).toEqual([
      80,
      undefined,
      undefined,
      65_535,
    ])
    expect([readVariable('A=b=c'), readVariable('=b'), readVariable('A')]).toEqual([
      { name: 'A', value: 'b=c' },
      undefined,
      undefined,
    ])
    expect([guestNameOf('/home/me/data/'), guestNameOf('/')]).toEqual(['/data', '/'])
  })
})

describe('What a component can use', () => {
  const world = (imports: readonly string[], exports: readonly string[] = []): WitWorld => ({
    imports: imports.map((name) => ({ name, functions: [] })),
    exports: exports.map((name) => ({ name, functions: [] })),
  })

  it('is told by its imports and exports', () => {
    expect(asksOf(world(['wasi:clocks/wall-clock@0.2.3', 'wasi:keyvalue/store@0.2.0-draft']))).toEqual(new Set())
    expect(asksOf(world(['wasi:filesystem/types@0.2.3']))).toEqual(new Set(['directory']))
    expect(asksOf(world(['wasi:http/outgoing-handler@0.2.0']))).toEqual(new Set(['host']))
    expect(asksOf(world(['wasi:http/types@0.2.0'], ['wasi:http/incoming-handler@0.2.0']))).toEqual(new Set(['serve']))
    expect(asksOf(world(['wasi:cli/environment@0.2.0', 'wasi:cli/stdin@0.2.0', 'wasi:sockets/tcp@0.2.0']))).toEqual(
      new Set(['host', 'listen', 'arguments', 'variable', 'stdin']),
    )
  })
})

describe('What a component was refused', () => {
  const named: Lack = { kind: 'host', host: 'example.com', port: 443 }
  const any: Lack = { kind: 'host' }
  const folder: Lack = { kind: 'directory' }
  const port: Lack = { kind: 'listen', port: 7000 }

  it('is said in a sentence, in both languages', () => {
    expect(lackSentence(named, en.grants.refused)).toBe('It asked for example.com:443 and was not granted it.')
    expect(lackSentence({ ...named, address: '10.0.0.1' }, en.grants.refused)).toMatch(/leads to 10\.0\.0\.1/)
    expect(lackSentence({ kind: 'host', host: '::1', port: 80 }, ru.grants.refused)).toContain('[::1]:80')
    expect(lackSentence(any, ru.grants.refused)).toBe(ru.grants.refused.anyHost)
    expect(lackSentence({ kind: 'listen', port: 7000 }, en.grants.refused)).toBe(
      'It wanted to listen on port 7000 and was not granted it.',
    )
    expect(lackSentence({ kind: 'listen', port: 7000 }, ru.grants.refused)).toContain('7000')
    const taken: Lack = { kind: 'listen', port: 7000, isTaken: true }
    expect(lackSentence(taken, en.grants.refused)).toMatch(/^Port 7000 of this machine is in use already/)
    expect(lackSentence(taken, ru.grants.refused)).toMatch(/^Порт 7000 .* уже занят/)
    expect(lackSentence(folder, ru.grants.refused)).toBe(ru.grants.refused.directory)
  })

  it('is first what it named, and a folder only of one that failed', () => {
    expect(foremostLack([folder, named, any], false)).toBe(named)
    expect(foremostLack([folder, any], false)).toBe(any)
    expect(foremostLack([any, port, folder], false)).toBe(port)
    expect(foremostLack([folder], false)).toBeUndefined()
    expect(foremostLack([folder], true)).toBe(folder)
  })
})
