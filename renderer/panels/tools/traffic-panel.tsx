// What crosses the bus to and from one component, newest first. Listening ends a while after the panel was closed.

import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { ComponentId } from '../../../preload/records.js'
import type { SpiedMessage } from '../../../preload/traffic.js'
import { useGround, useTongue } from '../hooks.js'
import { Popup } from '../popups/popup.js'
import { asHex, asText } from './payload.js'

const everyMs = 500
const shownAtOnce = 200

export function TrafficPanel({ componentId }: { readonly componentId: string }): ReactNode {
  const { shell } = useGround()
  const { words, format } = useTongue()
  const say = words.tools.traffic
  const [messages, setMessages] = useState<readonly SpiedMessage[]>([])
  const [missed, setMissed] = useState(0)
  const [problem, setProblem] = useState<string>()
  const [isPaused, setIsPaused] = useState(false)
  const [open, setOpen] = useState<number>()
  const last = useRef(0)
  useEffect(() => {
    if (isPaused) return undefined
    let isWanted = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const read = (): void => {
      // The id is that of a component of the picture.
      void shell.call('traffic.read', componentId as ComponentId, last.current).then((outcome) => {
        if (!isWanted) return
        setProblem(outcome.ok ? undefined : outcome.failure.message)
        if (outcome.ok) {
          const { messages: fresh } = outcome.value
          // A count that fell is a listening that began anew.
          last.current = outcome.value.last
          if (outcome.value.missed > 0) setMissed((before) => before + outcome.value.missed)
          if (fresh.length > 0) setMessages((before) => [...[...fresh].reverse(), ...before].slice(0, shownAtOnce))
        }
        timer = setTimeout(read, everyMs)
      })
    }
    read()
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [shell, componentId, isPaused])
  return (
    <Popup className="events tool-wide" title={say.title(componentId)}>
      <div className="popup-body">
        <p className="muted">{say.note}</p>
        {problem === undefined ? undefined : (
          <p className="bad selectable" role="alert">
            {problem}
          </p>
        )}
        <div className="tool-deeds">
          <button type="button" className="button" data-first onClick={() => setIsPaused(!isPaused)}>
            {isPaused ? say.goOn : say.pause}
          </button>
          {missed === 0 ? undefined : <span className="warn">{say.missed(format.count(missed))}</span>}
        </div>
        {messages.length === 0 ? <p className="muted">{say.none}</p> : undefined}
        <ul className="events-list" aria-label={say.title(componentId)}>
          {messages.map((message) => (
            <li key={`${message.number} ${message.atMs}`}>
              <button
                type="button"
                className="events-row"
                aria-expanded={open === message.number}
                onClick={() => setOpen(open === message.number ? undefined : message.number)}
              >
                <time className="mono faint">{format.timeToSeconds(message.atMs)}</time>
                <span className="mono clip">
                  {message.instance} {message.functionName}
                </span>
                <span className="clip">
                  {message.from === '' ? say.nobody : message.from} → {message.to}
                </span>
                <span className="muted clip">{format.bytes(message.sizeBytes)}</span>
              </button>
              {open === message.number ? <Payload message={message} /> : undefined}
            </li>
          ))}
        </ul>
      </div>
    </Popup>
  )
}

function Payload({ message }: { readonly message: SpiedMessage }): ReactNode {
  const { words } = useTongue()
  const isCut = message.sizeBytes * 2 > message.hex.length
  return (
    <pre className="raw-json">
      {isCut ? `${words.tools.traffic.cut}\n` : ''}
      {asHex(message.hex)}
      {'\n'}
      {asText(message.hex)}
    </pre>
  )
}
