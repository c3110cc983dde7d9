import { describe as suite, expect, it } from 'vitest'
import { describe, nothingDescribed } from '../../../renderer/scene/describe.js'
import { projectionOf, project, rectOfLip, rectOfWindow, type Rect } from '../../../renderer/scene/projection.js'
import { findWay, layWays, straighten, type Obstacle } from '../../../renderer/scene/routes.js'
import type { Point, SceneDescription } from '../../../renderer/scene/types.js'
import { idleInteraction } from '../../../renderer/state/interaction.js'
import { defaultWorkspace } from '../../../renderer/state/workspace.js'
import { component, host, lattice, link, provider, random } from './build.js'

const viewport = { width: 1440, height: 900, left: 0, top: 40, right: 0, bottom: 44 }

/** Points along a way, close enough that nothing seen slips between. */
function along(points: readonly Point[]): readonly Point[] {
  return points.flatMap((to, at) => {
    const from = points[at - 1]
    if (from === undefined) return []
    const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 3)
    return Array.from({ length: steps + 1 }, (_, i) => ({
      x: from.x + ((to.x - from.x) * i) / steps,
      y: from.y + ((to.y - from.y) * i) / steps,
    }))
  })
}

/** What a cable passes over on the screen, by more than the px that its own end may touch. */
function coveredBy(scene: SceneDescription, pitch: number): readonly string[] {
  const projection = projectionOf({ x: 0, y: 430, pitch, zoom: 0.85 }, viewport)
  const things = new Map<string, Rect | undefined>()
  for (const [key, node] of scene.windows) things.set(`window ${key}`, rectOfWindow(projection, node))
  for (const [id, place] of scene.places) things.set(`lip ${id}`, rectOfLip(projection, place))
  const found = new Set<string>()
  for (const cable of scene.cables.values())
    for (const point of along(cable.points)) {
      const seen = project(projection, point)
      for (const [name, rect] of things)
        if (
          seen !== undefined &&
          rect !== undefined &&
          seen.x > rect.x + 1 &&
          seen.x < rect.x + rect.width - 1 &&
          seen.y > rect.y + 1 &&
          seen.y < rect.y + rect.height - 1
        )
          found.add(`${cable.key} over ${name}`)
    }
  return [...found]
}

const isRightAngled = (points: readonly Point[]): boolean =>
  points.every((point, at) => {
    const before = points[at - 1]
    return before === undefined || before.x === point.x || before.y === point.y
  })

suite('the ways of cables', () => {
  it('go straight where nothing is in between, and around what is', () => {
    const from = { x: 0, y: 100 }
    const to = { x: 0, y: 0 }
    expect(findWay(from, to, [], [])).toEqual([from, to])
    const box: Obstacle = { left: -50, right: 60, front: 30, back: 70 }
    const around = findWay(from, to, [box], [])
    expect([around[0], around.at(-1)]).toEqual([from, to])
    expect(isRightAngled(around)).toBe(true)
    expect(along(around).filter(({ x, y }) => x > -50 && x < 60 && y > 30 && y < 70)).toEqual([])
    expect(Math.min(...around.map(({ x }) => x))).toBe(-56)
  })

  it('run beside each other', () => {
    const request = (key: string, x: number) => ({
      key,
      from: { x, y: 100 },
      to: { x: x + 300, y: 100 },
      end: 'foot' as const,
    })
    const ways = layWays([request('a', 0), request('b', 20)], [{ left: -100, right: 500, front: 94, back: 300 }])
    const depths = [...ways.values()].map((way) => Math.min(...way.map((point) => point.y)))
    expect(Math.abs((depths[0] ?? 0) - (depths[1] ?? 0))).toBeGreaterThanOrEqual(9)
  })

  it('drop points in the middle of a straight run', () => {
    expect(
      straighten([
        { x: 0, y: 0 },
        { x: 1, y: 0 },
        { x: 2, y: 0 },
        { x: 2, y: 5 },
      ]),
    ).toEqual([
      { x: 0, y: 0 },
      { x: 2, y: 0 },
      { x: 2, y: 5 },
    ])
  })

  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) {
    it(`never pass over a window or a name, tilted or flat (seed ${String(seed)})`, () => {
      const next = random(seed)
      const hosts = ['desk', 'east', 'west', 'north'].slice(0, 2 + Math.floor(next() * 3)).map((id) => host(id))
      const components = hosts.flatMap(({ id }) =>
        Array.from({ length: 1 + Math.floor(next() * (id === 'desk' ? 3 : 2)) }, (_, i) =>
          component(id, `${id}-${String(i)}`),
        ),
      )
      const providers = hosts.flatMap(({ id }) => ['keyvalue', 'http', 'messaging'].map((name) => provider(id, name)))
      const ids = [...components.map(({ id }) => id as string), 'keyvalue', 'http', 'messaging']
      const links = Array.from({ length: 8 }, () =>
        link(components[Math.floor(next() * components.length)]!.id, ids[Math.floor(next() * ids.length)]!),
      ).filter((one) => one.sourceId !== one.target)
      const { scene } = describe(
        {
          lattice: lattice({ hosts, components, providers, links }),
          workspace: defaultWorkspace,
          interaction: idleInteraction,
        },
        nothingDescribed,
      )
      expect(scene.cables.size).toBeGreaterThan(0)
      for (const cable of scene.cables.values()) expect(isRightAngled(cable.points), cable.key).toBe(true)
      expect(coveredBy(scene, 52)).toEqual([])
      expect(coveredBy(scene, 90)).toEqual([])
    })
  }
})
