// `window.shell` over the fixture, in the page itself: so that the whole renderer can be looked at in a plain browser. Moves
// really move the record, after a moment; everything else that is asked is refused in words.

import { apply, type Change } from '../../../preload/changes.js'
import type { CallName, EventName, EventPayload, Shell } from '../../../preload/contract.js'
import { onHostKey, type Receipt } from '../../../preload/records.js'
import { frameOf } from './contents.js'
import { fixtureState, fixtureVerdicts, fixtureWorkspace } from './fixture.js'

type Listener = (payload: never) => void

export function openStandingShell(options: { readonly hasArrangement: boolean; readonly theme: string }): Shell {
  let state = fixtureState()
  let number = 0
  const listeners = new Map<EventName, Set<Listener>>()
  const tell = <N extends EventName>(name: N, payload: EventPayload<N>): void => {
    // A listener of a name takes that name's payload: it was put there by `on`.
    for (const listener of listeners.get(name) ?? []) (listener as (payload: EventPayload<N>) => void)(payload)
  }
  const change = (...changes: Change[]): void => {
    state = apply(state, changes)
    tell('lattice.changed', { number, changes })
    number += 1
  }

  const move = (id: string, from: string, to: string): Receipt => {
    const old = state.components[onHostKey(from, id)]
    const target = state.hosts[to]
    const source = state.hosts[from]
    if (old === undefined || target === undefined || source === undefined) throw new Error('nothing to move')
    change(
      { kind: 'drop', table: 'components', key: onHostKey(from, id) },
      { kind: 'put', table: 'components', key: onHostKey(to, id), record: { ...old, hostId: target.id } },
    )
    return {
      moveId: `m${number}`,
      componentId: old.id,
      imageRef: old.imageRef,
      from: source.id,
      fromName: source.friendlyName,
      to: target.id,
      toName: target.friendlyName,
      epoch: 2,
      startedAtMs: Date.now(),
      phases: [],
      pauseMs: 38,
      stateBytes: 421_888,
      stateKind: 'exported',
      callsQueued: 0,
      callsLost: 0,
      callsTwice: 0,
      askedBy: 'harness',
      outcome: 'moved',
    }
  }

  const answer = async (name: CallName, args: readonly unknown[]): Promise<unknown> => {
    const [first, second, third] = args.map(String)
    switch (name) {
      case 'lattice.watch':
        return { state, next: number }
      case 'workspace.load':
        return options.hasArrangement
          ? { ...fixtureWorkspace, theme: options.theme }
          : { version: 1, theme: options.theme, hasSeenHint: true }
      case 'notice.list':
      case 'component.log':
      case 'move.receipts':
        return []
      case 'window.open':
      case 'window.send':
        return frameOf(first ?? '')
      case 'move.ask':
        return fixtureVerdicts(second ?? '')
      case 'move.start':
        await new Promise((resolve) => setTimeout(resolve, 200))
        return move(first ?? '', second ?? '', third ?? '')
      case 'shell.ready':
      case 'workspace.save':
        return undefined
      default:
        throw new Error(`${name} is not in the fixture`)
    }
  }

  return {
    async call(name, ...args) {
      try {
        // The fixture answers each call with a value of its kind.
        return { ok: true, value: (await answer(name, args)) as never }
      } catch (error) {
        return { ok: false, failure: { code: 'unavailable', message: String(error) } }
      }
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set<Listener>()
      listeners.set(name, set)
      set.add(listener)
      return () => set.delete(listener)
    },
  }
}
