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

/** Four chains side by side, because each waits for its own multiplication. */
function printPage(words: Int32Array, from: number, prints: Int32Array, at: number): void {
  const end = from + wordsInPage
  let next = from
  while (next < end && words[next] === 0) next += 1
  if (next === end) return
  next -= (next - from) % 4
  let a = next - from
  let b = 1
  let c = 2
  let d = 3
  for (; next < end; next += 4) {
    a = Math.imul(a ^ (words[next] ?? 0), 0x01000193)
    b = Math.imul(b ^ (words[next + 1] ?? 0), 0x01000193)
    c = Math.imul(c ^ (words[next + 2] ?? 0), 0x01000193)
    d = Math.imul(d ^ (words[next + 3] ?? 0), 0x01000193)
    // A product's high bits never reach its low ones by themselves.
    a ^= a >>> 15
    b ^= b >>> 15
    c ^= c >>> 15
    d ^= d >>> 15
  }
  prints[at] = Math.imul(a ^ (b << 7), 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35)
  const other = Math.imul(b ^ (c << 9), 0x27d4eb2f) ^ Math.imul(d ^ (a << 3), 0x165667b1)
  prints[at + 1] = other === 0 ? 1 : other
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
