// Linear memory in pages of 1 KiB: which of them changed against an earlier fingerprint, and writing such a difference.
// Knows buffers only.

import { pageSize, type Fingerprint } from './fingerprint.js'
import { SnapshotRefusal } from './refusal.js'

/** Pages one after another: `data` pages come with their bytes. */
export type Run = [first: number, count: number, kind: 'data' | 'zero']

/** What must be written over a memory with the fingerprint `base` (absent: over zeros) to make it the one with `now`. */
export function findRuns(now: Fingerprint, base: Fingerprint | undefined): Run[] {
  const runs: Run[] = []
  let last: Run | undefined
  now.forEach((print, page) => {
    // Memory grows by zeros.
    if (print === (base?.[page] ?? 0)) return
    const kind = print === 0 ? 'zero' : 'data'
    if (last?.[2] === kind && last[0] + last[1] === page) last[1] += 1
    else runs.push((last = [page, 1, kind]))
  })
  return runs
}

/** Bytes that come with these runs. */
export const dataBytes = (runs: readonly Run[]): number =>
  runs.reduce((sum, [, count, kind]) => sum + (kind === 'data' ? count * pageSize : 0), 0)

/** The pages of the runs, into `target` from `at`; where they end. */
export function readRuns(buffer: ArrayBuffer, runs: readonly Run[], target: Uint8Array, at: number): number {
  let end = at
  for (const [first, count, kind] of runs) {
    if (kind === 'zero') continue
    target.set(new Uint8Array(buffer, first * pageSize, count * pageSize), end)
    end += count * pageSize
  }
  return end
}

/** Refuses runs that are not in order, overlap, or reach behind the end of `bytes` of memory. */
export function checkRuns(runs: readonly Run[], bytes: number): void {
  let end = 0
  for (const [first, count] of runs) {
    if (first < end || count < 1 || (first + count) * pageSize > bytes) {
      throw new SnapshotRefusal('invalid', 'it has pages outside of its memory')
    }
    end = first + count
  }
}

/** Writes checked runs; `isWhole`: what they leave out is zeros, else it stays as it is. Where the data ends. */
export function writeRuns(
  buffer: ArrayBuffer,
  runs: readonly Run[],
  isWhole: boolean,
  data: Uint8Array,
  at: number,
): number {
  const memory = new Uint8Array(buffer)
  if (isWhole) memory.fill(0)
  let end = at
  for (const [first, count, kind] of runs) {
    const from = first * pageSize
    const size = count * pageSize
    if (kind === 'zero') {
      memory.fill(0, from, from + size)
    } else {
      memory.set(data.subarray(end, end + size), from)
      end += size
    }
  }
  return end
}
