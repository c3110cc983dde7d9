// The only writer of the lattice store: a snapshot, then numbered batches; a gap in the numbers means a new snapshot. Also
// hands on what main says of moves and notices. Stands on the bridge and the algebra of changes; shows nothing itself.

import { apply } from '../preload/changes.js'
import type { ChangeBatch, EventPayload, Shell } from '../preload/contract.js'
import type { Failure, LatticeState, Notice } from '../preload/records.js'
import type { LatticeStore } from './state/lattice.js'

export interface FeedListeners {
  /** The first snapshot is in the store. */
  onFirst(): void
  onNotice(notice: Notice): void
  onMoveProgress(progress: EventPayload<'move.progressed'>): void
  /** The picture cannot be had; it is asked for again by itself. */
  onTrouble(failure: Failure): void
}

/** Between two attempts to get a snapshot. */
const againMs = 1_000

/** Follows the lattice until the returned function is called. */
export function openFeed(shell: Shell, lattice: LatticeStore, listeners: FeedListeners): () => void {
  let isClosed = false
  let hasFirst = false
  /** Number of the batch that comes next; undefined while a snapshot is under way. */
  let next: number | undefined
  let waiting: ChangeBatch[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let hasToldTrouble = false

  const take = (batch: ChangeBatch): void => {
    if (next === undefined) {
      waiting.push(batch)
      return
    }
    if (batch.number < next) return
    if (batch.number > next) {
      waiting = [batch]
      watch()
      return
    }
    next += 1
    const before = lattice.getState()
    const after = apply(before, batch.changes)
    if (after !== before) lattice.setState(after, true)
  }

  const start = (state: LatticeState, number: number): void => {
    next = number
    lattice.setState(state, true)
    const held = waiting.sort((a, b) => a.number - b.number)
    waiting = []
    for (const batch of held) take(batch)
    if (hasFirst) return
    hasFirst = true
    listeners.onFirst()
  }

  function watch(): void {
    next = undefined
    void shell.call('lattice.watch').then((outcome) => {
      if (isClosed) return
      if (outcome.ok) {
        hasToldTrouble = false
        start(outcome.value.state, outcome.value.next)
        return
      }
      if (!hasToldTrouble) listeners.onTrouble(outcome.failure)
      hasToldTrouble = true
      timer = setTimeout(watch, againMs)
    })
  }

  const unsubscribes = [
    shell.on('lattice.changed', take),
    shell.on('notice.raised', listeners.onNotice),
    shell.on('move.progressed', listeners.onMoveProgress),
  ]
  watch()
  return () => {
    isClosed = true
    clearTimeout(timer)
    for (const unsubscribe of unsubscribes) unsubscribe()
  }
}
