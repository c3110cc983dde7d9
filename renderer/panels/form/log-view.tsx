// What a component said last, newest at the end; read again while it can be seen and something was called.

import { useCallback, useEffect, useState, type ReactNode } from 'react'
import type { CallResult } from '../../../preload/contract.js'
import type { Component } from '../../../preload/records.js'
import { useGround, useTongue } from '../hooks.js'

const tones = { trace: 'faint', debug: 'faint', info: '', warn: 'warn', error: 'bad', critical: 'bad' } as const

export function LogView({ component }: { readonly component: Component }): ReactNode {
  const { shell } = useGround()
  const { words } = useTongue()
  const [lines, setLines] = useState<CallResult<'component.log'>>()
  const [problem, setProblem] = useState<string>()
  const { id, hostId, activity } = component
  const read = useCallback(async (): Promise<void> => {
    const outcome = await shell.call('component.log', id, hostId)
    if (outcome.ok) setLines(outcome.value)
    setProblem(outcome.ok ? undefined : outcome.failure.message)
  }, [shell, id, hostId])
  useEffect(() => {
    // Calls come in bursts; the log is read once after each.
    const timer = setTimeout(() => void read(), 300)
    return () => clearTimeout(timer)
  }, [read, activity])
  if (problem !== undefined) {
    return (
      <div className="content-problem" role="alert">
        <span>{problem}</span>
        <button type="button" className="button" onClick={() => void read()}>
          {words.retry}
        </button>
      </div>
    )
  }
  if (lines === undefined) return undefined
  if (lines.length === 0) return <p className="content-text muted">{words.form.noLog}</p>
  return <LogLines lines={lines} />
}

export function LogLines({ lines }: { readonly lines: CallResult<'component.log'> }): ReactNode {
  const { format } = useTongue()
  return (
    <ol className="log-lines">
      {lines.slice(-500).map((line, index) => (
        <li key={index}>
          <span className="faint">{format.time(line.atMs)}</span>
          <span className={`text ${tones[line.level]}`}>{line.text}</span>
        </li>
      ))}
    </ol>
  )
}
