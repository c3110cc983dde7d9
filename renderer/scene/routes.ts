// Right-angled ways over the plane around what must not be crossed: the shortest with the fewest corners, beside and not on
// the ways already laid. A search over the lines that run along the obstacles, so that ways follow channels. Pure.

import type { Point } from './types.js'

/** A rectangle of the plane that no cable passes through. */
export interface Obstacle {
  readonly left: number
  readonly right: number
  readonly front: number
  readonly back: number
}

/** Parallel cables run this far apart, and the first as far from what it passes. */
const laneWidth = 10
const clearance = 6
const bendCost = 40
const sharedCost = 4
/** What passing through an obstacle costs a unit: done only where there is no other way at all. */
const crossingCost = 1000

interface Segment {
  readonly a: Point
  readonly b: Point
}

/** Whether a horizontal or vertical segment passes through the inside of an obstacle. */
function crosses(obstacle: Obstacle, a: Point, b: Point): boolean {
  return (
    Math.max(a.x, b.x) > obstacle.left &&
    Math.min(a.x, b.x) < obstacle.right &&
    Math.max(a.y, b.y) > obstacle.front &&
    Math.min(a.y, b.y) < obstacle.back
  )
}

function isShared(laid: readonly Segment[], a: Point, b: Point): boolean {
  const isAcross = a.y === b.y
  return laid.some((other) => {
    if ((other.a.y === other.b.y) !== isAcross) return false
    const [gap, from, to, otherFrom, otherTo] = isAcross
      ? [
          a.y - other.a.y,
          Math.min(a.x, b.x),
          Math.max(a.x, b.x),
          Math.min(other.a.x, other.b.x),
          Math.max(other.a.x, other.b.x),
        ]
      : [
          a.x - other.a.x,
          Math.min(a.y, b.y),
          Math.max(a.y, b.y),
          Math.min(other.a.y, other.b.y),
          Math.max(other.a.y, other.b.y),
        ]
    return Math.abs(gap) < laneWidth - 1 && from < otherTo && otherFrom < to
  })
}

const sorted = (values: Iterable<number>): readonly number[] => [...new Set(values)].sort((a, b) => a - b)

/** A heap of search states by cost, cheapest first. */
class Frontier {
  readonly #items: { readonly cost: number; readonly state: number }[] = []

  push(cost: number, state: number): void {
    const items = this.#items
    items.push({ cost, state })
    let at = items.length - 1
    while (at > 0) {
      const up = (at - 1) >> 1
      if (this.#cost(up) <= this.#cost(at)) break
      this.#swap(up, at)
      at = up
    }
  }

  pop(): { readonly cost: number; readonly state: number } | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (top === undefined || last === undefined || items.length === 0) return top
    items[0] = last
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const least = this.#cost(left) <= this.#cost(left + 1) ? left : left + 1
      if (this.#cost(least) >= this.#cost(at)) return top
      this.#swap(least, at)
      at = least
    }
  }

  #cost(at: number): number {
    return this.#items[at]?.cost ?? Infinity
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#items[a], this.#items[b]]
    if (first === undefined || second === undefined) return
    this.#items[a] = second
    this.#items[b] = first
  }
}

/** Drops points in the middle of a straight run, and repeated ones. */
export function straighten(points: readonly Point[]): readonly Point[] {
  const kept: Point[] = []
  for (const point of points) {
    const last = kept.at(-1)
    if (last !== undefined && last.x === point.x && last.y === point.y) continue
    const before = kept.at(-2)
    const isStraight =
      last !== undefined &&
      before !== undefined &&
      ((before.x === last.x && last.x === point.x) || (before.y === last.y && last.y === point.y))
    if (isStraight) kept.pop()
    kept.push(point)
  }
  return kept
}

/** The cheapest way between two points that both are left and reached along y. */
export function findWay(
  from: Point,
  to: Point,
  obstacles: readonly Obstacle[],
  laid: readonly Segment[],
): readonly Point[] {
  const lanes = [clearance, clearance + laneWidth]
  const xs = sorted([
    from.x,
    to.x,
    ...obstacles.flatMap((o) => lanes.flatMap((lane) => [o.left - lane, o.right + lane])),
  ])
  const ys = sorted([
    from.y,
    to.y,
    (from.y + to.y) / 2,
    ...obstacles.flatMap((o) => lanes.flatMap((lane) => [o.front - lane, o.back + lane])),
  ])
  const width = xs.length
  const at = (node: number): Point => ({ x: xs[node % width] ?? 0, y: ys[Math.floor(node / width)] ?? 0 })
  const nodeOf = (point: Point): number => ys.indexOf(point.y) * width + xs.indexOf(point.x)
  const goal = nodeOf(to)
  // A state is a node and the axis along which it was reached: even along x, odd along y.
  const best = new Map<number, number>()
  const cameFrom = new Map<number, number>()
  const frontier = new Frontier()
  const start = nodeOf(from) * 2 + 1
  best.set(start, 0)
  frontier.push(0, start)
  for (let next = frontier.pop(); next !== undefined; next = frontier.pop()) {
    const { cost, state } = next
    if (cost > (best.get(state) ?? Infinity)) continue
    const node = state >> 1
    if (node === goal && state % 2 === 1) {
      const points: Point[] = []
      for (let step: number | undefined = state; step !== undefined; step = cameFrom.get(step))
        points.push(at(step >> 1))
      return straighten(points.reverse())
    }
    const here = at(node)
    const column = node % width
    const moves: readonly (readonly [number, number])[] = [
      [column > 0 ? node - 1 : -1, 0],
      [column < width - 1 ? node + 1 : -1, 0],
      [node - width, 1],
      [node + width < width * ys.length ? node + width : -1, 1],
    ]
    // A corner in place, so that a way may end along y.
    const turned = state ^ 1
    if (cost + bendCost < (best.get(turned) ?? Infinity)) {
      best.set(turned, cost + bendCost)
      cameFrom.set(turned, state)
      frontier.push(cost + bendCost, turned)
    }
    for (const [other, axis] of moves) {
      if (other < 0 || axis !== state % 2) continue
      const there = at(other)
      const length = Math.abs(there.x - here.x) + Math.abs(there.y - here.y)
      const isBlocked = obstacles.some((obstacle) => crosses(obstacle, here, there))
      const factor = isBlocked ? crossingCost : isShared(laid, here, there) ? sharedCost : 1
      const total = cost + length * factor
      const reached = other * 2 + axis
      if (total < (best.get(reached) ?? Infinity)) {
        best.set(reached, total)
        cameFrom.set(reached, state)
        frontier.push(total, reached)
      }
    }
  }
  return [from, to]
}

/** One cable to lay: a foot is left to the front and reached from the front, a fixture is reached from behind. */
export interface WayRequest {
  readonly key: string
  readonly from: Point
  readonly to: Point
  readonly end: 'foot' | 'fixture'
}

/** From a foot or above a rail to where a way may turn. */
const stub = 8
/** From the line over the rail, where ways turn, down to the top edge of a pill. */
const railStub = 10

/** Lays cables one after the other in the order given. */
export function layWays(
  requests: readonly WayRequest[],
  obstacles: readonly Obstacle[],
): ReadonlyMap<string, readonly Point[]> {
  const laid: Segment[] = []
  const ways = new Map<string, readonly Point[]>()
  for (const { key, from, to, end } of requests) {
    const out = { x: from.x, y: from.y - stub }
    const into = { x: to.x, y: end === 'foot' ? to.y - stub : to.y + railStub }
    const points = straighten([from, ...findWay(out, into, obstacles, laid), to])
    points.forEach((b, index) => {
      const a = points[index - 1]
      if (a !== undefined) laid.push({ a, b })
    })
    ways.set(key, points)
  }
  return ways
}
