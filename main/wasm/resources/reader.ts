// Which handles of a component's own resources a call of it brings or gives, for whoever must know where they are at home.
// Pure.

import { findWitFunction, type WitFunction, type WitInterface } from '../../../preload/wit.js'
import { givesHandles, hasHandles, isOwn, keyOf, visitHandles, visitIn } from '../holds-handle.js'
import type { GivenHandle } from '../pool-protocol.js'

export interface HandleReader {
  /** In hex; of arguments that are no handles at all, nothing. */
  brought(instance: string, functionName: string, args: readonly unknown[]): readonly string[]
  /** Its result can hold new ones. */
  gives(instance: string, functionName: string): boolean
  given(instance: string, functionName: string, value: unknown): readonly GivenHandle[]
}

interface Known {
  readonly fn: WitFunction
  readonly hasHandles: boolean
  readonly gives: boolean
}

const none: readonly never[] = []

export function createHandleReader(exports: readonly WitInterface[]): HandleReader {
  const known = new Map<string, Known>()

  /** Worked out once each: asked on the path of every call. */
  function find(instance: string, functionName: string): Known | undefined {
    const key = `${instance} ${functionName}`
    const before = known.get(key)
    if (before !== undefined) return before
    const fn = findWitFunction(exports, instance, functionName)
    if (fn === undefined) return undefined
    const found = { fn, hasHandles: hasHandles(fn), gives: givesHandles(fn) }
    known.set(key, found)
    return found
  }

  return {
    brought(instance, functionName, args) {
      const found = find(instance, functionName)
      if (found?.hasHandles !== true) return none
      const keys = new Set<string>()
      try {
        visitHandles(found.fn, args, (handle, type) => {
          if (isOwn(type)) keys.add(keyOf(handle))
        })
      } catch {
        // Not of their types: whoever checks them says so.
        return none
      }
      return [...keys]
    },
    gives: (instance, functionName) => find(instance, functionName)?.gives === true,
    given(instance, functionName, value) {
      const found = find(instance, functionName)
      const handles: GivenHandle[] = []
      if (found?.gives !== true || found.fn.result === undefined) return handles
      visitIn(value, found.fn.result, (handle, type) => {
        const { home } = type
        if (home === undefined || !isOwn(type)) return
        handles.push({ handle: keyOf(handle), instance: home.instance, resource: home.name })
      })
      return handles
    },
  }
}
