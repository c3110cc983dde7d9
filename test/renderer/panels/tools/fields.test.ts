import { describe, expect, it } from 'vitest'
import { type Field, isAsked, judge, pairsText, valuesOf } from '../../../../renderer/panels/tools/fields.js'
import { asHex, asText } from '../../../../renderer/panels/tools/payload.js'

const field = (kind: Field['kind'], isOptional = false): Field => ({ name: 'it', label: 'It', kind, isOptional })

describe('what is typed into a form', () => {
  it.each<[Field['kind'], string, string | undefined]>([
    ['text', ' ', 'required'],
    ['text', 'ghcr.io/a/b:1', undefined],
    ['id', 'two words', 'id'],
    ['id', 'a.b', 'id'],
    ['id', 'Hello_1-x', undefined],
    ['word', 'a.b', 'word'],
    ['word', 'a>b', 'word'],
    ['word', 'wasi:http', undefined],
    ['count', '0', 'count'],
    ['count', '1.5', 'count'],
    ['count', '4294967295', undefined],
    ['count', '4294967296', 'count'],
    ['names', 'store atomics,batch', undefined],
    ['names', 'store a.b', 'word'],
    ['pairs', 'a=1\n\nb=x=y\nc=', undefined],
    ['pairs', 'a=1\nb', 'pairs'],
    ['pairs', '=1', 'pairs'],
    ['pairs', 'a=1\na=2', 'twice'],
    ['invocation', 'example:hello/greeter@0.1.0.greet', undefined],
    ['invocation', 'greet', 'invocation'],
    ['choice', '', undefined],
  ])('is judged: %s %j', (kind, text, wrong) => {
    expect(judge(field(kind), text)).toBe(wrong)
  })

  it('may be left out where the field says so, but not be wrong', () => {
    expect(judge(field('count', true), '')).toBeUndefined()
    expect(judge(field('count', true), '-1')).toBe('count')
  })

  it('becomes values, and values become what is typed', () => {
    const values = valuesOf({ id: ' it ', list: 'a  b,c', pairs: 'k = v\nurl=http://x/?a=b', none: '', n: '7' })
    expect(values.text('id')).toBe('it')
    expect(values.maybe('none')).toBeUndefined()
    expect(values.names('list')).toEqual(['a', 'b', 'c'])
    expect(values.pairs('pairs')).toEqual({ k: ' v', url: 'http://x/?a=b' })
    expect(values.count('n')).toBe(7)
    const pairs = { a: '1', b: 'x=y', c: '' }
    expect(valuesOf({ it: pairsText(pairs) }).pairs('it')).toEqual(pairs)
  })

  it('is asked for only when another field says so', () => {
    const constraints: Field = { ...field('pairs'), when: { field: 'host', is: '' } }
    expect([isAsked(constraints, { host: '' }), isAsked(constraints, { host: 'N1' })]).toEqual([true, false])
  })
})

describe('bytes', () => {
  it('are shown in groups and as text, with a dot for what is none', () => {
    expect(asHex('00ff')).toBe('00 ff')
    expect(asHex('00'.repeat(17)).split('\n')).toHaveLength(2)
    expect(asText('68690a00ff')).toBe('hi···')
    expect(asText(Buffer.from('да').toString('hex'))).toBe('да')
  })
})
