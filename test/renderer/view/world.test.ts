import { Group } from 'three'
import { describe as suite, expect, it } from 'vitest'
import { describe, nothingDescribed } from '../../../renderer/scene/describe.js'
import { emptyScene, reconcile } from '../../../renderer/scene/reconcile.js'
import { idleInteraction } from '../../../renderer/state/interaction.js'
import { defaultWorkspace } from '../../../renderer/state/workspace.js'
import { beadSpacing, roundCorners } from '../../../renderer/view/cable-view.js'
import { createColours } from '../../../renderer/view/colours.js'
import { FarWindows } from '../../../renderer/view/far-windows.js'
import { lookOfPlace } from '../../../renderer/view/place-view.js'
import { Resources } from '../../../renderer/view/resources.js'
import { createCableClock, type ViewContext } from '../../../renderer/view/scene-view.js'
import { Ticks, tickStep } from '../../../renderer/view/ticks.js'
import { World } from '../../../renderer/view/world.js'
import { projectionOf } from '../../../renderer/scene/projection.js'
import { component, host, lattice, link, provider } from '../scene/build.js'

const context = (): ViewContext => ({
  root: new Group(),
  resources: new Resources(),
  colours: createColours(),
  clock: createCableClock(),
})

const state = lattice({
  hosts: [host('desk'), host('east', { liveness: 'stale' })],
  components: [component('desk', 'notes'), component('east', 'orders', { state: 'failed' })],
  providers: [provider('desk', 'keyvalue')],
  links: [link('notes', 'keyvalue'), link('notes', 'orders', { witPackage: 'orders' })],
})
const { scene } = describe(
  { lattice: state, workspace: defaultWorkspace, interaction: idleInteraction },
  nothingDescribed,
)

suite('the views without WebGL', () => {
  it('exist for exactly the ids of the picture, and hold nothing when all is removed', () => {
    const ground = context()
    const world = new World(ground)
    world.apply(reconcile(emptyScene, scene))
    expect(world.ids).toEqual([
      'cable notes|default|wasi:keyvalue|keyvalue',
      'cable notes|default|wasi:orders|orders',
      'place desk',
      'place east',
      'window desk/notes',
      'window east/orders',
    ])
    expect(ground.resources.count).toBeGreaterThan(0)
    const fewer = { ...scene, windows: new Map(), cables: new Map() }
    world.apply(reconcile(scene, fewer))
    expect(world.ids).toEqual(['place desk', 'place east'])
    world.apply(reconcile(fewer, emptyScene))
    expect([world.ids, ground.resources.count, ground.root.children.length]).toEqual([[], 0, 0])
  })

  it('hold nothing either after many changes of everything', () => {
    const ground = context()
    const world = new World(ground)
    const far = new FarWindows(ground)
    const ticks = new Ticks(ground)
    const viewport = { width: 800, height: 600, left: 0, top: 0, right: 0, bottom: 0 }
    let before = emptyScene
    for (let i = 0; i < 20; i += 1) {
      const after = i % 2 === 0 ? scene : { ...scene, cables: new Map(), footprints: new Map() }
      world.apply(reconcile(before, after))
      world.repaint()
      far.update(after, new Map([...after.windows.keys()].map((key) => [key, 'tag'])))
      ticks.update(projectionOf({ x: i * 900, y: 0, pitch: 52, zoom: 1 }, viewport))
      before = after
    }
    world.dispose()
    far.dispose()
    ticks.dispose()
    expect([ground.resources.count, ground.root.children.length]).toEqual([0, 0])
  })

  it('show each state and verdict of a place by the form of its edge, not by its colour alone', () => {
    const place = scene.places.get('desk')
    if (place === undefined) throw new Error('the desktop is shown')
    const ground = context()
    const formOf = (change: Partial<typeof place>): string => {
      const { edgeWidth, dash, hasInnerLine, stripe, rail } = lookOfPlace({ ...place, ...change }, ground)
      return JSON.stringify([edgeWidth, dash, hasInnerLine, stripe !== undefined, rail !== undefined])
    }
    const verdict = (kind: 'asking' | 'accepts' | 'but' | 'refuses') => ({ verdict: { kind, summary: '' } })
    const forms = [
      formOf({}),
      formOf({ state: 'stale' }),
      formOf({ state: 'gone' }),
      formOf({ state: 'cordoned' }),
      formOf(verdict('asking')),
      formOf(verdict('accepts')),
      formOf(verdict('refuses')),
    ]
    expect(new Set(forms).size).toBe(forms.length)
  })

  it('space beads by the rate, round corners, and thin ticks out with distance', () => {
    expect([0, 0.5, 10, 50, 500, 5000].map(beadSpacing)).toEqual([0, 96, 96, 64, 40, 24])
    expect([0.1, 0.3, 1].map(tickStep)).toEqual([undefined, 480, 160])
    const corner = roundCorners(
      [
        { x: 0, y: 0 },
        { x: 100, y: 0 },
        { x: 100, y: 100 },
      ],
      20,
    )
    expect([corner[0], corner.at(-1)]).toEqual([
      { x: 0, y: 0 },
      { x: 100, y: 100 },
    ])
    expect(corner.every(({ x, y }) => x !== 100 || y !== 0)).toBe(true)
  })
})

suite('resources', () => {
  it('are made once for a key and disposed of by the last who releases', () => {
    const resources = new Resources()
    let made = 0
    let disposed = 0
    const make = () => {
      made += 1
      return { dispose: () => (disposed += 1) }
    }
    const one = resources.take('k', make)
    expect(resources.take('k', make)).toBe(one)
    resources.release('k')
    expect([made, disposed, resources.count]).toEqual([1, 0, 1])
    resources.release('k')
    resources.release('k')
    expect([made, disposed, resources.count]).toEqual([1, 1, 0])
  })
})
