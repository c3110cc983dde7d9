// Undo and redo of what the person arranged: places and windows, nothing else of the workspace. Steps that belong to one
// movement of the hand are one step.

import type { WorkspaceState, WorkspaceStore } from '../state/workspace.js'

type Arrangement = Pick<WorkspaceState, 'places' | 'windows'>

/** Steps that are remembered. */
const most = 100
/** Changes of one kind that follow each other faster than this are one movement of the hand. */
const pauseMs = 800

export interface History {
  /** Before a change: remembers how it was, unless the change goes on with the last one of the same name. */
  remember(what: string): void
  /** True when there was something to undo. */
  undo(): boolean
  redo(): boolean
}

export function createHistory(workspace: WorkspaceStore, clock: () => number): History {
  let past: readonly Arrangement[] = []
  let future: readonly Arrangement[] = []
  let last: { readonly what: string; readonly atMs: number } | undefined
  const now = (): Arrangement => {
    const { places, windows } = workspace.getState()
    return { places, windows }
  }
  /** What was not arranged then stays as it is: undoing must not throw a newcomer off its place. */
  const restore = (to: Arrangement): void => {
    const { places, windows } = workspace.getState()
    workspace.setState({ places: { ...places, ...to.places }, windows: { ...windows, ...to.windows } })
  }
  return {
    remember(what) {
      const isSameMovement = last?.what === what && clock() - last.atMs < pauseMs
      last = { what, atMs: clock() }
      if (isSameMovement) return
      past = [...past, now()].slice(-most)
      future = []
    },
    undo() {
      const to = past[past.length - 1]
      if (to === undefined) return false
      past = past.slice(0, -1)
      future = [...future, now()]
      last = undefined
      restore(to)
      return true
    },
    redo() {
      const to = future[future.length - 1]
      if (to === undefined) return false
      future = future.slice(0, -1)
      past = [...past, now()]
      last = undefined
      restore(to)
      return true
    },
  }
}
