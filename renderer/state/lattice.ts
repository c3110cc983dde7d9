// The lattice as main last told it. Written by `feed.ts` and by nobody else.

import { createStore } from 'zustand/vanilla'
import { emptyState } from '../../preload/changes.js'
import type { LatticeState } from '../../preload/records.js'

export type LatticeStore = ReturnType<typeof createLatticeStore>

export function createLatticeStore() {
  return createStore<LatticeState>()(() => emptyState(''))
}
