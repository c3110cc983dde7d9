// Where a card stands that belongs to something on the screen and must cover no name: beside it, as near as can be. Pure.

export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Spots are looked at in steps of so many px. */
const step = 16
/** Distance between the card and what it belongs to. */
const gap = 16
/** A covered name is worse than any way across the screen; the thing itself only gives way to names. */
const nameCost = 1_000
const thingCost = 1

const overlap = (a: Box, b: Box): number => {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left)
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top)
  return width > 0 && height > 0 ? width * height : 0
}

/** Empty room between two boxes, 0 when they touch; the longer of the two ways. */
const distance = (a: Box, b: Box): number =>
  Math.max(
    0,
    a.left - (b.left + b.width),
    b.left - (a.left + a.width),
    a.top - (b.top + b.height),
    b.top - (a.top + a.height),
  )

/**
 * The upper left corner for a card of this size, inside `view`, that covers as little of `names` as possible, then as
 * little of `thing`, and then stands nearest to it; of equal ones the one furthest to the right, then the highest.
 */
export function chooseSpot(
  size: { readonly width: number; readonly height: number },
  thing: Box,
  names: readonly Box[],
  view: Box,
): { readonly left: number; readonly top: number } {
  const lastLeft = Math.max(view.left, view.left + view.width - size.width)
  const lastTop = Math.max(view.top, view.top + view.height - size.height)
  let best = { left: lastLeft, top: view.top }
  let least = Infinity
  for (let left = lastLeft; left >= view.left; left -= step) {
    for (let top = view.top; top <= lastTop; top += step) {
      const card = { left, top, ...size }
      const covered = names.reduce((sum, name) => sum + overlap(card, name), 0)
      const cost = covered * nameCost + overlap(card, thing) * thingCost + Math.abs(distance(card, thing) - gap)
      if (cost >= least) continue
      least = cost
      best = { left, top }
    }
  }
  return best
}
