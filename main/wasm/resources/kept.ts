// Handles of others that an instance holds, as its host has seen them come and go: what a guest that was ended cannot give
// back any more is given back for it. Stands beside the instance in the runtime's own process.

import { dropFunction, findWitFunction, type WitFunction, type WitHandle, type WitWorld } from '../../../preload/wit.js'
import { hasHandles, keyOf, visitHandles, visitIn } from '../holds-handle.js'
import type { InstanceHost } from '../types.js'
import type { FarHandle } from './outside.js'

/** Functions that hold handles at all, worked out once for each: this is on the path of every call. */
const withHandles = new WeakMap<WitFunction, boolean>()

function holds(fn: WitFunction): boolean {
  let known = withHandles.get(fn)
  if (known === undefined) {
    known = hasHandles(fn)
    withHandles.set(fn, known)
  }
  return known
}

export class KeptHandles {
  readonly #kept = new Map<string, FarHandle>()
  readonly #world: WitWorld
  readonly #host: InstanceHost
  /** Somebody else goes on with them. */
  #isCopied = false

  constructor(world: WitWorld, host: InstanceHost) {
    this.#world = world
    this.#host = host
  }

  /** The host of the instance, watched. */
  readonly host: InstanceHost = {
    callImport: async (instance, functionName, args, linkName) => {
      const fn = findWitFunction(this.#world.imports, instance, functionName, true)
      if (fn === undefined || !holds(fn)) return await this.#host.callImport(instance, functionName, args, linkName)
      // Given away before the far side has them: no guest has them any more.
      visitHandles(fn, args, (handle, type) => this.#leave(handle, type))
      const value = await this.#host.callImport(instance, functionName, args, linkName)
      if (fn.result !== undefined) visitIn(value, fn.result, (handle, type) => this.#come(handle, type, linkName))
      return value
    },
    log: (level, text) => this.#host.log(level, text),
    lacked: (lack) => this.#host.lacked?.(lack),
  }

  /** A call of an export of the instance begins. */
  enter(fn: WitFunction, args: readonly unknown[]): void {
    this.#isCopied = false
    if (holds(fn)) visitHandles(fn, args, (handle, type) => this.#come(handle, type))
  }

  /** It gave this. */
  left(fn: WitFunction, value: unknown): void {
    if (fn.result !== undefined && holds(fn)) visitIn(value, fn.result, (handle, type) => this.#leave(handle, type))
  }

  /** A copy of the instance was taken: should it not be called again, the copy has them. */
  copied(): void {
    this.#isCopied = true
  }

  /** It goes on as one that held these. */
  restored(all: readonly FarHandle[]): void {
    for (const each of all) this.#kept.set(keyOf(each.handle), each)
  }

  /** The instance is gone. Nobody waits for this. */
  giveBack(): void {
    const all = this.#isCopied ? [] : [...this.#kept.values()]
    this.#kept.clear()
    for (const { instance, name, handle, linkName } of all) {
      // Where nobody is there any more, there is nothing to give back.
      this.#host.callImport(instance, dropFunction(instance, name).name, [handle], linkName).catch(() => undefined)
    }
  }

  #come(handle: Uint8Array, { kind, home }: WitHandle, linkName?: string): void {
    if (kind !== 'own' || home?.isImported !== true) return
    this.#kept.set(keyOf(handle), { instance: home.instance, name: home.name, handle: handle.slice(), linkName })
  }

  #leave(handle: Uint8Array, { kind, home }: WitHandle): void {
    if (kind === 'own' && home?.isImported === true) this.#kept.delete(keyOf(handle))
  }
}
