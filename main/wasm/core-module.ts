// What a core module inside a component weighs (memories, tables), and whether its names can be trusted. Pure. The glue is
// JavaScript that the transpiler writes around these names, unescaped: a name with a quote in it would be code of the
// guest, run outside of its sandbox. Source: WebAssembly core spec 5.5.

import type { Reader } from './binary.js'

/** What one instantiation makes, nested ones included. */
export interface CoreCost {
  readonly instances: number
  readonly memories: number
  readonly tables: number
}

export const noCost: CoreCost = { instances: 0, memories: 0, tables: 0 }

export const addCost = (a: CoreCost, b: CoreCost): CoreCost => ({
  instances: a.instances + b.instances,
  memories: a.memories + b.memories,
  tables: a.tables + b.tables,
})

/** Printable ASCII that ends neither a string, a template nor a comment of JavaScript. */
const plain = /^(?!.*(?:\$\{|\*\/|\/\*))[ -&(-[\]-_a-~]*$/

/** A name that the glue is written around; fails on one that would be more than a name there. */
export function readCoreName(reader: Reader): string {
  const name = reader.name()
  if (!plain.test(name)) {
    reader.fail(`the core name ${JSON.stringify(name.slice(0, 60))} has characters that no tool writes into a name`)
  }
  return name
}

/** Reads the sections of a core module that hold names, memories and tables, and passes over the rest. */
export function readCoreModule(reader: Reader): CoreCost {
  reader.skip(8)
  let memories = 0
  let tables = 0
  while (reader.left > 0) {
    const id = reader.byte()
    const section = reader.part(reader.u32(), `section ${id} of a core module`)
    if (id === 2) {
      for (let left = section.count(); left > 0; left -= 1) readImport(section)
    } else if (id === 4) {
      tables += section.count()
    } else if (id === 5) {
      memories += section.count()
    } else if (id === 7) {
      for (let left = section.count(); left > 0; left -= 1) {
        readCoreName(section)
        section.byte()
        section.u32()
      }
    }
  }
  return { instances: 1, memories, tables }
}

function readImport(section: Reader): void {
  readCoreName(section)
  readCoreName(section)
  const kind = section.byte()
  switch (kind) {
    case 0x00:
      section.u32()
      return
    case 0x01:
      skipReferenceType(section)
      return skipLimits(section)
    case 0x02:
      return skipLimits(section)
    case 0x03:
      skipReferenceType(section)
      section.byte()
      return
    case 0x04:
      section.byte()
      section.u32()
      return
    default:
      return section.fail(`a core module imports something of the kind 0x${kind.toString(16)}, which is unknown here`)
  }
}

/** One byte, or a reference with its own heap type behind it. */
function skipReferenceType(section: Reader): void {
  const code = section.byte()
  if (code === 0x63 || code === 0x64) section.skipLeb(33)
}

function skipLimits(section: Reader): void {
  const flags = section.byte()
  section.skipLeb(64)
  if ((flags & 0x01) !== 0) section.skipLeb(64)
  if ((flags & 0x08) !== 0) section.u32()
}
