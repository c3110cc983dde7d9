import { describe, expect, it } from 'vitest'
import { titlePartsOf } from '../../../../renderer/panels/window/title-parts.js'

const shown = (width: number, stateWord = 'not heard', hasButtons = false): string => {
  const parts = titlePartsOf(width, { name: 'gate', version: '2.0.1', count: '×2', stateWord }, hasButtons)
  return [parts.hasVersion && 'version', parts.hasStateWord && 'word', parts.hasCount && 'count']
    .filter(Boolean)
    .join(' ')
}

describe('a title bar that gets narrow', () => {
  it('loses the version, then the word of the state, then the count, before the name is shortened', () => {
    const seen = [320, 216, 180, 120, 90].map((width) => shown(width))
    expect(seen).toEqual(['version word count', 'word count', 'count', 'count', ''])
  })

  it('goes by the words of the language and by the room that buttons take', () => {
    expect(shown(235, 'busy')).toBe('version word count')
    expect(shown(235, 'остановлен')).toBe('word count')
    expect(shown(235, 'busy', true)).toBe('word count')
  })
})
