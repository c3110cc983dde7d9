// A text field of an actor's window. What the person is typing belongs to the person: an answer that comes meanwhile
// does not touch the text, the caret or a composition (IME); the actor's word counts again when nothing is pending.

import { useEffect, useRef, type ChangeEvent, type KeyboardEvent, type ReactNode } from 'react'
import type { Content } from '../../../preload/frame.js'
import type { ContentSession } from './content-session.js'

type Input = Extract<Content, { tag: 'input' }>['val']

export function TextField({
  id,
  input,
  session,
}: {
  readonly id: number
  readonly input: Input
  readonly session: ContentSession | undefined
}): ReactNode {
  const element = useRef<HTMLInputElement & HTMLTextAreaElement>(null)
  const isComposing = useRef(false)

  const adopt = (): void => {
    const field = element.current
    if (field === null || isComposing.current || session?.hasPending(id) === true || field.value === input.value) return
    const { selectionStart, selectionEnd } = field
    field.value = input.value
    if (document.activeElement === field && selectionStart !== null && selectionEnd !== null) {
      field.setSelectionRange(Math.min(selectionStart, field.value.length), Math.min(selectionEnd, field.value.length))
    }
  }
  // After each answer, not only when the value differs: what was held back while typing is looked at again.
  useEffect(adopt)

  const send = (text: string): void => session?.send({ target: id, action: { tag: 'text', val: text } })
  const common = {
    ref: element,
    className: 'field content-input',
    'aria-label': input.label,
    placeholder: input.placeholder,
    defaultValue: input.value,
    maxLength: 65_536,
    spellCheck: false,
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      if (!isComposing.current) send(event.currentTarget.value)
    },
    onCompositionStart: () => {
      isComposing.current = true
    },
    onCompositionEnd: (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => {
      isComposing.current = false
      send(event.currentTarget.value)
    },
  }
  if (input.multiline) return <textarea {...common} rows={4} />
  return (
    <input
      {...common}
      type="text"
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== 'Enter' || event.nativeEvent.isComposing || isComposing.current) return
        event.preventDefault()
        session?.send({ target: id, action: { tag: 'submit' } })
      }}
    />
  )
}
