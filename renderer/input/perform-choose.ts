// Hovering, selecting, focusing, opening a panel, and the settings of the shell itself: store changes only.

import type { OnHostKey } from '../../preload/records.js'
import type { ThingRef } from '../state/interaction.js'
import type { Ground } from './ground.js'
import type { Intent } from './intents.js'

type ChooseIntent = Extract<
  Intent,
  {
    readonly kind:
      | 'hover'
      | 'select'
      | 'focus'
      | 'focus.next'
      | 'inspect'
      | 'panel'
      | 'tool'
      | 'theme'
      | 'locale'
      | 'hint'
      | 'ask.show'
      | 'window.raise'
  }
>

const isSameThing = (a: ThingRef | undefined, b: ThingRef | undefined): boolean =>
  a === b || (a?.kind === b?.kind && a?.id === b?.id)

export function createChoose({ stores: { workspace, interaction }, scene }: Ground) {
  const raise = (key: OnHostKey): void => {
    const { order } = workspace.getState()
    if (order[order.length - 1] === key) return
    // Keys of windows that are no more stay: they come back, and the list is as short as there were windows.
    workspace.setState({ order: [...order.filter((each) => each !== key), key] })
  }

  const focus = (key: OnHostKey | undefined): void => {
    if (interaction.getState().focused !== key) interaction.setState({ focused: key })
    if (key !== undefined) raise(key)
  }

  /** By place and then from the left, so that going through them goes over the screen. */
  const focusNext = (step: 1 | -1): void => {
    const windows = [...scene().windows.values()].sort(
      (a, b) => b.foot.y - a.foot.y || a.foot.x - b.foot.x || (a.key < b.key ? -1 : 1),
    )
    if (windows.length === 0) return
    const at = windows.findIndex((window) => window.key === interaction.getState().focused)
    const from = at < 0 ? (step > 0 ? -1 : 0) : at
    const next = windows[(from + step + windows.length) % windows.length]
    if (next === undefined) return
    focus(next.key)
    interaction.setState({ selection: { kind: 'window', id: next.key } })
  }

  return (intent: ChooseIntent): void => {
    switch (intent.kind) {
      case 'hover':
        if (!isSameThing(interaction.getState().hover, intent.thing)) interaction.setState({ hover: intent.thing })
        return
      case 'select': {
        if (isSameThing(interaction.getState().selection, intent.thing)) return
        const { inspector } = interaction.getState()
        // An open inspector shows what is selected.
        interaction.setState({
          selection: intent.thing,
          ...(inspector === undefined || intent.thing === undefined
            ? {}
            : { inspector: intent.thing, inspectorTab: 'overview', grantWish: undefined }),
        })
        return
      }
      case 'focus':
        focus(intent.key)
        return
      case 'focus.next':
        focusNext(intent.step)
        return
      case 'window.raise':
        raise(intent.key)
        return
      case 'inspect': {
        const { inspector, inspectorTab } = interaction.getState()
        interaction.setState({
          inspector: intent.thing,
          inspectorTab: intent.tab ?? (isSameThing(inspector, intent.thing) ? inspectorTab : 'overview'),
          grantWish: intent.wish,
          ...(intent.thing === undefined ? {} : { selection: intent.thing }),
        })
        return
      }
      case 'panel':
        interaction.setState({ panel: intent.panel })
        return
      case 'tool':
        interaction.setState({ panel: 'tool', tool: intent.tool })
        return
      case 'hint':
        interaction.setState({ hintOpen: intent.isOpen })
        if (!intent.isOpen) workspace.setState({ hasSeenHint: true })
        return
      case 'ask.show':
        interaction.setState({ askShown: intent.id })
        return
      case 'theme':
        workspace.setState({ theme: intent.theme })
        return
      case 'locale':
        workspace.setState({ locale: intent.locale })
        return
    }
  }
}
