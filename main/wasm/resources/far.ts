// Resources of somebody else as a guest has them: a class for each, whose objects are handles at the end of a link. What
// the guest drops is given back there; nobody waits for that. Lives in the worker.

import type { WitFunction, WitHandle, WitInterface, WitResource } from '../../../preload/wit.js'
import { dropFunction } from '../../../preload/wit.js'
import { keyOf } from '../holds-handle.js'
import type { HostCalls } from '../host-call.js'
import type { Recipes } from '../snapshot/recipes.js'
import type { Tap } from '../snapshot/tap.js'
import { toCamel, toPascal } from '../wit-names.js'
import { disposeSymbol } from './dispose.js'
import type { FarHandle } from './outside.js'

/** Longest handle that is taken: other peers may make them in other ways. */
const mostHandleBytes = 1_024

interface Far {
  readonly home: WitResource
  readonly handle: Uint8Array
  /** Of the link that it came along; absent: `default`. Its methods go there, too. */
  readonly linkName: string | undefined
  /** Ours to give back: neither lent to us nor given away. */
  isOwned: boolean
}

/** Calls a function of an imported interface with values of the guest. */
export type CallFar = (instance: string, f: WitFunction) => (...args: unknown[]) => unknown

type FarClass = abstract new (...args: never[]) => object

const label = ({ instance, name }: WitResource): string => `${instance} ${name}`

export class FarResources {
  readonly #classes = new Map<string, FarClass>()
  readonly #objects = new WeakMap<object, Far>()
  readonly #tell: HostCalls['tell']
  readonly #recipes: Recipes

  /** `tell`: a call without an answer. */
  constructor(tell: HostCalls['tell'], recipes: Recipes) {
    this.#tell = tell
    this.#recipes = recipes
    recipes.onMake('far', ([instance, name, key, linkName]) => {
      const isHandle = typeof key === 'string' && /^(?:[0-9a-f]{2}){1,1024}$/.test(key)
      const home = { instance: String(instance), name: String(name), isImported: true }
      if (!isHandle || !this.#classes.has(label(home))) return undefined
      const along = linkName === undefined ? undefined : String(linkName)
      return this.#make(home, new Uint8Array(Buffer.from(key, 'hex')), true, along)
    })
  }

  /** Members of the import object for one interface: its classes, with their constructors, methods and statics. */
  define(each: WitInterface, call: CallFar): Record<string, FarClass> {
    return Object.fromEntries(
      (each.resources ?? []).map((name) => {
        const home = { instance: each.name, name, isImported: true }
        const type = this.#defineClass(home, each, call)
        this.#classes.set(label(home), type)
        return [toPascal(name), type]
      }),
    )
  }

  #defineClass({ name }: WitResource, each: WitInterface, call: CallFar): FarClass {
    const find = (functionName: string): WitFunction | undefined => each.functions.find((f) => f.name === functionName)
    const constructor = find(`[constructor]${name}`)
    const construct = constructor === undefined ? undefined : call(each.name, constructor)
    const type = class {
      constructor(...args: unknown[]) {
        if (construct === undefined) throw new TypeError(`a ${name} has no constructor`)
        // What the far side gave, made into an object of this class already.
        return construct(...args) as object
      }
    }
    const put = (holder: object, key: string | symbol, value: (...args: unknown[]) => unknown): void => {
      Object.defineProperty(holder, key, { value, writable: true, configurable: true })
    }
    for (const f of each.functions) {
      const [, kind, resource, member] = /^\[(method|static)\]([^.]+)\.(.+)$/.exec(f.name) ?? []
      if (resource !== name || member === undefined) continue
      const run = call(each.name, f)
      if (kind === 'static') put(type, toCamel(member), run)
      else {
        put(type.prototype, toCamel(member), function (this: unknown, ...args: unknown[]) {
          return run(this, ...args)
        })
      }
    }
    const give = (object: unknown): void => this.#giveBack(object)
    put(type.prototype, disposeSymbol, function (this: unknown) {
      give(this)
    })
    return type
  }

  /** An object for a handle that came over the link of this name, or from a caller. */
  receive({ kind, home, resource }: WitHandle, handle: Uint8Array, linkName?: string): object {
    if (home === undefined) throw new TypeError(`which ${resource} is meant cannot be told`)
    return this.#make(home, handle, kind === 'own', linkName)
  }

  /** The link along which an object came. */
  linkNameOf(object: unknown): string | undefined {
    return this.#of(object).linkName
  }

  /** The handle of an object that leaves for good; the guest has nothing to give back any more. */
  giveAway(object: unknown): Uint8Array {
    const far = this.#of(object)
    far.isOwned = false
    return far.handle
  }

  /** The handle of an object for a call. */
  lend(object: unknown): Uint8Array {
    return this.#of(object).handle
  }

  /** What an object is a handle of; undefined when it is none, or not the guest's own. */
  describe(object: object): [FarHandle] | undefined {
    const far = this.#objects.get(object)
    return far?.isOwned === true
      ? [{ instance: far.home.instance, name: far.home.name, handle: far.handle, linkName: far.linkName }]
      : undefined
  }

  /** Lent to the guest for one call, which is over: the glue would keep them for ever. `from`: its counters before. */
  forget(lent: readonly object[], tap: Tap | undefined, from: readonly number[]): void {
    if (lent.length === 0) return
    tap?.captures.forEach(({ map, count }, at) => {
      for (let rep = (from[at] ?? count) + 1; rep <= count; rep += 1) {
        const object = map.get(rep)
        if (object !== undefined && lent.includes(object)) map.delete(rep)
      }
    })
  }

  #make(home: WitResource, handle: Uint8Array, isOwned: boolean, linkName: string | undefined): object {
    const type = this.#classes.get(label(home))
    if (type === undefined) throw new TypeError(`there is no ${home.name} of ${home.instance}`)
    if (handle.length === 0 || handle.length > mostHandleBytes) {
      throw new RangeError(`a handle has ${handle.length} bytes, and 1 to ${mostHandleBytes} are allowed`)
    }
    const object = Object.create(type.prototype as object) as object
    this.#objects.set(object, { home, handle, linkName, isOwned })
    const along = linkName === undefined ? [] : [linkName]
    this.#recipes.add(object, () => ['far', home.instance, home.name, keyOf(handle), ...along])
    return object
  }

  #of(object: unknown): Far {
    const far = typeof object === 'object' && object !== null ? this.#objects.get(object) : undefined
    if (far === undefined) throw new TypeError('a resource was used that its host never gave')
    return far
  }

  #giveBack(object: unknown): void {
    const far = this.#of(object)
    if (!far.isOwned) return
    far.isOwned = false
    const { instance, name } = far.home
    this.#tell(instance, dropFunction(instance, name).name, [far.handle], far.linkName)
  }
}
