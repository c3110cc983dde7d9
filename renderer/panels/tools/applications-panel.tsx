// Applications of wadm: what there is and how far it is, live; one of them opened with its scalers, versions and manifest;
// and the way to put one more. Where no wadm answers the panel says so and what to do.

import { useCallback, useEffect, useState, type ReactNode } from 'react'
import type { Application, ApplicationStatus } from '../../../preload/applications.js'
import { Glyph, type GlyphName } from '../glyphs.js'
import { useGround, useTongue } from '../hooks.js'
import { Popup } from '../popups/popup.js'
import { ApplicationDetail } from './application-detail.js'
import { PutManifest } from './put-manifest.js'
import { useAsked } from './use-asked.js'

/** Statuses are told as they change; this is for a wadm that comes or goes. */
const everyMs = 4_000

const signs: Readonly<Record<ApplicationStatus['type'], { glyph: GlyphName; tone: string }>> = {
  deployed: { glyph: 'check', tone: 'good' },
  reconciling: { glyph: 'busy', tone: 'muted' },
  waiting: { glyph: 'not-heard', tone: 'warn' },
  undeployed: { glyph: 'stopped', tone: 'muted' },
  failed: { glyph: 'failed', tone: 'bad' },
  unhealthy: { glyph: 'triangle', tone: 'warn' },
  unknown: { glyph: 'starting', tone: 'muted' },
}

export function StatusSign({ type }: { readonly type: ApplicationStatus['type'] }): ReactNode {
  const { words } = useTongue()
  const { glyph, tone } = signs[type]
  return (
    <span className={`app-status ${tone}`}>
      <Glyph name={glyph} /> {words.tools.apps.status[type]}
    </span>
  )
}

/** Said after a deed, with the way back where there is one. */
export interface Said {
  readonly text: string
  readonly tone: 'good' | 'bad'
  readonly undo?: (() => Promise<Said>) | undefined
}

export function ApplicationsPanel({ opened }: { readonly opened: string }): ReactNode {
  const { shell } = useGround()
  const { words } = useTongue()
  const say = words.tools.apps
  const ask = useCallback(() => shell.call('application.list'), [shell])
  const { value: applications, failure, refresh } = useAsked(ask, everyMs)
  const [open, setOpen] = useState(opened === '' ? undefined : opened)
  const [said, setSaid] = useState<Said>()
  const [putting, setPutting] = useState<string>()
  /** Grows when something was told of the open one. */
  const [news, setNews] = useState(0)

  useEffect(
    () =>
      shell.on('application.changed', () => {
        setNews((before) => before + 1)
        refresh()
      }),
    [shell, refresh],
  )

  const tell = (next: Said | undefined): void => {
    setSaid(next)
    setNews((before) => before + 1)
    refresh()
  }

  if (putting !== undefined) {
    return (
      <PutManifest
        text={putting}
        onDone={(put) => {
          setPutting(undefined)
          if (put === undefined) return
          setOpen(put.name)
          tell({ text: say.created(put.name, put.version), tone: 'good' })
        }}
      />
    )
  }
  const isMissing = failure?.code === 'unreachable'
  const shown = isMissing ? undefined : applications
  return (
    <Popup className="tool-wide applications" title={say.title}>
      <div className="popup-body">
        {said === undefined ? undefined : (
          <p className={`tool-said ${said.tone}`} role={said.tone === 'bad' ? 'alert' : 'status'}>
            <span className="grow selectable">{said.text}</span>
            {said.undo === undefined ? undefined : (
              <button type="button" className="button" onClick={() => void said.undo?.().then(tell)}>
                {say.undo}
              </button>
            )}
          </p>
        )}
        {isMissing ? (
          <>
            <h3>{say.noWadm}</h3>
            <p className="muted">{say.noWadmText}</p>
          </>
        ) : failure !== undefined ? (
          <p className="bad selectable" role="alert">
            {failure.message}
          </p>
        ) : undefined}
        {shown === undefined && failure === undefined ? <p className="muted">{say.asking}</p> : undefined}
        {shown?.length === 0 ? <p className="muted">{say.none}</p> : undefined}
        <ul className="tool-list" aria-label={say.title}>
          {(shown ?? []).map((one) => (
            <li key={one.name}>
              <ApplicationRow
                application={one}
                isOpen={open === one.name}
                onPress={() => setOpen(open === one.name ? undefined : one.name)}
              />
              {open === one.name ? (
                <ApplicationDetail application={one} news={news} onSaid={tell} onEdit={setPutting} />
              ) : undefined}
            </li>
          ))}
        </ul>
        {isMissing ? undefined : (
          <button
            type="button"
            className={open === undefined ? 'button primary' : 'button'}
            data-first
            onClick={() => setPutting('')}
          >
            {say.put}
          </button>
        )}
      </div>
    </Popup>
  )
}

function ApplicationRow({
  application,
  isOpen,
  onPress,
}: {
  readonly application: Application
  readonly isOpen: boolean
  readonly onPress: () => void
}): ReactNode {
  const { words } = useTongue()
  const say = words.tools.apps
  const { name, version, deployedVersion, description, status } = application
  return (
    <button type="button" className="tool-row" aria-expanded={isOpen} onClick={onPress}>
      <span className="tool-name clip">{name}</span>
      <span className="clip muted">{description ?? ''}</span>
      <span className="mono clip">{version}</span>
      <span className="clip muted">{deployedVersion === undefined ? '' : say.deployed(deployedVersion)}</span>
      <StatusSign type={status.type} />
    </button>
  )
}
