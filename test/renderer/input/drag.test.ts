// The rule that says on which slab a dragged window would stand, and where.

import { describe, expect, it } from 'vitest'
import { dragTo, placeToward, takeHold } from '../../../renderer/input/drag.js'
import { footFront, footSide } from '../../../renderer/scene/layout.js'
import { project, rectOfPlace, rectOfTitle } from '../../../renderer/scene/projection.js'
import { component, host, key, lattice, random } from '../scene/build.js'
import { openGround } from './ground.js'

const three = lattice({
  hosts: [host('desk'), host('east'), host('west')],
  components: [component('desk', 'counter'), component('east', 'notes'), component('west', 'clock')],
})

async function hold(of: string, componentId: string) {
  const { scene, eye } = await openGround(three)
  const node = scene().windows.get(key(of, componentId))
  if (node === undefined) throw new Error('no such window')
  const title = rectOfTitle(eye.projection, node)
  if (title === undefined) throw new Error('not on the screen')
  const pointer = { x: title.x + title.width / 3, y: title.y + title.height / 2 }
  const grip = takeHold(eye.projection, scene().places, node, pointer)
  if (grip === undefined) throw new Error('nothing to hold')
  return { projection: eye.projection, places: scene().places, node, pointer, grip }
}

describe('dragging a window', () => {
  for (const target of ['desk', 'east', 'west'])
    it(`from its title bar to the middle of the rectangle of ${target} drops it there`, async () => {
      for (const from of ['desk', 'east', 'west']) {
        const id = { desk: 'counter', east: 'notes', west: 'clock' }[from] ?? ''
        if (from === target) continue
        const { projection, places, pointer, grip } = await hold(from, id)
        const place = places.get(target)
        const rect = place === undefined ? undefined : rectOfPlace(projection, place)
        if (place === undefined || rect === undefined) throw new Error('no place')
        const goal = { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 }
        let held = { grip, foot: { x: 0, y: 0 }, hostId: undefined as string | undefined }
        for (let step = 1; step <= 20; step += 1) {
          const at = {
            x: pointer.x + ((goal.x - pointer.x) * step) / 20,
            y: pointer.y + ((goal.y - pointer.y) * step) / 20,
          }
          held = dragTo(projection, places, held.grip, at) ?? held
        }
        expect(held.hostId).toBe(target)
        expect(held.foot.x - held.grip.width / 2).toBeGreaterThanOrEqual(place.x + footSide - 1e-6)
        expect(held.foot.x + held.grip.width / 2).toBeLessThanOrEqual(place.x + place.width - footSide + 1e-6)
        expect(held.foot.y).toBeGreaterThanOrEqual(place.y + footFront - 1e-6)
        expect(held.foot.y).toBeLessThanOrEqual(place.y + place.depth)
      }
    })

  it('keeps the foot under the hand while it stays on its own slab', async () => {
    const { projection, places, node, pointer, grip } = await hold('desk', 'counter')
    const held = dragTo(projection, places, grip, { x: pointer.x + 40, y: pointer.y - 10 })
    const before = project(projection, node.foot)
    const after = held === undefined ? undefined : project(projection, held.foot)
    expect(held?.hostId).toBe('desk')
    expect((after?.x ?? 0) - (before?.x ?? 0)).toBeCloseTo(40, 3)
    expect((after?.y ?? 0) - (before?.y ?? 0)).toBeCloseTo(-10, 3)
  })

  it('does not take a slab for chosen that only happens to be behind the title bar', async () => {
    // The title bar of a high window at the front may cover a slab behind; the hand has not been brought there.
    const { projection, places, node } = await hold('desk', 'counter')
    const behind = [...places.values()].find((place) => place.id !== 'desk')
    const rect = behind === undefined ? undefined : rectOfPlace(projection, behind)
    if (rect === undefined) throw new Error('no place')
    const over = { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 }
    const grip = takeHold(projection, places, node, over)
    expect(grip?.startedOver).toBe(behind?.id)
    const held = grip === undefined ? undefined : dragTo(projection, places, grip, { x: over.x + 6, y: over.y })
    expect(held?.hostId).toBe('desk')
  })

  it('is over nothing where there is no slab', async () => {
    const { projection, places, grip } = await hold('desk', 'counter')
    expect(dragTo(projection, places, grip, { x: 10, y: 890 })?.hostId).toBeUndefined()
  })

  const seed = 20_611
  it(`never leaves a foot half off the slab it is over (seed ${seed})`, async () => {
    const next = random(seed)
    const held = await hold('desk', 'counter')
    let { grip } = held
    for (let i = 0; i < 2_000; i += 1) {
      const at = { x: next() * 1440, y: next() * 900 }
      const now = dragTo(held.projection, held.places, grip, at)
      if (now === undefined) continue
      grip = now.grip
      const place = now.hostId === undefined ? undefined : held.places.get(now.hostId)
      if (place === undefined) continue
      const inside =
        now.foot.x - grip.width / 2 >= place.x - 1e-6 &&
        now.foot.x + grip.width / 2 <= place.x + place.width + 1e-6 &&
        now.foot.y >= place.y + footFront - 1e-6 &&
        now.foot.y <= place.y + place.depth
      expect(inside, JSON.stringify({ at, now })).toBe(true)
    }
  })
})

describe('choosing a slab by arrows', () => {
  it('reaches every slab from every other one', async () => {
    const { scene } = await openGround(three)
    const { places } = scene()
    const ways = [
      { x: 1, y: 0 },
      { x: -1, y: 0 },
      { x: 0, y: 1 },
      { x: 0, y: -1 },
    ]
    for (const start of places.keys()) {
      const reached = new Set([start])
      for (let round = 0; round < places.size; round += 1)
        for (const id of [...reached])
          for (const way of ways) {
            const to = placeToward(places, id, way)
            if (to !== undefined) reached.add(to.id)
          }
      expect([...reached].sort()).toEqual([...places.keys()].sort())
    }
  })
})
