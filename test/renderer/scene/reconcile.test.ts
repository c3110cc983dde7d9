import { describe, expect, it } from 'vitest'
import { isSame, keepIdentity } from '../../../renderer/scene/identity.js'
import { emptyScene, reconcile, type SceneNode } from '../../../renderer/scene/reconcile.js'
import type { FootprintNode, SceneDescription } from '../../../renderer/scene/types.js'
import { random } from './build.js'

const footprint = (key: string, x: number): FootprintNode => ({
  kind: 'footprint',
  key,
  role: 'home',
  hostId: 'h',
  foot: { x, y: 0 },
  width: 1,
  depth: 1,
  verdict: undefined,
})

function scene(next: () => number, previous: SceneDescription): SceneDescription {
  const footprints = new Map<string, FootprintNode>()
  for (const key of ['a', 'b', 'c', 'd', 'e'])
    if (next() < 0.6) footprints.set(key, footprint(key, Math.floor(next() * 3)))
  return { ...emptyScene, footprints: keepIdentity(previous.footprints, footprints) }
}

describe('the patch between two pictures', () => {
  for (const seed of [1, 7, 42]) {
    it(`applied to the old gives the new, and says nothing of what is the same (seed ${String(seed)})`, () => {
      const next = random(seed)
      let before = emptyScene
      const drawn = new Map<string, SceneNode>()
      for (let i = 0; i < 300; i += 1) {
        const after = scene(next, before)
        for (const step of reconcile(before, after)) {
          if (step.act === 'remove') expect(drawn.delete(step.id)).toBe(true)
          else if (step.act === 'add') {
            expect(drawn.has(step.id)).toBe(false)
            drawn.set(step.id, step.node)
          } else {
            expect(drawn.get(step.id)).toBe(step.previous)
            expect(isSame(step.previous, step.node)).toBe(false)
            drawn.set(step.id, step.node)
          }
        }
        expect(new Map([...drawn].sort())).toEqual(new Map([...after.footprints].sort()))
        before = after
      }
    })
  }

  it('is empty for the same picture', () => {
    const one = scene(random(3), emptyScene)
    expect(reconcile(one, one)).toEqual([])
  })
})

describe('identity', () => {
  it('tells what is the same from what is not', () => {
    expect(isSame({ a: [1, { b: undefined }] }, { a: [1, { b: undefined }] })).toBe(true)
    expect(isSame({ a: undefined }, { b: undefined })).toBe(false)
    expect(isSame([1, 2], [1])).toBe(false)
    expect(isSame([], {})).toBe(false)
    expect(isSame(null, {})).toBe(false)
    expect(isSame(NaN, NaN)).toBe(true)
  })
})
