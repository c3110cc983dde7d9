// Where the window was, and where it may open now: displays come and go between two starts. Values in, values out.

import * as v from 'valibot'

const whole = v.pipe(v.number(), v.integer(), v.minValue(-100_000), v.maxValue(100_000))
const Rectangle = v.object({ x: whole, y: whole, width: whole, height: whole })
export type Rectangle = v.InferOutput<typeof Rectangle>

/** Bounds are those when neither maximised nor full screen. */
export const WindowPlace = v.object({ bounds: Rectangle, maximized: v.boolean(), fullScreen: v.boolean() })
export type WindowPlace = v.InferOutput<typeof WindowPlace>

export const minimumSize = { width: 720, height: 480 } as const
const usualSize = { width: 1280, height: 800 } as const
/** So much of the window's upper edge must be on a display for a hand to reach it. */
const graspable = { width: 120, height: 32 } as const

const overlap = (aStart: number, aSize: number, bStart: number, bSize: number): number =>
  Math.min(aStart + aSize, bStart + bSize) - Math.max(aStart, bStart)

/** Bounds on one of these work areas (the first is the primary): as saved where they can be reached, else in the middle. */
export function placeWindow(saved: Rectangle | undefined, workAreas: readonly Rectangle[]): Rectangle {
  const [primary = { x: 0, y: 0, ...usualSize }] = workAreas
  const wanted = {
    width: Math.max(saved?.width ?? usualSize.width, minimumSize.width),
    height: Math.max(saved?.height ?? usualSize.height, minimumSize.height),
  }
  const home =
    saved &&
    workAreas.find(
      (area) =>
        overlap(saved.x, wanted.width, area.x, area.width) >= graspable.width &&
        overlap(saved.y, graspable.height, area.y, area.height) >= graspable.height,
    )
  const area = home ?? primary
  const width = Math.min(wanted.width, area.width)
  const height = Math.min(wanted.height, area.height)
  if (home !== undefined && saved !== undefined) return { x: saved.x, y: saved.y, width, height }
  return {
    x: area.x + Math.round((area.width - width) / 2),
    y: area.y + Math.round((area.height - height) / 2),
    width,
    height,
  }
}
