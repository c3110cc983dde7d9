// Makes the state of a core module reachable: exports each memory, table and mutable number that it defines under names
// of ours, and looks through its code for what no copy could hold. Pure. Source: WebAssembly core spec 5.5.

import { Malformed, Reader, readPreamble } from '../binary.js'
import { leb } from '../patch-memory.js'
import { skipValueType, UnknownInstruction, walkExpression, type Met } from './instructions.js'

/** Names under which state is exported: the prefix, `m`, `t` or `g`, and the index. */
export const statePrefix = 'tlos$'

export type Exposed =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly writesTables: boolean }
  /** It runs, but its instances cannot be copied; the reason as the end of a sentence. */
  | { readonly ok: false; readonly reason: string }

class Refused extends Error {}

/** What a module has, gathered section by section. */
interface Parts extends Met {
  readonly imported: { func: number; table: number; memory: number; global: number }
  tables: number
  memories: number
  /** Of the defined globals, those that are mutable numbers, by index among all globals. */
  readonly globals: number[]
}

const kinds = { t: 1, m: 2, g: 3 } as const

/** A copy of `module` with its state exported. Nothing else about it changes. */
export function exposeState(module: Uint8Array): Exposed {
  if (readPreamble(module) !== 'core') return { ok: false, reason: 'this is not a core module' }
  try {
    return expose(module)
  } catch (error) {
    if (error instanceof Malformed || error instanceof Refused || error instanceof UnknownInstruction) {
      return { ok: false, reason: error.message }
    }
    throw error
  }
}

function expose(module: Uint8Array): Exposed {
  const parts: Parts = {
    imported: { func: 0, table: 0, memory: 0, global: 0 },
    tables: 0,
    memories: 0,
    globals: [],
    writesTables: false,
  }
  const sections: { readonly id: number; readonly whole: Uint8Array; readonly body: Uint8Array }[] = []
  const reader = new Reader(module, 'a core module', 8)
  while (reader.left > 0) {
    const start = reader.offset
    const id = reader.byte()
    const size = reader.u32()
    const bodyAt = reader.offset
    readSection(id, reader.part(size, `section ${id} of a core module`), parts)
    sections.push({
      id,
      whole: module.subarray(start, reader.offset),
      body: module.subarray(bodyAt, reader.offset),
    })
  }
  const added = newExports(parts)
  if (added.length === 0) return { ok: true, bytes: module, writesTables: parts.writesTables }

  const pieces: Uint8Array[] = [module.subarray(0, 8)]
  let isPlaced = false
  for (const { id, whole, body } of sections) {
    // Exports come after the globals and before all of these.
    if (!isPlaced && (id === 7 || (id >= 8 && id <= 12))) {
      pieces.push(exportSection(id === 7 ? body : undefined, added))
      isPlaced = true
    }
    if (id !== 7) pieces.push(whole)
  }
  if (!isPlaced) pieces.push(exportSection(undefined, added))
  return { ok: true, bytes: Buffer.concat(pieces), writesTables: parts.writesTables }
}

function readSection(id: number, section: Reader, parts: Parts): void {
  switch (id) {
    case 2:
      return readImports(section, parts)
    case 4:
      parts.tables = section.count()
      return
    case 5:
      parts.memories = section.count()
      for (let left = parts.memories; left > 0; left -= 1) skipLimits(section)
      return
    case 6:
      return readGlobals(section, parts)
    case 7:
      return checkExports(section)
    case 10:
      return readCode(section, parts)
    default:
      return
  }
}

function readImports(section: Reader, { imported }: Parts): void {
  for (let left = section.count(); left > 0; left -= 1) {
    section.name()
    section.name()
    switch (section.byte()) {
      case 0:
        section.u32()
        imported.func += 1
        break
      case 1:
        skipValueType(section)
        skipLimits(section)
        imported.table += 1
        break
      case 2:
        skipLimits(section)
        imported.memory += 1
        break
      case 3:
        skipValueType(section)
        section.byte()
        imported.global += 1
        break
      case 4:
        section.byte()
        section.u32()
        break
      default:
        throw new Refused('it imports a thing of a kind that is unknown here')
    }
  }
}

function skipLimits(section: Reader): void {
  const flags = section.byte()
  if (flags > 1) throw new Refused('it has a shared or 64-bit memory or table')
  section.u32()
  if (flags === 1) section.u32()
}

const numbers = [0x7f, 0x7e, 0x7d, 0x7c]

function readGlobals(section: Reader, parts: Parts): void {
  const count = section.count()
  for (let index = 0; index < count; index += 1) {
    const type = skipValueType(section)
    const isMutable = section.byte() === 1
    walkExpression(section, parts)
    if (!isMutable) continue
    if (type === 0x7b) throw new Refused('it keeps a vector (v128) in a global variable')
    if (!numbers.includes(type)) throw new Refused('it keeps a reference in a global variable')
    parts.globals.push(parts.imported.global + index)
  }
}

function checkExports(section: Reader): void {
  for (let left = section.count(); left > 0; left -= 1) {
    if (section.name().startsWith(statePrefix)) throw new Refused(`it exports names that begin with ${statePrefix}`)
    section.byte()
    section.u32()
  }
}

function readCode(section: Reader, parts: Parts): void {
  for (let left = section.count(); left > 0; left -= 1) {
    const body = section.part(section.u32(), 'a function')
    for (let groups = body.u32(); groups > 0; groups -= 1) {
      body.u32()
      skipValueType(body)
    }
    walkExpression(body, parts)
    if (body.left > 0) throw new Refused('a function of it goes on after its end')
  }
}

function newExports({ imported, tables, memories, globals }: Parts): number[][] {
  const entry = (kind: keyof typeof kinds, index: number): number[] => {
    const name = [...Buffer.from(`${statePrefix}${kind}${index}`)]
    return [...leb(name.length), ...name, kinds[kind], ...leb(index)]
  }
  return [
    ...Array.from({ length: memories }, (_, index) => entry('m', imported.memory + index)),
    ...Array.from({ length: tables }, (_, index) => entry('t', imported.table + index)),
    ...globals.map((index) => entry('g', index)),
  ]
}

/** The section with what it had and what is new. */
function exportSection(before: Uint8Array | undefined, added: readonly number[][]): Uint8Array {
  const reader = new Reader(before ?? Uint8Array.of(0), 'the export section')
  const count = reader.u32()
  const body = Buffer.concat([Uint8Array.from(leb(count + added.length)), reader.rest(), Uint8Array.from(added.flat())])
  return Buffer.concat([Uint8Array.from([7, ...leb(body.length)]), body])
}
