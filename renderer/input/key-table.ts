// Every key of the shell and what it means, in one table. Pure: a press and the situation in, an intent or nothing out.

import { placeToward } from './drag.js'
import type { Intent } from './intents.js'
import { footFront } from '../scene/layout.js'
import type { PlaceNode, Point } from '../scene/types.js'
import type { OnHostKey } from '../../preload/records.js'
import type { DragState, InteractionState, ThingRef } from '../state/interaction.js'
import type { Viewpoint } from '../state/workspace.js'

export interface Press {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

export interface Situation {
  readonly interaction: Pick<InteractionState, 'drag' | 'focused' | 'selection' | 'panel' | 'inspector'>
  readonly places: ReadonlyMap<string, PlaceNode>
  readonly viewpoint: Viewpoint
  /** The keyboard is in a field, or in another thing that takes letters. */
  readonly isTyping: boolean
  /** The keyboard is in no control: arrows, Tab and Enter are the shell's. */
  readonly isFree: boolean
}

/** What cannot be said as an intent: it moves the keyboard, or asks a question that is the panels'. */
export type KeyDeed =
  | { readonly kind: 'intent'; readonly intent: Intent }
  | { readonly kind: 'enter-window'; readonly key: OnHostKey }
  | { readonly kind: 'ask-to-stop'; readonly key: OnHostKey }
  | { readonly kind: 'ask-to-cut'; readonly link: string }
  | { readonly kind: 'choose-link'; readonly key: OnHostKey }

type Row = {
  /** `KeyboardEvent.key`, letters in lower case. */
  readonly keys: readonly string[]
  readonly control?: boolean
  readonly shift?: boolean
  /** `always`: in fields too. `letters`: not in fields. `free`: only when the keyboard is in no control. */
  readonly when: 'always' | 'letters' | 'free'
  readonly deed: (situation: Situation, press: Press) => KeyDeed | undefined
}

const say = (intent: Intent): KeyDeed => ({ kind: 'intent', intent })
const plain = (intent: Intent) => (): KeyDeed => say(intent)

/** px that an arrow moves the view. */
const panStep = 80

const arrows: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: 1 },
  ArrowDown: { x: 0, y: -1 },
}

const togglePanel =
  (panel: 'palette' | 'table' | 'shortcuts' | 'events') =>
  ({ interaction }: Situation): KeyDeed =>
    say({ kind: 'panel', panel: interaction.panel === panel ? 'none' : panel })

/** The window that a key without a pointer means: the focused one, else the selected one. */
function windowOf({ interaction: { focused, selection } }: Situation): OnHostKey | undefined {
  return focused ?? (selection?.kind === 'window' ? selection.id : undefined)
}

function inspected({ interaction }: Situation): ThingRef | undefined {
  const { selection, focused } = interaction
  return selection ?? (focused === undefined ? undefined : { kind: 'window', id: focused })
}

/** One thing at a time, the uppermost first. */
function escape({ interaction }: Situation): KeyDeed | undefined {
  if (interaction.drag !== undefined) return say({ kind: 'drag.cancel' })
  if (interaction.panel !== 'none') return say({ kind: 'panel', panel: 'none' })
  if (interaction.inspector !== undefined) return say({ kind: 'inspect', thing: undefined })
  if (interaction.selection !== undefined) return say({ kind: 'select', thing: undefined })
  return interaction.focused === undefined ? undefined : say({ kind: 'focus', key: undefined })
}

function chooseSlab(drag: DragState, { places }: Situation, toward: Point): KeyDeed | undefined {
  const place = placeToward(places, drag.overHostId ?? drag.fromHostId, toward)
  if (place === undefined) return undefined
  const foot = { x: place.x + place.width / 2, y: place.y + footFront }
  return say({ kind: 'drag.over', foot, hostId: place.id })
}

function arrow(situation: Situation, { key }: Press): KeyDeed | undefined {
  const toward = arrows[key]
  const { drag } = situation.interaction
  if (toward === undefined) return undefined
  if (drag !== undefined) return chooseSlab(drag, situation, toward)
  const { viewpoint } = situation
  const step = panStep / viewpoint.zoom
  const to = { ...viewpoint, x: viewpoint.x + toward.x * step, y: viewpoint.y + toward.y * step }
  return say({ kind: 'look.at', viewpoint: to, isAnimated: false })
}

export const keyTable: readonly Row[] = [
  { keys: ['k'], control: true, when: 'always', deed: togglePanel('palette') },
  { keys: ['=', '+'], control: true, when: 'always', deed: plain({ kind: 'look.zoom', steps: 1 }) },
  { keys: ['-', '_'], control: true, when: 'always', deed: plain({ kind: 'look.zoom', steps: -1 }) },
  { keys: ['0'], control: true, when: 'always', deed: plain({ kind: 'look.fit' }) },
  { keys: ['`'], control: true, when: 'always', deed: plain({ kind: 'focus.next', step: 1 }) },
  { keys: ['~'], control: true, shift: true, when: 'always', deed: plain({ kind: 'focus.next', step: -1 }) },
  { keys: ['z'], control: true, shift: false, when: 'letters', deed: plain({ kind: 'arrange.undo' }) },
  { keys: ['z'], control: true, shift: true, when: 'letters', deed: plain({ kind: 'arrange.redo' }) },
  { keys: ['y'], control: true, when: 'letters', deed: plain({ kind: 'arrange.redo' }) },
  { keys: ['Escape'], when: 'always', deed: escape },
  { keys: ['f'], when: 'letters', deed: plain({ kind: 'look.flatten' }) },
  { keys: ['=', '+'], when: 'letters', deed: plain({ kind: 'look.zoom', steps: 1 }) },
  { keys: ['-', '_'], when: 'letters', deed: plain({ kind: 'look.zoom', steps: -1 }) },
  { keys: ['0'], when: 'letters', deed: plain({ kind: 'look.fit' }) },
  { keys: ['t'], when: 'letters', deed: togglePanel('table') },
  { keys: ['e'], when: 'letters', deed: togglePanel('events') },
  { keys: ['?'], when: 'letters', deed: togglePanel('shortcuts') },
  {
    keys: ['i'],
    when: 'letters',
    deed(situation) {
      const thing = situation.interaction.inspector === undefined ? inspected(situation) : undefined
      return thing === undefined && situation.interaction.inspector === undefined
        ? undefined
        : say({ kind: 'inspect', thing })
    },
  },
  {
    keys: ['m'],
    when: 'letters',
    deed(situation) {
      const key = windowOf(situation)
      return key === undefined || situation.interaction.drag !== undefined
        ? undefined
        : say({ kind: 'drag.start', key, byKeyboard: true })
    },
  },
  { keys: Object.keys(arrows), when: 'free', deed: arrow },
  { keys: ['Tab'], shift: false, when: 'free', deed: plain({ kind: 'focus.next', step: 1 }) },
  { keys: ['Tab'], shift: true, when: 'free', deed: plain({ kind: 'focus.next', step: -1 }) },
  {
    keys: ['Enter'],
    when: 'free',
    deed(situation) {
      if (situation.interaction.drag !== undefined) return say({ kind: 'drag.drop' })
      const key = windowOf(situation)
      return key === undefined ? undefined : { kind: 'enter-window', key }
    },
  },
  {
    keys: ['l'],
    when: 'letters',
    deed(situation) {
      const key = windowOf(situation)
      return key === undefined ? undefined : { kind: 'choose-link', key }
    },
  },
  {
    keys: ['Delete'],
    when: 'letters',
    deed(situation) {
      const { selection } = situation.interaction
      if (selection?.kind === 'link') return { kind: 'ask-to-cut', link: selection.id }
      const key = windowOf(situation)
      return key === undefined ? undefined : { kind: 'ask-to-stop', key }
    },
  },
]

/** What a press means in a situation; undefined leaves it to the page. */
export function deedOfKey(press: Press, situation: Situation): KeyDeed | undefined {
  if (press.altKey) return undefined
  const isControl = press.ctrlKey || press.metaKey
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key
  // A window in the hand of the keyboard has the keyboard, wherever it was before.
  const isHeld = situation.interaction.drag?.byKeyboard === true
  for (const row of keyTable) {
    if (!row.keys.includes(key) || (row.control ?? false) !== isControl) continue
    if (row.shift !== undefined && row.shift !== press.shiftKey) continue
    if (row.when === 'letters' && situation.isTyping) continue
    if (row.when === 'free' && !situation.isFree && !isHeld) continue
    return row.deed(situation, press)
  }
  return undefined
}
