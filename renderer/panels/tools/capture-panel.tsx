// Recording as `wash capture` does: whether it is on for this lattice, switched on and off, and written to a file.

import { useCallback, useState, type ReactNode } from 'react'
import type { Outcome } from '../../../preload/contract.js'
import type { WrittenCapture } from '../../../preload/lattice-calls.js'
import { useGround, useLattice, useTongue } from '../hooks.js'
import { Popup } from '../popups/popup.js'
import { useAsked } from './use-asked.js'

const everyMs = 2_000

export function CapturePanel(): ReactNode {
  const { shell, confirm } = useGround()
  const { words, format } = useTongue()
  const say = words.tools.capture
  const hosts = useLattice((state) => state.hosts)
  const ask = useCallback(() => shell.call('capture.state'), [shell])
  const { value: state, failure, refresh } = useAsked(ask, everyMs)
  const [isSaving, setIsSaving] = useState(false)
  const [written, setWritten] = useState<WrittenCapture>()
  const [problem, setProblem] = useState<string>()

  const after = <T,>(outcome: Outcome<T>): void => {
    setProblem(outcome.ok ? undefined : outcome.failure.message)
    refresh()
  }
  const save = async (): Promise<void> => {
    setIsSaving(true)
    setWritten(undefined)
    const outcome = await shell.call('capture.save')
    setIsSaving(false)
    if (outcome.ok) setWritten(outcome.value ?? undefined)
    after(outcome)
  }
  const end = (): void =>
    confirm({
      title: say.endTitle,
      text: say.endText,
      yes: say.endYes,
      deed: () => {
        setWritten(undefined)
        void shell.call('capture.end').then(after)
      },
    })
  const wrong = problem ?? failure?.message
  return (
    <Popup className="tool-form" title={say.title}>
      <div className="popup-body">
        <p className="muted">{say.note}</p>
        {wrong === undefined ? undefined : (
          <p className="bad selectable" role="alert">
            {wrong}
          </p>
        )}
        {state === undefined && failure === undefined ? <p className="muted">{say.asking}</p> : undefined}
        {state === null ? <p>{say.off}</p> : undefined}
        {state === undefined || state === null ? undefined : (
          <>
            <p>
              <strong>{say.on(format.timeToSeconds(state.sinceMs))}</strong>
              <br />
              {say.count(format.count(state.messages), state.messages, format.bytes(state.bytes))}
            </p>
            <p className="muted">{say.window(format.count(Math.round(state.windowMs / 60_000)))}</p>
          </>
        )}
        {isSaving ? <p role="status">{say.saving}</p> : undefined}
        {written === undefined ? undefined : (
          <p className="selectable" role="status">
            <span className="good">{say.saved(written.file)}</span>
            <br />
            {say.holds(format.count(written.messages), written.messages, written.hosts)}{' '}
            {written.leftOut === 0 ? undefined : say.leftOut(format.count(written.leftOut))}{' '}
            {written.silent.length === 0
              ? undefined
              : say.silent(written.silent.map((id) => hosts[id]?.friendlyName ?? id).join(', '))}
          </p>
        )}
        <div className="tool-deeds">
          {state === null ? (
            <button
              type="button"
              className="button primary"
              data-first
              onClick={() => void shell.call('capture.begin').then(after)}
            >
              {say.begin}
            </button>
          ) : undefined}
          {state === undefined || state === null ? undefined : (
            <>
              <button type="button" className="button primary" disabled={isSaving} onClick={() => void save()}>
                {say.save}
              </button>
              <button type="button" className="button" disabled={isSaving} onClick={end}>
                {say.end}
              </button>
            </>
          )}
        </div>
      </div>
    </Popup>
  )
}
