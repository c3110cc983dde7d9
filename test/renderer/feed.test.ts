// The feed keeps the lattice store as main has it, whatever order things arrive in.

import { describe, expect, it } from 'vitest'
import { apply, type Change } from '../../preload/changes.js'
import { openFeed } from '../../renderer/feed.js'
import { createLatticeStore } from '../../renderer/state/lattice.js'
import { component, key, lattice } from './scene/build.js'
import { scriptedShell, settled } from './input/ground.js'

const put = (id: string): Change => ({
  kind: 'put',
  table: 'components',
  key: key('desk', id),
  record: component('desk', id),
})

function listen() {
  const told: string[] = []
  return {
    told,
    listeners: {
      onFirst: () => void told.push('first'),
      onNotice: ({ id }: { readonly id: string }) => void told.push(`notice ${id}`),
      onMoveProgress: ({ phase }: { readonly phase: string }) => void told.push(`move ${phase}`),
      onTrouble: ({ message }: { readonly message: string }) => void told.push(`trouble ${message}`),
    },
  }
}

describe('the feed', () => {
  it('applies batches after the snapshot, once each, also those that came before it', async () => {
    let give: (value: unknown) => void = () => undefined
    const { shell, tell } = scriptedShell({ 'lattice.watch': () => new Promise((resolve) => (give = resolve)) })
    const store = createLatticeStore()
    const { told, listeners } = listen()
    openFeed(shell, store, listeners)
    tell('lattice.changed', { number: 4, changes: [put('old')] })
    tell('lattice.changed', { number: 5, changes: [put('a')] })
    give({ state: lattice({}), next: 5 })
    await settled()
    tell('lattice.changed', { number: 6, changes: [put('b')] })
    tell('lattice.changed', { number: 6, changes: [put('twice')] })
    expect(Object.keys(store.getState().components)).toEqual(['desk/a', 'desk/b'])
    expect(told).toEqual(['first'])
  })

  it('asks for a new snapshot when a number is missing', async () => {
    let main = lattice({})
    let next = 0
    const { shell, tell, called } = scriptedShell({ 'lattice.watch': () => ({ state: main, next }) })
    const store = createLatticeStore()
    openFeed(shell, store, listen().listeners)
    await settled()
    main = apply(main, [put('a'), put('b')])
    next = 2
    tell('lattice.changed', { number: 1, changes: [put('b')] })
    await settled()
    expect(called).toHaveLength(2)
    expect(store.getState()).toEqual(main)
    tell('lattice.changed', { number: 2, changes: [put('c')] })
    expect(Object.keys(store.getState().components)).toEqual(['desk/a', 'desk/b', 'desk/c'])
  })

  it('hands on notices and the progress of moves, and nothing more when it is closed', async () => {
    const { shell, tell } = scriptedShell({ 'lattice.watch': () => ({ state: lattice({}), next: 0 }) })
    const store = createLatticeStore()
    const { told, listeners } = listen()
    const close = openFeed(shell, store, listeners)
    await settled()
    tell('notice.raised', { id: 'n1' })
    tell('move.progressed', { phase: 'saving' })
    close()
    tell('notice.raised', { id: 'n2' })
    tell('lattice.changed', { number: 0, changes: [put('a')] })
    expect(told).toEqual(['first', 'notice n1', 'move saving'])
    expect(store.getState().components).toEqual({})
  })
})
