// Copies as the worker serves them: requests in, outcomes out. Says in one sentence why something cannot be done.

import type { Fault, Outcome, WorkerCopy } from '../pool-protocol.js'
import type { SnapshotState } from '../prepared-format.js'
import type { Identity } from './image.js'
import type { Recipes } from './recipes.js'
import { SnapshotRefusal } from './refusal.js'
import { createSnapshots, type Restored, type Snapshots } from './snapshots.js'
import type { Tap } from './tap.js'

export interface CopyParts {
  readonly state: SnapshotState
  readonly identity: Identity
  readonly memoryBytes: number
  readonly cores: readonly Readonly<Record<string, unknown>>[]
  /** Absent when the component was not made open to copies. */
  readonly tap: Tap | undefined
  readonly recipes: Recipes
  readonly outside: Outside
  /** The start asked the host for something: another fresh instance may be another. */
  readonly hasAsked: boolean
}

/** What of the instance others hold by handle (resources/outside.ts). */
export interface Outside {
  /** For a copy: the objects by number, and the handles by which they are known. */
  describe(): Restored
  /** Takes over what a copy had given out. Throws a `SnapshotRefusal`. The outcome of going on from the copy. */
  restore(restored: Restored): unknown
}

export interface Copies {
  /** A call is about to be made: from now on the instance is not fresh. */
  noteCall(): void
  /** The guest failed inside of a call: what it is now is nothing to go on from. */
  noteFailure(): void
  serve(request: WorkerCopy): { readonly outcome: Outcome; readonly isBroken: boolean }
}

export function createCopies(parts: CopyParts): Copies {
  const { state, tap } = parts
  const snapshots: Snapshots | undefined =
    state.can && tap !== undefined ? createSnapshots({ ...parts, tap, writesTables: state.writesTables }) : undefined
  const cannot = state.can ? 'its glue did not open' : state.reason
  let isFresh = true
  let hasFailed = false

  function answer(request: WorkerCopy): unknown {
    if (snapshots === undefined) throw new SnapshotRefusal('refused', cannot)
    if (hasFailed) throw new SnapshotRefusal('refused', 'a call of it failed inside')
    if (request.kind === 'snapshot') {
      const isWhole = request.isWhole || (request.isCertain && parts.hasAsked)
      return snapshots.take({ isWhole, isFirm: request.isFirm, ...parts.outside.describe() })
    }
    if (!isFresh) throw new SnapshotRefusal('refused', 'it was called already, and only a fresh instance can')
    isFresh = false
    return parts.outside.restore(snapshots.restore(request.image))
  }

  return {
    noteCall() {
      isFresh = false
    },
    noteFailure() {
      hasFailed = true
    },
    serve(request) {
      try {
        return { outcome: { ok: true, value: answer(request) }, isBroken: false }
      } catch (error) {
        const prefix =
          request.kind === 'snapshot' ? 'the component cannot be copied' : 'the component cannot go on from this copy'
        // A copy leaves the instance as it was; half of one does not.
        return { outcome: { ok: false, fault: toFault(error, prefix) }, isBroken: request.kind === 'restore' }
      }
    },
  }
}

function toFault(error: unknown, prefix: string): Fault {
  if (error instanceof SnapshotRefusal) return { code: error.code, message: `${prefix}: ${error.message}` }
  return { code: 'internal', message: `${prefix}: ${error instanceof Error ? error.message : String(error)}` }
}
