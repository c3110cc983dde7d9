// Lifting a window from its foot and setting it down again: from where it was last drawn to where it stands, in the time
// that the hand expects. Numbers only; who draws asks for each frame.

import { easeOut } from './camera.js'

/** look.md 2.4 */
export const liftMs = 120
export const settleMs = 160

/** Where a window is drawn: its top left corner in px, and its scale. */
export interface Drawn {
  readonly x: number
  readonly y: number
  readonly scale: number
}

interface Known {
  readonly isHeld: boolean
  /** When it was taken up or let go. */
  readonly sinceMs: number
  /** Where it was drawn then. */
  readonly from: Drawn
  readonly last: Drawn
}

export class Settling {
  readonly #known = new Map<string, Known>()
  #isMoving = false

  /** Some window is still on its way. Asked after all were drawn. */
  get isMoving(): boolean {
    return this.#isMoving
  }

  /** At the beginning of a frame; windows that are no more are forgotten. */
  begin(keys: ReadonlyMap<string, unknown>): void {
    this.#isMoving = false
    for (const key of this.#known.keys()) if (!keys.has(key)) this.#known.delete(key)
  }

  /** How far it is lifted, 0 to 1. */
  lifted(key: string, nowMs: number, isStill: boolean): number {
    const known = this.#known.get(key)
    if (known?.isHeld !== true || isStill) return isStill ? 1 : 0
    const share = Math.min(1, Math.max(0, (nowMs - known.sinceMs) / liftMs))
    if (share < 1) this.#isMoving = true
    return easeOut(share)
  }

  /** Where it is drawn in this frame, given where it belongs. */
  draw(key: string, isHeld: boolean, goal: Drawn, nowMs: number, isStill: boolean): Drawn {
    const known = this.#known.get(key)
    const isNew = known === undefined || known.isHeld !== isHeld
    const from = known?.last ?? goal
    // What was never in the hand has nothing to settle from.
    const sinceMs = isNew ? (known === undefined ? Number.NEGATIVE_INFINITY : nowMs) : known.sinceMs
    const start = isNew ? from : known.from
    const share = isHeld || isStill ? 1 : Math.min(1, Math.max(0, (nowMs - sinceMs) / settleMs))
    const eased = easeOut(share)
    const drawn =
      share >= 1
        ? goal
        : {
            x: start.x + (goal.x - start.x) * eased,
            y: start.y + (goal.y - start.y) * eased,
            scale: start.scale + (goal.scale - start.scale) * eased,
          }
    if (share < 1 || (isHeld && isNew && !isStill)) this.#isMoving = true
    this.#known.set(key, { isHeld, sinceMs, from: start, last: drawn })
    return drawn
  }
}
