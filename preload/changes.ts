// The algebra of change-sets: the currency in which the lattice's picture travels. Pure; used by main (which makes
// them) and the renderer (which applies them).

import type { LatticeState } from './records.js'

type Table = Exclude<keyof LatticeState, 'connection'>
type RecordOf<T extends Table> = LatticeState[T][string]

/** One change: a record that is new or different, a record that is no more, or the connection. */
export type Change =
  | { readonly kind: 'connection'; readonly record: LatticeState['connection'] }
  | {
      [T in Table]: { readonly kind: 'put'; readonly table: T; readonly key: string; readonly record: RecordOf<T> }
    }[Table]
  | { readonly kind: 'drop'; readonly table: Table; readonly key: string }

/** The state after the changes; tables nothing happened to keep their identity, so readers compare with `===`. */
export function apply(state: LatticeState, changes: readonly Change[]): LatticeState {
  if (changes.length === 0) return state
  const next: { -readonly [K in keyof LatticeState]: LatticeState[K] } = { ...state }
  const copied = new Set<Table>()
  const writable = (table: Table): Record<string, unknown> => {
    if (!copied.has(table)) {
      copied.add(table)
      // The cast widens one table of the union; keys and records of a change always belong to the same table.
      ;(next as Record<Table, Record<string, unknown>>)[table] = { ...next[table] }
    }
    return next[table]
  }
  for (const change of changes) {
    if (change.kind === 'connection') next.connection = change.record
    else if (change.kind === 'put') writable(change.table)[change.key] = change.record
    else delete writable(change.table)[change.key]
  }
  return next
}

/** Fewer changes with the same effect: the last one of each key wins. Order between keys carries no meaning. */
export function squash(changes: readonly Change[]): readonly Change[] {
  const last = new Map<string, Change>()
  for (const change of changes) last.set(change.kind === 'connection' ? '' : `${change.table}/${change.key}`, change)
  return [...last.values()]
}

/** A picture without anything in it. */
export function emptyState(lattice: string): LatticeState {
  return {
    connection: { state: 'starting', lattice, url: '', embedded: false, hasJetStream: false },
    hosts: {},
    components: {},
    providers: {},
    links: {},
    installed: {},
  }
}
