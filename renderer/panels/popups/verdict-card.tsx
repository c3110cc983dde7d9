// All that a node says to the actor in the hand, beside the hovered slab: state, pause, cables, what is lost, keys.

import { useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import { Glyph, type GlyphName } from '../glyphs.js'
import { useInteraction, useLattice, useTongue } from '../hooks.js'

const looks: Readonly<Record<string, { readonly glyph: GlyphName; readonly tone: string }>> = {
  accepts: { glyph: 'check', tone: 'good' },
  but: { glyph: 'triangle', tone: 'warn' },
  refuses: { glyph: 'barred', tone: 'bad' },
}

/** Beside the lip of the hovered place, below it when there is room, else on the side that has more. */
function useSpot(hostId: string | undefined): { readonly left: number; readonly top: number } | undefined {
  const [spot, setSpot] = useState<{ left: number; top: number }>()
  useLayoutEffect(() => {
    const lip = hostId === undefined ? null : document.querySelector(`.lip[data-place-id="${CSS.escape(hostId)}"]`)
    if (lip === null) return setSpot(undefined)
    const rect = lip.getBoundingClientRect()
    const room = window.innerHeight - rect.bottom - 44
    const left = Math.min(Math.max(12, rect.right - 316), window.innerWidth - 328)
    if (room > 200) setSpot({ left, top: rect.bottom + 16 })
    else if (rect.left > 340) setSpot({ left: rect.left - 332, top: Math.max(52, rect.bottom - 220) })
    else setSpot({ left: Math.min(rect.right + 16, window.innerWidth - 328), top: Math.max(52, rect.bottom - 220) })
  }, [hostId])
  return spot
}

export function VerdictCard(): ReactNode {
  const { words } = useTongue()
  const drag = useInteraction((state) => state.drag)
  const hosts = useLattice((state) => state.hosts)
  const element = useRef<HTMLElement>(null)
  const over = drag !== undefined && drag.overHostId !== drag.fromHostId ? drag.overHostId : undefined
  const spot = useSpot(over)
  if (drag === undefined) return undefined
  const host = over === undefined ? undefined : hosts[over]
  if (host === undefined || spot === undefined || over === undefined) {
    return drag.byKeyboard ? (
      <div className="drop-line" role="status">
        <Keys byKeyboard />
      </div>
    ) : undefined
  }
  const verdict = drag.verdicts[over]
  const look = verdict === undefined ? undefined : looks[verdict.kind]
  return (
    <aside ref={element} className="verdict-card" style={spot} role="status">
      <h2>
        {look === undefined ? undefined : (
          <span className={look.tone}>
            <Glyph name={look.glyph} size={14} />
          </span>
        )}
        {words.verdict.title(host.friendlyName)}
      </h2>
      <p className={look?.tone ?? 'muted'}>{words.verdict[verdict?.kind ?? 'asking']}</p>
      {verdict === undefined ? undefined : (
        <dl className="card-rows">
          {verdict.details.map((row, index) => (
            <div key={index}>
              <dt>{row.label}</dt>
              <dd className={row.tone === 'plain' ? '' : row.tone}>{row.value}</dd>
            </div>
          ))}
        </dl>
      )}
      <Keys byKeyboard={drag.byKeyboard} isRefused={verdict?.kind === 'refuses'} />
    </aside>
  )
}

function Keys({
  byKeyboard,
  isRefused = false,
}: {
  readonly byKeyboard: boolean
  readonly isRefused?: boolean
}): ReactNode {
  const { words } = useTongue()
  return (
    <p className="card-keys">
      {byKeyboard ? (
        <>
          <kbd className="key">← →</kbd> {words.verdict.chooseKey} <kbd className="key">Enter</kbd>{' '}
          {words.verdict.enterKey}
        </>
      ) : (
        words.verdict[isRefused ? 'dropRefusedKey' : 'dropKey']
      )}{' '}
      <kbd className="key">Esc</kbd> {words.verdict.cancelKey}
    </p>
  )
}
