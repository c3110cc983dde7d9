// The gate in front of an actor: open, held (a move is under way) or moved. Every call passes it, from the bus and from
// this process alike, so that a move neither loses a call nor runs one twice. Knows nothing of NATS or of components.

/** What the gate says to a call: go in, or go to whoever serves the actor now (a wRPC prefix). */
export type Pass = { readonly kind: 'serve' } | { readonly kind: 'forward'; readonly prefix: string }

type State =
  | { readonly kind: 'open' }
  | { readonly kind: 'held' }
  | { readonly kind: 'moved'; readonly prefix: string }
  | { readonly kind: 'closed'; readonly error: Error }

const serve: Pass = { kind: 'serve' }

/** Counts calls inside and lets a holder wait until there are none. */
export class Gate {
  #state: State = { kind: 'open' }
  #inside = 0
  #waiting: ((pass: Pass) => void)[] = []
  #onEmpty: (() => void)[] = []
  #forwarded = 0

  /** Calls inside right now. */
  get inside(): number {
    return this.#inside
  }

  /** Calls sent on to the new place so far. */
  get forwarded(): number {
    return this.#forwarded
  }

  /** Calls waiting outside. */
  get waiting(): number {
    return this.#waiting.length
  }

  /**
   * Where an invocation may go before its handshake. `serve` does not count it as inside: `enter` does, when it really
   * runs, because an invocation may never become complete.
   */
  admit(): Pass | Promise<Pass> {
    // A closed one lets it come as far as `enter`, which answers with the reason: better than no answer.
    if (this.#state.kind === 'open' || this.#state.kind === 'closed') return serve
    if (this.#state.kind === 'moved') {
      this.#forwarded += 1
      return { kind: 'forward', prefix: this.#state.prefix }
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /**
   * Goes in (then `leave` is owed) or learns where to go instead; waits while the gate is held, fails when it was closed.
   */
  async enter(): Promise<Pass> {
    for (;;) {
      const pass = await this.admit()
      if (pass.kind === 'forward') return pass
      if (this.#state.kind === 'closed') throw this.#state.error
      // Between the answer and now the gate may have been held again.
      if (this.#state.kind !== 'open') continue
      this.#inside += 1
      return pass
    }
  }

  leave(): void {
    this.#inside -= 1
    if (this.#inside === 0) for (const resolve of this.#onEmpty.splice(0)) resolve()
  }

  /** Lets nobody in any more; resolves when the last one inside has left. */
  async hold(): Promise<void> {
    if (this.#state.kind === 'open') this.#state = { kind: 'held' }
    if (this.#inside > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve))
  }

  /** Lets everybody in, those who wait first. One that was closed or has moved stays so. */
  open(): void {
    if (this.#state.kind === 'closed' || this.#state.kind === 'moved') return
    this.#state = { kind: 'open' }
    for (const resolve of this.#waiting.splice(0)) resolve(serve)
  }

  /** For good: everybody who waits or comes gets this error. One that has moved goes on sending to the new place. */
  close(error: Error): void {
    if (this.#state.kind === 'moved') return
    this.#state = { kind: 'closed', error }
    for (const resolve of this.#waiting.splice(0)) resolve(serve)
  }

  /** Sends everybody who waits or comes to the new place; returns how many waited. */
  forwardTo(prefix: string): number {
    this.#state = { kind: 'moved', prefix }
    const waiting = this.#waiting.splice(0)
    this.#forwarded += waiting.length
    for (const resolve of waiting) resolve({ kind: 'forward', prefix })
    return waiting.length
  }
}
