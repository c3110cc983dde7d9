// The words on the outline that a window in the hand leaves at its home: what goes away, and what still works here.

import type { ReactNode } from 'react'
import type { FootprintNode } from '../../scene/types.js'
import { useInteraction, useOverlay, useScene, useTongue } from '../hooks.js'

export function Footprints(): ReactNode {
  const footprints = useScene((scene) => scene.footprints)
  const drag = useInteraction((state) => state.drag)
  // Moved about on its own slab it goes nowhere.
  if (drag?.overHostId === undefined || drag.overHostId === drag.fromHostId) return undefined
  return [...footprints.values()]
    .filter((footprint) => footprint.role === 'home')
    .map((footprint) => <Home key={footprint.key} footprint={footprint} componentId={drag.componentId} />)
}

function Home({
  footprint,
  componentId,
}: {
  readonly footprint: FootprintNode
  readonly componentId: string
}): ReactNode {
  const { words } = useTongue()
  const element = useOverlay<HTMLParagraphElement>('footprint', footprint.key)
  return (
    <p ref={element} className="over footprint">
      <span>{words.place.movesAway(componentId)}</span>
      <span>{words.place.worksHere}</span>
    </p>
  )
}
