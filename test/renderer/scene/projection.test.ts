import { describe, expect, it } from 'vitest'
import {
  aboutPoint,
  fit,
  focal,
  isOnPlace,
  project,
  projectionOf,
  rectOfPlace,
  rectOfTitle,
  rectOfWindow,
  unproject,
  zoomStepped,
} from '../../../renderer/scene/projection.js'
import { random } from './build.js'

const viewport = { width: 1440, height: 900, left: 0, top: 40, right: 0, bottom: 44 }
const at = (pitch: number, zoom = 1) => projectionOf({ x: 100, y: 200, pitch, zoom }, viewport)
const slab = { x: -430, y: 0, width: 860, depth: 430 }

describe('the camera', () => {
  it('draws one unit as one px in the middle of the view at zoom 1, tilted and flat', () => {
    for (const pitch of [52, 90]) expect(project(at(pitch), { x: 100, y: 200 })).toEqual({ x: 720, y: 450, scale: 1 })
  })

  it('projects by depth = D + dy cos p', () => {
    const p = (52 * Math.PI) / 180
    const depth = focal / 0.5 + 300 * Math.cos(p)
    const seen = project(at(52, 0.5), { x: 160, y: 500 })
    expect(seen?.x).toBeCloseTo(720 + (focal * 60) / depth, 9)
    expect(seen?.y).toBeCloseTo(450 - (focal * 300 * Math.sin(p)) / depth, 9)
    expect(seen?.scale).toBeCloseTo(focal / depth, 9)
  })

  it('sees nothing behind the eye and nothing above the horizon', () => {
    expect(project(at(52), { x: 0, y: -10_000 })).toBeUndefined()
    expect(unproject(projectionOf({ x: 0, y: 0, pitch: 35, zoom: 1 }, viewport), 0, -100_000)).toBeUndefined()
  })

  it('shifts the middle of the view when a panel covers a side', () => {
    const shifted = projectionOf({ x: 0, y: 0, pitch: 90, zoom: 1 }, { ...viewport, right: 352 })
    expect(project(shifted, { x: 0, y: 0 })?.x).toBe((1440 - 352) / 2)
  })

  for (const seed of [1, 2, 3]) {
    it(`finds the point of the plane under each point of the screen again (seed ${String(seed)})`, () => {
      const next = random(seed)
      for (let i = 0; i < 500; i += 1) {
        const projection = projectionOf(
          { x: next() * 4000 - 2000, y: next() * 4000 - 2000, pitch: 35 + next() * 55, zoom: 0.05 + next() * 1.9 },
          viewport,
        )
        const [x, y] = [next() * 1440, next() * 900]
        const point = unproject(projection, x, y)
        if (point === undefined) throw new Error('the screen shows only plane at 35 degrees and more')
        const seen = project(projection, point)
        expect(seen?.x).toBeCloseTo(x, 5)
        expect(seen?.y).toBeCloseTo(y, 5)
      }
    })

    it(`keeps the point under the pointer under it in zoom and tilt (seed ${String(seed)})`, () => {
      const next = random(seed)
      for (let i = 0; i < 200; i += 1) {
        const before = projectionOf({ x: 10, y: 20, pitch: 52, zoom: 0.3 + next() }, viewport)
        const [x, y] = [next() * 1440, 100 + next() * 800]
        const held = unproject(before, x, y)
        const change = i % 2 === 0 ? { zoom: 0.3 + next() } : { pitch: i % 4 === 1 ? 90 : 52 }
        const after = projectionOf(aboutPoint(before, x, y, change), viewport)
        const seen = held === undefined ? undefined : project(after, held)
        expect(seen?.x).toBeCloseTo(x, 4)
        expect(seen?.y).toBeCloseTo(y, 4)
      }
    })
  }

  it('stands a window on its foot, with the title bar at its top', () => {
    const window = { foot: { x: 100, y: 200 }, width: 320, height: 240, isMinimised: false }
    expect(rectOfWindow(at(52), window)).toEqual({ x: 560, y: 210, width: 320, height: 240 })
    expect(rectOfTitle(at(52), window)).toEqual({ x: 560, y: 210, width: 320, height: 30 })
    expect(rectOfWindow(at(52), { ...window, isMinimised: true })).toEqual({ x: 560, y: 420, width: 320, height: 30 })
  })

  for (const seed of [1, 2, 3]) {
    it(`puts the middle of every place's rectangle on the place (seed ${String(seed)})`, () => {
      const next = random(seed)
      for (let i = 0; i < 300; i += 1) {
        const projection = projectionOf({ x: 0, y: 300, pitch: 35 + next() * 55, zoom: 0.1 + next() * 0.9 }, viewport)
        const place = {
          x: next() * 2400 - 1600,
          y: next() * 1600 - 400,
          width: 360 + next() * 1240,
          depth: 240 + next() * 960,
        }
        const rect = rectOfPlace(projection, place)
        if (rect === undefined) continue
        expect(isOnPlace(projection, place, rect.x + rect.width / 2, rect.y + rect.height / 2)).toBe(true)
      }
    })
  }

  it('fits everything into what bars and panels leave free', () => {
    const narrow = { ...viewport, right: 352 }
    const places = [slab, { x: -610, y: 540, width: 560, depth: 320 }, { x: 50, y: 540, width: 560, depth: 320 }]
    for (const pitch of [52, 90]) {
      const viewpoint = fit(narrow, { places, windows: [] }, pitch)
      if (viewpoint === undefined) throw new Error('there is something to fit')
      const projection = projectionOf(viewpoint, narrow)
      for (const place of places) {
        const rect = rectOfPlace(projection, place)
        if (rect === undefined) throw new Error('it is in front of the eye')
        expect(rect.x).toBeGreaterThanOrEqual(23)
        expect(rect.y).toBeGreaterThanOrEqual(63)
        expect(rect.x + rect.width).toBeLessThanOrEqual(1440 - 352 - 23)
        expect(rect.y + rect.height).toBeLessThanOrEqual(900 - 44 - 23)
      }
    }
    expect(fit(viewport, { places: [], windows: [] }, 52)).toBeUndefined()
  })

  it('steps through the zooms of the keyboard', () => {
    expect([zoomStepped(1, 1), zoomStepped(1, -1), zoomStepped(0.9, -2), zoomStepped(2, 1)]).toEqual([
      1.25, 0.83, 0.66, 2,
    ])
  })
})
