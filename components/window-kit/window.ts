// Keeps the tree a component last showed and turns the next one into patches. A component says what its window holds
// now; what changed and which revision that is, is found here. Knows the window interface, no component.

import type { Content, ContentNode, Frame, Patch, Tone } from './content.js'

/** One node as a component writes it; its place among its siblings is its place in the list. */
export interface Shown {
  /** Greater than 0, stable while the node lives. */
  readonly id: number
  /** Id of a column, row or entries earlier in the list; absent: directly in the window. */
  readonly in?: number
  readonly content: Content
}

export interface KeptWindow {
  /** Everything. */
  open(): Frame
  /** What became different since the last frame, nothing if nothing did. */
  update(): Frame
}

/**
 * A window whose content is always what `show` answers. `nextTickMs`: in how many ms the shell should ask again, said anew
 * with each frame; `null`: not by itself.
 */
export function keepWindow(show: () => readonly Shown[], nextTickMs: () => number | null): KeptWindow {
  let known = new Map<number, ContentNode>()
  let revision = 0

  function advance(): Patch[] {
    const next = new Map(show().map((shown, order) => [shown.id, nodeOf(shown, order)]))
    const patches = [...removals(known, next), ...puts(known, next)]
    if (patches.length > 0) revision += 1
    known = next
    return patches
  }

  return {
    open() {
      advance()
      const patches = [...known.values()].map((node): Patch => ({ tag: 'put', val: node }))
      return { revision, whole: true, patches, tickMs: nextTickMs() }
    },
    update() {
      const patches = advance()
      return { revision, whole: false, patches, tickMs: nextTickMs() }
    },
  }
}

const nodeOf = (shown: Shown, order: number): ContentNode => ({
  id: shown.id,
  parent: shown.in ?? null,
  order,
  content: shown.content,
})

/** A removed node takes what is below it along, so only the topmost of what went is named. */
function removals(known: Map<number, ContentNode>, next: Map<number, ContentNode>): Patch[] {
  const gone = [...known.values()].filter((node) => !next.has(node.id))
  return gone
    .filter((node) => node.parent === null || next.has(node.parent))
    .map((node): Patch => ({ tag: 'remove', val: node.id }))
}

function puts(known: Map<number, ContentNode>, next: Map<number, ContentNode>): Patch[] {
  const patches: Patch[] = []
  for (const node of next.values()) {
    const before = known.get(node.id)
    if (before === undefined || JSON.stringify(before) !== JSON.stringify(node)) {
      patches.push({ tag: 'put', val: node })
    }
  }
  return patches
}

export const column: Content = { tag: 'column' }
export const row: Content = { tag: 'row' }
export const entries: Content = { tag: 'entries' }

export const heading = (text: string): Content => ({ tag: 'heading', val: text })

export const text = (value: string, tone: Tone = 'plain'): Content => ({
  tag: 'text',
  val: { text: value, tone, big: false, mono: false },
})

export const bigText = (value: string): Content => ({
  tag: 'text',
  val: { text: value, tone: 'plain', big: true, mono: false },
})

export const button = (label: string, options: { primary?: boolean; disabled?: boolean } = {}): Content => ({
  tag: 'button',
  val: { label, primary: options.primary ?? false, disabled: options.disabled ?? false },
})

export const input = (label: string, value: string, placeholder: string): Content => ({
  tag: 'input',
  val: { label, value, placeholder, multiline: false },
})

export const checkbox = (label: string, checked: boolean): Content => ({
  tag: 'checkbox',
  val: { label, checked, done: checked },
})
