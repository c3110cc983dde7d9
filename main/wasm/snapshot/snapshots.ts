// Copies of one instance, between two of its calls: taking one, and making a fresh instance go on as another one was.
// Joins the parts of this folder; knows nothing of workers or of who asks. Nothing here runs code of the guest.

import { createHash } from 'node:crypto'
import { collectCores, formatNumber, parseNumber, type Cores } from './cores.js'
import { checkHandles, isInUse, readHandles, repsInUse, writeHandles } from './handles.js'
import { holdAgain, readHeld } from './held.js'
import { wordsForClass } from './held-words.js'
import { decodeImage, encodeImage, type DecodedImage, type Description, type Identity } from './image.js'
import { openPrints, type Fingerprint } from './fingerprint.js'
import { checkRuns, dataBytes, findRuns, readRuns, writeRuns } from './pages.js'
import type { Recipes } from './recipes.js'
import { SnapshotRefusal } from './refusal.js'
import { checkTables, readSlots, readTables, writeTables, type FirstSlots } from './tables.js'
import { findUnrest, type Capture, type Tap } from './tap.js'

export interface SnapshotParts {
  readonly identity: Identity
  /** Exports of the core instances, in order. */
  readonly cores: readonly Readonly<Record<string, unknown>>[]
  readonly tap: Tap
  readonly recipes: Recipes
  /** Code of it can change a table after the start. */
  readonly writesTables: boolean
  /** Most that one memory may have here. */
  readonly memoryBytes: number
}

export interface Snapshots {
  /** `isWhole`: all pages instead of the difference to a fresh instance, for a node whose fresh instance differs. */
  take(options?: TakeOptions): Uint8Array
  /**
   * Makes this instance, which must be fresh, go on as the other one was; gives the guest's resources that the host held.
   * After a failure the instance is not to be used.
   */
  restore(image: Uint8Array): Restored
}

export interface TakeOptions {
  readonly isWhole?: boolean
  /** Refuses what may not be there any more when it is gone on from this. */
  readonly isFirm?: boolean
  /** Resources of the guest that the host holds, by a number of its choice. */
  readonly held?: ReadonlyMap<number, object>
  /** The handles by which others know them. */
  readonly given?: Description['given']
}

export interface Restored {
  readonly held: ReadonlyMap<number, object>
  readonly given: Description['given']
}

interface Fresh {
  readonly prints: readonly Fingerprint[]
  readonly slots: FirstSlots
}

/** Right after the instance was made: what it has now is what others are compared with. Failures: `SnapshotRefusal`. */
export function createSnapshots(parts: SnapshotParts): Snapshots {
  const { identity, tap, recipes } = parts
  const cores = collectCores(parts.cores)
  const prints = openPrints(cores.memories.map(({ memory }) => memory))
  const fresh: Fresh = {
    prints: prints.map((print) => print()),
    slots: parts.writesTables ? readSlots(cores) : [],
  }
  // Without code that writes tables they are what they were.
  const tables: Cores = parts.writesTables ? cores : { ...cores, tables: [] }

  function take(options: TakeOptions = {}): Uint8Array {
    const unrest = findUnrest(tap)
    if (unrest !== undefined) throw new SnapshotRefusal('refused', unrest)
    const isWhole = options.isWhole === true
    const runs = prints.map((print, index) => findRuns(print(), isWhole ? undefined : fresh.prints[index]))
    const description: Description = {
      ...(isWhole ? {} : { base: hashOf(fresh.prints) }),
      ...(recipes.clock === undefined ? {} : { clock: recipes.clock.now().toString() }),
      memories: cores.memories.map(({ place, memory }, index) => [
        ...place,
        memory.buffer.byteLength,
        runs[index] ?? [],
      ]),
      globals: cores.globals.map(({ place, global }) => [...place, formatNumber(global.value)]),
      tables: readTables(tables, fresh.slots),
      handles: readHandles(tap.tables),
      captures: tap.captures.map((capture) => readCapture(capture, recipes, options.isFirm === true)),
      held: readHeld(tap, options.held ?? new Map()),
      given: [...(options.given ?? [])],
    }
    const pageBytes = runs.reduce((sum, each) => sum + dataBytes(each), 0)
    return encodeImage(identity, description, pageBytes, (target, from) => {
      let at = from
      cores.memories.forEach(({ memory }, index) => {
        at = readRuns(memory.buffer, runs[index] ?? [], target, at)
      })
    })
  }

  function restore(bytes: Uint8Array): Restored {
    const image = decodeImage(bytes, identity, parts.memoryBytes * cores.memories.length)
    const { description } = image
    const unrest = findUnrest(tap)
    if (unrest !== undefined) throw new SnapshotRefusal('refused', unrest)
    // All that can be refused is refused before anything is changed.
    checkMemories(image, cores, fresh, parts.memoryBytes)
    const numbers = checkGlobals(description, cores)
    checkTables(description.tables, tables, fresh.slots)
    checkHandles(description.handles, tap.tables)
    checkHeld(description, tap)
    const made = makeCaptures(description, tap, recipes)

    growMemories(description, cores)
    let at = 0
    for (const [index, [, , , runs]] of description.memories.entries()) {
      const buffer = cores.memories[index]?.memory.buffer
      if (buffer !== undefined) at = writeRuns(buffer, runs, description.base === undefined, image.pages, at)
    }
    cores.globals.forEach(({ global }, index) => {
      const value = numbers[index]
      if (value !== undefined) global.value = value
    })
    writeTables(description.tables, tables, fresh.slots)
    writeHandles(tap.tables, description.handles)
    for (const { capture, count, objects } of made) {
      capture.map.clear()
      for (const [rep, object] of objects) capture.map.set(rep, object)
      capture.count = count
    }
    if (description.clock !== undefined) recipes.clock?.set(BigInt(description.clock))
    return { held: holdAgain(tap, description.held), given: description.given }
  }

  return { take, restore }
}

function hashOf(prints: readonly Fingerprint[]): string {
  const hash = createHash('sha256')
  for (const each of prints) hash.update(`${each.length} `).update(new Uint8Array(each.buffer))
  return hash.digest('hex')
}

function readCapture(
  { id, map, count, type }: Capture,
  recipes: Recipes,
  isFirm: boolean,
): Description['captures'][number] {
  return [
    id,
    count,
    [...map].map(([rep, object]) => {
      const recipe = recipes.describe(object)
      if (recipe === undefined || type === undefined) {
        const what = recipes.wordsFor(object) ?? wordsForClass(type?.name ?? object.constructor.name)
        throw new SnapshotRefusal('refused', `it holds ${what}, which cannot be made again elsewhere`)
      }
      if (isFirm && recipes.isLoose(object)) {
        throw new SnapshotRefusal('refused', `it holds ${wordsForClass(type.name)}, which may be gone later`)
      }
      return [rep, recipe]
    }),
  ]
}

function checkMemories({ description, pages }: DecodedImage, cores: Cores, fresh: Fresh, memoryBytes: number): void {
  const { memories, base } = description
  const isSame =
    memories.length === cores.memories.length &&
    memories.every(([core, index], i) => {
      const place = cores.memories[i]?.place
      return core === place?.[0] && index === place[1]
    })
  if (!isSame) throw new SnapshotRefusal('invalid', 'its memories are not those of the component')
  if (base !== undefined && base !== hashOf(fresh.prints)) {
    throw new SnapshotRefusal('conflict', 'it is a difference to a fresh instance, and a fresh one is another here')
  }
  let data = 0
  for (const [at, [, , bytes, runs]] of memories.entries()) {
    const now = cores.memories[at]?.memory.buffer.byteLength ?? 0
    if (bytes > memoryBytes) {
      throw new SnapshotRefusal('too-large', `it needs ${bytes} bytes of memory, and ${memoryBytes} are allowed`)
    }
    if (bytes < now || bytes % 65_536 !== 0)
      throw new SnapshotRefusal('invalid', 'a memory of it has an impossible size')
    checkRuns(runs, bytes)
    data += dataBytes(runs)
  }
  if (data !== pages.length) throw new SnapshotRefusal('invalid', 'it has another number of pages than it says')
}

function growMemories({ memories }: Description, cores: Cores): void {
  for (const [index, [, , bytes]] of memories.entries()) {
    const memory = cores.memories[index]?.memory
    const missing = (bytes - (memory?.buffer.byteLength ?? bytes)) / 65_536
    if (memory === undefined || missing === 0) continue
    try {
      memory.grow(missing)
    } catch {
      throw new SnapshotRefusal('too-large', `it needs ${bytes} bytes of memory, and they cannot be had here`)
    }
  }
}

/** Values for all globals, in their order. */
function checkGlobals({ globals }: Description, cores: Cores): (number | bigint)[] {
  const values = globals.map(([core, index, text], at) => {
    const found = cores.globals[at]
    const isSame = found !== undefined && found.place[0] === core && found.place[1] === index
    return isSame ? parseNumber(text, found.global.value) : undefined
  })
  const known = values.filter((value) => value !== undefined)
  if (known.length !== cores.globals.length || known.length !== globals.length) {
    throw new SnapshotRefusal('invalid', 'its variables are not those of the component')
  }
  return known
}

function checkHeld({ held, given, handles }: Description, tap: Tap): void {
  const names = new Set(held.map(([name]) => name))
  if (names.size < held.length || given.some(([name]) => !names.has(name))) {
    throw new SnapshotRefusal('invalid', 'it names resources that it does not have')
  }
  for (const [, table, handle] of held) {
    const cells = handles.find(({ id }) => id === table)?.cells ?? []
    if (!tap.held.some((each) => each.table === table) || !isInUse(cells, handle)) {
      throw new SnapshotRefusal('invalid', 'it names resources that it does not have')
    }
  }
}

interface MadeCapture {
  readonly capture: Capture
  readonly count: number
  readonly objects: ReadonlyMap<number, object>
}

/** Makes every object of the host that the guest holds, each of the class that its place is for. */
function makeCaptures({ captures, handles }: Description, tap: Tap, recipes: Recipes): MadeCapture[] {
  const isSame = captures.length === tap.captures.length && captures.every(([id], at) => id === tap.captures[at]?.id)
  if (!isSame) throw new SnapshotRefusal('invalid', 'its resources are not those of the component')
  return captures.flatMap(([, count, entries], at) => {
    const capture = tap.captures[at]
    if (capture === undefined) return []
    const { type } = capture
    const objects = new Map<number, object>()
    for (const [rep, recipe] of entries) {
      const object = recipes.make(recipe)
      if (type === undefined || !(object instanceof type) || rep < 1 || rep > count) {
        throw new SnapshotRefusal('invalid', `a ${recipe[0]} stands where the component has something else`)
      }
      objects.set(rep, object)
    }
    // A handle without its object would make the glue invent one.
    const cells = handles.filter(({ id }) => capture.tables.includes(id)).map((each) => each.cells)
    for (const rep of cells.flatMap((each) => [...repsInUse(each)])) {
      if (!objects.has(rep)) throw new SnapshotRefusal('invalid', 'a handle of it has nothing behind it')
    }
    return [{ capture, count, objects }]
  })
}
