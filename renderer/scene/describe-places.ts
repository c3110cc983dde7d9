// Hosts to slabs: state, fixtures on the rail, what a drag says about each. Pure.

import type { LatticeState, OnHostKey, Provider } from '../../preload/records.js'
import { providerName } from '../state/provider-names.js'
import type { DragState, InteractionState } from '../state/interaction.js'
import type { ArrangedPlace } from './arrange.js'
import type { FixtureNode, PlaceNode, PlaceVerdict } from './types.js'

/** Left end of the first pill from the slab's left edge, and the space between pills. */
const railStart = 34
const pillGap = 12
/** Padding, glyph and gap of a pill, and the mean width of a character of its 12 px name. */
const pillFrame = 42
const characterWidth = 6.6
const moreWidth = 44

/** Pills from the left, those in use first, then by name; what does not fit is counted. */
function layFixtures(
  providers: readonly Provider[],
  isUsed: (provider: Provider) => boolean,
  railWidth: number,
  locale: 'en' | 'ru',
): { readonly fixtures: readonly FixtureNode[]; readonly hidden: number } {
  const wanted = providers
    .map((provider) => ({ provider, name: providerName(provider, locale), isInUse: isUsed(provider) }))
    .sort((a, b) => Number(b.isInUse) - Number(a.isInUse) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const fixtures: FixtureNode[] = []
  let x = railStart
  const end = railWidth - railStart
  for (const [index, { provider, name, isInUse }] of wanted.entries()) {
    const width = Math.round(pillFrame + characterWidth * name.length)
    const isLast = index === wanted.length - 1
    if (x + width > (isLast ? end : end - moreWidth)) break
    fixtures.push({
      key: `${provider.hostId}/${provider.id}` as OnHostKey, // the one spelling of the key, see records.ts
      providerId: provider.id,
      name,
      glyph: provider.name ?? provider.id,
      x,
      width,
      isInUse,
      state: provider.health,
    })
    x += width + pillGap
  }
  return { fixtures, hidden: wanted.length - fixtures.length }
}

function verdictOn(hostId: string, drag: DragState | undefined): PlaceVerdict | undefined {
  if (drag === undefined || hostId === drag.fromHostId) return undefined
  const verdict = drag.verdicts[hostId]
  if (verdict !== undefined) return { kind: verdict.kind, summary: verdict.summary }
  return drag.isAskingShown === true ? { kind: 'asking', summary: '' } : undefined
}

function byHost<T extends { readonly hostId: string }>(all: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const group = groups.get(one.hostId)
    if (group === undefined) groups.set(one.hostId, [one])
    else group.push(one)
  }
  return groups
}

/** The slabs of a picture. */
export function describePlaces(
  lattice: LatticeState,
  interaction: InteractionState,
  arranged: ReadonlyMap<string, ArrangedPlace>,
  locale: 'en' | 'ru',
): Map<string, PlaceNode> {
  const places = new Map<string, PlaceNode>()
  const componentsOf = byHost(Object.values(lattice.components))
  const providersOf = byHost(Object.values(lattice.providers))
  const links = Object.values(lattice.links)
  for (const [id, { host, slab }] of arranged) {
    const here = componentsOf.get(id) ?? []
    const sources = new Set<string>(here.map((component) => component.id))
    const { fixtures, hidden } = layFixtures(
      providersOf.get(id) ?? [],
      (provider) => links.some((link) => link.target === provider.id && sources.has(link.sourceId)),
      slab.width,
      locale,
    )
    const note = interaction.lipNotes[id]
    const { selection, drag } = interaction
    places.set(id, {
      kind: 'place',
      id,
      name: host.friendlyName,
      hostKind: host.kind,
      version: host.version,
      x: slab.x,
      y: slab.y,
      width: slab.width,
      depth: slab.depth,
      state: host.liveness !== 'fresh' ? host.liveness : host.cordoned ? 'cordoned' : 'fresh',
      heardAtMs: host.heardAtMs,
      reason: host.reason,
      load: host.load,
      counts: host.v2 && { workloads: host.v2.workloads, components: host.v2.components },
      actorCount: host.v2?.workloads ?? here.length,
      failedCount: here.filter((component) => component.state === 'failed').length,
      fixtures,
      hiddenFixtures: hidden,
      verdict: verdictOn(id, drag),
      note: note === undefined ? undefined : { text: note.text, tone: note.tone },
      isSelected: selection?.kind === 'place' && selection.id === id,
      isDropTarget: drag?.overHostId === id && drag.fromHostId !== id,
    })
  }
  return places
}
