// Geometries, materials and textures: shared ones by key and counted, own ones registered, so that a test (and a leak) can
// see what is left when everything is removed. Knows nothing of what they are for.

export interface Disposable {
  dispose(): void
}

/** Counts everything that holds GPU memory. */
export class Resources {
  readonly #shared = new Map<string, { readonly value: Disposable; users: number }>()
  readonly #own = new Set<Disposable>()

  /** How many things are held now. */
  get count(): number {
    return this.#shared.size + this.#own.size
  }

  /** The thing under a key, made by the first who asks and disposed of by the last who releases. */
  take<T extends Disposable>(key: string, make: () => T): T {
    const known = this.#shared.get(key)
    if (known !== undefined) {
      known.users += 1
      return known.value as T // one key, one maker
    }
    const value = make()
    this.#shared.set(key, { value, users: 1 })
    return value
  }

  release(key: string): void {
    const known = this.#shared.get(key)
    if (known === undefined) return
    known.users -= 1
    if (known.users > 0) return
    this.#shared.delete(key)
    known.value.dispose()
  }

  /** Registers a thing of one user. */
  own<T extends Disposable>(value: T): T {
    this.#own.add(value)
    return value
  }

  drop(value: Disposable): void {
    if (this.#own.delete(value)) value.dispose()
  }
}
