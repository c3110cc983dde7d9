// What the windows of the fixture show: frames as components send them.

import type { Content, Frame } from '../../../preload/frame.js'

const words = (value: string, tone: 'plain' | 'muted' = 'plain', mono = false): Content => ({
  tag: 'text',
  val: { text: value, tone, big: false, mono },
})

const item = (label: string, done: boolean): Content => ({ tag: 'checkbox', val: { label, checked: done, done } })

const contents: Readonly<Record<string, readonly Content[]>> = {
  notes: [
    { tag: 'heading', val: 'Roof, before the frost' },
    item('Measure the north slope', true),
    item('Order bolts, 24 of M8', true),
    item('Ask Ilya about the flashing', false),
    item('Tarpaulin back from the neighbours', false),
    { tag: 'button', val: { label: 'Add', primary: true, disabled: false } },
  ],
  thermo: [
    { tag: 'text', val: { text: '−3.4°', tone: 'plain', big: true, mono: false } },
    words('north wall', 'muted'),
    {
      tag: 'canvas',
      val: {
        alt: 'temperature since midnight',
        width: 220,
        height: 70,
        commands: [
          { tag: 'width', val: 2 },
          {
            tag: 'line',
            val: Array.from({ length: 23 }, (_, index) => ({
              x: index * 10,
              y: 35 - 18 * Math.sin(index / 4) + index,
            })),
          },
        ],
      },
    },
  ],
  orders: [
    words('place → result<id, string>', 'plain', true),
    { tag: 'input', val: { label: 'item', value: 'roof bolt M8', placeholder: '', multiline: false } },
    { tag: 'input', val: { label: 'qty', value: '24', placeholder: '', multiline: false } },
    { tag: 'button', val: { label: 'Call', primary: false, disabled: false } },
  ],
}

export function frameOf(id: string): Frame {
  const list = contents[id] ?? [words(id)]
  const root = { tag: 'put' as const, val: { id: 1, order: 0, content: { tag: 'column' as const } } }
  const rest = list.map((content, index) => ({
    tag: 'put' as const,
    val: { id: index + 2, parent: 1, order: index, content },
  }))
  return { revision: 1n, whole: true, patches: [root, ...rest] }
}
