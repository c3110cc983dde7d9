import { describe, expect, it } from 'vitest'
import { rank } from '../../../../renderer/panels/palette/rank.js'

const item = (title: string, hint = '', weight = 0) => ({ title, hint, weight })
const titles = (query: string, items: ReturnType<typeof item>[]) => rank(query, items).map(({ title }) => title)

describe('finding in the palette', () => {
  const all = [
    item('Remove notes', 'stops it'),
    item('Go to notes', 'actor on workshop', 1),
    item('Move notes to attic-pi', 'accepts'),
    item('Перенести ёлку на чердак'),
  ]

  it('wants every word of the query, in any order', () => {
    expect(titles('attic move', all)).toEqual(['Move notes to attic-pi'])
    expect(titles('notes move', all)).toEqual(['Move notes to attic-pi', 'Remove notes'])
  })

  it('prefers the start of the title, then the start of a word, then the inside of one', () => {
    const found = titles('mo', [item('Remote'), item('Add more'), item('Move')])
    expect(found).toEqual(['Move', 'Add more', 'Remote'])
  })

  it('finds letters in order when they are near each other, and nothing when they are not there', () => {
    expect(titles('mvnts', all)).toEqual(['Move notes to attic-pi', 'Remove notes'])
    expect(titles('zzz', all)).toEqual([])
  })

  it('finds by the hint too, but after titles', () => {
    expect(titles('workshop', [item('Go', 'actor on workshop'), item('Inspect workshop')])).toEqual([
      'Inspect workshop',
      'Go',
    ])
  })

  it('does not mind case nor the dots of ё', () => {
    expect(titles('ЕЛКУ', all)).toEqual(['Перенести ёлку на чердак'])
  })

  it('orders by weight when nothing is typed, and is stable', () => {
    expect(titles('', all)[0]).toBe('Go to notes')
    expect(titles('', [item('b'), item('a')])).toEqual(['b', 'a'])
  })
})
