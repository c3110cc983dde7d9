// A window opens where a hand can reach it, whatever became of the displays.

import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { placeWindow, WindowPlace } from '../../../main/desktop/window-place.js'

const left = { x: 0, y: 0, width: 1920, height: 1040 }
const right = { x: 1920, y: -200, width: 2560, height: 1400 }

describe('placing the window', () => {
  it('opens in the middle of the primary display at first', () => {
    expect(placeWindow(undefined, [left, right])).toEqual({ x: 320, y: 120, width: 1280, height: 800 })
    expect(placeWindow(undefined, [{ x: 0, y: 0, width: 1024, height: 600 }])).toEqual({
      x: 0,
      y: 0,
      width: 1024,
      height: 600,
    })
  })

  it('opens where it was while that place is still there', () => {
    const saved = { x: 2000, y: -150, width: 1500, height: 900 }
    expect(placeWindow(saved, [left, right])).toEqual(saved)
  })

  it('comes back when its display is gone, or only a sliver of it could be seen', () => {
    const middle = { x: 210, y: 70, width: 1500, height: 900 }
    for (const [x, y] of [
      [2000, -150],
      [1900, 10],
      [0, 1030],
      [0, -100],
      [-1490, 0],
    ] as const) {
      expect(placeWindow({ x, y, width: 1500, height: 900 }, [left])).toEqual(middle)
    }
  })

  it('is never larger than its display nor smaller than can be used', () => {
    expect(placeWindow({ x: 10, y: 10, width: 9000, height: 9000 }, [left])).toEqual({ ...left, x: 10, y: 10 })
    expect(placeWindow({ x: 10, y: 10, width: 1, height: 1 }, [left])).toEqual({
      x: 10,
      y: 10,
      width: 720,
      height: 480,
    })
  })

  it('takes no numbers from a file that are no places', () => {
    const bounds = { x: 0, y: 0, width: 10, height: 10 }
    const place = { bounds, maximized: false, fullScreen: false }
    expect(v.is(WindowPlace, place)).toBe(true)
    for (const x of [1e9, 0.5, Number.NaN, null])
      expect(v.is(WindowPlace, { ...place, bounds: { ...bounds, x } })).toBe(false)
  })
})
