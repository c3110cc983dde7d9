// A window is lifted and set down in the time that the hand expects, from where it was last seen.

import { describe, expect, it } from 'vitest'
import { liftMs, Settling, settleMs } from '../../../renderer/view/settling.js'

const home = { x: 100, y: 200, scale: 1 }
const hand = { x: 400, y: 80, scale: 0.9 }
const keys = new Map([['a', undefined]])

function frame(settling: Settling, isHeld: boolean, goal: typeof home, nowMs: number, isStill = false) {
  settling.begin(keys)
  const lifted = isHeld ? settling.lifted('a', nowMs, isStill) : 0
  return { lifted, drawn: settling.draw('a', isHeld, goal, nowMs, isStill), isMoving: settling.isMoving }
}

describe('a window in the hand', () => {
  it('that was never touched is drawn where it belongs and wants no frame', () => {
    const settling = new Settling()
    expect(frame(settling, false, home, 5)).toEqual({ lifted: 0, drawn: home, isMoving: false })
    expect(frame(settling, false, { ...home, x: 7 }, 6)).toMatchObject({ drawn: { x: 7 }, isMoving: false })
  })

  it('is lifted little by little, and is under the pointer all the while', () => {
    const settling = new Settling()
    frame(settling, false, home, 0)
    expect(frame(settling, true, hand, 1_000)).toMatchObject({ lifted: 0, drawn: hand, isMoving: true })
    const half = frame(settling, true, hand, 1_000 + liftMs / 2)
    expect(half.lifted).toBeGreaterThan(0.5)
    expect(half.lifted).toBeLessThan(1)
    expect(frame(settling, true, hand, 1_000 + liftMs)).toEqual({ lifted: 1, drawn: hand, isMoving: false })
  })

  it('goes from where it was let go to where it belongs, and then is still', () => {
    const settling = new Settling()
    frame(settling, false, home, 0)
    frame(settling, true, hand, 1_000)
    expect(frame(settling, false, home, 2_000)).toMatchObject({ drawn: hand, isMoving: true })
    const between = frame(settling, false, home, 2_000 + settleMs / 2)
    expect(between.drawn.x).toBeGreaterThan(home.x)
    expect(between.drawn.x).toBeLessThan(hand.x)
    expect(frame(settling, false, home, 2_000 + settleMs)).toEqual({ lifted: 0, drawn: home, isMoving: false })
  })

  it('is there at once for who asked for less motion', () => {
    const settling = new Settling()
    frame(settling, false, home, 0, true)
    expect(frame(settling, true, hand, 10, true)).toEqual({ lifted: 1, drawn: hand, isMoving: false })
    expect(frame(settling, false, home, 20, true)).toEqual({ lifted: 0, drawn: home, isMoving: false })
  })
})
