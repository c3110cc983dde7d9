// A wait that ends. Pure but for its timer.

import { TlosError } from '../failure.js'

/** The promise, or `timed-out` with these words. */
export async function withLimit<T>(promise: Promise<T>, limitMs: number, words: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TlosError('timed-out', `${words} within ${limitMs} ms`)), limitMs)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}
