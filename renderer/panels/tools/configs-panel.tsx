// Named configurations and references to secrets: what there is, the values of one, and the ways to change them.

import { useCallback, useState, type ReactNode } from 'react'
import { useGround, useTongue } from '../hooks.js'
import { Facts } from '../inspector/facts.js'
import { Popup } from '../popups/popup.js'
import { useAsked } from './use-asked.js'

/** Others put configurations too, and nobody tells the page of it. */
const everyMs = 3_000

const secretPrefix = 'SECRET_'

export function ConfigsPanel({ opened }: { readonly opened: string }): ReactNode {
  const { shell, perform } = useGround()
  const { words } = useTongue()
  const say = words.tools.config
  const ask = useCallback(() => shell.call('config.list'), [shell])
  const { value: names, failure, refresh } = useAsked(ask, everyMs)
  const [open, setOpen] = useState(opened === '' ? undefined : opened)
  const back = { name: 'configs', about: '' } as const
  return (
    <Popup className="tool-wide configs" title={say.title}>
      <div className="popup-body">
        {failure === undefined ? undefined : (
          <p className="bad selectable" role="alert">
            {failure.message}
          </p>
        )}
        {names?.length === 0 ? <p className="muted">{say.none}</p> : undefined}
        <ul className="tool-list" aria-label={say.title}>
          {(names ?? []).map((name) => (
            <li key={name}>
              <button
                type="button"
                className="tool-row"
                aria-expanded={open === name}
                onClick={() => setOpen(open === name ? undefined : name)}
              >
                <span className="tool-name clip">{name}</span>
                <span className="muted">{name.startsWith(secretPrefix) ? say.secret : ''}</span>
              </button>
              {open === name ? <Config name={name} onGone={refresh} /> : undefined}
            </li>
          ))}
        </ul>
        <div className="tool-deeds">
          <button
            type="button"
            className="button primary"
            data-first
            onClick={() => perform({ kind: 'tool', tool: { name: 'config', about: '', back } })}
          >
            {say.add}
          </button>
          <button
            type="button"
            className="button"
            onClick={() => perform({ kind: 'tool', tool: { name: 'secret', about: '', back } })}
          >
            {say.addSecret}
          </button>
        </div>
      </div>
    </Popup>
  )
}

function Config({ name, onGone }: { readonly name: string; readonly onGone: () => void }): ReactNode {
  const { shell, perform, confirm } = useGround()
  const { words } = useTongue()
  const say = words.tools.config
  const ask = useCallback(() => shell.call('config.read', name), [shell, name])
  const { value, failure } = useAsked(ask, everyMs)
  const [problem, setProblem] = useState<string>()
  const remove = (): void =>
    confirm({
      title: say.removeTitle(name),
      text: say.removeText,
      yes: say.remove,
      deed: () =>
        void shell.call('config.delete', name).then((outcome) => {
          setProblem(outcome.ok ? undefined : outcome.failure.message)
          onGone()
        }),
    })
  const trouble = problem ?? failure?.message
  return (
    <div className="tool-detail">
      {trouble === undefined ? undefined : (
        <p className="bad selectable" role="alert">
          {trouble}
        </p>
      )}
      {value === null ? <p className="muted">{say.gone}</p> : undefined}
      {value === undefined || value === null ? undefined : (
        <>
          <p className="muted">{say.count(Object.keys(value).length)}</p>
          <Facts rows={Object.entries(value).map(([label, text]) => ({ label, value: text, isMono: true }))} />
        </>
      )}
      <div className="tool-deeds">
        {name.startsWith(secretPrefix) ? undefined : (
          <button
            type="button"
            className="button"
            onClick={() =>
              perform({
                kind: 'tool',
                tool: { name: 'config', about: name, back: { name: 'configs', about: name } },
              })
            }
          >
            {say.edit}
          </button>
        )}
        <button type="button" className="button" onClick={remove}>
          {say.remove}
        </button>
      </div>
    </div>
  )
}
