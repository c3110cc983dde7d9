// How much of each window is drawn (look.md 3.4): by px on the screen, with 8 % between up and down so that nothing
// flickers. DOM windows are few, chosen by focus and nearness; what is not DOM is drawn by WebGL (far-windows.ts).

import { project, type Projection } from '../scene/projection.js'
import type { SceneDescription, WindowNode } from '../scene/types.js'

/** `live`: DOM that can be used. `card`: DOM as a picture of itself. `tag`, `cell`: WebGL. */
export type Level = 'live' | 'card' | 'tag' | 'cell'

/**
 * Windows are DOM down to a card, so that they stay usable below the scale where a title has its 11 px (0.82): at a first
 * look at three nodes most are near that. Below this one nobody can read or hit what is in them.
 */
const liveScale = 0.6
const cardWidth = 96
const cellWidth = 24
const mostDom = 24
/** A level is left upwards only this much above the size at which it was entered downwards. */
const upward = 1.08

function levelOf(scale: number, width: number, before: Level | undefined): Level {
  const ranks: readonly Level[] = ['cell', 'tag', 'card', 'live']
  const was = before === undefined ? 3 : ranks.indexOf(before)
  const isAbove = (value: number, limit: number, rank: number): boolean =>
    value >= (was < rank ? limit * upward : limit)
  if (isAbove(scale, liveScale, 3)) return 'live'
  if (isAbove(width, cardWidth, 2)) return 'card'
  return isAbove(width, cellWidth, 1) ? 'tag' : 'cell'
}

/** The level of every window; over the budget of DOM windows, and behind the eye, a window is at most a tag. */
export function decideLevels(
  projection: Projection,
  scene: SceneDescription,
  previous: ReadonlyMap<string, Level>,
): ReadonlyMap<string, Level> {
  const levels = new Map<string, Level>()
  const dom: { readonly node: WindowNode; readonly far: number }[] = []
  for (const [key, node] of scene.windows) {
    const at = project(projection, node.foot)
    const own = at === undefined ? 'cell' : levelOf(at.scale, node.width * at.scale, previous.get(key))
    // What has the keyboard, or is in the hand, is never a picture, as long as it is as large as one.
    const level = own === 'card' && (node.isFocused || node.isDragged) ? 'live' : own
    levels.set(key, level)
    if (at !== undefined && (level === 'live' || level === 'card'))
      dom.push({ node, far: Math.hypot(at.x - projection.centreX, at.y - projection.centreY) })
  }
  if (dom.length > mostDom) {
    const rank = ({ node }: { readonly node: WindowNode }): number => (node.isFocused || node.isDragged ? 0 : 1)
    dom.sort((a, b) => rank(a) - rank(b) || a.far - b.far)
    for (const { node } of dom.slice(mostDom)) levels.set(node.key, 'tag')
  }
  return levels
}
