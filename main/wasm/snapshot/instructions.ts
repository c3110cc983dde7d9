// Walks the instructions of a core module without executing them: enough to know what a module can do to its tables and
// segments, and to stay in step over its constant expressions. Pure. Source: WebAssembly core spec 5.4 (3.0 for the rest).

import type { Reader } from '../binary.js'

/** An instruction after which nobody can say any more what the state of the module is made of. */
export class UnknownInstruction extends Error {
  override readonly name = 'UnknownInstruction'
}

/** What was met on the way. */
export interface Met {
  /** A table may change after the start (`table.set`, `grow`, `fill`, `copy`, `init`). */
  writesTables: boolean
}

/** Reads up to and with the `end` that closes the expression the reader stands in. */
export function walkExpression(reader: Reader, met: Met): void {
  for (let depth = 1; depth > 0;) {
    const opcode = reader.byte()
    if (opcode === 0x0b || opcode === 0x18) depth -= 1
    else if (opcode >= 0x02 && opcode <= 0x06 && opcode !== 0x05) depth += 1
    else if (opcode === 0x1f) depth += 1
    skipImmediates(reader, opcode, met)
  }
}

type Immediate = 'none' | 'index' | 'two' | 'memory' | 'block' | 'heap'

/** Immediates of the opcodes of one byte that have a simple one; all others are in `skipImmediates`. */
const simple = new Map<number, Immediate>([
  ...[0x02, 0x03, 0x04, 0x06].map((opcode): [number, Immediate] => [opcode, 'block']),
  ...[0x07, 0x08, 0x09, 0x0c, 0x0d, 0x10, 0x12, 0x14, 0x15, 0x18].map((opcode): [number, Immediate] => [
    opcode,
    'index',
  ]),
  ...[0x11, 0x13].map((opcode): [number, Immediate] => [opcode, 'two']),
  ...[0x00, 0x01, 0x05, 0x0a, 0x0b, 0x0f, 0x19, 0x1a, 0x1b].map((opcode): [number, Immediate] => [opcode, 'none']),
  ...[0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x3f, 0x40].map((opcode): [number, Immediate] => [opcode, 'index']),
  ...[0xd1, 0xd4].map((opcode): [number, Immediate] => [opcode, 'none']),
  ...[0xd2, 0xd5, 0xd6].map((opcode): [number, Immediate] => [opcode, 'index']),
  [0xd0, 'heap'],
])

function skipImmediates(reader: Reader, opcode: number, met: Met): void {
  if (opcode >= 0x45 && opcode <= 0xc4) return
  if (opcode >= 0x28 && opcode <= 0x3e) return skipSimple(reader, 'memory')
  const known = simple.get(opcode)
  if (known !== undefined) {
    if (opcode === 0x26) met.writesTables = true
    return skipSimple(reader, known)
  }
  switch (opcode) {
    case 0x0e:
      // One label more than it says: the default.
      for (let left = reader.u32() + 1; left > 0; left -= 1) reader.skipLeb(32)
      return
    case 0x1c:
      for (let left = reader.u32(); left > 0; left -= 1) skipValueType(reader)
      return
    case 0x1f:
      reader.skipLeb(33)
      for (let left = reader.u32(); left > 0; left -= 1) {
        const kind = reader.byte()
        if (kind > 3) throw new UnknownInstruction('it catches exceptions in a way that is unknown here')
        if (kind < 2) reader.skipLeb(32)
        reader.skipLeb(32)
      }
      return
    case 0x41:
      return reader.skipLeb(32)
    case 0x42:
      return reader.skipLeb(64)
    case 0x43:
      return reader.skip(4)
    case 0x44:
      return reader.skip(8)
    case 0xfb:
    case 0xd3:
      throw new UnknownInstruction('it uses garbage-collected values, which cannot be copied')
    case 0xfc:
      return skipBulk(reader, met)
    case 0xfd:
      return skipVector(reader)
    case 0xfe:
      return skipAtomic(reader)
    default:
      throw new UnknownInstruction(`it uses an instruction that is unknown here (0x${opcode.toString(16)})`)
  }
}

function skipSimple(reader: Reader, immediate: Immediate): void {
  switch (immediate) {
    case 'none':
      return
    case 'index':
      return reader.skipLeb(32)
    case 'two':
      reader.skipLeb(32)
      return reader.skipLeb(32)
    case 'block':
    case 'heap':
      return reader.skipLeb(33)
    case 'memory': {
      // Bit 6 of the alignment says that a memory's index follows.
      const flags = reader.u32()
      if ((flags & 0x40) !== 0) reader.skipLeb(32)
      return reader.skipLeb(64)
    }
  }
}

/** A value type: one byte, or a reference with its heap type. */
export function skipValueType(reader: Reader): number {
  const type = reader.byte()
  if (type === 0x63 || type === 0x64) reader.skipLeb(33)
  return type
}

function skipBulk(reader: Reader, met: Met): void {
  const opcode = reader.u32()
  if (opcode <= 7 || (opcode >= 19 && opcode <= 22)) return
  if (opcode > 17) throw new UnknownInstruction(`it uses an instruction that is unknown here (0xfc ${opcode})`)
  if (opcode === 12 || opcode === 14 || opcode === 15 || opcode === 17) met.writesTables = true
  // memory.init, memory.copy, table.init and table.copy name two things; the others one.
  if (opcode === 8 || opcode === 10 || opcode === 12 || opcode === 14) reader.skipLeb(32)
  reader.skipLeb(32)
}

function skipVector(reader: Reader): void {
  const opcode = reader.u32()
  if (opcode <= 11 || opcode === 92 || opcode === 93) return skipSimple(reader, 'memory')
  if (opcode === 12 || opcode === 13) return reader.skip(16)
  if (opcode >= 21 && opcode <= 34) return reader.skip(1)
  if (opcode >= 84 && opcode <= 91) {
    skipSimple(reader, 'memory')
    return reader.skip(1)
  }
  if (opcode > 275) throw new UnknownInstruction(`it uses an instruction that is unknown here (0xfd ${opcode})`)
}

function skipAtomic(reader: Reader): void {
  const opcode = reader.u32()
  if (opcode === 3) return reader.skip(1)
  if (opcode > 0x4e) throw new UnknownInstruction(`it uses an instruction that is unknown here (0xfe ${opcode})`)
  skipSimple(reader, 'memory')
}
