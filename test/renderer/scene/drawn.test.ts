import { describe, expect, it } from 'vitest'
import { needsDrawing } from '../../../renderer/scene/drawn.js'
import { emptyScene } from '../../../renderer/scene/reconcile.js'
import type { PlaceNode, SceneDescription } from '../../../renderer/scene/types.js'

const place = (over: Partial<PlaceNode> = {}): PlaceNode => ({
  kind: 'place',
  id: 'N',
  name: 'north',
  hostKind: 'tlos',
  version: '0.1.0',
  x: 0,
  y: 0,
  width: 560,
  depth: 320,
  state: 'fresh',
  heardAtMs: 1,
  reason: undefined,
  load: 0.1,
  actorCount: 0,
  failedCount: 0,
  fixtures: [],
  hiddenFixtures: 0,
  verdict: undefined,
  note: undefined,
  isSelected: false,
  isDropTarget: false,
  ...over,
})

const scene = (...places: PlaceNode[]): SceneDescription => ({
  ...emptyScene,
  places: new Map(places.map((p) => [p.id, p])),
})

describe('what has to be drawn again', () => {
  it('is nothing when a node was only heard again or is loaded differently', () => {
    expect(needsDrawing(scene(place()), scene(place({ heardAtMs: 2, load: 0.9 })))).toBe(false)
  })

  it.each<[string, Partial<PlaceNode>]>([
    ['turned stale', { state: 'stale' }],
    ['moved', { x: 20 }],
    ['is asked', { verdict: { kind: 'accepts', summary: '' } }],
  ])('is the plane when a node %s', (_what, over) => {
    expect(needsDrawing(scene(place()), scene(place(over)))).toBe(true)
  })

  it('is the plane when a node came or went, or anything happened to windows', () => {
    expect(needsDrawing(scene(), scene(place()))).toBe(true)
    expect(needsDrawing(scene(place()), scene())).toBe(true)
    expect(needsDrawing(scene(), { ...scene(), windows: new Map() })).toBe(true)
  })
})
