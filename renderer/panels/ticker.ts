// One clock for all ages on the screen: it runs only while somebody shows an age and the page can be seen, so a still
// picture costs nothing.

/** Calls its listeners about once a second while there are any. */
export interface Ticker {
  /** Wall clock of the last tick in ms. */
  now(): number
  onTick(listener: () => void): () => void
  close(): void
}

export function openTicker(page: Document, periodMs = 1_000): Ticker {
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setInterval> | undefined
  let nowMs = Date.now()
  const tick = (): void => {
    nowMs = Date.now()
    for (const listener of [...listeners]) listener()
  }
  const adjust = (): void => {
    const isWanted = listeners.size > 0 && page.visibilityState === 'visible'
    if (isWanted && timer === undefined) {
      nowMs = Date.now()
      timer = setInterval(tick, periodMs)
    } else if (!isWanted && timer !== undefined) {
      clearInterval(timer)
      timer = undefined
    }
  }
  const onVisibility = (): void => {
    adjust()
    if (page.visibilityState === 'visible' && listeners.size > 0) tick()
  }
  page.addEventListener('visibilitychange', onVisibility)
  return {
    now: () => nowMs,
    onTick(listener) {
      listeners.add(listener)
      adjust()
      return () => {
        listeners.delete(listener)
        adjust()
      }
    },
    close() {
      listeners.clear()
      adjust()
      page.removeEventListener('visibilitychange', onVisibility)
    },
  }
}
