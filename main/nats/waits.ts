// Waits that end: by a signal, by the clock. Knows no client.

import { TlosError } from '../failure.js'

/** Fails with `cancelled` when the signal is given first. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal, subject: string): Promise<T> {
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new TlosError('cancelled', `the request ${subject} was cancelled`))
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
  }
}

/** Fails as the NATS client does when the time (ms) is over. */
export async function withLimit<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('no answer in time'), { code: 'TIMEOUT' })), limitMs)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}
