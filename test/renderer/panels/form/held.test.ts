import { describe, expect, it } from 'vitest'
import type { WitFunction, WitHandle, WitType } from '../../../../preload/wit.js'
import { draftOf, readDraft } from '../../../../renderer/panels/form/draft.js'
import { fits, handlesOf, heldAfter, heldWithout, type HeldHandle } from '../../../../renderer/panels/form/held.js'
import { formatValue } from '../../../../renderer/panels/form/pretty.js'

const home = { instance: 'demo:mint/coins@0.1.0', name: 'coin', isImported: false }
const own: WitHandle = { kind: 'own', resource: 'coin', home }
const lent: WitHandle = { kind: 'borrow', resource: 'piece', home }
const bytes = (...first: number[]): Uint8Array =>
  Uint8Array.of(...first, ...new Array<number>(16 - first.length).fill(7))
const a = bytes(0x3f, 0x2a)
const b = bytes(0x3f, 0x2a, 0x55)
const make: WitFunction = { name: '[constructor]coin', params: [], result: own }
const melt: WitFunction = {
  name: '[static]coin.melt',
  params: [
    { name: 'a', type: own },
    { name: 'b', type: { kind: 'list', element: lent } },
  ],
  result: { kind: 'result', ok: { kind: 'list', element: own } },
}

const after = (held: readonly HeldHandle[], fn: WitFunction, values: readonly unknown[], result: unknown) =>
  heldAfter(held, 'mint', fn, values, result)

describe('Resources held by hand', () => {
  it('come with what functions give, under names that tell them apart', () => {
    const held = after(after([], make, [], a), make, [], b)
    expect(held.map(({ name, componentId }) => [name, componentId])).toEqual([
      ['coin 3f2a', 'mint'],
      ['coin 3f2a55', 'mint'],
    ])
  })

  it('go when they are given away, and stay when they are lent', () => {
    const held = after(after([], make, [], a), make, [], b)
    const c = bytes(1)
    expect(after(held, melt, [a, [b]], { tag: 'ok', val: [c] }).map(({ handle }) => handle)).toEqual([b, c])
    expect(after(held, melt, [a, [b]], { tag: 'err' }).map(({ handle }) => handle)).toEqual([b])
    expect(handlesOf(melt, [a, [b]])).toEqual([a, b])
    expect(heldWithout(held, [b])).toEqual([held[0]])
  })

  it('fit wherever the very resource is meant, whatever it is called there', () => {
    const [coin] = after([], make, [], a)
    const elsewhere = { ...lent, home: { ...home, instance: 'demo:mint/other' } }
    expect([own, lent, elsewhere, { kind: 'own', resource: 'coin' } as const].map((type) => fits(type, coin!))).toEqual(
      [true, true, false, false],
    )
    // As another component has it that only imports it.
    expect(fits({ ...own, home: { ...home, isImported: true } }, coin!)).toBe(true)
  })

  it('are read from a field once one is chosen, and shown by their names', () => {
    expect(readDraft(lent, draftOf(lent), 'p')).toMatchObject({ ok: false, problems: [{ path: 'p', word: 'handle' }] })
    expect(readDraft(lent, { kind: 'handle', handle: a }, 'p')).toEqual({ ok: true, value: a })
    const list: WitType = { kind: 'option', inner: { kind: 'list', element: own } }
    expect(formatValue(list, [a, b])).toBe('some([coin 3f2a, coin 3f2a])')
  })
})
