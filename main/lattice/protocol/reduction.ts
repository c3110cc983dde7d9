// The outcome of one step: the next state of the picture and what is different in it. Pure.

import type { Change } from '../../../preload/changes.js'
import type { Picture } from './picture.js'

export interface Reduction {
  readonly state: Picture
  readonly changes: readonly Change[]
}

/** The step after what was done before; the changes of both. */
export function andThen(before: Reduction, step: (state: Picture) => Reduction): Reduction {
  const after = step(before.state)
  return { state: after.state, changes: [...before.changes, ...after.changes] }
}
