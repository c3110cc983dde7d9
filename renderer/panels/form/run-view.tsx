// A command component: what it is run with, what it writes while it runs, and how it ended, as a terminal shows it. What is
// typed here is given for that run alone; of a component elsewhere its own node says what it runs with.

import { useEffect, useRef, useState, useSyncExternalStore, type FormEvent, type ReactNode } from 'react'
import type { GrantsView } from '../../../preload/grants.js'
import type { Component } from '../../../preload/records.js'
import { onHostKey } from '../../../preload/records.js'
import { joinArguments, splitArguments } from '../grants/grant-text.js'
import { Glyph } from '../glyphs.js'
import { useGround, useInteraction, useLattice, useNow, useTongue } from '../hooks.js'
import type { Run, RunEnd } from './runs.js'

interface Typed {
  readonly arguments: string
  /** Undefined: no field for it is open. */
  readonly stdin: string | undefined
}

/** What the grants say it runs with; the command line's are the later ones. */
function typedFrom(view: GrantsView): Typed {
  const parts = [...(view.keptFor === 'others' ? [] : view.kept), ...view.given]
  const words = parts.flatMap((part) => (part.kind === 'arguments' ? part.list : []))
  const input = parts.flatMap((part) => (part.kind === 'stdin' ? [part.text] : [])).at(-1)
  return { arguments: joinArguments(words), stdin: input }
}

export function RunView({
  component,
  interfaceName,
}: {
  readonly component: Component
  readonly interfaceName: string
}): ReactNode {
  const { shell, runs } = useGround()
  const { words } = useTongue()
  const say = words.grants.run
  const isOwn = useLattice((state) => state.hosts[component.hostId]?.kind === 'desktop')
  const turn = useInteraction((state) => state.grantTurn)
  const { id, hostId } = component
  const last = useSyncExternalStore(runs.onChange, () => runs.last(onHostKey(hostId, id)))
  const [typed, setTyped] = useState<Typed>({ arguments: '', stdin: undefined })
  const [isWrong, setIsWrong] = useState(false)
  const isRunning = last !== undefined && last.end === undefined

  useEffect(() => {
    if (!isOwn) return undefined
    let isWanted = true
    void shell.call('grant.list', id, hostId).then((outcome) => {
      if (isWanted && outcome.ok) setTyped(typedFrom(outcome.value))
    })
    return () => {
      isWanted = false
    }
  }, [shell, id, hostId, isOwn, turn])

  const start = (event: FormEvent): void => {
    event.preventDefault()
    const list = splitArguments(typed.arguments)
    setIsWrong(list === undefined)
    if (list === undefined) return
    const input = isOwn ? { arguments: [...list], stdin: typed.stdin ?? '' } : undefined
    runs.start({ component, interfaceName, input })
  }

  return (
    <section className="form-run">
      <form onSubmit={start}>
        <div className="run-line">
          {isOwn ? (
            <input
              type="text"
              className="field mono grow"
              aria-label={say.arguments}
              aria-invalid={isWrong}
              placeholder={say.arguments}
              spellCheck={false}
              autoComplete="off"
              value={typed.arguments}
              onChange={(event) => setTyped({ ...typed, arguments: event.currentTarget.value })}
            />
          ) : (
            <span className="muted grow">{say.elsewhere}</span>
          )}
          {isRunning && isOwn ? (
            <button type="button" className="button" onClick={() => runs.stop(component)}>
              {say.stop}
            </button>
          ) : (
            <button type="submit" className="button primary" disabled={isRunning}>
              {say.start}
            </button>
          )}
        </div>
        {isWrong ? (
          <p className="content-text bad" role="alert">
            {words.grants.wrong.arguments}
          </p>
        ) : undefined}
        <div className="run-line">
          {isOwn ? (
            <button
              type="button"
              className="link-button muted"
              aria-expanded={typed.stdin !== undefined}
              onClick={() => setTyped({ ...typed, stdin: typed.stdin === undefined ? '' : undefined })}
            >
              {say.addInput}
            </button>
          ) : undefined}
          {last === undefined ? undefined : <RunState run={last} />}
        </div>
        {typed.stdin === undefined ? undefined : (
          <textarea
            className="field mono"
            rows={2}
            aria-label={say.input}
            placeholder={say.inputHint}
            spellCheck={false}
            value={typed.stdin}
            onChange={(event) => setTyped({ ...typed, stdin: event.currentTarget.value })}
          />
        )}
      </form>
      <Terminal name={component.name ?? id} run={last} />
    </section>
  )
}

/** What a run wrote, newest at the bottom and kept in sight while the reader is there. */
function Terminal({ name, run }: { readonly name: string; readonly run: Run | undefined }): ReactNode {
  const { words } = useTongue()
  const say = words.grants.run
  const element = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  useEffect(() => {
    if (isAtEnd.current && element.current !== null) element.current.scrollTop = element.current.scrollHeight
  })
  return (
    <div
      className="form-terminal"
      role="log"
      aria-label={say.output}
      tabIndex={0}
      ref={element}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollTop + clientHeight >= scrollHeight - 4
      }}
    >
      {run === undefined ? (
        <span className="faint">{say.yet}</span>
      ) : (
        <>
          <div className="faint">{['$', name, joinArguments(run.arguments)].join(' ')}</div>
          {run.lines.slice(-500).map((line, index) => (
            <div key={index} className={line.level === 'error' ? 'run-error' : undefined}>
              {line.text}
            </div>
          ))}
          {run.end !== undefined && run.lines.length === 0 ? <div className="faint">{say.silent}</div> : undefined}
        </>
      )}
    </div>
  )
}

function RunState({ run }: { readonly run: Run }): ReactNode {
  const { words, format } = useTongue()
  const say = words.grants.run
  const now = useNow(run.end === undefined)
  if (run.end === undefined) {
    return (
      <div className="run-state" role="status">
        <Glyph name="busy" />
        {say.running}, {format.age(Math.max(0, now - run.startedAtMs))}
      </div>
    )
  }
  return (
    <div className={isGood(run.end) ? 'run-state' : 'run-state bad'} role="status">
      <Glyph name={run.end.kind === 'stopped' ? 'stopped' : isGood(run.end) ? 'check' : 'failed'} />
      <span>
        {run.end.kind === 'exit'
          ? say.exit(String(run.end.code))
          : run.end.kind === 'stopped'
            ? say.stopped
            : say.failed}
        {run.end.kind === 'failed' ? `: ${run.end.message}` : ''}
      </span>
      <span className="faint">{format.ms(run.end.tookMs)}</span>
    </div>
  )
}

const isGood = (end: RunEnd): boolean => end.kind === 'stopped' || (end.kind === 'exit' && end.code === 0)
