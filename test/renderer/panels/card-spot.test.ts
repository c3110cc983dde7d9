import { describe, expect, it } from 'vitest'
import { type Box, chooseSpot } from '../../../renderer/panels/popups/card-spot.js'

const view: Box = { left: 12, top: 52, width: 1_400, height: 780 }
const size = { width: 316, height: 180 }
const slab: Box = { left: 150, top: 100, width: 520, height: 250 }

const covers = (spot: { left: number; top: number }, box: Box): boolean =>
  spot.left < box.left + box.width &&
  box.left < spot.left + size.width &&
  spot.top < box.top + box.height &&
  box.top < spot.top + size.height

describe('The spot of a card', () => {
  it('is beside what the card belongs to, on the right when nothing is in the way', () => {
    const spot = chooseSpot(size, slab, [], view)
    expect(covers(spot, slab)).toBe(false)
    expect(spot.left).toBeGreaterThanOrEqual(slab.left + slab.width)
    expect(spot.left).toBeLessThan(slab.left + slab.width + 32)
  })

  it('covers no name as long as there is room without one', () => {
    const names: Box[] = [
      { left: 700, top: 60, width: 240, height: 40 },
      { left: 680, top: 300, width: 500, height: 40 },
      { left: 300, top: 480, width: 240, height: 34 },
      { left: 560, top: 480, width: 240, height: 34 },
    ]
    const spot = chooseSpot(size, slab, names, view)
    expect(names.some((name) => covers(spot, name))).toBe(false)
    expect(covers(spot, slab)).toBe(false)
  })

  it('covers the thing itself rather than a name', () => {
    const wall: Box[] = [
      { left: 0, top: 0, width: 150, height: 900 },
      { left: 670, top: 0, width: 900, height: 900 },
      { left: 0, top: 350, width: 1_500, height: 550 },
      { left: 0, top: 0, width: 1_500, height: 100 },
    ]
    const spot = chooseSpot(size, slab, wall, view)
    expect(wall.some((name) => covers(spot, name))).toBe(false)
    expect(covers(spot, slab)).toBe(true)
  })

  it('stays in a view that is smaller than the card', () => {
    expect(chooseSpot(size, slab, [], { left: 12, top: 52, width: 100, height: 100 })).toEqual({ left: 12, top: 52 })
  })
})
