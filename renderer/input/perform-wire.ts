// A cable drawn by hand: taken at a window, led to what may answer it, dropped there. What the window's component could be
// linked to is asked when the drawing begins; the drop is the grant (product.md), so nothing else is drawn than that.

import type { WitWorld } from '../../preload/wit.js'
import { linkOffersOf } from '../state/link-offers.js'
import type { Ground } from './ground.js'
import type { Intent } from './intents.js'
import { partsOf } from './keys.js'
import { words } from './words.js'

type WireIntent = Extract<Intent, { readonly kind: `wire.${string}` }>

/** Components whose exports are asked for; with more, the rest can be linked by the palette. */
const describeLimit = 60

export function createWire({ stores: { lattice, workspace, interaction }, shell, worlds, notices }: Ground) {
  const say = () => words[workspace.getState().locale]
  let drawing = 0

  const worldsOf = (): Promise<ReadonlyMap<string, WitWorld>> => {
    const { components, hosts } = lattice.getState()
    const heard = Object.values(components).filter(({ hostId }) => hosts[hostId]?.liveness === 'fresh')
    return worlds.all(heard.slice(0, describeLimit))
  }

  const start = (intent: Extract<WireIntent, { kind: 'wire.start' }>): void => {
    const { id } = partsOf(intent.key)
    drawing += 1
    const mine = drawing
    interaction.setState({
      wire: { key: intent.key, sourceId: id, at: intent.at, over: undefined, offers: undefined },
      selection: { kind: 'window', id: intent.key },
    })
    void worldsOf().then((found) => {
      const { wire } = interaction.getState()
      if (wire === undefined || mine !== drawing) return
      const offers = linkOffersOf(lattice.getState(), found).filter(({ link }) => link.sourceId === id)
      interaction.setState({ wire: { ...wire, offers } })
    })
  }

  const drop = (): void => {
    const { wire } = interaction.getState()
    if (wire === undefined) return
    interaction.setState({ wire: undefined })
    const { over, offers, sourceId } = wire
    // Let go over nothing: given up.
    if (over === undefined) return
    const complain = (message: string): void => notices.refuse(say().notLinked(sourceId, over), message, sourceId)
    if (offers === undefined) return complain(say().stillAsking)
    const fitting = offers.filter(({ link }) => link.target === over)
    if (fitting.length === 0) return complain(say().nothingToLink(sourceId, over))
    for (const { link } of fitting) {
      void shell.call('link.put', link).then((outcome) => {
        if (!outcome.ok) notices.trouble(say().notLinked(link.sourceId, link.target), outcome.failure)
      })
    }
  }

  return (intent: WireIntent): void => {
    switch (intent.kind) {
      case 'wire.start':
        start(intent)
        return
      case 'wire.over': {
        const { wire } = interaction.getState()
        if (wire !== undefined) interaction.setState({ wire: { ...wire, at: intent.at, over: intent.target } })
        return
      }
      case 'wire.drop':
        drop()
        return
      case 'wire.cancel':
        if (interaction.getState().wire !== undefined) interaction.setState({ wire: undefined })
        return
    }
  }
}
