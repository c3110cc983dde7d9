// Places what nobody placed, the same way for the same ids: this desktop at the front, other hosts behind it to the left
// and right, row by row; windows on their slab from the left, row by row. What stands is never moved for what comes. Pure.

import type { Point } from './types.js'

export const grid = 20
export const gapX = 100
export const gapY = 110
/** Between rows that the layout makes: a default window in the front row of a slab does not reach the lip behind it. */
const rowGap = 160
const largestSlab = { width: 1600, depth: 1200 }
export const defaultSlab = { width: 560, depth: 320 }
export const desktopSlab = { width: 860, depth: 430 }
export const smallestWindow = { width: 164, height: 116 }
export const largestWindow = { width: 1200, height: 900 }
/** Two stand beside each other on a slab of default size; a clock with its face, time and date fits. */
export const defaultWindow = { width: 250, height: 224 }
/** Feet stand at least this far behind the front edge (the rail is in front), and from the other edges. */
export const footFront = 70
export const footSide = 24
const rowDepth = 110
/** On a slab with more windows no free spot is looked for. */
const mostSearched = 24
/** Between windows of a row. */
const windowGap = 20
const titleBar = 34
/** How much of a unit away is seen as height, in the tilted view. */
const seenDepth = Math.sin((52 * Math.PI) / 180)
/** What a window of some height covers of the plane behind its foot, in the tilted view. */
export const coverOfHeight = 1.4
/** Height on the plane that a lip takes in front of its slab, in the tilted view, with some air. */
const lipDepth = 54

export interface Slab {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly depth: number
}

/** Whether two slabs are nearer to each other than the channel between slabs. */
export function slabsCollide(a: Slab, b: Slab): boolean {
  return (
    a.x < b.x + b.width + gapX && b.x < a.x + a.width + gapX && a.y < b.y + b.depth + gapY && b.y < a.y + a.depth + gapY
  )
}

const onGrid = (value: number): number => Math.round(value / grid) * grid

/** Left, right, further left, further right, ... of one row; columns are as wide as a default slab and its gap. */
function columnX(index: number): number {
  const pitch = defaultSlab.width + gapX
  const out = Math.floor(index / 2)
  return index % 2 === 0 ? -gapX / 2 - defaultSlab.width - out * pitch : gapX / 2 + out * pitch
}

/** Row and column of the n-th place behind the desktop: two rows of two, then a square that grows outward and away. */
function* cells(): Generator<{ readonly row: number; readonly column: number }> {
  for (let ring = 1; ; ring += 1) {
    const rows = ring + 1
    const columns = 2 * ring
    for (let row = 0; row < rows; row += 1)
      for (let column = 0; column < columns; column += 1)
        if (ring === 1 || row === rows - 1 || column >= columns - 2) yield { row, column }
  }
}

/**
 * Where a slab goes that nobody placed: the desktop's in the front middle, any other in the cell behind that it has a seat in,
 * if that is free, else in the first free one. `standing` are all slabs that have their place already.
 */
export function placeSlab(
  isDesktop: boolean,
  size: { readonly width: number; readonly depth: number },
  standing: readonly Slab[],
  seat?: number,
): Slab {
  if (isDesktop) {
    const front = { x: -size.width / 2, y: 0, ...size }
    if (!standing.some((other) => slabsCollide(front, other))) return front
  }
  const firstRow = desktopSlab.depth + rowGap
  const isFree = (slab: Slab): boolean => !standing.some((other) => slabsCollide(slab, other))
  let wanted: Slab | undefined
  let first: Slab | undefined
  let count = 0
  for (const cell of cells()) {
    const slab = { x: columnX(cell.column), y: firstRow + cell.row * (defaultSlab.depth + rowGap), ...size }
    if (count === seat && isFree(slab)) wanted = slab
    if (first === undefined && isFree(slab)) first = slab
    count += 1
    if (first !== undefined && count > (seat ?? -1)) return wanted ?? first
  }
  throw new Error('the cells behind the desktop came to an end; they must not')
}

interface Size {
  readonly width: number
  readonly height: number
}

/** A window on a slab: its foot relative to the slab's front-left corner. */
export interface Standing {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Whether the title bar of the one behind stays visible over the one in front, or they are side by side. */
function canStandTogether(a: Standing, b: Standing): boolean {
  if (Math.abs(a.x - b.x) >= (a.width + b.width) / 2 + windowGap) return true
  const [front, back] = a.y <= b.y ? [a, b] : [b, a]
  if (back.y === front.y) return false
  return back.y * seenDepth + back.height - titleBar >= front.y * seenDepth + front.height
}

/** The parts of a window's foot that no window in front covers, left to right. */
export function freeFoot(
  window: Standing,
  others: Iterable<Standing>,
): readonly { readonly from: number; readonly to: number }[] {
  let free = [{ from: window.x - window.width / 2, to: window.x + window.width / 2 }]
  for (const other of others) {
    if (other.y >= window.y || other.y + other.height * coverOfHeight <= window.y - windowGap) continue
    const [left, right] = [other.x - other.width / 2 - windowGap, other.x + other.width / 2 + windowGap]
    free = free
      .flatMap(({ from, to }) => [
        { from, to: Math.min(to, left) },
        { from: Math.max(from, right), to },
      ])
      .filter(({ from, to }) => to - from > 1)
  }
  return free
}

/** The foot nearest to the wanted one that is on the slab with its whole width where it fits. */
export function clampFoot(foot: Point, width: number, slab: { readonly width: number; readonly depth: number }): Point {
  const half = Math.min(width / 2, slab.width / 2 - footSide)
  return {
    x: Math.min(slab.width - footSide - half, Math.max(footSide + half, foot.x)),
    y: Math.min(slab.depth - footSide, Math.max(footFront, foot.y)),
  }
}

/** A foot rounded to the grid of the slab and inside it. */
export function snapFoot(foot: Point, width: number, slab: { readonly width: number; readonly depth: number }): Point {
  return clampFoot({ x: onGrid(foot.x), y: onGrid(foot.y - footFront) + footFront }, width, slab)
}

/** Whether a window would reach over the lip of the slab behind: the one that is there, or the next that the layout puts. */
function reachesTooHigh(y: number, height: number, depth: number, room: number): boolean {
  return y + height * coverOfHeight > Math.min(room, depth + rowGap - gapY) + gapY - lipDepth
}

/**
 * The first free spot on a slab from the left, front row first; where none is free the slab grows to the right (as far as
 * `room` allows) and then away, then the window is made small, and at last windows stand in steps one before the other.
 */
export function placeWindow(
  wish: Size,
  slab: { readonly width: number; readonly depth: number },
  standing: readonly Standing[],
  room: { readonly width: number; readonly depth: number } = largestSlab,
): Standing {
  const spotIn = (width: number, depth: number, size: Size, lastRow = Infinity): Standing | undefined => {
    for (let y = footFront; y <= Math.min(lastRow, depth - footSide); y += rowDepth) {
      if (y > footFront && reachesTooHigh(y, size.height, depth, room.depth)) continue
      let best: { readonly spot: Standing; readonly hidden: number } | undefined
      for (let x = footSide + size.width / 2; x + size.width / 2 + footSide <= width; x += grid / 2) {
        const spot = { x, y, ...size }
        if (!standing.every((other) => canStandTogether(spot, other))) continue
        const hidden = size.width - freeFoot(spot, standing).reduce((sum, { from, to }) => sum + to - from, 0)
        if (best === undefined || hidden < best.hidden) best = { spot, hidden }
        if (hidden === 0) break
      }
      if (best !== undefined) return best.spot
    }
    return undefined
  }
  const widths = [slab.width, Math.max(slab.width, Math.min(largestSlab.width, room.width))]
  const depths = [slab.depth, Math.max(slab.depth, Math.min(largestSlab.depth, room.depth))]
  // In the front row, where nothing covers it, as long as the slab can grow wide enough for that.
  for (const width of standing.length < mostSearched ? widths : []) {
    const spot = spotIn(width, slab.depth, wish, footFront)
    if (spot !== undefined) return spot
  }
  for (const size of standing.length < mostSearched ? [wish, smallestWindow] : [])
    for (const depth of depths)
      for (const width of widths) {
        const spot = spotIn(width, depth, size)
        if (spot !== undefined) return spot
      }
  // The slab is full: one before the other from left to right, so that at least no name of a place is covered.
  const step = standing.length % 8
  const foot = clampFoot({ x: footSide + wish.width / 2 + step * 2 * grid, y: footFront + step }, wish.width, slab)
  return { ...foot, ...wish }
}

/** The size a slab needs for its windows; never less than it has. */
export function grownSlab(
  slab: { readonly width: number; readonly depth: number },
  standing: readonly Standing[],
): { readonly width: number; readonly depth: number } {
  let { width, depth } = slab
  for (const window of standing) {
    width = Math.max(width, Math.ceil((window.x + window.width / 2 + footSide) / grid) * grid)
    depth = Math.max(depth, Math.ceil((window.y + footSide) / grid) * grid)
  }
  return { width: Math.min(largestSlab.width, width), depth: Math.min(largestSlab.depth, depth) }
}

/** How wide and deep a slab may grow before it comes too near to another. */
export function roomOf(slab: Slab, others: readonly Slab[]): { readonly width: number; readonly depth: number } {
  let { width, depth } = largestSlab
  for (const other of others) {
    const besideInY = other.y < slab.y + slab.depth + gapY && slab.y < other.y + other.depth + gapY
    const behindInX = other.x < slab.x + slab.width + gapX && slab.x < other.x + other.width + gapX
    if (besideInY && other.x >= slab.x + slab.width) width = Math.min(width, other.x - gapX - slab.x)
    if (behindInX && other.y >= slab.y + slab.depth) depth = Math.min(depth, other.y - gapY - slab.y)
  }
  return { width: Math.max(slab.width, width), depth: Math.max(slab.depth, depth) }
}
