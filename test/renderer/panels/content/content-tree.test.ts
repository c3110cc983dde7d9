import { describe, expect, it } from 'vitest'
import type { Content, Frame, Patch } from '../../../../preload/frame.js'
import {
  applyFrame,
  depthLimit,
  emptyTree,
  nodeLimit,
  windowNode,
  type ContentTree,
} from '../../../../renderer/panels/content/content-tree.js'

const column: Content = { tag: 'column' }
const heading = (val: string): Content => ({ tag: 'heading', val })
const put = (id: number, content: Content, parent?: number, order = id): Patch => ({
  tag: 'put',
  val: { id, parent, order, content },
})
const remove = (id: number): Patch => ({ tag: 'remove', val: id })
const frame = (revision: number, whole: boolean, ...patches: Patch[]): Frame => ({
  revision: BigInt(revision),
  whole,
  patches,
})
const applied = (tree: ContentTree, next: Frame): ContentTree => {
  const result = applyFrame(tree, next)
  if (result.kind !== 'applied') throw new Error(JSON.stringify(result))
  return result.tree
}
const first = applied(emptyTree, frame(7, true, put(1, column), put(2, heading('b'), 1, 5), put(3, heading('a'), 1, 2)))

describe('the tree of a window', () => {
  it('orders siblings by order, then by id, whatever order they came in', () => {
    expect(first.children.get(1)).toEqual([3, 2])
    const tied = applied(first, frame(8, false, put(4, heading('c'), 1, 2)))
    expect(tied.children.get(1)).toEqual([3, 4, 2])
    expect(tied.children.get(windowNode)).toBe(first.children.get(windowNode))
  })

  it('asks to be opened again when a change of somebody else was missed', () => {
    expect(applyFrame(first, frame(9, false)).kind).toBe('gap')
    expect(applyFrame(first, frame(6, false)).kind).toBe('gap')
    expect(applyFrame(first, frame(7, false))).toEqual({ kind: 'applied', tree: first })
  })

  it('forgets everything for a whole frame, whatever its revision is', () => {
    const next = applied(first, frame(1, true, put(9, heading('new'))))
    expect([...next.nodes.keys()]).toEqual([9])
    expect(next.revision).toBe(1n)
  })

  it('takes along what is below a removed node', () => {
    const deep = applied(first, frame(8, false, put(5, column, 1), put(6, heading('deep'), 5)))
    expect([...applied(deep, frame(9, false, remove(1))).nodes.keys()]).toEqual([])
  })

  it('keeps the identity of nodes that no patch names', () => {
    const next = applied(first, frame(8, false, put(2, heading('changed'), 1, 5)))
    expect(next.nodes.get(3)).toBe(first.nodes.get(3))
    expect(next.nodes.get(2)).not.toBe(first.nodes.get(2))
  })

  it.each([
    ['a parent that is not there', [put(8, heading('x'), 99)], /99 is not there/],
    ['a parent that holds nothing', [put(8, heading('x'), 2)], /is a heading/],
    ['a node inside itself', [put(5, column, 1), put(1, column, 5)], /inside itself/],
    ['a node that is its own parent', [put(1, column, 1)], /inside itself/],
    ['children left behind by a container that became a heading', [put(1, heading('x'))], /is a heading/],
    ['id 0, which stands for the window', [put(0, heading('x'))], /above 0/],
  ])('refuses %s and keeps what was there', (_, patches, reason) => {
    const result = applyFrame(first, frame(8, false, ...patches))
    expect(result).toMatchObject({ kind: 'broken', reason: expect.stringMatching(reason) as string })
    expect([...first.nodes.keys()]).toEqual([1, 2, 3])
  })

  it('refuses a tree that is too deep, also when a whole branch is hung lower', () => {
    const chain = Array.from({ length: depthLimit }, (_, i) => put(i + 1, column, i === 0 ? undefined : i))
    const deep = applied(emptyTree, frame(1, true, ...chain))
    expect(applyFrame(deep, frame(2, false, put(900, column, depthLimit))).kind).toBe('broken')
    expect(applyFrame(deep, frame(2, false, put(500, column), put(1, column, 500))).kind).toBe('broken')
  })

  it('refuses more nodes than a window may have', () => {
    const many = Array.from({ length: nodeLimit + 1 }, (_, i) => put(i + 1, heading('x')))
    expect(applyFrame(emptyTree, frame(1, true, ...many)).kind).toBe('broken')
    expect(applyFrame(emptyTree, frame(1, true, ...many.slice(1))).kind).toBe('applied')
  })

  const seed = 20_261_123
  it(`never throws, hangs or leaves an orphan for random patches (seed ${seed})`, () => {
    let state = seed
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 8) % below
    }
    let tree = emptyTree
    for (let round = 0; round < 3_000; round += 1) {
      const patches = Array.from({ length: random(6) }, () =>
        random(4) === 0
          ? remove(random(20))
          : put(random(20), random(2) === 0 ? column : heading('x'), random(3) === 0 ? undefined : random(20)),
      )
      const result = applyFrame(tree, frame(Number(tree.revision) + random(3), random(20) === 0, ...patches))
      if (result.kind === 'applied') tree = result.tree
      const listed = [...tree.children.values()].flat().sort((a, b) => a - b)
      expect(listed).toEqual([...tree.nodes.keys()].sort((a, b) => a - b))
    }
  })
})
