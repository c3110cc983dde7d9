// The cable in the hand (look.md 4.4, being drawn): dashed from the foot of its window to the pointer, and beside the
// pointer what letting go there would do, or why it would do nothing.

import { useLayoutEffect, useState, type ReactNode } from 'react'
import { providerName } from '../../state/provider-names.js'
import { useInteraction, useLattice, useTongue } from '../hooks.js'
import { windowElementId } from '../window/window-keys.js'

/** From the pointer to the words, px. */
const wordsAway = 18

export function Wire(): ReactNode {
  const { words, locale } = useTongue()
  const wire = useInteraction((state) => state.wire)
  const providers = useLattice((state) => state.providers)
  const [from, setFrom] = useState<{ readonly x: number; readonly y: number }>()
  const key = wire?.key
  useLayoutEffect(() => {
    const frame = key === undefined ? null : document.getElementById(windowElementId(key))
    const socket = frame?.querySelector('.socket')?.getBoundingClientRect()
    setFrom(socket === undefined ? undefined : { x: socket.x + socket.width / 2, y: socket.y + socket.height / 2 })
  }, [key])
  if (wire === undefined || from === undefined) return undefined
  const { at, over, offers, sourceId } = wire
  const fitting = offers?.filter(({ link }) => link.target === over) ?? []
  const nameOf = (id: string): string =>
    providerName(Object.values(providers).find((one) => one.id === id) ?? { id, name: undefined }, locale)
  const [text, tone] = ((): readonly [string, string] => {
    if (offers === undefined) return [words.wire.asking, '']
    if (offers.length === 0) return [words.wire.needsNone(sourceId), 'warn']
    if (over === undefined) return [words.wire.leadOn, '']
    const [first] = fitting
    return first === undefined
      ? [words.wire.fitsNot(sourceId, nameOf(over)), 'bad']
      : [words.wire.grants(sourceId, fitting.map(({ hint }) => hint).join(', '), nameOf(over)), 'good']
  })()
  // On the side that the cable does not come from, and away from the nameplate below, if there is room.
  const { innerWidth, innerHeight } = window
  const isOnLeft = at.x > innerWidth - 340 || (from.x > at.x && at.x > 340)
  const aside = isOnLeft ? { right: innerWidth - at.x + wordsAway } : { left: at.x + wordsAway }
  const above = at.y > innerHeight / 2 ? { bottom: innerHeight - at.y + wordsAway } : { top: at.y + wordsAway }
  return (
    <>
      <svg className="wire" aria-hidden="true">
        <line x1={from.x} y1={from.y} x2={at.x} y2={at.y} className={fitting.length > 0 ? 'fits' : ''} />
        <circle cx={from.x} cy={from.y} r={4} className="wire-source" />
        <circle cx={at.x} cy={at.y} r={4.5} className="wire-target" />
      </svg>
      <p className={`wire-words ${tone}`} role="status" style={{ ...aside, ...above }}>
        {text}
      </p>
    </>
  )
}

/** Whether the cable in the hand may end at this component or provider; undefined while none is in the hand. */
export function useWireMark(id: string): 'wire-fits' | 'wire-source-end' | undefined {
  return useInteraction(({ wire }) => {
    if (wire === undefined) return undefined
    if (wire.sourceId === id) return 'wire-source-end'
    return wire.offers?.some(({ link }) => link.target === id) === true ? 'wire-fits' : undefined
  })
}
