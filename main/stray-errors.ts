// What nobody caught: a fault of ours in one place, which must not take a desktop, or what runs on a node, with it. Each is
// logged with its stack, the first of a kind is told, and a process that goes on throwing ends in order, since it is in a state
// that nobody knows.

export interface StrayErrorsParts {
  /** Node's `process`. */
  readonly process: {
    on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown
  }
  readonly log: (level: 'error', text: string, fields?: Readonly<Record<string, unknown>>) => void
  /** The first of a kind: what it says of itself. */
  readonly onNew?: ((words: string) => void) | undefined
  /** There are too many. Called once. */
  readonly giveUp: () => void
  readonly now: () => number
}

/** So many within so long (ms) are too many. */
const mostErrors = 20
const withinMs = 60_000
/** Kinds that are remembered; what is told to a person is told so often at most. */
const mostKinds = 8

/** From here on errors that nobody caught do not end the process. Without it Node ends, and Electron shows a dialog for each. */
export function watchStrayErrors(parts: StrayErrorsParts): void {
  const kinds = new Set<string>()
  let recent: number[] = []
  let hasGivenUp = false

  function take(how: string, error: unknown): void {
    const words = error instanceof Error ? error.message : String(error)
    const stack = error instanceof Error ? (error.stack ?? words) : words
    parts.log('error', `${how}: ${words}`, { stack })
    // The same place with other numbers in its words is the same kind.
    const kind = stack.split('\n').find((line) => line.trimStart().startsWith('at ')) ?? words
    if (!kinds.has(kind) && kinds.size < mostKinds) {
      kinds.add(kind)
      parts.onNew?.(words)
    }
    const now = parts.now()
    recent = [...recent.filter((atMs) => now - atMs < withinMs), now]
    if (recent.length < mostErrors || hasGivenUp) return
    hasGivenUp = true
    parts.log('error', `${mostErrors} errors within a minute that nobody caught: the process ends`)
    parts.giveUp()
  }

  parts.process.on('uncaughtException', (error) => take('an error that nobody caught', error))
  parts.process.on('unhandledRejection', (error) => take('a rejection that nobody caught', error))
}
