import { describe, expect, it } from 'vitest'
import type { WitType } from '../../../../preload/wit.js'
import { draftOf, lowerCamel, readDraft, type Draft } from '../../../../renderer/panels/form/draft.js'
import { formatSignature, formatValue } from '../../../../renderer/panels/form/pretty.js'
import { ownExports, whyNotCallable } from '../../../../renderer/panels/form/callable.js'

const text = (value: string): Draft => ({ kind: 'text', text: value })
const read = (type: WitType, draft: Draft) => readDraft(type, draft, 'p')

describe('a field of the callable form', () => {
  it.each([
    ['u8', '255', 255],
    ['s8', '-128', -128],
    ['u32', '4 294 967 295', 4_294_967_295],
    ['u64', '18446744073709551615', 18_446_744_073_709_551_615n],
    ['s64', '-9223372036854775808', -9_223_372_036_854_775_808n],
    ['u16', '0xff', 255],
    ['f64', '−3,25', -3.25],
    ['f32', '1e3', 1000],
    ['char', '🜚', '🜚'],
    ['string', '', ''],
  ] as const)('reads %s %s', (kind, typed, value) => {
    expect(read({ kind }, text(typed))).toEqual({ ok: true, value })
  })

  it.each([
    ['u8', '256', 'range'],
    ['u8', '-1', 'range'],
    ['s64', '9223372036854775808', 'range'],
    ['u32', '1.5', 'integer'],
    ['u32', '', 'required'],
    ['f64', 'three', 'number'],
    ['char', 'ab', 'char'],
    ['char', '\ud83d', 'char'],
    ['string', 'half \ud83d', 'surrogate'],
  ] as const)('refuses %s %j with the word %s', (kind, typed, word) => {
    expect(read({ kind }, text(typed))).toMatchObject({ ok: false, problems: [{ path: 'p', word }] })
  })

  it('names each wrong place of a nested value by its path', () => {
    const type: WitType = {
      kind: 'record',
      fields: [
        { name: 'how-many', type: { kind: 'u8' } },
        { name: 'tags', type: { kind: 'list', element: { kind: 's32' } } },
      ],
    }
    const draft: Draft = { kind: 'items', items: [text('999'), { kind: 'items', items: [text('1'), text('x')] }] }
    expect(read(type, draft)).toEqual({
      ok: false,
      problems: [
        { path: 'p/how-many', word: 'range', low: '0', high: '255' },
        { path: 'p/tags/1', word: 'integer', low: undefined, high: undefined },
      ],
    })
  })

  it('makes values in the mapping of jco', () => {
    const type: WitType = {
      kind: 'record',
      fields: [
        { name: 'maybe-size', type: { kind: 'option', inner: { kind: 'u64' } } },
        { name: 'nested', type: { kind: 'option', inner: { kind: 'option', inner: { kind: 'bool' } } } },
        { name: 'kinds', type: { kind: 'flags', names: ['read-only', 'done'] } },
        { name: 'answer', type: { kind: 'result', err: { kind: 'string' } } },
        { name: 'pair', type: { kind: 'tuple', elements: [{ kind: 'bool' }, { kind: 'string' }] } },
        { name: 'bytes', type: { kind: 'list', element: { kind: 'u8' } } },
        { name: 'order', type: { kind: 'enum', cases: ['newest', 'oldest'] } },
      ],
    }
    const draft: Draft = {
      kind: 'items',
      items: [
        { kind: 'option', isGiven: true, inner: text('5') },
        { kind: 'option', isGiven: true, inner: { kind: 'option', isGiven: false, inner: { kind: 'none' } } },
        { kind: 'flags', on: ['read-only'] },
        { kind: 'choice', tag: 'err', inner: text('no') },
        { kind: 'items', items: [{ kind: 'check', isOn: true }, text('x')] },
        { kind: 'bytes', mode: 'hex', text: '00 ff:1A' },
        { kind: 'choice', tag: 'oldest', inner: { kind: 'none' } },
      ],
    }
    expect(read(type, draft)).toEqual({
      ok: true,
      value: {
        maybeSize: 5n,
        nested: { tag: 'some', val: undefined },
        kinds: { readOnly: true, done: false },
        answer: { tag: 'err', val: 'no' },
        pair: [true, 'x'],
        bytes: Uint8Array.of(0, 255, 26),
        order: 'oldest',
      },
    })
  })

  it('stands for a value as soon as it is drawn, except where something has to be typed', () => {
    const fine: WitType[] = [
      { kind: 'string' },
      { kind: 'bool' },
      { kind: 'list', element: { kind: 'string' } },
      { kind: 'option', inner: { kind: 'u8' } },
      { kind: 'variant', cases: [{ name: 'none-of-it' }, { name: 'some', type: { kind: 'u8' } }] },
    ]
    for (const type of fine) expect(read(type, draftOf(type)).ok).toBe(true)
    expect(read({ kind: 'u8' }, draftOf({ kind: 'u8' })).ok).toBe(false)
  })

  it('refuses half a byte in hex', () => {
    expect(read({ kind: 'list', element: { kind: 'u8' } }, { kind: 'bytes', mode: 'hex', text: 'abc' }).ok).toBe(false)
  })

  it('names fields as jco does', () => {
    expect([lowerCamel('content-type'), lowerCamel('a'), lowerCamel('p50-ms')]).toEqual(['contentType', 'a', 'p50Ms'])
  })
})

describe('what is shown of functions and values', () => {
  const result: WitType = { kind: 'result', ok: { kind: 'u64' }, err: { kind: 'string' } }
  it('writes signatures in words of WIT', () => {
    expect(
      formatSignature({ name: 'f', params: [{ name: 'to', type: { kind: 'option', inner: { kind: 'u8' } } }], result }),
    ).toBe('(to: option<u8>) → result<u64, string>')
  })

  it.each([
    [result, { tag: 'ok', val: 81_204n }, 'ok(81204)'],
    [{ kind: 'option', inner: { kind: 'string' } }, undefined, 'none'],
    [{ kind: 'option', inner: { kind: 'string' } }, 'a"b', 'some("a\\"b")'],
    [{ kind: 'flags', names: ['read-only', 'done'] }, { readOnly: true, done: false }, '{read-only}'],
    [{ kind: 'list', element: { kind: 'u8' } }, Uint8Array.of(0, 255), '0x00ff'],
    [{ kind: 'list', element: { kind: 'u8' } }, new TextEncoder().encode('hi'), 'b"hi"'],
    [{ kind: 'tuple', elements: [{ kind: 'u8' }, { kind: 'bool' }] }, [1, true], '(1, true)'],
    [{ kind: 'u8' }, { odd: 1n }, '{\n  "odd": "1"\n}'],
  ] as [WitType, unknown, string][])('writes %j as %s', (type, value, shown) => {
    expect(formatValue(type, value)).toBe(shown)
  })

  it('says which functions cannot be called by hand', () => {
    const stream: WitType = { kind: 'list', element: { kind: 'stream' } }
    const of = (instance?: string): WitType => ({
      kind: 'own',
      resource: 'b',
      ...(instance === undefined ? {} : { home: { instance, name: 'b', isImported: false } }),
    })
    const taking = (type: WitType) => whyNotCallable({ name: '[method]b.f', params: [{ name: 'x', type }] })
    expect([taking(of()), taking(of('wasi:io/streams@0.2.0')), taking(of('home:desk/b'))]).toEqual([
      'resource',
      'resource',
      undefined,
    ])
    expect(whyNotCallable({ name: 'f', params: [], result: stream })).toBe('stream')
    expect(whyNotCallable({ name: 'f', params: [], result })).toBeUndefined()
  })

  it('leaves out what is plumbing of WASI and of the shell', () => {
    const of = (name: string) => ({ name, functions: [{ name: 'f', params: [] }] })
    const exports = ['wasi:cli/run@0.2.0', 'tlos:actor/state@0.1.0', 'home:desk/orders', ''].map(of)
    expect(ownExports({ imports: [], exports }).map(({ name }) => name)).toEqual(['home:desk/orders', ''])
  })
})
