// What the server's permissions forbade, told to whoever listens, and once for each subject to the log. Knows no client.

import type { Refusal } from './transport.js'

/** Subjects remembered as logged; with more, later ones are not logged. */
const mostLogged = 200

export class Refusals {
  readonly #log: (text: string) => void
  readonly #logged = new Set<string>()
  readonly #listeners = new Set<(refusal: Refusal) => void>()

  constructor(log: (text: string) => void) {
    this.#log = log
  }

  tell(refusal: Refusal): void {
    const { operation, subject } = refusal
    const key = `${operation} ${subject}`
    if (!this.#logged.has(key) && this.#logged.size < mostLogged) {
      this.#logged.add(key)
      const what = operation === 'publish' ? 'publish to' : 'subscribe to'
      this.#log(`The NATS server does not permit these credentials to ${what} ${subject}`)
    }
    for (const listener of [...this.#listeners]) listener(refusal)
  }

  listen(listener: (refusal: Refusal) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
