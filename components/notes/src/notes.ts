// A list of notes in a window. What is written is in the store and not in here, so notes has no state to move.

import type { Frame, WindowEvent } from '../../window-kit/content.js'
import {
  button,
  checkbox,
  entries,
  heading,
  input,
  keepWindow,
  row,
  text,
  type Shown,
} from '../../window-kit/window.js'
import { cut, formatList, maxNotes, parseList, type Note } from './list.js'
import { change, currentList, currentTrouble, refresh } from './notebook.js'

const ids = { heading: 1, list: 2, empty: 3, form: 4, draft: 5, add: 6, trouble: 7, again: 8, clear: 9, firstNote: 100 }

/** What stands in the input. */
let draft = ''

function troubleShown(): Shown[] {
  const trouble = currentTrouble()
  if (trouble === undefined) return []
  return [
    {
      id: ids.trouble,
      content: text(`Not saved: ${trouble}. Notes stay in memory until the store can be reached.`, 'warn'),
    },
    { id: ids.again, content: button('Try again') },
  ]
}

const kept = keepWindow(
  () => {
    const { heading: title, notes } = currentList()
    const shown = notes.map((note, index): Shown => ({
      id: ids.firstNote + index,
      in: ids.list,
      content: checkbox(note.text, note.isDone),
    }))
    return [
      { id: ids.heading, content: heading(title) },
      ...(notes.length === 0 ? [{ id: ids.empty, content: text('Nothing noted yet.', 'muted') }] : []),
      { id: ids.list, content: entries },
      ...shown,
      { id: ids.form, content: row },
      { id: ids.draft, in: ids.form, content: input('New note', draft, 'What is to be done?') },
      {
        id: ids.add,
        in: ids.form,
        content: button('Add', { primary: true, disabled: draft.trim() === '' || notes.length >= maxNotes }),
      },
      ...(notes.some((note) => note.isDone) ? [{ id: ids.clear, content: button('Remove finished') }] : []),
      ...troubleShown(),
    ]
  },
  () => null,
)

function add(): void {
  const note: Note = { text: cut(draft.trim().replace(/\s+/g, ' ')), isDone: false }
  if (note.text === '' || currentList().notes.length >= maxNotes) return
  draft = ''
  change((list) => ({ ...list, notes: [...list.notes, note] }))
}

/** By text as well as by place: the store may have moved the entry since it was shown. */
function mark(index: number, isDone: boolean): void {
  const target = currentList().notes[index]
  if (target === undefined) return
  change((list) => {
    const at = list.notes[index]?.text === target.text ? index : list.notes.findIndex((n) => n.text === target.text)
    return { ...list, notes: list.notes.map((note, i) => (i === at ? { ...note, isDone } : note)) }
  })
}

function take(event: WindowEvent): void {
  const { target, action } = event
  if (target === ids.draft && action.tag === 'text') draft = action.val
  if (target === ids.draft && action.tag === 'submit') add()
  if (target === ids.add && action.tag === 'press') add()
  if (target === ids.again && action.tag === 'press') refresh()
  if (target === ids.clear && action.tag === 'press') {
    change((list) => ({ ...list, notes: list.notes.filter((note) => !note.isDone) }))
  }
  if (target >= ids.firstNote && action.tag === 'checked') mark(target - ids.firstNote, action.val)
}

export const window = {
  open(): Frame {
    refresh()
    return kept.open()
  },
  handle(event: WindowEvent): Frame {
    take(event)
    return kept.update()
  },
}

export const notes = {
  text(): string {
    // An error of a `result` is thrown as its plain value.
    if (!refresh()) throw currentTrouble() ?? 'the store cannot be reached'
    return formatList(currentList())
  },
  setText(value: string): void {
    change(() => parseList(value))
    const trouble = currentTrouble()
    if (trouble !== undefined) throw trouble
  },
}
