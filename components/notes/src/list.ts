// A list of notes and its text form: `# heading` on the first line, then `[ ] open` and `[x] finished` entries. Pure.

export interface Note {
  readonly text: string
  readonly isDone: boolean
}

export interface List {
  readonly heading: string
  readonly notes: readonly Note[]
}

export const emptyList: List = { heading: 'Notes', notes: [] }

/** Longest text of one note, characters; the rest is cut off. */
export const maxNoteLength = 500
/** A window is no place for more. */
export const maxNotes = 500

/** By whole characters: half of one could not be stored. */
export const cut = (text: string): string => [...text].slice(0, maxNoteLength).join('')

export const formatList = (list: List): string =>
  [`# ${list.heading}`, ...list.notes.map((note) => `[${note.isDone ? 'x' : ' '}] ${note.text}`)].join('\n') + '\n'

/** Reads the text form; a line without a mark is an open note, so that any text is a list. */
export function parseList(text: string): List {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const heading = lines[0]?.startsWith('# ') === true ? lines[0].slice(2).trim() : undefined
  const notes = (heading === undefined ? lines : lines.slice(1)).slice(0, maxNotes).map((line): Note => {
    const mark = /^\[([ xX])\] ?(.*)$/.exec(line)
    return { text: cut(mark?.[2] ?? line), isDone: (mark?.[1] ?? ' ') !== ' ' }
  })
  return { heading: heading === undefined || heading === '' ? emptyList.heading : heading, notes }
}

/** What the store has, with what was written while it could not be reached: new notes at the end, marks as here. */
export function mergeLists(stored: List, own: List): List {
  const kept = stored.notes.map((note) => own.notes.find((mine) => mine.text === note.text) ?? note)
  const added = own.notes.filter((mine) => !stored.notes.some((note) => note.text === mine.text))
  return { heading: stored.heading, notes: [...kept, ...added].slice(0, maxNotes) }
}
