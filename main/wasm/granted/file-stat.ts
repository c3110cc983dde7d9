// What the system knows of a file, as `wasi:filesystem` says it. Pure but for the secret that keeps inode numbers private.

import { createHash, randomBytes } from 'node:crypto'
import type { BigIntStats, Dirent } from 'node:fs'

const secret = randomBytes(16)

interface Kinds {
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
  isBlockDevice(): boolean
  isCharacterDevice(): boolean
  isFIFO(): boolean
  isSocket(): boolean
}

/** `descriptor-type`. */
export function kindOf(entry: BigIntStats | Dirent): string {
  const kinds: Kinds = entry
  if (kinds.isFile()) return 'regular-file'
  if (kinds.isDirectory()) return 'directory'
  if (kinds.isSymbolicLink()) return 'symbolic-link'
  if (kinds.isBlockDevice()) return 'block-device'
  if (kinds.isCharacterDevice()) return 'character-device'
  if (kinds.isFIFO()) return 'fifo'
  return kinds.isSocket() ? 'socket' : 'unknown'
}

const datetime = (ns: bigint): { seconds: bigint; nanoseconds: number } => {
  // WASI has no time before 1970.
  const known = ns < 0n ? 0n : ns
  return { seconds: known / 1_000_000_000n, nanoseconds: Number(known % 1_000_000_000n) }
}

/** `descriptor-stat`. */
export const describeStat = (stats: BigIntStats): Record<string, unknown> => ({
  type: kindOf(stats),
  linkCount: stats.nlink,
  size: stats.size,
  dataAccessTimestamp: datetime(stats.atimeNs),
  dataModificationTimestamp: datetime(stats.mtimeNs),
  statusChangeTimestamp: datetime(stats.ctimeNs),
})

/** `metadata-hash-value`: changes when the file does, and tells nothing else. */
export function hashStat(stats: BigIntStats): { lower: bigint; upper: bigint } {
  const digest = createHash('sha256')
    .update(secret)
    .update([stats.dev, stats.ino, stats.size, stats.mtimeNs].join())
    .digest()
  return { lower: digest.readBigUInt64LE(0), upper: digest.readBigUInt64LE(8) }
}

export const isSame = (a: BigIntStats, b: BigIntStats): boolean => a.dev === b.dev && a.ino === b.ino

/** `new-timestamp` as the system takes it, in seconds; `now` in ms. */
export function newTime(wanted: unknown, beforeNs: bigint, now: number): number {
  // The glue checked it against its WIT type.
  const time = wanted as { tag: string; val?: { seconds: bigint; nanoseconds: number } }
  if (time.tag === 'now') return now / 1_000
  if (time.tag === 'timestamp' && time.val !== undefined) return Number(time.val.seconds) + time.val.nanoseconds / 1e9
  return Number(beforeNs) / 1e9
}
