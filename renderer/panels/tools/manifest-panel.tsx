// What runs, written as a manifest of wadm: asks for its name, shows the text and what it does not say, and hands it on:
// copied, saved, or put to wadm.

import { useId, useState, type ReactNode } from 'react'
import type { WrittenManifest } from '../../../preload/manifest.js'
import { useGround, useTongue } from '../hooks.js'
import { Popup } from '../popups/popup.js'
import { CopyButton } from './copy-button.js'

export function ManifestPanel(): ReactNode {
  const { shell, perform } = useGround()
  const { words } = useTongue()
  const say = words.tools.manifest
  const field = words.tools.field
  const [name, setName] = useState('lattice')
  const [version, setVersion] = useState('v1')
  const [description, setDescription] = useState('')
  const [withManaged, setWithManaged] = useState(false)
  const [written, setWritten] = useState<WrittenManifest>()
  const [said, setSaid] = useState<{ readonly text: string; readonly isBad: boolean }>()
  const id = useId()
  const nameWrong = /^[-\w]{1,128}$/.test(name.trim()) ? undefined : say.wrongName
  const versionWrong = /^[-+.\w]{0,128}$/.test(version.trim()) ? undefined : say.wrongVersion

  const write = async (): Promise<void> => {
    setSaid(undefined)
    const outcome = await shell.call('manifest.write', {
      name: name.trim(),
      version: version.trim() === '' ? undefined : version.trim(),
      description: description.trim() === '' ? undefined : description.trim(),
      withManaged,
    })
    setWritten(outcome.ok ? outcome.value : undefined)
    if (outcome.ok) return
    const { code, message } = outcome.failure
    setSaid({ text: code === 'not-found' ? say.empty : message, isBad: true })
  }
  const save = async (text: string): Promise<void> => {
    const outcome = await shell.call('text.save', `${name.trim()}.wadm.yaml`, text)
    if (!outcome.ok) setSaid({ text: outcome.failure.message, isBad: true })
    else if (outcome.value !== null) setSaid({ text: say.saved(outcome.value), isBad: false })
  }
  const put = async (text: string): Promise<void> => {
    const outcome = await shell.call('application.put', text)
    if (outcome.ok) perform({ kind: 'tool', tool: { name: 'applications', about: outcome.value.name } })
    else setSaid({ text: outcome.failure.message, isBad: true })
  }

  const line = (key: string, label: string, value: string, onValue: (value: string) => void, wrong?: string) => (
    <div className="tool-field">
      <label htmlFor={`${id}-${key}`}>{label}</label>
      <input
        id={`${id}-${key}`}
        className="field"
        value={value}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={wrong !== undefined}
        {...(key === 'name' ? { 'data-first': true } : {})}
        onChange={(event) => onValue(event.currentTarget.value)}
      />
      {wrong === undefined ? undefined : <p className="bad">{wrong}</p>}
    </div>
  )
  return (
    <Popup className="tool-wide" title={say.title} isSticky>
      <form
        className="popup-body tool-fields"
        onSubmit={(event) => {
          event.preventDefault()
          if (nameWrong === undefined && versionWrong === undefined) void write()
        }}
      >
        {line('name', field.name, name, setName, nameWrong)}
        {line('version', field.version, version, setVersion, versionWrong)}
        {line('description', field.description, description, setDescription)}
        <label className="tool-check">
          <input
            type="checkbox"
            checked={withManaged}
            onChange={(event) => setWithManaged(event.currentTarget.checked)}
          />
          {say.withManaged}
        </label>
        {said === undefined ? undefined : (
          <p className={`${said.isBad ? 'bad' : 'good'} selectable`} role={said.isBad ? 'alert' : 'status'}>
            {said.text}
          </p>
        )}
        {written === undefined ? undefined : (
          <>
            <label htmlFor={`${id}-text`}>{say.text}</label>
            <textarea id={`${id}-text`} className="field tool-manifest" rows={14} readOnly value={written.text} />
            {written.notes.length === 0 ? undefined : (
              <>
                <h3>{say.notes}</h3>
                <ul className="tool-notes">
                  {written.notes.map(({ code, about }) => (
                    <li key={`${code} ${about}`}>{say.note[code](about)}</li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
        <div className="tool-deeds">
          <button type="submit" className={written === undefined ? 'button primary' : 'button'}>
            {say.write}
          </button>
          {written === undefined ? undefined : (
            <>
              <CopyButton text={written.text} />
              <button type="button" className="button" onClick={() => void save(written.text)}>
                {say.save}
              </button>
              <button type="button" className="button primary" onClick={() => void put(written.text)}>
                {say.put}
              </button>
            </>
          )}
          <button type="button" className="button" onClick={() => perform({ kind: 'panel', panel: 'none' })}>
            {words.cancel}
          </button>
        </div>
      </form>
    </Popup>
  )
}
