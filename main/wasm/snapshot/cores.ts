// The state of an instance's core modules, as expose-state.ts made it reachable: memories, numbers and tables, each named
// by the number of its core instance and its index there. The order of core instances is the same each time.

import { statePrefix } from './expose-state.js'

/** `[core instance, index]`. */
export type Place = readonly [core: number, index: number]

export interface Cores {
  readonly memories: readonly { readonly place: Place; readonly memory: WebAssembly.Memory }[]
  readonly globals: readonly { readonly place: Place; readonly global: WebAssembly.Global }[]
  readonly tables: readonly { readonly place: Place; readonly table: WebAssembly.Table }[]
}

/** `exports` of the core instances in the order in which they were made. */
export function collectCores(exports: readonly Readonly<Record<string, unknown>>[]): Cores {
  const memories: Cores['memories'][number][] = []
  const globals: Cores['globals'][number][] = []
  const tables: Cores['tables'][number][] = []
  exports.forEach((items, core) => {
    for (const [name, item] of Object.entries(items)) {
      if (!name.startsWith(statePrefix)) continue
      const place: Place = [core, Number(name.slice(statePrefix.length + 1))]
      if (item instanceof WebAssembly.Memory) memories.push({ place, memory: item })
      else if (item instanceof WebAssembly.Global) globals.push({ place, global: item })
      else if (item instanceof WebAssembly.Table) tables.push({ place, table: item })
    }
  })
  return { memories, globals, tables }
}

/** `n` and the bytes of a double (it holds i32, f32 and f64 alike), or `b` and an i64 in decimal. */
export function formatNumber(value: unknown): string {
  if (typeof value === 'bigint') return `b${value}`
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(Number(value))
  return `n${bytes.toString('hex')}`
}

/** The value for a global that holds `now`; undefined when it is of the other kind. */
export function parseNumber(text: string, now: unknown): number | bigint | undefined {
  if ((typeof now === 'bigint') !== text.startsWith('b')) return undefined
  if (typeof now === 'bigint') return BigInt.asIntN(64, BigInt(text.slice(1)))
  return Buffer.from(text.slice(1), 'hex').readDoubleBE(0)
}
