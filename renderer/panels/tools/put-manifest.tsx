// A manifest typed, pasted or read from a file, and what wadm says to it.

import { useId, useRef, useState, type ReactNode } from 'react'
import type { PutApplication } from '../../../preload/applications.js'
import { useGround, useTongue } from '../hooks.js'
import { Popup } from '../popups/popup.js'

/** What a NATS server takes by default. */
const largestBytes = 1_048_576

export function PutManifest({
  text: initial,
  onDone,
}: {
  readonly text: string
  /** Undefined: given up. */
  readonly onDone: (put: PutApplication | undefined) => void
}): ReactNode {
  const { shell } = useGround()
  const { words } = useTongue()
  const say = words.tools.apps
  const [text, setText] = useState(initial)
  const [problem, setProblem] = useState<string>()
  const [isBusy, setIsBusy] = useState(false)
  const file = useRef<HTMLInputElement>(null)
  const id = useId()

  const put = async (): Promise<void> => {
    if (isBusy) return
    if (text.trim() === '') return setProblem(words.tools.form.wrong.required)
    setIsBusy(true)
    setProblem(undefined)
    const outcome = await shell.call('application.put', text)
    setIsBusy(false)
    if (outcome.ok) onDone(outcome.value)
    else setProblem(outcome.failure.message)
  }

  const read = async (chosen: File | undefined): Promise<void> => {
    if (chosen === undefined) return
    if (chosen.size > largestBytes) return setProblem(say.tooLarge)
    try {
      setText(await chosen.text())
      setProblem(undefined)
    } catch {
      // The browser does not tell why.
      setProblem(words.drop.unreadable(chosen.name))
    }
  }

  return (
    <Popup className="tool-wide" title={say.putTitle} isSticky onClose={() => onDone(undefined)}>
      <div className="popup-body tool-fields">
        <p className="muted">{say.putNote}</p>
        <label htmlFor={id}>{say.putText}</label>
        <textarea
          id={id}
          className="field tool-manifest"
          rows={18}
          data-first
          spellCheck={false}
          value={text}
          aria-invalid={problem !== undefined}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
            event.preventDefault()
            void put()
          }}
        />
        {problem === undefined ? undefined : (
          <p className="bad selectable tool-problem" role="alert">
            {problem}
          </p>
        )}
        <input
          ref={file}
          type="file"
          hidden
          accept=".yaml,.yml,.json"
          aria-label={say.fromFile}
          onChange={(event) => {
            void read(event.currentTarget.files?.[0])
            event.currentTarget.value = ''
          }}
        />
        <div className="tool-deeds">
          <button
            type="button"
            className="button primary"
            aria-disabled={isBusy}
            title="Ctrl Enter"
            onClick={() => void put()}
          >
            {say.submit}
          </button>
          <button type="button" className="button" onClick={() => file.current?.click()}>
            {say.fromFile}
          </button>
          <button type="button" className="button" onClick={() => onDone(undefined)}>
            {words.cancel}
          </button>
        </div>
      </div>
    </Popup>
  )
}
