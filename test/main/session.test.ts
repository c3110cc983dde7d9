import { describe, expect, it } from 'vitest'
import type { ConnectRequest } from '../../preload/contract.js'
import { apply, type Change, emptyState } from '../../preload/changes.js'
import type { HostId, LatticeState } from '../../preload/records.js'
import { createSession, type Joined } from '../../main/session.js'

const withHost = (lattice: string, id: string): LatticeState => ({
  ...emptyState(lattice),
  connection: { state: 'live', lattice, url: 'ws://x', embedded: true, hasJetStream: true },
  hosts: {
    [id]: {
      id: id as HostId,
      friendlyName: id,
      kind: 'tlos',
      version: '0.1.0',
      labels: {},
      heardAtMs: 0,
      startedAtMs: 0,
      liveness: 'fresh',
      cordoned: false,
    },
  },
})

class Fake implements Joined {
  closed = 0
  #listeners = new Set<(changes: readonly Change[]) => void>()
  readonly #state: LatticeState

  constructor(state: LatticeState) {
    this.#state = state
  }

  state = (): LatticeState => this.#state

  onChanges = (listener: (changes: readonly Change[]) => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  say(changes: readonly Change[]): void {
    for (const listener of this.#listeners) listener(changes)
  }

  close = (): Promise<void> => {
    this.closed += 1
    return Promise.resolve()
  }
}

describe('the life of a desktop on lattices', () => {
  it('has a picture from the beginning, and numbers every batch without a gap', async () => {
    const fake = new Fake(withHost('default', 'NA'))
    const session = createSession({ lattice: 'default', join: () => Promise.resolve(fake) })
    const { state, next } = session.snapshot()
    expect(state.connection.state).toBe('starting')
    let replayed = state
    const numbers: number[] = []
    session.onBatch((batch) => {
      numbers.push(batch.number)
      replayed = apply(replayed, batch.changes)
    })
    await session.connect(undefined)
    fake.say([{ kind: 'drop', table: 'hosts', key: 'NA' }])
    expect(numbers).toEqual(numbers.map((_, i) => next + i))
    expect(replayed).toEqual(session.snapshot().state)
    expect(replayed.hosts).toEqual({})
    expect(session.snapshot().next).toBe(next + numbers.length)
  })

  it('says why it is not connected, keeps on, and tries the same again when asked', async () => {
    const asked: (ConnectRequest | undefined)[] = []
    const fake = new Fake(withHost('other', 'NB'))
    const session = createSession({
      lattice: 'default',
      join: (request) => {
        asked.push(request)
        return asked.length === 1 ? Promise.reject(new Error('nobody answers there')) : Promise.resolve(fake)
      },
    })
    const request = { url: 'ws://x', lattice: 'other' }
    await expect(session.connect(request)).rejects.toThrow('nobody answers')
    expect(session.snapshot().state.connection).toMatchObject({ state: 'failed', problem: 'nobody answers there' })
    expect(session.joined).toBeUndefined()
    await session.retry()
    expect(asked).toEqual([request, request])
    expect(Object.keys(session.snapshot().state.hosts)).toEqual(['NB'])
  })

  it('leaves one lattice before it joins the next, and shows nothing of the first any more', async () => {
    const first = new Fake(withHost('one', 'NA'))
    const second = new Fake(withHost('two', 'NB'))
    const session = createSession({
      lattice: 'one',
      join: (request) => Promise.resolve(request === undefined ? first : second),
    })
    await Promise.all([session.connect(undefined), session.connect({ url: 'ws://x', lattice: 'two' })])
    expect(first.closed).toBe(1)
    expect(Object.keys(session.snapshot().state.hosts)).toEqual(['NB'])
    first.say([{ kind: 'drop', table: 'hosts', key: 'NB' }])
    expect(Object.keys(session.snapshot().state.hosts)).toEqual(['NB'])
    await session.close()
    expect(second.closed).toBe(1)
  })
})
