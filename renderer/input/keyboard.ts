// Key events of the page to deeds, by the one key table. What is typed into a field, or pressed in an open dialog, is not
// taken from it.

import type { Ground } from './ground.js'
import type { Perform } from './intents.js'
import { deedOfKey, type Situation } from './key-table.js'
import type { OnHostKey } from '../../preload/records.js'

export interface KeyboardOptions {
  readonly ground: Pick<Ground, 'stores' | 'eye' | 'scene'>
  readonly perform: Perform
  /** Puts the keyboard into a window. */
  enterWindow(key: OnHostKey): void
  /** Asks the person whether to stop it. */
  askToStop(key: OnHostKey): void
  /** Asks the person whether to cut this cable. */
  askToCut(link: string): void
  /** Shows what the actor of this window can be linked to. */
  chooseLink(key: OnHostKey): void
}

const fields = 'input, textarea, select, [contenteditable=""], [contenteditable="true"]'
const dialogs = 'dialog, [role="dialog"], [role="alertdialog"]'
/** Fields without letters: a key that is no letter of theirs may be the shell's. */
const wordless = ['checkbox', 'radio', 'range', 'button', 'submit', 'file', 'color']

function isTyping(element: Element | null): boolean {
  if (!(element instanceof HTMLElement) || !element.matches(fields)) return false
  return !(element instanceof HTMLInputElement && wordless.includes(element.type))
}

/** Listens until the returned function is called. */
export function listenToKeyboard({ ground, perform, ...questions }: KeyboardOptions): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return
    const active = document.activeElement
    const { drag, focused, selection, panel, inspector } = ground.stores.interaction.getState()
    const isInDialog = active !== null && active.closest(dialogs) !== null
    const situation: Situation = {
      interaction: { drag, focused, selection, panel, inspector },
      places: ground.scene().places,
      viewpoint: ground.eye.destination,
      isTyping: isTyping(active) || isInDialog,
      isFree: active === null || active === document.body || active.id === 'space',
    }
    const deed = deedOfKey(event, situation)
    if (deed === undefined) return
    event.preventDefault()
    switch (deed.kind) {
      case 'intent':
        perform(deed.intent)
        return
      case 'enter-window':
        questions.enterWindow(deed.key)
        return
      case 'ask-to-stop':
        questions.askToStop(deed.key)
        return
      case 'ask-to-cut':
        questions.askToCut(deed.link)
        return
      case 'choose-link':
        questions.chooseLink(deed.key)
        return
    }
  }
  window.addEventListener('keydown', onKeyDown)
  return () => window.removeEventListener('keydown', onKeyDown)
}
