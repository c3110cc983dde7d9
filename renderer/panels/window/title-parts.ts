// Which parts of a title bar fit, by the width of the window and the length of the words in the language of the person.
// Parts go in the order of look.md 4.2: version, state word, count; the name is the last to be shortened. Pure: lengths
// are estimated from the type (13.5 px semibold, 11.5 px mono, 12.5 px), so nothing is measured while drawing.

export interface TitleParts {
  readonly hasVersion: boolean
  readonly hasStateWord: boolean
  readonly hasCount: boolean
}

const perLetter = { name: 7.9, mono: 6.95, word: 7 } as const
/** Padding, hallmark with its gap, state glyph. */
const fixedWidth = 20 + 25 + 12
const gap = 8
const buttonsWidth = 72

export function titlePartsOf(
  width: number,
  text: {
    readonly name: string
    readonly version: string | undefined
    readonly count: string | undefined
    readonly stateWord: string
  },
  hasButtons: boolean,
): TitleParts {
  const room = width - fixedWidth - (hasButtons ? buttonsWidth : 0) - text.name.length * perLetter.name - gap
  const version = text.version === undefined ? 0 : text.version.length * perLetter.mono + gap
  const count = text.count === undefined ? 0 : text.count.length * perLetter.mono + gap
  const word = text.stateWord.length * perLetter.word + 6
  return {
    hasVersion: text.version !== undefined && room >= version + count + word,
    hasStateWord: width >= 200 - 36 && room >= count + word,
    hasCount: text.count !== undefined && room >= count,
  }
}
