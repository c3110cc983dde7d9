// Narrows the memories and tables of a core module to a limit, by rewriting their declared maxima. Pure. The engine
// counts neither against a worker's limits, so this is what bounds a guest. Source: WebAssembly core spec 5.5.6, 5.5.7.

import { Malformed, Reader, readPreamble } from './binary.js'

export const pageBytes = 65_536

export interface MemoryLimits {
  /** Of each memory, in pages of 64 KiB. */
  readonly pages: number
  /** Of all tables of the module; each gets an equal share. */
  readonly tableEntries: number
}

/** Of the tables of one module together. Far above what a toolchain fills; an entry costs the host several bytes, used or not. */
export const maxTableEntries = 250_000

export type PatchResult =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly memories: number }
  | { readonly ok: false; readonly code: 'invalid' | 'too-large'; readonly reason: string }

class Refused extends Error {
  readonly code: 'invalid' | 'too-large'

  constructor(code: 'invalid' | 'too-large', reason: string) {
    super(reason)
    this.code = code
  }
}

/** A copy of `module` whose memories and tables cannot grow beyond `limits`; refuses one that starts beyond them. */
export function patchMemories(module: Uint8Array, limits: MemoryLimits): PatchResult {
  if (readPreamble(module) !== 'core') return { ok: false, code: 'invalid', reason: 'this is not a core module' }
  try {
    const pieces: Uint8Array[] = [module.subarray(0, 8)]
    const reader = new Reader(module, 'a core module', 8)
    let memories = 0
    while (reader.left > 0) {
      const start = reader.offset
      const id = reader.byte()
      const section = reader.part(reader.u32(), `section ${id} of a core module`)
      if (id !== 4 && id !== 5) {
        pieces.push(module.subarray(start, reader.offset))
        continue
      }
      const body = id === 5 ? patchMemorySection(section, limits) : patchTableSection(section, limits)
      if (id === 5) memories += body.count
      pieces.push(Uint8Array.from([id, ...leb(body.bytes.length), ...body.bytes]))
    }
    return { ok: true, bytes: concat(pieces), memories }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, code: 'invalid', reason: error.message }
    if (error instanceof Refused) return { ok: false, code: error.code, reason: error.message }
    throw error
  }
}

interface Patched {
  readonly bytes: readonly number[]
  readonly count: number
}

function patchMemorySection(section: Reader, limits: MemoryLimits): Patched {
  const count = section.count()
  const bytes = leb(count)
  for (let left = count; left > 0; left -= 1) {
    const flags = section.byte()
    if (flags > 1) throw new Refused('invalid', 'it declares a shared or 64-bit memory, which is not allowed here')
    const min = section.u32()
    const max = flags === 1 ? section.u32() : limits.pages
    if (min > limits.pages) {
      throw new Refused(
        'too-large',
        `it needs ${formatPages(min)} of memory to start, and its limit is ${formatPages(limits.pages)}`,
      )
    }
    bytes.push(1, ...leb(min), ...leb(Math.min(max, limits.pages)))
  }
  return { bytes, count }
}

function patchTableSection(section: Reader, limits: MemoryLimits): Patched {
  const count = section.count()
  const share = Math.floor(limits.tableEntries / Math.max(1, count))
  const bytes = leb(count)
  for (let left = count; left > 0; left -= 1) {
    const type = section.byte()
    if (type !== 0x70 && type !== 0x6f) throw new Refused('invalid', 'it declares a table of a kind unknown here')
    const flags = section.byte()
    if (flags > 1) throw new Refused('invalid', 'it declares a shared or 64-bit table, which is not allowed here')
    const min = section.u32()
    const max = flags === 1 ? section.u32() : share
    if (min > share) {
      throw new Refused('too-large', `it declares a table of ${min} entries, and the limit is ${share}`)
    }
    bytes.push(type, 1, ...leb(min), ...leb(Math.min(max, share)))
  }
  return { bytes, count }
}

const formatPages = (pages: number): string => `${Math.ceil((pages * pageBytes) / (1024 * 1024))} MiB`

function leb(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low + 128 : low)
  } while (rest > 0)
  return bytes
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
