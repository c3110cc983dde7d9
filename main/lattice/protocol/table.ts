// A map that is never changed in place: a write copies one of 256 small maps, so that a picture of thousands of hosts can
// be reduced event by event without copying all of it. Pure.

const shardCount = 256

export interface Table<V> {
  readonly shards: readonly ReadonlyMap<string, V>[]
  readonly size: number
}

const noEntries: ReadonlyMap<string, never> = new Map<string, never>()
const noShards = Array.from({ length: shardCount }, () => noEntries)

export function emptyTable<V>(): Table<V> {
  return { shards: noShards, size: 0 }
}

function shardOf(key: string): number {
  let hash = 0
  for (let index = 0; index < key.length; index++) hash = (hash * 31 + key.charCodeAt(index)) | 0
  // The low bits of a product by 31 say little; the high ones join in.
  return (hash ^ (hash >>> 16)) & (shardCount - 1)
}

function replaced<V>(
  shards: readonly ReadonlyMap<string, V>[],
  at: number,
  shard: ReadonlyMap<string, V>,
): readonly ReadonlyMap<string, V>[] {
  const copy = shards.slice()
  copy[at] = shard
  return copy
}

export function lookUp<V>(table: Table<V>, key: string): V | undefined {
  return table.shards[shardOf(key)]?.get(key)
}

/** The table with this entry; the very same table when nothing changes. */
export function withEntry<V>(table: Table<V>, key: string, value: V): Table<V> {
  const at = shardOf(key)
  const shard = table.shards[at] ?? noEntries
  if (shard.get(key) === value && shard.has(key)) return table
  const next = new Map<string, V>(shard)
  next.set(key, value)
  return { shards: replaced(table.shards, at, next), size: table.size + next.size - shard.size }
}

export function withoutEntry<V>(table: Table<V>, key: string): Table<V> {
  const at = shardOf(key)
  const shard = table.shards[at]
  if (shard?.has(key) !== true) return table
  const next = new Map(shard)
  next.delete(key)
  return { shards: replaced(table.shards, at, next), size: table.size - 1 }
}

export function* entriesOf<V>(table: Table<V>): Generator<readonly [string, V]> {
  for (const shard of table.shards) yield* shard
}
