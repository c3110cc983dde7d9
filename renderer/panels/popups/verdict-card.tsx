// All that a node says to the actor in the hand, beside the hovered slab: state, pause, cables, what is lost, keys.

import { useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from 'react'
import { Glyph, type GlyphName } from '../glyphs.js'
import { useInteraction, useLattice, useTongue } from '../hooks.js'
import { type Box, chooseSpot } from './card-spot.js'

const looks: Readonly<Record<string, { readonly glyph: GlyphName; readonly tone: string }>> = {
  accepts: { glyph: 'check', tone: 'good' },
  but: { glyph: 'triangle', tone: 'warn' },
  refuses: { glyph: 'barred', tone: 'bad' },
}

/** What must stay readable while something is in the hand; the window in the hand itself goes where the hand goes. */
const names = '.lip, .fixture, .window:not(.dragged) > .title-bar, .badge, .minimap, .minimap-button, .toast, .hint'
const bars = { top: 52, bottom: 56, side: 12 }

const boxOf = (element: Element): Box => {
  const { left, top, width, height } = element.getBoundingClientRect()
  return { left, top, width, height }
}

/** Beside the slab of the hovered place, off every name; undefined while there is nothing to stand beside. */
function useSpot(
  card: RefObject<HTMLElement | null>,
  hostId: string | undefined,
  rows: number | undefined,
): { readonly left: number; readonly top: number } | undefined {
  const [spot, setSpot] = useState<{ left: number; top: number }>()
  useLayoutEffect(() => {
    const slab = hostId === undefined ? null : document.querySelector(`.place[data-place-id="${CSS.escape(hostId)}"]`)
    if (slab === null || card.current === null) return setSpot(undefined)
    const size = { width: card.current.offsetWidth, height: card.current.offsetHeight }
    const view = {
      left: bars.side,
      top: bars.top,
      width: window.innerWidth - 2 * bars.side,
      height: window.innerHeight - bars.top - bars.bottom,
    }
    setSpot(chooseSpot(size, boxOf(slab), [...document.querySelectorAll(names)].map(boxOf), view))
    // Its height is that of its rows.
  }, [card, hostId, rows])
  return spot
}

export function VerdictCard(): ReactNode {
  const { words } = useTongue()
  const drag = useInteraction((state) => state.drag)
  const hosts = useLattice((state) => state.hosts)
  const element = useRef<HTMLElement>(null)
  const over = drag !== undefined && drag.overHostId !== drag.fromHostId ? drag.overHostId : undefined
  const host = over === undefined ? undefined : hosts[over]
  const verdict = over === undefined ? undefined : drag?.verdicts[over]
  const spot = useSpot(element, host?.id, verdict?.details.length)
  if (drag === undefined) return undefined
  if (host === undefined) {
    return drag.byKeyboard ? (
      <div className="drop-line" role="status">
        <Keys byKeyboard />
      </div>
    ) : undefined
  }
  const look = verdict === undefined ? undefined : looks[verdict.kind]
  return (
    <aside
      ref={element}
      className="verdict-card"
      // Before its size is known it is not shown anywhere.
      style={spot ?? { left: 0, top: 0, visibility: 'hidden' }}
      role="status"
    >
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
