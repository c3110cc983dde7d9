// Links to cables: from each host where the source runs to its target there, else to wherever the target is. Ways are laid
// around windows, lips and rails, and only again when something stands elsewhere. Pure.

import type { LatticeState, Link, LinkKey, OnHostKey } from '../../preload/records.js'
import type { InteractionState } from '../state/interaction.js'
import { isSame } from './identity.js'
import { coverOfHeight, freeFoot, type Standing } from './layout.js'
import { layWays, type Obstacle, type WayRequest } from './routes.js'
import type { CableNode, PlaceNode, Point, WindowNode } from './types.js'

/** Top edge of a pill, and of the rail, behind the front edge of a slab. */
const pillTop = 42
const railTop = 48
/** How far a lip reaches to the front, also where its words keep their size and the slab is already smaller. */
const lipReach = 68
/** Sockets of a foot are at least this far apart and from its ends. */
const socketGap = 14
const socketMargin = 16
/** A cable whose target is nowhere: a short end to the front. */
const looseEnd = 22
/** With more slabs and windows than this only the faces of the slabs at the ends count, and with very many nothing does. */
const mostObstacles = 90
/** No cable runs along an edge nearer than this: beside slabs and windows, and in front of feet. */
const aside = 8
const before = 6
/** The eye is taken to be this far from the middle of everything at most, to either side. */
const eyeRange = 150
/** How much lines that go away lean in, for each unit aside and each unit away. */
const lean = Math.cos((52 * Math.PI) / 180) / 3011

/** The ways that were laid, and for what. */
export interface Routing {
  readonly requests: readonly WayRequest[]
  readonly obstacles: readonly Obstacle[]
  readonly ways: ReadonlyMap<string, readonly Point[]>
}

type End =
  | { readonly kind: 'window'; readonly key: OnHostKey; readonly hostId: string }
  | { readonly kind: 'fixture'; readonly hostId: string; readonly x: number; readonly isFailed: boolean }

interface Wire {
  readonly key: string
  readonly link: Link
  readonly source: OnHostKey
  readonly hostId: string
  readonly end: End | undefined
}

function linkKeyOf(link: Link): LinkKey {
  // The one spelling of the key (records.ts); rebuilt here since the scene imports types only.
  return `${link.sourceId}|${link.name}|${link.witNamespace}:${link.witPackage}|${link.target}` as LinkKey
}

const nodeKey = (hostId: string, id: string): OnHostKey => `${hostId}/${id}` as OnHostKey

function endOn(
  place: PlaceNode,
  target: string,
  lattice: LatticeState,
  windows: ReadonlyMap<OnHostKey, WindowNode>,
): End | undefined {
  const key = nodeKey(place.id, target)
  if (windows.has(key)) return { kind: 'window', key, hostId: place.id }
  if (!(key in lattice.providers)) return undefined
  const fixture = place.fixtures.find((one) => one.providerId === target)
  // Under `+n` at the end of the rail when its own pill did not fit.
  const x = fixture === undefined ? place.width - 40 : fixture.x + Math.min(fixture.width / 2, 40)
  return { kind: 'fixture', hostId: place.id, x: place.x + x, isFailed: fixture?.state === 'failed' }
}

function wiresOf(
  lattice: LatticeState,
  places: ReadonlyMap<string, PlaceNode>,
  windows: ReadonlyMap<OnHostKey, WindowNode>,
): readonly Wire[] {
  const wires: Wire[] = []
  const links = Object.values(lattice.links).map((link) => ({ link, key: linkKeyOf(link) }))
  links.sort((a, b) => (a.key < b.key ? -1 : 1))
  const all = [...places.values()]
  for (const { link, key } of links) {
    const sources = all.filter((place) => windows.has(nodeKey(place.id, link.sourceId)))
    for (const [index, place] of sources.entries()) {
      const elsewhere = all.filter((other) => other !== place)
      const fresh = elsewhere.filter((other) => other.state === 'fresh' || other.state === 'cordoned')
      const end = [place, ...fresh, ...elsewhere]
        .map((candidate) => endOn(candidate, link.target, lattice, windows))
        .find((found) => found !== undefined)
      wires.push({
        key: index === 0 ? key : `${key}@${place.id}`,
        link,
        source: nodeKey(place.id, link.sourceId),
        hostId: place.id,
        end,
      })
    }
  }
  return wires
}

const footOf = (
  key: OnHostKey,
  hostId: string,
  places: ReadonlyMap<string, PlaceNode>,
  homes: ReadonlyMap<OnHostKey, Standing>,
) => {
  const place = places.get(hostId)
  const home = homes.get(key)
  if (place === undefined || home === undefined) return undefined
  return { x: place.x + home.x, y: place.y + home.y, width: home.width, height: home.height }
}

/** The widest part of a foot that is not behind another window; all of it where there is none. */
function openFoot(key: OnHostKey, home: Standing, homes: ReadonlyMap<OnHostKey, Standing>) {
  const host = key.slice(0, key.indexOf('/') + 1)
  const others = [...homes].filter(([other]) => other !== key && other.startsWith(host)).map(([, standing]) => standing)
  const parts = [...freeFoot(home, others)].sort((a, b) => b.to - b.from - (a.to - a.from))
  return parts[0] ?? { from: home.x - home.width / 2, to: home.x + home.width / 2 }
}

/** Gives every end at a foot its socket: as near to where it leads as the width and the other sockets allow. */
function socketsOf(
  wishes: readonly { readonly id: string; readonly x: number }[],
  open: { readonly from: number; readonly to: number },
): ReadonlyMap<string, number> {
  const sockets = new Map<string, number>()
  const margin = Math.min(socketMargin, (open.to - open.from) / 3)
  const from = open.from + margin
  const to = open.to - margin
  const inOrder = [...wishes].sort((a, b) => a.x - b.x || (a.id < b.id ? -1 : 1))
  const gap = Math.min(socketGap, (to - from) / Math.max(1, inOrder.length - 1))
  let least = from
  for (const [index, { id, x }] of inOrder.entries()) {
    const most = to - gap * (inOrder.length - 1 - index)
    const at = Math.max(least, Math.min(most, x))
    sockets.set(id, at)
    least = at + gap
  }
  return sockets
}

function requestsOf(
  wires: readonly Wire[],
  places: ReadonlyMap<string, PlaceNode>,
  homes: ReadonlyMap<OnHostKey, Standing>,
): readonly WayRequest[] {
  const wishes = new Map<OnHostKey, { readonly id: string; readonly x: number }[]>()
  const wish = (key: OnHostKey, id: string, x: number): void => {
    const list = wishes.get(key) ?? []
    wishes.set(key, list)
    list.push({ id, x })
  }
  for (const wire of wires) {
    const from = footOf(wire.source, wire.hostId, places, homes)
    if (from === undefined) continue
    const { end } = wire
    const to = end?.kind === 'window' ? footOf(end.key, end.hostId, places, homes) : undefined
    wish(wire.source, `${wire.key} out`, end?.kind === 'fixture' ? end.x : (to?.x ?? from.x))
    if (end?.kind === 'window') wish(end.key, `${wire.key} in`, from.x)
  }
  const sockets = new Map<string, number>()
  for (const [key, list] of wishes) {
    const hostId = key.slice(0, key.indexOf('/'))
    const place = places.get(hostId)
    const home = homes.get(key)
    if (place === undefined || home === undefined) continue
    const { from, to } = openFoot(key, home, homes)
    for (const [id, x] of socketsOf(list, { from: place.x + from, to: place.x + to })) sockets.set(id, x)
  }
  const requests: WayRequest[] = []
  for (const { key, source, hostId, end } of wires) {
    const foot = footOf(source, hostId, places, homes)
    if (foot === undefined || end === undefined) continue
    const from = { x: sockets.get(`${key} out`) ?? foot.x, y: foot.y }
    const place = places.get(end.hostId)
    if (place === undefined) continue
    if (end.kind === 'fixture') {
      requests.push({ key, from, to: { x: end.x, y: place.y + pillTop }, end: 'fixture' })
    } else {
      const target = footOf(end.key, end.hostId, places, homes)
      if (target === undefined) continue
      requests.push({ key, from, to: { x: sockets.get(`${key} in`) ?? target.x, y: target.y }, end: 'foot' })
    }
  }
  // Short ways first: they have the least choice.
  const lengthOf = ({ from, to }: WayRequest): number => Math.abs(from.x - to.x) + Math.abs(from.y - to.y)
  return requests.sort((a, b) => lengthOf(a) - lengthOf(b) || (a.key < b.key ? -1 : 1))
}

/** What no cable passes: lips and rails, what windows cover in the tilted view, and the slabs it has no business on. */
function obstaclesOf(
  places: ReadonlyMap<string, PlaceNode>,
  homes: ReadonlyMap<OnHostKey, Standing>,
  ends: ReadonlySet<string>,
): readonly Obstacle[] {
  const all = [...places.values()]
  // Where the eye looks from is not known here: somewhere over the middle of everything.
  const from = Math.min(...all.map((place) => place.x))
  const to = Math.max(...all.map((place) => place.x + place.width))
  const [leftmost, rightmost] = [(from + to) / 2 - eyeRange, (from + to) / 2 + eyeRange]
  const obstacles: Obstacle[] = []
  const isMany = all.length + homes.size > mostObstacles
  for (const { id, x, y, width, depth } of all) {
    const isEnd = ends.has(id)
    if (!isEnd && isMany) continue
    // Lines that come towards the viewer lean out, and under a lip on the side of the middle.
    const outside = lipReach * lean
    obstacles.push({
      left: x - aside - Math.max(0, x - leftmost) * outside,
      right: x + width + aside + Math.max(0, rightmost - x - width) * outside,
      front: y - lipReach,
      back: y + (isEnd ? railTop : depth),
    })
  }
  for (const [key, home] of homes) {
    const place = places.get(key.slice(0, key.indexOf('/')))
    if (place === undefined || isMany) continue
    const x = place.x + home.x
    const covered = home.height * coverOfHeight
    const inside = covered * lean
    obstacles.push({
      left: x - home.width / 2 - aside - Math.max(0, rightmost - x) * inside,
      right: x + home.width / 2 + aside + Math.max(0, x - leftmost) * inside,
      front: place.y + home.y - before,
      back: place.y + home.y + covered,
    })
  }
  return obstacles.length > mostObstacles ? [] : obstacles
}

function layAll(
  wires: readonly Wire[],
  places: ReadonlyMap<string, PlaceNode>,
  homes: ReadonlyMap<OnHostKey, Standing>,
  previous: Routing | undefined,
): Routing {
  const requests = requestsOf(wires, places, homes)
  const ends = new Set(wires.flatMap((wire) => (wire.end === undefined ? [] : [wire.hostId, wire.end.hostId])))
  const obstacles = requests.length === 0 ? [] : obstaclesOf(places, homes, ends)
  if (previous !== undefined && isSame(previous.requests, requests) && isSame(previous.obstacles, obstacles))
    return previous
  return { requests, obstacles, ways: layWays(requests, obstacles) }
}

/** The cables of a picture, and the ways they were laid along. Those of a window in the hand stay at its home. */
export function describeCables(
  lattice: LatticeState,
  interaction: InteractionState,
  places: ReadonlyMap<string, PlaceNode>,
  windows: ReadonlyMap<OnHostKey, WindowNode>,
  homes: ReadonlyMap<OnHostKey, Standing>,
  previous: Routing | undefined,
): { readonly cables: Map<string, CableNode>; readonly routing: Routing } {
  const wires = wiresOf(lattice, places, windows)
  const routing = layAll(wires, places, homes, previous)
  const cables = new Map<string, CableNode>()
  const isQuiet = (hostId: string): boolean => {
    const state = places.get(hostId)?.state
    return state === 'stale' || state === 'gone'
  }
  for (const { key, link, source, hostId, end } of wires) {
    const foot = footOf(source, hostId, places, homes)
    if (foot === undefined) continue
    const isBroken = end === undefined || (end.kind === 'fixture' && end.isFailed)
    const isStale = isQuiet(hostId) || (end !== undefined && isQuiet(end.hostId))
    cables.set(key, {
      kind: 'cable',
      key,
      sourceId: link.sourceId,
      target: link.target,
      label: `${link.witNamespace}:${link.witPackage}`,
      interfaces: link.interfaces,
      transport: end !== undefined && end.hostId !== hostId ? 'lattice' : 'in-process',
      state: isStale ? 'stale' : isBroken ? 'broken' : (link.traffic?.perSecond ?? 0) > 0 ? 'flowing' : 'idle',
      traffic: link.traffic,
      points: routing.ways.get(key) ?? [
        { x: foot.x, y: foot.y },
        { x: foot.x, y: foot.y - looseEnd },
      ],
      isSelected: interaction.selection?.kind === 'link' && interaction.selection.id === key,
    })
  }
  return { cables, routing }
}
