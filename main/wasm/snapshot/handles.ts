// jco's tables of handles as data, and back: read only when every handle is owned and at rest, written only when the
// whole table is what jco could have made itself. What is wrong in here would reach the host, not only the guest.

import type { HandleTable } from './tap.js'
import { SnapshotRefusal } from './refusal.js'

/** Marks an owned handle, and in the other cell a free one. */
const flag = 1 << 30

/** `cells` as jco keeps them; `reps`: numbers that were ever made into a handle here. */
export interface HandlesImage {
  readonly id: number
  readonly cells: number[]
  readonly reps: number[]
}

export function readHandles(tables: readonly HandleTable[]): HandlesImage[] {
  const images: HandlesImage[] = []
  // Sparse: most ids have none.
  tables.forEach((table, id) => {
    const image = { id, cells: Array.from(table), reps: [...table._createdReps] }
    const trouble = findTrouble(image.cells)
    if (trouble !== undefined) throw new SnapshotRefusal('refused', trouble)
    images.push(image)
  })
  return images
}

/** Refuses tables that jco would not have made, and one left out. */
export function checkHandles(images: readonly HandlesImage[], tables: readonly HandleTable[]): void {
  const known = new Set(images.map(({ id }) => id))
  const isMissing = Object.keys(tables).some((id) => !known.has(Number(id)))
  if (isMissing || known.size < images.length) throw new SnapshotRefusal('invalid', 'it has other tables of handles')
  for (const { id, cells } of images) {
    if (findTrouble(cells) !== undefined) throw new SnapshotRefusal('invalid', `its table of handles ${id} is damaged`)
  }
}

/** Numbers behind the handles in use, in order of the handles. */
export function* repsInUse(cells: readonly number[]): Generator<number> {
  for (let at = 2; at < cells.length; at += 2) {
    if (((cells[at] ?? 0) & flag) === 0) yield (cells[at + 1] ?? 0) & ~flag
  }
}

/** Whether `handle` is one in use. */
export function isInUse(cells: readonly number[], handle: number): boolean {
  return handle > 0 && 2 * handle + 1 < cells.length && ((cells[2 * handle] ?? flag) & flag) === 0
}

/** In place: the glue's functions are bound to the very array. */
export function writeHandles(tables: HandleTable[], images: readonly HandlesImage[]): void {
  for (const { id, cells, reps } of images) {
    const table = tables[id] ?? makeTable(tables, id)
    table.length = 0
    for (const cell of cells) table.push(cell)
    table._createdReps.clear()
    for (const rep of reps) table._createdReps.add(rep)
  }
}

/** As jco itself makes one on the first transfer between two components. */
function makeTable(tables: HandleTable[], id: number): HandleTable {
  const table: HandleTable = Object.assign([flag, 0], { _createdReps: new Set<number>() })
  tables[id] = table
  return table
}

/** The end of a sentence about a table that is not at rest or not sound. */
function findTrouble(cells: readonly number[]): string | undefined {
  if (cells.length < 2 || cells.length % 2 !== 0 || cells[1] !== 0) return 'a table of its handles is damaged'
  const free = new Set<number>()
  for (let next = (cells[0] ?? 0) & ~flag; next !== 0; next = (cells[2 * next] ?? 0) & ~flag) {
    const scope = cells[2 * next]
    if (next < 0 || scope === undefined || (scope & flag) === 0 || free.has(next)) {
      return 'a table of its handles is damaged'
    }
    free.add(next)
  }
  for (let handle = 1; 2 * handle < cells.length; handle += 1) {
    const scope = cells[2 * handle] ?? 0
    const rep = cells[2 * handle + 1] ?? 0
    if ((scope & flag) !== 0) {
      if (!free.has(handle)) return 'a table of its handles is damaged'
    } else if (scope !== 0 || (rep & flag) === 0) {
      return 'a handle of it is lent out or borrowed'
    }
  }
  return undefined
}
