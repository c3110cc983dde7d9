// A child must not outlive who started it: a local node notices that the shell is gone by the end of its IPC channel, also
// after kill -9. Knows nothing of what the process does. A node started by hand has no such channel and is left alone.

/** Longest time to end gracefully before the process ends anyway, ms. */
const limitMs = 10_000

export interface ParentWatchOptions {
  /** Ends the program; the process is ended by force when this takes longer than `limitMs`. */
  readonly onGone: () => void
  readonly limitMs?: number | undefined
}

/** Calls `onGone` once when the parent process is gone. Returns the unsubscribe function. */
export function watchParent(options: ParentWatchOptions): () => void {
  if (process.send === undefined) return () => {}
  const gone = (): void => {
    // Not unref'd on purpose: a program that hangs while it closes is just what this is for.
    const timer = setTimeout(() => process.exit(1), options.limitMs ?? limitMs)
    process.once('exit', () => clearTimeout(timer))
    options.onGone()
  }
  // The parent may have gone before we came to listen.
  if (!process.connected) {
    const timer = setTimeout(gone, 0)
    return () => clearTimeout(timer)
  }
  process.once('disconnect', gone)
  return () => process.off('disconnect', gone)
}
