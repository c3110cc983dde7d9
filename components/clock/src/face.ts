// An analogue clock face as canvas commands. Pure.

import type { Content, Draw, Point } from '../../window-kit/content.js'

const size = 96
const centre = size / 2
const radius = centre - 4

/** `turn` is the part of a full circle, 0 at the top, clockwise. */
function at(turn: number, distance: number): Point {
  const angle = turn * 2 * Math.PI
  return { x: rounded(centre + Math.sin(angle) * distance), y: rounded(centre - Math.cos(angle) * distance) }
}

const rounded = (value: number): number => Math.round(value * 100) / 100

const hand = (turn: number, tail: number, reach: number): Draw => ({
  tag: 'line',
  val: [at(turn + 0.5, tail), at(turn, reach)],
})

function marks(): Draw[] {
  return Array.from({ length: 12 }, (_, hour): Draw => {
    const inner = hour % 3 === 0 ? radius - 9 : radius - 5
    return { tag: 'line', val: [at(hour / 12, inner), at(hour / 12, radius - 1)] }
  })
}

/** The face at a time of day. */
export function face(hours: number, minutes: number): Content {
  const commands: Draw[] = [
    { tag: 'ink', val: 'muted' },
    { tag: 'width', val: 1.5 },
    { tag: 'circle', val: [{ x: centre, y: centre }, radius] },
    ...marks(),
    { tag: 'ink', val: 'plain' },
    { tag: 'width', val: 4 },
    hand(((hours % 12) + minutes / 60) / 12, 6, radius * 0.52),
    { tag: 'width', val: 2.5 },
    hand(minutes / 60, 8, radius * 0.78),
  ]
  const two = (value: number): string => String(value).padStart(2, '0')
  return {
    tag: 'canvas',
    val: { alt: `Clock face at ${two(hours)}:${two(minutes)}`, width: size, height: size, commands },
  }
}
