// A command component: a button that runs it, what it writes while it runs, and its exit code. What it is given (arguments,
// input) is its node's to say.

import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react'
import type { Component } from '../../../preload/records.js'
import { useGround, useTongue } from '../hooks.js'
import { LogLines as Lines } from './log-view.js'
import { exitCodeOf, linesSince, type LogLines } from './run-output.js'

/** How often the output is read while it runs, ms. */
const readEveryMs = 400

interface End {
  readonly isGood: boolean
  readonly text: string
}

export function RunView({
  component,
  interfaceName,
}: {
  readonly component: Component
  readonly interfaceName: string
}): ReactNode {
  const { shell } = useGround()
  const { words, format } = useTongue()
  const [output, setOutput] = useState<LogLines>()
  const [isRunning, setIsRunning] = useState(false)
  const [end, setEnd] = useState<End>()
  const before = useRef<LogLines>([])
  const { id, hostId } = component

  const read = useCallback(async (): Promise<LogLines> => {
    const outcome = await shell.call('component.log', id, hostId)
    return outcome.ok ? outcome.value : []
  }, [shell, id, hostId])

  useEffect(() => {
    if (!isRunning) return undefined
    let isWanted = true
    const timer = setInterval(() => {
      void read().then((lines) => {
        if (isWanted) setOutput(linesSince(before.current, lines))
      })
    }, readEveryMs)
    return () => {
      isWanted = false
      clearInterval(timer)
    }
  }, [isRunning, read])

  const run = async (): Promise<void> => {
    if (isRunning) return
    setEnd(undefined)
    before.current = await read()
    setOutput([])
    setIsRunning(true)
    const since = performance.now()
    const outcome = await shell.call('component.call', id, hostId, interfaceName, 'run', [])
    const took = format.ms(performance.now() - since)
    setOutput(linesSince(before.current, await read()))
    setIsRunning(false)
    if (!outcome.ok) setEnd({ isGood: false, text: outcome.failure.message })
    else {
      const code = exitCodeOf(outcome.value)
      setEnd({ isGood: code === 0, text: words.form.exited(String(code), took) })
    }
  }

  return (
    <section className="form-run">
      <div className="form-call">
        <button type="button" className="button primary" disabled={isRunning} onClick={() => void run()}>
          {isRunning ? words.form.running : words.form.run}
        </button>
        {end === undefined ? undefined : (
          <span className={end.isGood ? 'mono muted selectable' : 'mono bad selectable'} role="status">
            {end.text}
          </span>
        )}
      </div>
      {output === undefined ? undefined : (
        <div className="form-result form-terminal" role="log" aria-label={words.form.output}>
          {output.length === 0 ? <span className="faint">{words.form.noLog}</span> : <Lines lines={output} />}
        </div>
      )}
    </section>
  )
}
