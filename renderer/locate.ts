// Where things are on the screen right now, for tests and screenshots: the renderer's only face to a driver. The rectangles
// come from the arithmetic that draws them.

import { rectOfPlace, rectOfTitle, type Projection, type Rect } from './scene/projection.js'
import type { SceneDescription, WindowNode } from './scene/types.js'

/** `window.tlos`. */
export interface Locator {
  /**
   * CSS px of the page. A component id or `OnHostKey`: the title bar of its window. A host id or name: its place, whose
   * middle is a point where a window can be dropped.
   */
  locate(id: string): Rect | undefined
  /** How many frames were drawn, and the ms between the last two. */
  frames(): { readonly count: number; readonly lastMs: number }
}

interface Sources {
  scene(): SceneDescription
  projection(): Projection
  frames(): { readonly count: number; readonly lastMs: number }
}

function windowOf(scene: SceneDescription, id: string): WindowNode | undefined {
  const all = [...scene.windows.values()]
  const known = all.filter((node) => node.key === id || node.componentId === id)
  return known.sort((a, b) => Number(b.isFocused) - Number(a.isFocused) || b.rank - a.rank)[0]
}

export function createLocator({ scene, projection, frames }: Sources): Locator {
  return {
    locate(id) {
      const now = scene()
      const window = windowOf(now, id)
      if (window !== undefined) return rectOfTitle(projection(), window)
      const place = now.places.get(id) ?? [...now.places.values()].find((each) => each.name === id)
      return place === undefined ? undefined : rectOfPlace(projection(), place)
    },
    frames,
  }
}
