// A window in the hand: taking it up, asking the nodes what they would say, and the drop. Dropped at home it is only
// arranged; on another slab its actor moves there; refused, it goes home and the reason stays on the nameplate.

import { snapFoot } from '../scene/layout.js'
import { localizeVerdict } from '../state/verdict-words.js'
import type { Verdict } from '../../preload/records.js'
import type { History } from './arrangement.js'
import type { Ground } from './ground.js'
import type { Intent } from './intents.js'
import { asComponentId, asHostId } from './keys.js'
import type { Moving } from './moving.js'
import { words } from './words.js'

type DragIntent = Extract<Intent, { readonly kind: `drag.${string}` }>

/** Asking is said only when it takes longer than this (look.md 4.5). */
const askingMs = 150

export function createDrag(ground: Ground, moving: Moving, history: History) {
  const { stores, shell, scene, homes, now, later, notices } = ground
  const { lattice, workspace, interaction } = stores
  const say = () => words[workspace.getState().locale]

  const setVerdicts = (startedAtMs: number, verdicts: Readonly<Record<string, Verdict>>): void => {
    const { drag } = interaction.getState()
    if (drag?.startedAtMs === startedAtMs) interaction.setState({ drag: { ...drag, verdicts, isAskingShown: true } })
  }

  /** When nobody can be asked, every other node refuses, with that reason. */
  const refuseAll = (fromHostId: string, summary: string): Readonly<Record<string, Verdict>> => {
    const others = Object.values(lattice.getState().hosts).filter((host) => host.id !== fromHostId)
    return Object.fromEntries(others.map(({ id }) => [id, { hostId: id, kind: 'refuses', summary, details: [] }]))
  }

  const start = (key: Extract<DragIntent, { kind: 'drag.start' }>['key'], byKeyboard: boolean): void => {
    const node = scene().windows.get(key)
    if (node === undefined || interaction.getState().drag !== undefined) return
    // Two drags may start within one millisecond; which one an answer belongs to is told by this number.
    const startedAtMs = Math.max(now(), lastStart + 1)
    lastStart = startedAtMs
    interaction.setState({
      focused: key,
      hover: undefined,
      panel: 'none',
      drag: {
        key,
        componentId: node.componentId,
        fromHostId: node.hostId,
        foot: node.foot,
        overHostId: node.hostId,
        startedAtMs,
        verdicts: {},
        byKeyboard,
      },
    })
    later(askingMs, () => {
      const { drag } = interaction.getState()
      if (drag?.startedAtMs === startedAtMs && drag.isAskingShown !== true)
        interaction.setState({ drag: { ...drag, isAskingShown: true } })
    })
    void shell.call('move.ask', asComponentId(node.componentId), asHostId(node.hostId)).then((outcome) => {
      const { locale } = workspace.getState()
      setVerdicts(
        startedAtMs,
        outcome.ok
          ? Object.fromEntries(outcome.value.map((verdict) => [verdict.hostId, localizeVerdict(verdict, locale)]))
          : refuseAll(node.hostId, outcome.failure.message),
      )
    })
  }

  const drop = (): void => {
    const { drag } = interaction.getState()
    if (drag === undefined) return
    interaction.setState({ drag: undefined })
    const place = drag.overHostId === undefined ? undefined : scene().places.get(drag.overHostId)
    const home = homes().get(drag.key)
    if (place === undefined || home === undefined) return
    const { windows } = workspace.getState()
    const known = windows[drag.key] ?? home
    const wish = snapFoot({ x: drag.foot.x - place.x, y: drag.foot.y - place.y }, known.width, place)
    const at = { ...known, ...wish }
    if (place.id === drag.fromHostId) {
      history.remember(`drop ${drag.startedAtMs}`)
      workspace.setState({ windows: { ...windows, [drag.key]: at } })
      return
    }
    const verdict = drag.verdicts[place.id]
    if (verdict?.kind === 'refuses' || place.state === 'gone') {
      const reason = verdict?.summary ?? say().notHeard(place.name)
      const from = scene().places.get(drag.fromHostId)?.name ?? drag.fromHostId
      moving.note(place.id, reason, 'bad')
      notices.refuse(say().stays(drag.componentId, from), reason, drag.componentId)
      return
    }
    moving.move(drag.componentId, drag.fromHostId, place.id, at)
  }

  let lastStart = 0

  return (intent: DragIntent): void => {
    switch (intent.kind) {
      case 'drag.start':
        start(intent.key, intent.byKeyboard)
        return
      case 'drag.over': {
        const { drag } = interaction.getState()
        if (drag !== undefined)
          interaction.setState({ drag: { ...drag, foot: intent.foot, overHostId: intent.hostId } })
        return
      }
      case 'drag.drop':
        drop()
        return
      case 'drag.cancel':
        if (interaction.getState().drag !== undefined) interaction.setState({ drag: undefined })
        return
    }
  }
}
