// Moves an actor to another node and tells of it: both ends while it is under way, the receipt when it is done, the reason
// where it was refused. Used by the drop, the palette and the undo of a receipt.

import type { EventPayload } from '../../preload/contract.js'
import type { OnHostKey, Receipt } from '../../preload/records.js'
import type { ThingRef } from '../state/interaction.js'
import type { WindowArrangement } from '../state/workspace.js'
import type { Ground } from './ground.js'
import { asComponentId, asHostId, onHostKey } from './keys.js'
import { flightMs, towardTitle } from './perform-look.js'
import { words } from './words.js'

/** A reason stays on a nameplate this long (look.md 2.4). */
const noteMs = 6_000
/** How long the picture may take to show what a receipt says, before both ends are drawn no more. */
const arrivalMs = 3_000

export interface Moving {
  /** `at`: where its window shall stand there, relative to the slab. */
  move(componentId: string, from: string, to: string, at?: WindowArrangement): void
  progress(told: EventPayload<'move.progressed'>): void
  /** A reason on the nameplate of a place. */
  note(hostId: string, text: string, tone: 'bad' | 'warn' | 'good'): void
}

export function createMoving({ stores, shell, eye, scene, notices, now, later }: Ground): Moving {
  const { lattice, workspace, interaction } = stores
  const say = () => words[workspace.getState().locale]
  const nameOf = (hostId: string): string => lattice.getState().hosts[hostId]?.friendlyName ?? hostId

  const note = (hostId: string, text: string, tone: 'bad' | 'warn' | 'good'): void => {
    const untilMs = now() + noteMs
    interaction.setState({ lipNotes: { ...interaction.getState().lipNotes, [hostId]: { text, tone, untilMs } } })
    later(noteMs, () => {
      const { [hostId]: shown, ...rest } = interaction.getState().lipNotes
      if (shown?.untilMs === untilMs) interaction.setState({ lipNotes: rest })
    })
  }

  const follow = (thing: ThingRef | undefined, from: OnHostKey, to: OnHostKey): ThingRef | undefined =>
    thing?.kind === 'window' && thing.id === from ? { kind: 'window', id: to } : thing

  /** What was focused, selected and inspected there is so here. */
  const followTo = (from: OnHostKey, to: OnHostKey): void => {
    const { focused, selection, inspector } = interaction.getState()
    interaction.setState({
      focused: focused === from ? to : focused,
      selection: follow(selection, from, to),
      inspector: follow(inspector, from, to),
    })
    const { order } = workspace.getState()
    workspace.setState({ order: order.map((key) => (key === from ? to : key)) })
  }

  const end = (componentId: string): void => {
    const { [componentId]: _ended, ...rest } = interaction.getState().moves
    interaction.setState({ moves: rest })
  }

  /** What the person just moved stays where it can be taken hold of. */
  const keepInSight = (key: OnHostKey): void => {
    const window = scene().windows.get(key)
    const viewpoint = window === undefined ? undefined : towardTitle(eye.projectionAt(eye.destination), scene(), window)
    if (viewpoint !== undefined) eye.fly(viewpoint, flightMs)
  }

  /** Both ends are drawn until the picture agrees with the receipt. */
  const endOnArrival = (componentId: string, from: OnHostKey, to: OnHostKey): void => {
    const hasArrived = (): boolean => {
      const { components } = lattice.getState()
      return components[to] !== undefined && components[from] === undefined
    }
    let isOver = false
    const finish = (): void => {
      if (isOver) return
      isOver = true
      unsubscribe()
      cancel()
      end(componentId)
      followTo(from, to)
      // The picture is described again at the end of this turn.
      later(0, () => keepInSight(to))
    }
    const unsubscribe = lattice.subscribe(() => {
      if (hasArrived()) finish()
    })
    const cancel = later(arrivalMs, finish)
    if (hasArrived()) finish()
  }

  const tell = (receipt: Receipt): void => {
    const told = say()
    const isGood = receipt.callsLost === 0 && receipt.callsTwice === 0
    notices.raise({
      id: `move ${receipt.moveId}`,
      atMs: now(),
      tone: isGood ? 'good' : 'warn',
      title: told.moved(receipt.componentId, receipt.toName),
      text: told.movedText(receipt.fromName, String(Math.round(receipt.pauseMs)), receipt.callsLost),
      about: receipt.componentId,
      receipt,
      offer: { label: told.undo, kind: 'undo-move', about: receipt.componentId },
    })
  }

  const move = (componentId: string, from: string, to: string, at?: WindowArrangement): void => {
    const { moves } = interaction.getState()
    if (moves[componentId] !== undefined) {
      note(to, say().movesAlready(componentId), 'warn')
      return
    }
    const fromKey = onHostKey(from, componentId)
    const toKey = onHostKey(to, componentId)
    const { windows } = workspace.getState()
    const before = windows[toKey]
    if (at !== undefined) workspace.setState({ windows: { ...windows, [toKey]: at } })
    interaction.setState({ moves: { ...moves, [componentId]: { componentId, from, to, phase: 'preparing' } } })

    const goHome = (reason: string): void => {
      end(componentId)
      if (at !== undefined) {
        const { [toKey]: _wished, ...rest } = workspace.getState().windows
        workspace.setState({ windows: before === undefined ? rest : { ...rest, [toKey]: before } })
      }
      note(to, reason, 'bad')
    }

    void shell.call('move.start', asComponentId(componentId), asHostId(from), asHostId(to)).then((outcome) => {
      if (!outcome.ok) {
        goHome(outcome.failure.message)
        notices.trouble(say().stays(componentId, nameOf(from)), outcome.failure)
        return
      }
      const receipt = outcome.value
      if (receipt.outcome === 'failed') {
        const reason = receipt.reason ?? ''
        goHome(reason)
        notices.raise({
          id: `move ${receipt.moveId}`,
          atMs: now(),
          tone: 'bad',
          title: say().stays(componentId, receipt.fromName),
          text: reason,
          about: componentId,
          receipt,
        })
        return
      }
      tell(receipt)
      endOnArrival(componentId, fromKey, toKey)
    })
  }

  return {
    move,
    note,
    progress({ componentId, phase }) {
      const { moves } = interaction.getState()
      const known = moves[componentId]
      // A move that somebody else asked for has no ends here: the picture shows when it is done.
      if (known !== undefined) interaction.setState({ moves: { ...moves, [componentId]: { ...known, phase } } })
    },
  }
}
