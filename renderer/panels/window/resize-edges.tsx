// Takes hold of the edges of a window to resize it. A window stands on the middle of its bottom edge, so a side edge
// widens it to both sides and the top edge makes it higher.

import { useRef, type PointerEvent, type ReactNode } from 'react'
import type { WindowNode } from '../../scene/types.js'
import { useGround } from '../hooks.js'

/** How many world units a pixel to the right and a pixel up add, per edge. */
const edges = {
  left: [-2, 0],
  right: [2, 0],
  top: [0, 1],
  'top-left': [-2, 1],
  'top-right': [2, 1],
} as const

interface Held {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly scale: number
}

export function ResizeEdges({ node }: { readonly node: WindowNode }): ReactNode {
  const { perform } = useGround()
  const held = useRef<Held>(undefined)

  const onDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return
    event.stopPropagation()
    event.currentTarget.setPointerCapture(event.pointerId)
    const frame = event.currentTarget.parentElement
    const scale = frame === null ? 1 : frame.getBoundingClientRect().width / Math.max(1, frame.offsetWidth)
    held.current = { x: event.clientX, y: event.clientY, width: node.width, height: node.height, scale: scale || 1 }
  }
  const onMove = (edge: keyof typeof edges, event: PointerEvent<HTMLDivElement>): void => {
    const from = held.current
    if (from === undefined) return
    const [wide, high] = edges[edge]
    perform({
      kind: 'window.resize',
      key: node.key,
      width: from.width + (wide * (event.clientX - from.x)) / from.scale,
      height: from.height + (high * (from.y - event.clientY)) / from.scale,
    })
  }
  const onUp = (): void => {
    held.current = undefined
  }
  return (Object.keys(edges) as (keyof typeof edges)[]).map((edge) => (
    <div
      key={edge}
      className={`resize-edge ${edge}`}
      onPointerDown={onDown}
      onPointerMove={(event) => onMove(edge, event)}
      onPointerUp={onUp}
      onPointerCancel={onUp}
    />
  ))
}
