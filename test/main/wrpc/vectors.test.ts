// The 155 byte vectors, both ways. What a vector's value notation means is in wrpc.md section 6; `toValue` turns it into
// jco's JavaScript values.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { toCamelCase } from '../../../main/wrpc/names.js'
import { decodeValues } from '../../../main/wrpc/decode.js'
import { encodeValue, encodeValues } from '../../../main/wrpc/encode.js'
import type { WitType } from '../../../preload/wit.js'
import { parseWitParams, parseWitType } from '../../support/wit-text.js'

interface Vector {
  readonly type: string
  readonly value: unknown
  readonly hex: string
  readonly note: string
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/wrpc-vectors.json', import.meta.url), 'utf8'),
) as readonly Vector[]

const errorCases = `DNS-timeout, DNS-error(record { rcode: option<string>, info-code: option<u16> }), ${[
  ...Array.from({ length: 36 }, (_, i) => `case-${i + 2}`),
].join(', ')}, internal-error(option<string>)`

/** Names that the vectors use for types of wrpc:http. */
const named: Record<string, string> = {
  'wrpc:http/types@0.1.0 request-options':
    'record { connect-timeout: option<u64>, first-byte-timeout: option<u64>, between-bytes-timeout: option<u64> }',
  'wrpc:http/types@0.1.0 request':
    'record { body: stream<u8>, trailers: future<option<list<tuple<string, list<list<u8>>>>>>, method: variant { get, head, post, put, delete, connect, options, trace, patch, other(string) }, path-with-query: option<string>, scheme: option<variant { HTTP, HTTPS, other(string) }>, authority: option<string>, headers: list<tuple<string, list<list<u8>>>> }',
  'wrpc:http/types@0.1.0 response':
    'record { body: stream<u8>, trailers: future<option<list<tuple<string, list<list<u8>>>>>>, status: u16, headers: list<tuple<string, list<list<u8>>>> }',
  'wrpc:http/types@0.1.0 fields': 'list<tuple<string, list<list<u8>>>>',
  'wasi:http/types@0.2.0 error-code': `variant { ${errorCases} }`,
}

function typesOf(text: string): readonly WitType[] {
  return text.startsWith('params(') ? parseWitParams(text, named) : [parseWitType(text, named)]
}

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const floats: Readonly<Record<string, number>> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity, '-0': -0 }

function toValue(type: WitType, value: unknown): unknown {
  const object = value as Record<string, unknown>
  switch (type.kind) {
    case 'u64':
    case 's64':
      return BigInt(value as string)
    case 'f32':
    case 'f64':
      return typeof value === 'string' ? floats[value] : value
    case 'list':
      if (type.element.kind === 'u8') return Uint8Array.from(value as number[])
      return (value as unknown[]).map((item) => toValue(type.element, item))
    case 'tuple':
      return type.elements.map((t, i) => toValue(t, (value as unknown[])[i]))
    case 'option': {
      const isNested = type.inner.kind === 'option'
      if (value === null) return isNested ? { tag: 'none' } : undefined
      const inner = toValue(type.inner, object['some'])
      return isNested ? { tag: 'some', val: inner } : inner
    }
    case 'result': {
      const tag = 'ok' in object ? 'ok' : 'err'
      const arm = tag === 'ok' ? type.ok : type.err
      return { tag, val: arm === undefined ? undefined : toValue(arm, object[tag]) }
    }
    case 'record':
      return Object.fromEntries(type.fields.map((f) => [toCamelCase(f.name), toValue(f.type, object[f.name])]))
    case 'variant': {
      const [tag = '', payload] = typeof value === 'string' ? [value, null] : (Object.entries(object)[0] ?? [])
      const found = type.cases.find((c) => c.name === tag)
      return found?.type === undefined ? { tag } : { tag, val: toValue(found.type, payload) }
    }
    case 'flags':
      return Object.fromEntries(type.names.map((name) => [toCamelCase(name), (value as string[]).includes(name)]))
    case 'own':
    case 'borrow':
      return bytesOf(object['handle'] as string)
    case 'stream':
    case 'future':
      if (value === '<pending>') return 'pending'
      return { ready: object['ready'] }
    default:
      return value
  }
}

/** Generated Go code writes `char` otherwise; we speak the form of the Rust peers (wrpc.md 2.2). */
const goOnly = (v: Vector): boolean => v.note.startsWith('GO-ONLY')
const plain = vectors.filter((v) => !v.type.startsWith('stream-bytes') && !goOnly(v))
const streams = vectors.filter((v) => v.type.startsWith('stream-bytes'))
const mustFail = (v: Vector): boolean => v.note.includes('MUST FAIL')

describe('the 155 vectors of wRPC values', () => {
  it('are all here', () => {
    expect(vectors).toHaveLength(155)
  })

  it.each(plain.filter((v) => !mustFail(v)).map((v) => [v.type, v.hex.slice(0, 40), v] as const))(
    'decodes %s from %s',
    (_type, _hex, vector) => {
      const types = typesOf(vector.type)
      const values = vector.type.startsWith('params(') ? (vector.value as unknown[]) : [vector.value]
      const decoded = decodeValues(types, bytesOf(vector.hex), () => 'pending')
      expect(decoded).toEqual({
        kind: 'done',
        values: types.map((t, i) => toValue(t, values[i])),
        length: vector.hex.length / 2,
      })
    },
  )

  it.each(plain.filter((v) => !v.note.includes('DECODE-ONLY')).map((v) => [v.type, v.hex.slice(0, 40), v] as const))(
    'encodes %s to %s',
    (_type, _hex, vector) => {
      const types = typesOf(vector.type)
      const values = vector.type.startsWith('params(') ? (vector.value as unknown[]) : [vector.value]
      const encoded = encodeValues(
        types.map((type, i) => ({ name: `p${i}`, type })),
        types.map((t, i) => toValue(t, values[i])),
      )
      expect(hexOf(encoded.bytes)).toBe(vector.hex)
    },
  )

  it.each(vectors.filter(goOnly).map((v) => [v.hex, v] as const))(
    'refuses the Go form of a char, %s',
    (_hex, vector) => {
      expect(decodeValues(typesOf(vector.type), bytesOf(vector.hex)).kind).toBe('bad')
    },
  )

  it.each(plain.filter(mustFail).map((v) => [v.type, v.hex, v] as const))('rejects %s %s', (_type, _hex, vector) => {
    const decoded = decodeValues(typesOf(vector.type), bytesOf(vector.hex), () => 'pending')
    expect(decoded.kind).not.toBe('done')
  })

  it.each(streams.map((v) => [v.type, v.hex, v] as const))('writes and reads the chunks of %s %s', (_t, _h, vector) => {
    const element = parseWitType(vector.type.slice('stream-bytes<'.length, -1), named)
    const chunk: WitType = { kind: 'list', element }
    const chunks = (vector.value as unknown[][]).map((c) => toValue(chunk, c))
    const written = [...chunks.map((c) => hexOf(encodeValue(chunk, c).bytes)), '00'].join('')
    expect(written).toBe(vector.hex)
    let rest = bytesOf(vector.hex)
    const read: unknown[] = []
    while (rest.length > 1) {
      const decoded = decodeValues([chunk], rest)
      if (decoded.kind !== 'done') throw new Error(decoded.kind)
      read.push(decoded.values[0])
      rest = rest.slice(decoded.length)
    }
    expect(read).toEqual(chunks)
    expect([...rest]).toEqual([0])
  })
})
