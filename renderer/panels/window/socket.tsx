// Where a cable is taken up: a ring at the foot of a window. Pulled, it draws a cable by hand; pressed, it opens the palette
// with what this component can be linked to, which is the way for the keyboard.

import type { ReactNode } from 'react'
import type { WindowNode } from '../../scene/types.js'
import { useGround, useTongue } from '../hooks.js'

export function Socket({ node }: { readonly node: WindowNode }): ReactNode {
  const { openPalette } = useGround()
  const { words } = useTongue()
  const name = words.wire.draw(node.title)
  return (
    <button
      type="button"
      className="socket"
      aria-label={name}
      title={name}
      data-wire-key={node.key}
      onClick={() => openPalette(words.wire.query(node.componentId))}
    />
  )
}
