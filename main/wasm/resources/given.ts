// Handles that an instance has given out of resources it defines: 16 random bytes for each, which nobody can guess and
// which mean nothing to any other instance. Lives in the worker, beside the objects that the glue made for them.

import { randomBytes } from 'node:crypto'
import {
  spellFunction,
  type WitFunction,
  type WitHandle,
  type WitResource,
  type WitType,
} from '../../../preload/wit.js'
import { givesHandles, isOwn, keyOf, mapHandles, visitHandles } from '../holds-handle.js'
import type { Fault, GivenHandle, HandleChanges } from '../pool-protocol.js'
import { dispose } from './dispose.js'
import type { FarResources } from './far.js'

const handleBytes = 16

interface Entry {
  readonly object: object
  readonly home: WitResource
}

export type Lowered =
  | { readonly ok: true; readonly args: readonly unknown[]; readonly lent: readonly object[] }
  | { readonly ok: false; readonly fault: Fault }

export class GivenHandles {
  readonly #entries = new Map<string, Entry>()
  readonly #most: number
  readonly #far: FarResources
  readonly #made = new Map<string, GivenHandle>()
  #gone: string[] = []

  /** `most`: what it may have given out at a time. */
  constructor(most: number, far: FarResources) {
    this.#most = most
    this.#far = far
  }

  /**
   * Arguments as the glue takes them. What is given away is the guest's from here on, so the call has to follow. Nothing
   * has changed when it fails.
   */
  lower(fn: WitFunction, args: readonly unknown[]): Lowered {
    const fault = this.#check(fn, args)
    if (fault !== undefined) return { ok: false, fault }
    const lent: object[] = []
    const replace = (handle: unknown, type: WitHandle): unknown => {
      // `check` has seen that these are bytes.
      const bytes = handle as Uint8Array
      if (!isOwn(type)) {
        const object = this.#far.receive(type, bytes)
        if (type.kind === 'borrow') lent.push(object)
        return object
      }
      const key = keyOf(bytes)
      const object = this.#entries.get(key)?.object
      if (type.kind === 'own') this.#remove(key)
      return object
    }
    return { ok: true, args: fn.params.map(({ type }, index) => mapHandles(args[index], type, replace)), lent }
  }

  /** A result as it leaves: handles in place of objects. Fails with words when they would be too many. */
  raise(value: unknown, type: WitType): { readonly value: unknown } | { readonly fault: Fault } {
    const objects: object[] = []
    const own = (object: unknown, handle: WitHandle): object | undefined =>
      isOwn(handle) && typeof object === 'object' && object !== null ? object : undefined
    mapHandles(value, type, (object, handle) => {
      const mine = own(object, handle)
      if (mine !== undefined) objects.push(mine)
    })
    if (this.#entries.size + objects.length > this.#most) {
      for (const object of objects) dispose(object)
      return { fault: this.#tooMany() }
    }
    const raised = mapHandles(value, type, (object, handle) => {
      const mine = own(object, handle)
      return mine !== undefined && handle.home !== undefined ? this.#add(mine, handle.home) : this.#far.giveAway(object)
    })
    return { value: raised }
  }

  /** Drops what was given out since the last answer: the answer with it is not sent. */
  giveBackNew(): void {
    for (const key of [...this.#made.keys()]) {
      const object = this.#entries.get(key)?.object
      this.#remove(key)
      if (object !== undefined) dispose(object)
    }
  }

  /** For the answer of a call. */
  takeChanges(): HandleChanges | undefined {
    if (this.#made.size === 0 && this.#gone.length === 0) return undefined
    const changes = { made: [...this.#made.values()], gone: this.#gone }
    this.#made.clear()
    this.#gone = []
    return changes
  }

  /** All of them with their objects, for a copy of the instance. */
  *all(): Generator<readonly [key: string, home: WitResource, object: object]> {
    for (const [key, { home, object }] of this.#entries) yield [key, home, object]
  }

  /** One that the instance has given out before it was copied. */
  restore(key: string, home: WitResource, object: object): void {
    this.#entries.set(key, { home, object })
    this.#made.set(key, { handle: key, instance: home.instance, resource: home.name })
  }

  #check(fn: WitFunction, args: readonly unknown[]): Fault | undefined {
    let fault: Fault | undefined
    const used = new Map<string, 'own' | 'borrow'>()
    let back = 0
    visitHandles(fn, args, (handle, type) => {
      if (fault !== undefined) return
      if (!isOwn(type)) {
        if (handle.length > 0) return
        const message = `${spellFunction(fn.name)} was not called: a handle of a ${type.resource} has at least one byte`
        fault = { code: 'invalid', message }
        return
      }
      const key = keyOf(handle)
      const found = this.#entries.get(key)
      const before = used.get(key)
      used.set(key, type.kind)
      if (type.kind === 'own') back += 1
      if (found === undefined) fault = { code: 'not-found', message: unknownHandle(fn, type) }
      else if (!isSame(found.home, type.home)) {
        const message = `${spellFunction(fn.name)} was not called: a ${found.home.name} was given where a ${type.resource} belongs`
        fault = { code: 'invalid', message }
      } else if (before === 'own' || (before === 'borrow' && type.kind === 'own')) {
        const message = `${spellFunction(fn.name)} was not called: a ${type.resource} was given away and used twice in one call`
        fault = { code: 'invalid', message }
      }
    })
    if (fault === undefined && givesHandles(fn) && this.#entries.size - back >= this.#most) return this.#tooMany()
    return fault
  }

  #tooMany(): Fault {
    const message = `it has given out ${this.#most} resources, and no more may be out: give some back first`
    return { code: 'refused', message }
  }

  #add(object: object, home: WitResource): Uint8Array {
    const handle = new Uint8Array(randomBytes(handleBytes))
    const key = keyOf(handle)
    this.#entries.set(key, { object, home })
    this.#made.set(key, { handle: key, instance: home.instance, resource: home.name })
    return handle
  }

  #remove(key: string): void {
    if (!this.#entries.delete(key)) return
    if (!this.#made.delete(key)) this.#gone.push(key)
  }
}

const isSame = (a: WitResource, b: WitResource | undefined): boolean => a.instance === b?.instance && a.name === b.name

const unknownHandle = (fn: WitFunction, { resource }: WitHandle): string =>
  `${spellFunction(fn.name)} was not called: this ${resource} is not known here: it was never given out, was given back, or its instance is gone`
