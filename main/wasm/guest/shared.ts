// A number of the pool process that several resources of a guest use: closed there when the last of them is gone.

import type { Ask } from '../host-call.js'

export class Shared {
  readonly id: number
  readonly #closing: string
  readonly #ask: Ask
  #users = 1

  /** `closing`: the operation that closes it. Whoever makes it is its first user. */
  constructor(id: number, closing: string, ask: Ask) {
    this.id = id
    this.#closing = closing
    this.#ask = ask
  }

  take(): this {
    this.#users += 1
    return this
  }

  drop(): void {
    this.#users -= 1
    if (this.#users === 0) this.#ask(this.#closing, this.id)
  }
}
