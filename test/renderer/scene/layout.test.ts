import { describe as suite, expect, it } from 'vitest'
import { describe, nothingDescribed } from '../../../renderer/scene/describe.js'
import { gapX, gapY, snapFoot } from '../../../renderer/scene/layout.js'
import { projectionOf, rectOfLip, rectOfTitle, rectOfWindow } from '../../../renderer/scene/projection.js'
import { idleInteraction } from '../../../renderer/state/interaction.js'
import { defaultWorkspace } from '../../../renderer/state/workspace.js'
import { component, host, key, lattice } from './build.js'

const draw = (state: ReturnType<typeof lattice>, before = nothingDescribed) =>
  describe({ lattice: state, workspace: defaultWorkspace, interaction: idleInteraction }, before)

const viewport = { width: 1440, height: 900, left: 0, top: 40, right: 0, bottom: 44 }
const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `n${String(i).padStart(2, '0')}`)

suite('the layout of what nobody placed', () => {
  it('puts this desktop in the front middle and the others behind it, left and right', () => {
    const { scene } = draw(lattice({ hosts: [host('east'), host('desk'), host('west')] }))
    expect([...scene.places.values()].map(({ id, x, y, width, depth }) => [id, x, y, width, depth])).toEqual([
      ['desk', -430, 0, 860, 430],
      ['east', -610, 590, 560, 320],
      ['west', 50, 590, 560, 320],
    ])
  })

  it('is the same for the same ids in any order of arrival within one picture', () => {
    const hosts = names(9).map((name) => host(name))
    expect(draw(lattice({ hosts })).scene.places).toEqual(draw(lattice({ hosts: [...hosts].reverse() })).scene.places)
  })

  it('[L42] gives each host its seat, whoever came first, and the first free place to who has none or finds it taken', () => {
    const desk = host('desk')
    const north = { ...host('north'), seat: 0 }
    const south = { ...host('south'), seat: 1 }
    const placesOf = (...arrivals: (typeof desk)[][]): unknown => {
      let before = nothingDescribed
      for (const hosts of arrivals) before = draw(lattice({ hosts }), before)
      return Object.fromEntries([...before.scene.places.values()].map(({ id, x, y }) => [id, [x, y]]))
    }
    const both = { desk: [-430, 0], north: [-610, 590], south: [50, 590] }
    expect(placesOf([desk, north, south])).toEqual(both)
    expect(placesOf([desk], [desk, south], [desk, south, north])).toEqual(both)
    expect(placesOf([desk], [desk, north], [desk, south, north])).toEqual(both)
    const other = host('alpha')
    expect(placesOf([desk, other], [desk, other, north])).toEqual({
      desk: [-430, 0],
      alpha: [-610, 590],
      north: [50, 590],
    })
  })

  it('keeps the gaps between sixty slabs', () => {
    const { scene } = draw(lattice({ hosts: [host('desk'), ...names(60).map((name) => host(name))] }))
    const all = [...scene.places.values()]
    for (const a of all)
      for (const b of all) {
        if (a === b) continue
        const isApart =
          a.x + a.width + gapX <= b.x ||
          b.x + b.width + gapX <= a.x ||
          a.y + a.depth + gapY <= b.y ||
          b.y + b.depth + gapY <= a.y
        expect(isApart, `${a.id} and ${b.id}`).toBe(true)
      }
  })

  it('covers no window by another, and no name of another slab', () => {
    const hosts = ['desk', 'east', 'west', 'north', 'south'].map((name) => host(name))
    const components = hosts.flatMap(({ id }) =>
      (id === 'desk' ? ['a', 'b', 'c', 'd'] : ['a', 'b']).map((name) => component(id, name)),
    )
    const { scene } = draw(lattice({ hosts, components }))
    const projection = projectionOf({ x: 0, y: 430, pitch: 52, zoom: 0.8 }, viewport)
    const windows = [...scene.windows.values()]
    expect(windows).toHaveLength(12)
    for (const front of windows) {
      const body = rectOfWindow(projection, front)
      if (body === undefined) throw new Error('it is in front of the eye')
      const covers = (rect: typeof body): boolean =>
        body.x < rect.x + rect.width - 1 &&
        rect.x < body.x + body.width - 1 &&
        body.y < rect.y + rect.height - 1 &&
        rect.y < body.y + body.height - 1
      for (const back of windows) {
        if (back === front || back.foot.y < front.foot.y) continue
        const other = rectOfWindow(projection, back)
        expect(other !== undefined && covers(other), `${front.key} over ${back.key}`).toBe(false)
      }
      for (const place of scene.places.values()) {
        if (place.id === front.hostId) continue
        const lip = rectOfLip(projection, place)
        expect(lip !== undefined && covers(lip), `${front.key} over the name of ${place.id}`).toBe(false)
      }
    }
  })

  it('shows at least every title bar where a slab is too full for that', () => {
    const hosts = ['desk', 'east', 'west'].map((name) => host(name))
    const components = names(8).map((name) => component('desk', name))
    const { scene } = draw(lattice({ hosts, components }))
    const projection = projectionOf({ x: 0, y: 430, pitch: 52, zoom: 0.8 }, viewport)
    for (const front of scene.windows.values()) {
      const body = rectOfWindow(projection, front)
      for (const back of scene.windows.values()) {
        const title = rectOfTitle(projection, back)
        if (back === front || back.foot.y < front.foot.y || body === undefined || title === undefined) continue
        const isCovered =
          body.x < title.x + title.width - 1 &&
          title.x < body.x + body.width - 1 &&
          body.y < title.y + title.height - 1 &&
          title.y < body.y + body.height - 1
        expect(isCovered, `${front.key} over the title of ${back.key}`).toBe(false)
      }
    }
  })

  it('stands every foot on its slab, which grows for it', () => {
    const components = names(12).map((name) => component('desk', name))
    const { scene } = draw(lattice({ hosts: [host('desk')], components }))
    const slab = scene.places.get('desk')
    if (slab === undefined) throw new Error('the desktop is shown')
    expect(slab.width * slab.depth).toBeGreaterThan(860 * 430)
    for (const { foot, width } of scene.windows.values()) {
      expect(foot.x - width / 2).toBeGreaterThanOrEqual(slab.x + 24)
      expect(foot.x + width / 2).toBeLessThanOrEqual(slab.x + slab.width - 24)
      expect(foot.y).toBeGreaterThanOrEqual(slab.y + 70)
      expect(foot.y).toBeLessThanOrEqual(slab.y + slab.depth - 24)
    }
  })

  it('never moves what stands for what comes', () => {
    const hosts = [host('desk'), host('m')]
    const before = draw(lattice({ hosts, components: [component('desk', 'm'), component('m', 'x')] }))
    const after = draw(
      lattice({
        hosts: [...hosts, host('a')],
        components: [component('desk', 'a'), component('desk', 'm'), component('m', 'x'), component('m', 'b')],
      }),
      before,
    )
    for (const name of ['desk', 'm']) {
      const [old, now] = [before.scene.places.get(name), after.scene.places.get(name)]
      expect([now?.x, now?.y]).toEqual([old?.x, old?.y])
    }
    for (const name of [key('desk', 'm'), key('m', 'x')])
      expect(after.scene.windows.get(name)?.foot).toEqual(before.scene.windows.get(name)?.foot)
  })

  it('snaps a dropped foot to the grid and into the slab', () => {
    expect(snapFoot({ x: 288, y: 137 }, 200, { width: 560, depth: 320 })).toEqual({ x: 280, y: 130 })
    expect(snapFoot({ x: -900, y: -900 }, 200, { width: 560, depth: 320 })).toEqual({ x: 124, y: 70 })
    expect(snapFoot({ x: 9000, y: 9000 }, 900, { width: 560, depth: 320 })).toEqual({ x: 280, y: 296 })
  })
})
