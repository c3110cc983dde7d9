// The configuration of one actor as its instances have it: what it is now, and a word to each when it changes.

import type { ConfigSource, ConfigValues } from '../wasm/types.js'

export class ActorConfig {
  readonly #listeners = new Set<() => Promise<void>>()
  readonly source: ConfigSource

  constructor(current: () => ConfigValues) {
    this.source = {
      current,
      onChanged: (listener) => {
        this.#listeners.add(listener)
        return () => this.#listeners.delete(listener)
      },
    }
  }

  /** Resolves when all instances read the values that it has now. */
  async changed(): Promise<void> {
    await Promise.all([...this.#listeners].map((listener) => listener()))
  }
}
