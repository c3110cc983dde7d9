import { describe, expect, it } from 'vitest'
import { button, column, keepWindow, text, type Shown } from '../../components/window-kit/window.js'

describe('A kept window', () => {
  const ids = (frame: { patches: readonly { tag: string; val: unknown }[] }): unknown[] =>
    frame.patches.map((patch) => [patch.tag, patch.tag === 'put' ? (patch.val as { id: number }).id : patch.val])

  it('tells what came, what changed and what went, and counts only real changes', () => {
    let shown: Shown[] = [
      { id: 1, content: text('a') },
      { id: 2, content: text('b') },
    ]
    const kept = keepWindow(
      () => shown,
      () => null,
    )
    expect(kept.open()).toMatchObject({ revision: 1, whole: true, tickMs: null })
    expect(kept.update()).toMatchObject({ revision: 1, whole: false, patches: [] })

    shown = [
      { id: 1, content: text('a') },
      { id: 2, content: text('c') },
      { id: 3, content: button('d') },
    ]
    const changed = kept.update()
    expect(changed.revision).toBe(2)
    expect(ids(changed)).toEqual([
      ['put', 2],
      ['put', 3],
    ])

    shown = [{ id: 1, content: text('a') }]
    expect(ids(kept.update())).toEqual([
      ['remove', 2],
      ['remove', 3],
    ])
  })

  it('names only the topmost of what went together', () => {
    let shown: Shown[] = [
      { id: 1, content: column },
      { id: 2, in: 1, content: column },
      { id: 3, in: 2, content: text('deep') },
    ]
    const kept = keepWindow(
      () => shown,
      () => 500,
    )
    kept.open()
    shown = [{ id: 1, content: column }]
    expect(ids(kept.update())).toEqual([['remove', 2]])
  })

  it('counts what changed unseen as one change for the next who opens it', () => {
    let value = 0
    const kept = keepWindow(
      () => [{ id: 1, content: text(String(value)) }],
      () => null,
    )
    const first = kept.open()
    value = 5
    const second = kept.open()
    expect(second.revision).toBe(first.revision + 1)
    expect(second.patches).toMatchObject([{ val: { content: { val: { text: '5' } } } }])
  })
})
