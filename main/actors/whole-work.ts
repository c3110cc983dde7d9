// What is done with an actor as a whole: moved, started again, given other bytes. One at a time, since each of them holds its
// gate, takes its state and lets calls in again when it is done: of two, the first to end would open the gate of the other.

import { TlosError } from '../failure.js'

export class WholeWork {
  #current: string | undefined

  /** `work`: the end of a sentence. Fails with `conflict` while another goes on. Returns what ends it. */
  begin(actorId: string, work: string): () => void {
    if (this.#current !== undefined) {
      throw new TlosError('conflict', `${actorId} ${this.#current}`, { about: actorId })
    }
    this.#current = work
    return () => {
      this.#current = undefined
    }
  }
}
