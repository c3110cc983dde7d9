// The whole plane from straight above, small: places, windows, what failed, and what is in view. A press goes there.

import { useEffect, useState, type MouseEvent, type ReactNode } from 'react'
import { Glyph } from '../glyphs.js'
import { useGround, useInteraction, useScene, useTongue, useWorkspace } from '../hooks.js'

const width = 200
const height = 124
const margin = 8

function usePageSize(): { readonly width: number; readonly height: number } {
  const [size, setSize] = useState({ width: window.innerWidth, height: window.innerHeight })
  useEffect(() => {
    const update = (): void => setSize({ width: window.innerWidth, height: window.innerHeight })
    window.addEventListener('resize', update)
    return () => window.removeEventListener('resize', update)
  }, [])
  return size
}

export function Minimap(): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const places = useScene((scene) => scene.places)
  const windows = useScene((scene) => scene.windows)
  const viewpoint = useWorkspace((state) => state.viewpoint)
  const hasInspector = useInteraction((state) => state.inspector !== undefined)
  const page = usePageSize()
  const [choice, setChoice] = useState<boolean>()
  const isShown = choice ?? (!hasInspector && page.width >= 1_200)
  if (places.size === 0) return undefined
  if (!isShown) {
    return (
      <button
        type="button"
        className="minimap-button"
        aria-label={words.minimap.show}
        title={words.minimap.show}
        onClick={() => setChoice(true)}
      >
        <Glyph name="map" size={16} />
      </button>
    )
  }
  const all = [...places.values()]
  const left = Math.min(...all.map((place) => place.x))
  const right = Math.max(...all.map((place) => place.x + place.width))
  const bottom = Math.min(...all.map((place) => place.y))
  const top = Math.max(...all.map((place) => place.y + place.depth))
  const scale = Math.min((width - 2 * margin) / (right - left), (height - 2 * margin) / (top - bottom))
  const x0 = (width - (right - left) * scale) / 2
  const y0 = (height - (top - bottom) * scale) / 2
  const px = (x: number): number => x0 + (x - left) * scale
  const py = (y: number): number => y0 + (top - y) * scale
  const goThere = (event: MouseEvent<SVGSVGElement>): void => {
    if (viewpoint === undefined) return
    const rect = event.currentTarget.getBoundingClientRect()
    const x = left + (event.clientX - rect.left - x0) / scale
    const y = top - (event.clientY - rect.top - y0) / scale
    perform({ kind: 'look.at', viewpoint: { ...viewpoint, x, y }, isAnimated: true })
  }
  const seenDeep =
    (viewpoint === undefined ? 0 : page.height / viewpoint.zoom) / Math.sin(((viewpoint?.pitch ?? 90) * Math.PI) / 180)
  const seenWide = viewpoint === undefined ? 0 : page.width / viewpoint.zoom
  return (
    <aside className="minimap" aria-label={words.minimap.title}>
      <svg width={width} height={height} onClick={goThere} aria-hidden="true">
        {all.map((place) => (
          <rect
            key={place.id}
            className={`map-place ${place.state}`}
            x={px(place.x)}
            y={py(place.y + place.depth)}
            width={place.width * scale}
            height={place.depth * scale}
            rx={2}
          />
        ))}
        {[...windows.values()].map((node) => (
          <rect
            key={node.key}
            className={`map-window ${node.state}${node.isFocused ? ' focused' : ''}`}
            x={px(node.foot.x - node.width / 2)}
            y={py(node.foot.y) - Math.min(node.height, 220) * 0.6 * scale}
            width={node.width * scale}
            height={Math.min(node.height, 220) * 0.6 * scale}
          />
        ))}
        {viewpoint === undefined ? undefined : (
          <rect
            className="map-view"
            x={px(viewpoint.x - seenWide / 2)}
            y={py(viewpoint.y + seenDeep / 2)}
            width={seenWide * scale}
            height={seenDeep * scale}
          />
        )}
      </svg>
      <button
        type="button"
        className="icon-button"
        aria-label={words.minimap.hide}
        title={words.minimap.hide}
        onClick={() => setChoice(false)}
      >
        <Glyph name="close" size={10} />
      </button>
    </aside>
  )
}
