// Linear memory in pages of 4 KiB: a fingerprint of each, which of them changed against an earlier fingerprint, and
// writing such a difference. Knows buffers only.

import { SnapshotRefusal } from './refusal.js'

export const pageSize = 4_096
const wordsInPage = pageSize / 4

/** Two words for each page; both 0 for a page of zeros. 64 bits against accidents: a guest can fool only itself. */
export type Fingerprint = Int32Array

export function fingerprint(buffer: ArrayBuffer): Fingerprint {
  const words = new Int32Array(buffer)
  const prints = new Int32Array((2 * words.length) / wordsInPage)
  for (let page = 0; 2 * page < prints.length; page += 1) printPage(words, page * wordsInPage, prints, 2 * page)
  return prints
}

function printPage(words: Int32Array, from: number, prints: Int32Array, at: number): void {
  const end = from + wordsInPage
  let next = from
  while (next < end && words[next] === 0) next += 1
  if (next === end) return
  let a = 0x1234567
  let b = next - from
  for (; next < end; next += 1) {
    const word = words[next] ?? 0
    a = Math.imul(a ^ word, 0x01000193)
    a ^= a >>> 15
    b = Math.imul(b + word, 0x85ebca6b)
    b ^= b >>> 13
  }
  prints[at] = a
  prints[at + 1] = b === 0 ? 1 : b
}

/** Pages one after another: `data` pages come with their bytes. */
export type Run = [first: number, count: number, kind: 'data' | 'zero']

/** What must be written over a memory with the fingerprint `base` (absent: over zeros) to make it this one. */
export function findRuns(buffer: ArrayBuffer, base: Fingerprint | undefined): Run[] {
  const now = fingerprint(buffer)
  const runs: Run[] = []
  for (let page = 0; 2 * page < now.length; page += 1) {
    const at = 2 * page
    // Memory grows by zeros.
    if ((now[at] ?? 0) === (base?.[at] ?? 0) && (now[at + 1] ?? 0) === (base?.[at + 1] ?? 0)) continue
    const kind = now[at] === 0 && now[at + 1] === 0 ? 'zero' : 'data'
    const last = runs.at(-1)
    if (last !== undefined && last[2] === kind && last[0] + last[1] === page) last[1] += 1
    else runs.push([page, 1, kind])
  }
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
