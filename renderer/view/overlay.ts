// Keeps DOM elements over what is drawn: windows on their feet, lips and fixtures on their slabs, badges on their cables.
// Written once per drawn frame straight to the elements' style, without React; it knows their keys, not their content.

import {
  farLipHeight,
  farLipScale,
  isOnPlace,
  lipHeight,
  project,
  rectOfLip,
  rectOfPlace,
  rectOfWindow,
  type Projection,
  type Rect,
  wordFloor,
} from '../scene/projection.js'
import type { PlaceNode, SceneDescription, WindowNode } from '../scene/types.js'
import { badgeSpot } from './badges.js'
import { type Level, levelsOf } from './levels.js'
import { createSlots, type Slot, type Spot } from './slots.js'
import { lift } from './window-view.js'

/** What an element stands for; the same words as in the panels' `Overlay`. */
export type Kind = 'window' | 'lip' | 'fixture' | 'badge' | 'place'

export interface OverlayView {
  attach(kind: Kind, key: string, element: HTMLElement): () => void
  hostAt(clientX: number, clientY: number): string | undefined
  /** Puts every element where it belongs in this frame. */
  frame(projection: Projection, isMoving: boolean): void
  levelOf(key: string): Level | undefined
}

export interface OverlaySources {
  scene(): SceneDescription
  projection(): Projection
  /** Keys of cables whose badge is shown wherever there is room or not. */
  isPinned(cableKey: string): boolean
  requestDraw(): void
}

/** Stacking of the kinds; windows are numbered from theirs by depth. */
const layers = { place: 1, fixture: 5, lip: 6, window: 10, badge: 8_000, held: 9_000 } as const
const pillHeight = 22
/** A pill with less room than this shows its glyph only. */
const pillRoom = 56
const glyphPill = 28
/** Middle of the rail, behind the front edge. */
const railMiddle = 28
const leastSlab = 64

/** Sharp text: scales in steps of 1/32 and corners on device pixels, as long as nothing moves. */
function settle(spot: Spot, isMoving: boolean): Spot {
  if (isMoving) return spot
  const ratio = window.devicePixelRatio || 1
  const snap = (value: number): number => Math.round(value * ratio) / ratio
  return { ...spot, x: snap(spot.x), y: snap(spot.y) }
}

const sharpScale = (scale: number, isMoving: boolean): number =>
  isMoving || scale < 0.1 ? scale : Math.round(scale * 32) / 32

function spotOfWindow(
  projection: Projection,
  node: WindowNode,
  level: Level,
  z: number,
  isMoving: boolean,
): Spot | undefined {
  const at = project(projection, node.foot)
  const rect = rectOfWindow(projection, node)
  if (at === undefined || rect === undefined) return undefined
  const held = node.isDragged ? lift.scale : 1
  const scale = sharpScale(at.scale * held, isMoving && !node.isDragged)
  const width = node.width
  const height = rect.height / at.scale
  const up = node.isDragged ? lift.px * at.scale : 0
  const x = at.x - (width * scale) / 2
  const y = at.y - height * scale - up
  return settle({ x, y, width, height, scale, z, level }, isMoving)
}

function spotOfLip(projection: Projection, place: PlaceNode, isMoving: boolean): Spot | undefined {
  const rect = rectOfLip(projection, place)
  const at = project(projection, place)
  if (rect === undefined || at === undefined || rect.width < leastSlab) return undefined
  const isFar = at.scale < farLipScale
  const scale = isFar ? 1 : Math.max(at.scale, wordFloor)
  const height = isFar ? farLipHeight : lipHeight
  const level = isFar ? 'tag' : 'live'
  return settle({ x: rect.x, y: rect.y, width: rect.width / scale, height, scale, z: layers.lip, level }, isMoving)
}

function spotOfGround(projection: Projection, place: PlaceNode): Spot | undefined {
  const rect = rectOfPlace(projection, place)
  const lip = rectOfLip(projection, place)
  const at = project(projection, place)
  if (rect === undefined || lip === undefined || at === undefined || lip.width < leastSlab) return undefined
  const scale = Math.max(at.scale, wordFloor)
  const height = (rect.height - lip.height) / scale
  return { x: lip.x, y: rect.y, width: lip.width / scale, height, scale, z: layers.place, level: 'live' }
}

function spotOfFixture(
  projection: Projection,
  place: PlaceNode,
  fixture: PlaceNode['fixtures'][number],
  isMoving: boolean,
): Spot | undefined {
  const at = project(projection, { x: place.x + fixture.x, y: place.y + railMiddle })
  if (at === undefined || at.scale < farLipScale) return undefined
  const scale = Math.max(at.scale, wordFloor)
  const room = fixture.width * at.scale
  const isGlyph = room < pillRoom && fixture.width > pillRoom
  const width = isGlyph ? glyphPill : room / scale
  const y = at.y - (pillHeight * scale) / 2
  const level = isGlyph ? 'tag' : 'live'
  return settle({ x: at.x, y, width, height: pillHeight, scale, z: layers.fixture, level }, isMoving)
}

export function createOverlay(sources: OverlaySources): OverlayView {
  const slots: Readonly<Record<Kind, Map<string, Slot>>> = {
    window: new Map(),
    lip: new Map(),
    fixture: new Map(),
    badge: new Map(),
    place: new Map(),
  }
  const slotOf = createSlots()
  let levels: ReadonlyMap<string, Level> = new Map()

  const placeWindows = (projection: Projection, scene: SceneDescription, isMoving: boolean): void => {
    const nodes = [...scene.windows.values()]
    const sized = nodes.map((node) => {
      const at = project(projection, node.foot)
      return {
        key: node.key,
        scale: at?.scale ?? 0,
        width: node.width * (at?.scale ?? 0),
        isFocused: node.isFocused,
        isHeld: node.isDragged,
      }
    })
    levels = levelsOf(sized, levels)
    // Far feet first; of one row the last focused on top.
    nodes.sort((a, b) => b.foot.y - a.foot.y || a.rank - b.rank || (a.key < b.key ? -1 : 1))
    for (const [index, node] of nodes.entries()) {
      const slot = slots.window.get(node.key)
      if (slot === undefined) continue
      const z = node.isDragged ? layers.held : layers.window + index
      slot.put(spotOfWindow(projection, node, levels.get(node.key) ?? 'hidden', z, isMoving))
    }
  }

  const placeBadges = (projection: Projection, scene: SceneDescription): void => {
    if (slots.badge.size === 0) return
    const taken: Rect[] = []
    const add = (rect: Rect | undefined): void => {
      if (rect !== undefined) taken.push(rect)
    }
    for (const place of scene.places.values()) add(rectOfPlace(projection, place))
    for (const node of scene.windows.values()) add(rectOfWindow(projection, node))
    for (const [key, slot] of slots.badge) {
      const cable = scene.cables.get(key)
      const spot = cable === undefined ? undefined : badgeSpot(projection, cable, taken)
      const isShown = spot !== undefined && (spot.isFree || sources.isPinned(key))
      slot.put(isShown ? { ...spot.at, scale: 1, z: layers.badge, level: 'live', isCentred: true } : undefined)
    }
  }

  const frame = (projection: Projection, isMoving: boolean): void => {
    const scene = sources.scene()
    placeWindows(projection, scene, isMoving)
    for (const place of scene.places.values()) {
      slots.lip.get(place.id)?.put(spotOfLip(projection, place, isMoving))
      slots.place.get(place.id)?.put(spotOfGround(projection, place))
      for (const fixture of place.fixtures)
        slots.fixture.get(fixture.key)?.put(spotOfFixture(projection, place, fixture, isMoving))
    }
    placeBadges(projection, scene)
  }

  return {
    attach(kind, key, element) {
      const slot = slotOf(element)
      slots[kind].set(key, slot)
      sources.requestDraw()
      return () => {
        if (slots[kind].get(key) === slot) slots[kind].delete(key)
      }
    },
    hostAt(clientX, clientY) {
      const projection = sources.projection()
      const places = [...sources.scene().places.values()].sort((a, b) => a.y - b.y)
      return places.find((place) => isOnPlace(projection, place, clientX, clientY))?.id
    },
    frame,
    levelOf: (key) => levels.get(key),
  }
}
