// What the server's permissions forbade, told to whoever listens, and once for each subject to the log. Knows no client.

import type { Refusal } from './transport.js'

/** Subjects remembered; with more, later ones are neither logged nor listed. */
const mostKept = 200

export class Refusals {
  readonly #log: (text: string) => void
  readonly #kept = new Map<string, Refusal>()
  readonly #listeners = new Set<(refusal: Refusal) => void>()

  constructor(log: (text: string) => void) {
    this.#log = log
  }

  tell(refusal: Refusal): void {
    const { operation, subject } = refusal
    const key = `${operation} ${subject}`
    if (!this.#kept.has(key) && this.#kept.size < mostKept) {
      this.#kept.set(key, { operation, subject })
      const what = operation === 'publish' ? 'publish to' : 'subscribe to'
      this.#log(`The NATS server does not permit these credentials to ${what} ${subject}`)
    }
    for (const listener of [...this.#listeners]) listener(refusal)
  }

  /** What was refused so far, each once. */
  list(): readonly Refusal[] {
    return [...this.#kept.values()]
  }

  listen(listener: (refusal: Refusal) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
