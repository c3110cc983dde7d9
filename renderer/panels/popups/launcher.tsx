// What can be started: installed components as cells, a field to filter, where to start, and the ways to get one more in.

import { useRef, useState, type ReactNode } from 'react'
import type { Installed } from '../../../preload/records.js'
import { Glyph, Hallmark } from '../glyphs.js'
import { digestOfReference } from '../hallmark.js'
import { useGround, useLattice, useTongue } from '../hooks.js'
import { FileChooser } from './file-chooser.js'
import { installFile } from './install.js'
import { Popup } from './popup.js'

export function Launcher(): ReactNode {
  const { perform } = useGround()
  const tongue = useTongue()
  const { words } = tongue
  const installed = useLattice((state) => state.installed)
  const hosts = useLattice((state) => state.hosts)
  const [filter, setFilter] = useState('')
  const [chosenHost, setChosenHost] = useState<string>()
  const chooser = useRef<HTMLInputElement>(null)
  const nodes = Object.values(hosts).filter((host) => host.liveness !== 'gone' && host.kind !== 'wasmcloud-v2')
  const desktop = nodes.find((host) => host.kind === 'desktop') ?? nodes[0]
  const target = nodes.find((host) => host.id === chosenHost) ?? desktop
  const all = Object.values(installed).sort((a, b) => (a.name < b.name ? -1 : 1))
  const shown = all.filter((one) => `${one.name} ${one.id}`.toLowerCase().includes(filter.trim().toLowerCase()))
  const start = (one: Installed): void => {
    if (target === undefined) return
    perform({ kind: 'actor.start', componentId: one.id, imageRef: one.imageRef, hostId: target.id })
    perform({ kind: 'panel', panel: 'none' })
  }
  return (
    <Popup className="launcher" title={words.launcher.title}>
      <form
        className="launcher-head"
        onSubmit={(event) => {
          event.preventDefault()
          const [first] = shown
          if (first !== undefined) start(first)
        }}
      >
        <input
          data-first
          className="field"
          type="text"
          aria-label={words.launcher.filter}
          placeholder={words.launcher.filter}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <select
          className="field"
          aria-label={words.launcher.startOn}
          title={words.launcher.startOn}
          value={target?.id ?? ''}
          onChange={(event) => setChosenHost(event.currentTarget.value)}
        >
          {nodes.map((host) => (
            <option key={host.id} value={host.id}>
              {host.friendlyName}
            </option>
          ))}
        </select>
      </form>
      {shown.length > 0 ? undefined : (
        <p className="muted launcher-none">{all.length === 0 ? words.launcher.empty : words.launcher.nothing}</p>
      )}
      <div className="launcher-grid">
        {shown.map((one) => (
          <Cell key={one.id} one={one} onStart={() => start(one)} />
        ))}
        <button type="button" className="launcher-cell drop" onClick={() => chooser.current?.click()}>
          <Glyph name="file" size={24} />
          <span className="cell-name">{words.launcher.drop}</span>
          <span className="cell-note">{words.launcher.choose}</span>
        </button>
      </div>
      <FileChooser field={chooser} onFile={(file) => void installFile(file, target?.id, tongue, perform)} />
    </Popup>
  )
}

function Cell({ one, onStart }: { readonly one: Installed; readonly onStart: () => void }): ReactNode {
  const { format } = useTongue()
  return (
    <button
      type="button"
      className="launcher-cell"
      title={`${one.name} ${one.version ?? ''}, ${format.bytes(one.sizeBytes)}`}
      onClick={onStart}
    >
      <Hallmark digest={digestOfReference(one.imageRef)} size={32} />
      <span className="cell-name">{one.name}</span>
      {one.version === undefined ? undefined : <span className="cell-note mono">{one.version}</span>}
    </button>
  )
}
