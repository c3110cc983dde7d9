// The desktop's life on a lattice: connects, builds node, mirror and client, follows the picture, and says what state all
// of that is in. Exists before there is anything to connect to, so that the window never waits for it.

import type { ConnectRequest } from '../preload/contract.js'
import type { ChangeBatch } from '../preload/contract.js'
import { apply, type Change, emptyState } from '../preload/changes.js'
import type { Connection, LatticeState } from '../preload/records.js'
import { formatChain } from './failure.js'
import { separateCredentials } from './nats-url.js'

/** What is there while the lattice is. */
export interface Joined {
  readonly state: () => LatticeState
  readonly onChanges: (listener: (changes: readonly Change[]) => void) => () => void
  readonly close: () => Promise<void>
}

export interface SessionParts<J extends Joined> {
  readonly lattice: string
  /** Connects and builds everything; rejects with words a person can act on. */
  readonly join: (request: ConnectRequest | undefined) => Promise<J>
}

export interface Session<J extends Joined> {
  /** The picture as last announced, and the number of the next batch. */
  snapshot(): { readonly state: LatticeState; readonly next: number }
  /** Undefined while there is no lattice. */
  readonly joined: J | undefined
  connect(request: ConnectRequest | undefined): Promise<void>
  /** Once more, as it was asked last time. */
  retry(): Promise<void>
  onBatch(listener: (batch: ChangeBatch) => void): () => void
  onPicture(listener: (before: LatticeState, after: LatticeState) => void): () => void
  close(): Promise<void>
}

export function createSession<J extends Joined>(parts: SessionParts<J>): Session<J> {
  let state = emptyState(parts.lattice)
  let next = 1
  let joined: J | undefined
  let lastRequest: ConnectRequest | undefined
  let stopFollowing: (() => void) | undefined
  /** Connects run one after another: the last one asked for is the one that stays. */
  let queue: Promise<void> = Promise.resolve()
  const batchListeners = new Set<(batch: ChangeBatch) => void>()
  const pictureListeners = new Set<(before: LatticeState, after: LatticeState) => void>()

  function announce(changes: readonly Change[]): void {
    if (changes.length === 0) return
    const before = state
    state = apply(state, changes)
    const batch = { number: next, changes }
    next += 1
    for (const listener of batchListeners) listener(batch)
    for (const listener of pictureListeners) listener(before, state)
  }

  function setConnection(record: Connection): void {
    announce([{ kind: 'connection', record }])
  }

  /** Everything of one picture as changes to another. */
  function difference(from: LatticeState, to: LatticeState): Change[] {
    const changes: Change[] = [{ kind: 'connection', record: to.connection }]
    for (const table of ['hosts', 'components', 'providers', 'links', 'installed'] as const) {
      for (const key of Object.keys(from[table])) if (!(key in to[table])) changes.push({ kind: 'drop', table, key })
      for (const [key, record] of Object.entries<LatticeState[typeof table][string]>(to[table])) {
        // Key, table and record come from the same entry.
        changes.push({ kind: 'put', table, key, record } as Change)
      }
    }
    return changes
  }

  async function leave(): Promise<void> {
    stopFollowing?.()
    stopFollowing = undefined
    const before = joined
    joined = undefined
    await before?.close()
  }

  async function join(asked: ConnectRequest | undefined): Promise<void> {
    const request = asked === undefined ? undefined : separateCredentials(asked)
    await leave()
    lastRequest = request
    const lattice = request?.lattice ?? parts.lattice
    const url = request?.url ?? ''
    setConnection({ state: 'starting', lattice, url, embedded: request === undefined, hasJetStream: false })
    try {
      const fresh = await parts.join(request)
      joined = fresh
      stopFollowing = fresh.onChanges(announce)
      announce(difference(state, fresh.state()))
    } catch (error) {
      setConnection({
        state: 'failed',
        lattice,
        url,
        embedded: request === undefined,
        hasJetStream: false,
        problem: formatChain(error),
      })
      throw error
    }
  }

  function enqueue(request: ConnectRequest | undefined): Promise<void> {
    const run = queue.then(() => join(request))
    queue = run.catch(() => undefined)
    return run
  }

  return {
    snapshot: () => ({ state, next }),
    get joined() {
      return joined
    },
    connect: enqueue,
    retry: () => enqueue(lastRequest),
    onBatch(listener) {
      batchListeners.add(listener)
      return () => batchListeners.delete(listener)
    },
    onPicture(listener) {
      pictureListeners.add(listener)
      return () => pictureListeners.delete(listener)
    },
    async close() {
      await queue
      await leave()
    },
  }
}
