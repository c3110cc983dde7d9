// The question before a deed that loses something. The way out has the keyboard first; Escape takes it.

import { useEffect, useId, useRef, type ReactNode } from 'react'
import { useTongue, type Question } from '../hooks.js'

export function ConfirmDialog({
  question,
  onClose,
}: {
  readonly question: Question
  readonly onClose: () => void
}): ReactNode {
  const { words } = useTongue()
  const dialog = useRef<HTMLDialogElement>(null)
  const title = useId()
  const text = useId()
  useEffect(() => {
    dialog.current?.showModal()
  }, [question])
  return (
    <dialog ref={dialog} className="confirm" aria-labelledby={title} aria-describedby={text} onClose={onClose}>
      <h2 id={title}>{question.title}</h2>
      <p id={text}>{question.text}</p>
      <div className="actions">
        <button
          type="button"
          className="button primary"
          onClick={() => {
            question.deed()
            dialog.current?.close()
          }}
        >
          {question.yes}
        </button>
        <button type="button" className="button" autoFocus onClick={() => dialog.current?.close()}>
          {words.cancel}
        </button>
      </div>
    </dialog>
  )
}
