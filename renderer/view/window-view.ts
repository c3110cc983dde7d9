// What the plane shows of a window: its shadow on the slab. The window itself is DOM while it is near, and a card when it
// is far (card.ts); both stand on the same foot.

import type { WindowNode } from '../scene/types.js'
import { order } from './shapes.js'
import { createSoftShadow } from './soft-shadow.js'
import type { Mount } from './view.js'

/** The light comes from the front left: a shadow goes away from the viewer and to the right, by shares of the height. */
const away = 0.62
const right = 0.3
/** A window in the hand is lifted by this much (look.md 4.5). */
export const lift = { px: 30, scale: 0.9 }

export const mountWindow: Mount<WindowNode> = (first, ground) => {
  const shadow = createSoftShadow(order.windowShadow)
  ground.root.add(shadow.mesh)
  let node = first
  const restyle = (): void => {
    const palette = ground.palette()
    shadow.restyle(palette.colours.shadow, node.state === 'stopped' ? 0 : palette.shadowAlpha)
  }
  const update = (next: WindowNode): void => {
    node = next
    const height = node.isMinimised ? 30 : node.height
    const depth = height * away
    const blur = Math.min(8, height / 6)
    const raised = node.isDragged ? 16 : 0
    shadow.shape({
      x: node.foot.x - node.width / 2 + blur + raised,
      y: node.foot.y + 2,
      width: Math.max(2, node.width - 2 * blur),
      depth,
      blur,
      slant: (right * height) / depth,
      fade: 0.35,
    })
    restyle()
  }
  update(first)
  return {
    update,
    restyle,
    dispose() {
      shadow.mesh.removeFromParent()
      shadow.dispose()
    },
  }
}
