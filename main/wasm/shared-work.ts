// Work that several want at the same time is done once. Whoever leaves is let go at once and the work goes on for the others;
// when the last one leaves, it is ended. Knows nothing of what the work is.

import { TlosError } from '../failure.js'

export interface SharedWork<T> {
  /** Joins the work under this key, or begins it; `begin` is told by its signal that nobody wants it any more. */
  join(key: string, begin: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>
}

interface Running<T> {
  readonly controller: AbortController
  readonly result: Promise<T>
  wantedBy: number
}

/** `what` it was that somebody cancelled, in the words of the error: `cancelled`. */
export function createSharedWork<T>(what: string): SharedWork<T> {
  const running = new Map<string, Running<T>>()
  const forget = (key: string, work: Running<T>): void => {
    if (running.get(key) === work) running.delete(key)
  }

  function start(key: string, begin: (signal: AbortSignal) => Promise<T>): Running<T> {
    const controller = new AbortController()
    const work: Running<T> = { controller, result: begin(controller.signal), wantedBy: 0 }
    running.set(key, work)
    const isOver = (): void => forget(key, work)
    work.result.then(isOver, isOver)
    return work
  }

  return {
    async join(key, begin, signal) {
      const cancelled = (): TlosError => new TlosError('cancelled', `${what} was cancelled`)
      if (signal?.aborted === true) throw cancelled()
      const work = running.get(key) ?? start(key, begin)
      work.wantedBy += 1
      if (signal === undefined) return await work.result
      return await new Promise<T>((resolve, reject) => {
        const leave = (): void => {
          work.wantedBy -= 1
          if (work.wantedBy > 0) {
            reject(cancelled())
            return
          }
          // Whoever comes now begins anew. The last one waits until nothing is left of it.
          forget(key, work)
          work.controller.abort()
          const isEnded = (): void => reject(cancelled())
          work.result.then(isEnded, isEnded)
        }
        signal.addEventListener('abort', leave, { once: true })
        work.result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
      })
    },
  }
}

/** Lets so many tasks run at a time, in order of arrival; one whose signal comes while it waits is not begun. */
export function createTurns(limit: number): <T>(task: () => Promise<T>, signal: AbortSignal) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []

  const wait = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.splice(waiting.indexOf(go), 1)
        reject(new TlosError('cancelled', 'it was cancelled before its turn came'))
      }
      const go = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      waiting.push(go)
      signal.addEventListener('abort', leave, { once: true })
    })

  return async (task, signal) => {
    if (running >= limit) await wait(signal)
    else running += 1
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
