// What the tapped glue (tap-glue.ts) hands out of an instance: jco's bookkeeping, live. Types, and the question whether
// the instance is at rest. Nothing here changes it.

/** A class whose instances are resources. */
export type ResourceType = abstract new (...args: never[]) => object

/** Objects of the host that the guest holds, by their number (`rep`). */
export interface Capture {
  readonly id: number
  readonly map: Map<number, object>
  count: number
  /** Handle tables that hold such numbers. */
  readonly tables: readonly number[]
  readonly type: ResourceType | undefined
}

/** Resources of the guest that a host may hold. */
export interface Held {
  readonly table: number
  readonly type: ResourceType
  readonly registry: { register(target: object, handle: number, token: object): void; unregister(token: object): void }
  readonly drop: (handle: number) => void
}

/** `[free list head, 0, scope, rep, scope, rep, …]`; jco binds its functions to the array, so it must stay the same one. */
export type HandleTable = number[] & { _createdReps: Set<number> }

interface Task {
  isResolvedState(): boolean
}

export interface Tap {
  readonly tables: HandleTable[]
  readonly captures: readonly Capture[]
  readonly held: readonly Held[]
  readonly handleSymbol: symbol | undefined
  readonly disposeSymbol: symbol | undefined
  readonly rest: {
    readonly flags: ReadonlyMap<number, { readonly value: number }>
    readonly trap: { readonly error: unknown }
    readonly states: ReadonlyMap<number, { throwIfTrapped(): void; errored(): boolean }>
    readonly tasks: ReadonlyMap<number, readonly { readonly task: Task }[]>
    readonly scopes: ReadonlyMap<unknown, unknown>
    readonly store: { readonly pendingHostOperations: number }
    readonly borrows: () => readonly number[]
  }
}

/** Why the instance is not at rest, as the end of a sentence (`… cannot be copied: `); undefined when it is. */
export function findUnrest({ rest }: Tap): string | undefined {
  if (rest.trap.error !== null || [...rest.states.values()].some(isTrapped)) return 'it trapped'
  const tasks = [...rest.tasks.values()].flat()
  if (tasks.some(({ task }) => !task.isResolvedState())) return 'a call of it is under way'
  if (rest.scopes.size > 0) return 'a call of it is under way'
  if (rest.borrows().some((length) => length > 0)) {
    return 'something borrowed was not given back: an error of the host went through one of its calls'
  }
  if ([...rest.flags.values()].some(({ value }) => value !== 1)) return 'it is in the middle of leaving or entering'
  if (rest.store.pendingHostOperations > 0) return 'it waits for its host'
  return undefined
}

function isTrapped(state: { throwIfTrapped(): void; errored(): boolean }): boolean {
  try {
    state.throwIfTrapped()
    return state.errored()
  } catch {
    return true
  }
}
