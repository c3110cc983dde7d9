// What was said on the lattice since this shell joined it, newest first: control events of hosts and what tLOS nodes tell of
// moves. Filtered by any word in it, each with its raw JSON. Asked for while the panel is open, and only then.

import { useEffect, useMemo, useState, type ReactNode } from 'react'
import type { CallResult } from '../../../preload/contract.js'
import { useGround, useLattice, useTongue } from '../hooks.js'
import { Popup } from './popup.js'

type Heard = CallResult<'lattice.events'>[number]

const everyMs = 1_000
/** More rows would be no list that one reads; the filter finds the others. */
const shownAtOnce = 200

/** Two events may be equal in all else. */
const keyOf = (event: Heard, index: number): string => `${event.atMs} ${event.type} ${event.source} ${index}`

/** Where events say what they are about: those of wasmCloud in its spelling, those of tLOS nodes in ours. */
const aboutFields = ['component_id', 'provider_id', 'componentId', 'config_name', 'source_id', 'friendly_name']

function aboutOf({ data }: Heard): string {
  if (typeof data !== 'object' || data === null) return ''
  // Only read, and only text is taken.
  const fields = data as Readonly<Record<string, unknown>>
  const values = aboutFields.map((field) => fields[field]).filter((value) => typeof value === 'string')
  const target = typeof fields['target'] === 'string' && values.length > 0 ? ` → ${fields['target']}` : ''
  return `${values[0] ?? ''}${target}`
}

function useEvents(): { readonly events: readonly Heard[] | undefined; readonly problem: string | undefined } {
  const { shell } = useGround()
  const [events, setEvents] = useState<readonly Heard[]>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    let isWanted = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = (): void => {
      void shell.call('lattice.events').then((outcome) => {
        if (!isWanted) return
        setProblem(outcome.ok ? undefined : outcome.failure.message)
        if (outcome.ok) {
          // Nothing new draws nothing.
          setEvents((before) => (isSameEnd(before, outcome.value) ? before : outcome.value))
        }
        timer = setTimeout(ask, everyMs)
      })
    }
    ask()
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [shell])
  return { events, problem }
}

function isSameEnd(before: readonly Heard[] | undefined, now: readonly Heard[]): boolean {
  const [a, b] = [before?.at(-1), now.at(-1)]
  return before !== undefined && before.length === now.length && a?.atMs === b?.atMs && a?.type === b?.type
}

export function EventsPanel(): ReactNode {
  const { words, format } = useTongue()
  const say = words.events
  const hosts = useLattice((state) => state.hosts)
  const { events, problem } = useEvents()
  const [filter, setFilter] = useState('')
  const [open, setOpen] = useState<string>()
  const rows = useMemo(() => {
    const wanted = filter.toLowerCase().split(/\s+/).filter(Boolean)
    return (events ?? [])
      .map((event, index) => ({
        event,
        key: keyOf(event, index),
        text: JSON.stringify(event.data, undefined, 2) ?? '',
      }))
      .filter(({ event, text }) => {
        const name = hosts[event.source]?.friendlyName ?? ''
        const all = `${event.type} ${event.source} ${name} ${text}`.toLowerCase()
        return wanted.every((word) => all.includes(word))
      })
      .reverse()
  }, [events, filter, hosts])
  return (
    <Popup className="events" title={say.title}>
      <div className="popup-body">
        <input
          className="field events-filter"
          data-first
          placeholder={say.filter}
          aria-label={say.filter}
          value={filter}
          spellCheck={false}
          onChange={(event) => setFilter(event.target.value)}
        />
        {problem === undefined ? undefined : <p className="bad selectable">{problem}</p>}
        {events !== undefined && rows.length === 0 ? (
          <p className="muted">{events.length === 0 ? say.none : say.noneFits}</p>
        ) : undefined}
        <ul className="events-list">
          {rows.slice(0, shownAtOnce).map(({ event, key, text }) => (
            <li key={key}>
              <button
                type="button"
                className="events-row"
                aria-expanded={open === key}
                onClick={() => setOpen(open === key ? undefined : key)}
              >
                <time className="mono faint">{format.timeToSeconds(event.atMs)}</time>
                <span className="mono clip">{event.type}</span>
                <span className="clip">{aboutOf(event)}</span>
                <span className="muted clip">{hosts[event.source]?.friendlyName ?? event.source.slice(0, 8)}</span>
              </button>
              {open === key ? <pre className="raw-json">{text}</pre> : undefined}
            </li>
          ))}
        </ul>
        {rows.length > shownAtOnce ? (
          <p className="muted">{say.more(format.count(rows.length - shownAtOnce))}</p>
        ) : undefined}
      </div>
    </Popup>
  )
}
