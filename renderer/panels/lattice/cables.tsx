// Cables in words: the badges that stand on flowing and selected ones, and the list named `links` in which the keyboard
// and a screen reader find every one.

import { memo, type ReactNode } from 'react'
import type { CableNode } from '../../scene/types.js'
import { useGround, useInteraction, useLattice, useOverlay, useScene, useTongue } from '../hooks.js'

export function Badges(): ReactNode {
  const cables = useScene((scene) => scene.cables)
  const hover = useInteraction((state) => (state.hover?.kind === 'link' ? state.hover.id : undefined))
  return [...cables.values()]
    .filter((cable) => cable.isSelected || cable.key === hover || (cable.traffic?.perSecond ?? 0) > 0)
    .map((cable) => <Badge key={cable.key} cable={cable} />)
}

const Badge = memo(function Badge({ cable }: { readonly cable: CableNode }): ReactNode {
  const { perform } = useGround()
  const { words, format } = useTongue()
  const element = useOverlay<HTMLButtonElement>('badge', cable.key)
  const { traffic } = cable
  return (
    <button
      ref={element}
      type="button"
      className="over badge"
      tabIndex={-1}
      title={cable.label}
      onClick={() => perform({ kind: 'inspect', thing: { kind: 'link', id: cable.key } })}
    >
      <b>{words.cable.perSecond(format.rate(traffic?.perSecond ?? 0))}</b>
      {cable.isSelected && traffic?.p50Ms !== undefined ? <span>p50 {format.ms(traffic.p50Ms)}</span> : undefined}
      {traffic?.p99Ms === undefined ? undefined : <span>p99 {format.ms(traffic.p99Ms)}</span>}
      {traffic !== undefined && traffic.errorsPerSecond > 0 ? (
        <span className="bad">× {words.cable.errors(format.rate(traffic.errorsPerSecond))}</span>
      ) : undefined}
      {cable.state === 'stale' ? <span>{words.cable.stale}</span> : undefined}
      {cable.state === 'broken' ? <span className="bad">{words.cable.broken}</span> : undefined}
    </button>
  )
})

/** English source of a cable's name, the same in every language: tests and assistive tools rely on it. */
function cableName(
  cable: Pick<CableNode, 'sourceId' | 'target' | 'interfaces' | 'transport' | 'traffic' | 'state'>,
  witOf: string,
): string {
  const interfaces = cable.interfaces.map((name) => `${witOf}${name}`).join(' and ')
  const rate = `${Math.round((cable.traffic?.perSecond ?? 0) * 10) / 10} calls/s`
  const trouble = cable.state === 'broken' ? ', broken' : cable.state === 'stale' ? ', not heard' : ''
  return `${cable.sourceId} to ${cable.target}, ${interfaces}, ${cable.transport}, ${rate}${trouble}`
}

export function LinksList(): ReactNode {
  const { perform } = useGround()
  const cables = useScene((scene) => scene.cables)
  const links = useLattice((state) => state.links)
  return (
    <ul className="hidden-list" role="list" aria-label="links">
      {[...cables.values()].map((cable) => {
        const link = links[cable.key]
        const name = cableName(cable, link === undefined ? '' : `${link.witNamespace}:${link.witPackage}/`)
        return (
          <li key={cable.key} role="listitem" aria-label={name}>
            <button
              type="button"
              onFocus={() => perform({ kind: 'select', thing: { kind: 'link', id: cable.key } })}
              onClick={() => perform({ kind: 'inspect', thing: { kind: 'link', id: cable.key } })}
            >
              {name}
            </button>
          </li>
        )
      })}
    </ul>
  )
}
