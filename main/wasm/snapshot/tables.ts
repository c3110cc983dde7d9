// Tables of functions: a slot that changed is written as "the function that stood there at the start", since functions
// have no other name. Reading thousands of slots costs a millisecond, so it is done only where code writes tables.

import type { Cores } from './cores.js'
import type { Description } from './image.js'
import { SnapshotRefusal } from './refusal.js'

type TablesImage = Description['tables']

/** What stood in each slot of each table of a fresh instance. */
export type FirstSlots = readonly (readonly unknown[])[]

/** Entries a table may have here; as `patch-memory.ts` has it. */
const maxEntries = 1_000_000

export const readSlots = ({ tables }: Cores): FirstSlots =>
  tables.map(({ table }) => Array.from({ length: table.length }, (_, slot) => table.get(slot)))

export function readTables({ tables }: Cores, first: FirstSlots): TablesImage {
  const origins = new Map<unknown, [number, number]>()
  first.forEach((slots, table) =>
    slots.forEach((value, slot) => {
      if (!origins.has(value)) origins.set(value, [table, slot])
    }),
  )
  return tables.map(({ place, table }, index) => {
    const changed: TablesImage[number][3] = []
    const before = first[index] ?? []
    for (let slot = 0; slot < table.length; slot += 1) {
      const value: unknown = table.get(slot)
      if (value === (before[slot] ?? null)) continue
      const origin = value === null ? null : origins.get(value)
      if (origin === undefined) {
        throw new SnapshotRefusal(
          'refused',
          `slot ${slot} of a table holds a function that was in no table at its start`,
        )
      }
      changed.push([slot, origin])
    }
    return [...place, table.length, changed]
  })
}

/** Refuses what does not fit the tables of a fresh instance. */
export function checkTables(images: TablesImage, { tables }: Cores, first: FirstSlots): void {
  const isSame = images.length === tables.length && images.every((image, i) => isAt(image, tables[i]?.place))
  if (!isSame) throw new SnapshotRefusal('invalid', 'its tables are not those of the component')
  for (const [index, [, , length, changed]] of images.entries()) {
    if (length < (tables[index]?.table.length ?? 0) || length > maxEntries) {
      throw new SnapshotRefusal('invalid', 'a table of it has an impossible size')
    }
    for (const [slot, origin] of changed) {
      const isKnown = origin === null || first[origin[0]]?.[origin[1]] !== undefined
      if (slot >= length || !isKnown) throw new SnapshotRefusal('invalid', 'it has functions outside of its tables')
    }
  }
}

/** Writes checked tables. */
export function writeTables(images: TablesImage, { tables }: Cores, first: FirstSlots): void {
  for (const [index, [, , length, changed]] of images.entries()) {
    const table = tables[index]?.table
    if (table === undefined) continue
    grow(table, length)
    for (const [slot, origin] of changed) table.set(slot, origin === null ? null : first[origin[0]]?.[origin[1]])
  }
}

function grow(table: WebAssembly.Table, length: number): void {
  if (length === table.length) return
  try {
    table.grow(length - table.length)
  } catch {
    throw new SnapshotRefusal('too-large', 'a table of it is larger than one may be here')
  }
}

const isAt = ([core, index]: TablesImage[number], place: readonly [number, number] | undefined): boolean =>
  core === place?.[0] && index === place[1]
