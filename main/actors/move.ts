// The move of an actor as a state machine, seen from the node that gives it away (move.md M2, M3, M4, M7). Pure and
// total: any input in any state has an answer. `mover.ts` carries out what it says and feeds back what happened.

import type { movePhases } from '../../preload/records.js'

export type MovePhase = (typeof movePhases)[number]

export interface MovePlan {
  /** Exports tlos:actor/state: exactly one owner, saved and loaded, fenced by the epoch. */
  readonly isStateful: boolean
}

export interface MoveState {
  readonly phase: MovePhase
  readonly plan: MovePlan
  /** The owner record names the target: from here on there is no way back but taking it over again. */
  readonly isCommitted: boolean
  readonly serveAttempts: number
  readonly reason?: string | undefined
}

/** What happened. `failed` carries words; `isGone` says that the other side is certainly not there. */
export type MoveInput =
  | { readonly kind: 'prepared' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'saved' }
  | { readonly kind: 'loaded' }
  | { readonly kind: 'committed' }
  | { readonly kind: 'served' }
  | { readonly kind: 'forwarded' }
  | { readonly kind: 'taken-back' }
  | { readonly kind: 'failed'; readonly reason: string; readonly isGone: boolean }

/**
 * What to do next. After a failure before the commit: `abandon` (tell the target), then `resume` (open the gate here).
 * `take-back` tries to own the actor again with a higher epoch.
 */
export type MoveOutput =
  | 'prepare'
  | 'pause'
  | 'save'
  | 'load'
  | 'commit'
  | 'serve'
  | 'forward'
  | 'let-go'
  | 'abandon'
  | 'resume'
  | 'take-back'
  | 'report'

export interface MoveStep {
  readonly state: MoveState
  readonly outputs: readonly MoveOutput[]
}

const maxServeAttempts = 3

export function beginMove(plan: MovePlan): MoveStep {
  return { state: { phase: 'preparing', plan, isCommitted: false, serveAttempts: 0 }, outputs: ['prepare'] }
}

export function stepMove(state: MoveState, input: MoveInput): MoveStep {
  const stay: MoveStep = { state, outputs: [] }
  if (state.phase === 'done' || state.phase === 'failed') return stay
  if (input.kind === 'failed') return failMove(state, input)
  const expected = awaited(state)
  if (input.kind !== expected) return stay
  const to = (phase: MovePhase, outputs: readonly MoveOutput[], more: Partial<MoveState> = {}): MoveStep => ({
    state: { ...state, phase, ...more },
    outputs,
  })
  switch (input.kind) {
    case 'prepared':
      // A stateless actor may run in two places: the target serves before this node stops taking calls (M2).
      return state.plan.isStateful ? to('pausing', ['pause']) : to('committing', ['serve'], { serveAttempts: 1 })
    case 'paused':
      return to('saving', ['save'])
    case 'saved':
      return to('loading', ['load'])
    case 'loaded':
      return to('committing', ['commit'])
    case 'committed':
      return to('committing', ['serve'], { isCommitted: true, serveAttempts: 1 })
    case 'served':
      return to('forwarding', ['forward'])
    case 'forwarded':
      return to('done', ['let-go', 'report'])
    case 'taken-back':
      return to('failed', ['abandon', 'resume', 'report'])
  }
}

/** The one input each phase waits for. */
function awaited(state: MoveState): MoveInput['kind'] {
  switch (state.phase) {
    case 'preparing':
      return 'prepared'
    case 'pausing':
      return 'paused'
    case 'saving':
      return 'saved'
    case 'loading':
      return 'loaded'
    case 'committing':
      if (state.serveAttempts > maxServeAttempts) return 'taken-back'
      return state.isCommitted || !state.plan.isStateful ? 'served' : 'committed'
    case 'forwarding':
      return 'forwarded'
    case 'done':
    case 'failed':
      return 'failed'
  }
}

function failMove(state: MoveState, input: { readonly reason: string; readonly isGone: boolean }): MoveStep {
  const failed = (outputs: readonly MoveOutput[]): MoveStep => ({
    state: { ...state, phase: 'failed', reason: state.reason ?? input.reason },
    outputs,
  })
  // Handing calls on is best effort once the target serves: the move itself has succeeded.
  if (state.phase === 'forwarding') return { state: { ...state, phase: 'done' }, outputs: ['let-go', 'report'] }
  if (!state.isCommitted) return failed(['abandon', 'resume', 'report'])
  // Committed: the target owns it. Being in doubt is not a licence to serve here too, so ask again; only when the target
  // is gone or stays silent is it taken back, with a higher epoch that fences the target should it still live.
  const attempts = state.serveAttempts + 1
  if (state.serveAttempts > maxServeAttempts) {
    // Taking back failed as well (somebody else owns it by now): nothing is served here any more.
    return failed(['let-go', 'report'])
  }
  if (input.isGone || attempts > maxServeAttempts) {
    return {
      state: { ...state, serveAttempts: maxServeAttempts + 1, reason: input.reason },
      outputs: ['take-back'],
    }
  }
  return { state: { ...state, serveAttempts: attempts }, outputs: ['serve'] }
}
