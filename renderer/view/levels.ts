// How much of a window is drawn, by its size on the screen (look.md 3.4). Up and down lie 8 % apart, so that nothing
// flickers at a threshold. No DOM, no WebGL.

export type Level = 'live' | 'card' | 'tag' | 'hidden'

/** Title text of 13.5 px is still 11 px at this scale. */
export const liveScale = 0.82
const cardWidth = 96
const tagWidth = 24
const apart = 1.08
export const mostLive = 24

export interface Sized {
  readonly key: string
  /** What stands there is drawn by this much. */
  readonly scale: number
  /** px */
  readonly width: number
  readonly isFocused: boolean
  /** In the hand. */
  readonly isHeld: boolean
}

function levelOf(window: Sized, before: Level | undefined): Level {
  const passes = (value: number, limit: number, wasAbove: boolean): boolean =>
    value >= (wasAbove ? limit / apart : limit)
  const rank = before === undefined ? 4 : { live: 3, card: 2, tag: 1, hidden: 0 }[before]
  if (window.isHeld || window.isFocused || passes(window.scale, liveScale, rank >= 3)) return 'live'
  if (passes(window.width, cardWidth, rank >= 2)) return 'card'
  return passes(window.width, tagWidth, rank >= 1) ? 'tag' : 'hidden'
}

/** The level of each window; at most 24 are live: the focused and the held one, then the nearest. */
export function levelsOf(windows: readonly Sized[], before: ReadonlyMap<string, Level>): ReadonlyMap<string, Level> {
  const levels = new Map<string, Level>()
  for (const window of windows) levels.set(window.key, levelOf(window, before.get(window.key)))
  const live = windows.filter((window) => levels.get(window.key) === 'live')
  if (live.length > mostLive) {
    const urgency = (window: Sized): number => (window.isHeld || window.isFocused ? 1000 : 0) + window.scale
    live.sort((a, b) => urgency(b) - urgency(a))
    for (const window of live.slice(mostLive)) levels.set(window.key, 'card')
  }
  return levels
}
