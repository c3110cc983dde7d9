// What each key means, and when it is left to the page.

import { describe, expect, it } from 'vitest'
import { deedOfKey, keyTable, type Press, type Situation } from '../../../renderer/input/key-table.js'
import { idleInteraction, type DragState } from '../../../renderer/state/interaction.js'
import { component, host, key, lattice } from '../scene/build.js'
import { openGround } from './ground.js'

const press = (name: string, more: Partial<Press> = {}): Press => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
})

const free: Situation = {
  interaction: idleInteraction,
  places: new Map(),
  viewpoint: { x: 0, y: 0, pitch: 52, zoom: 0.5 },
  isTyping: false,
  isFree: true,
}
const counter = key('desk', 'counter')
const withFocus: Situation = { ...free, interaction: { ...idleInteraction, focused: counter } }

describe('keys', () => {
  it.each([
    [press('k', { ctrlKey: true }), { kind: 'panel', panel: 'palette' }],
    [press('K', { metaKey: true, shiftKey: true }), { kind: 'panel', panel: 'palette' }],
    [press('-', { ctrlKey: true }), { kind: 'look.zoom', steps: -1 }],
    [press('=', { ctrlKey: true }), { kind: 'look.zoom', steps: 1 }],
    [press('0', { ctrlKey: true }), { kind: 'look.fit' }],
    [press('f'), { kind: 'look.flatten' }],
    [press('T', { shiftKey: true }), { kind: 'panel', panel: 'table' }],
    [press('?', { shiftKey: true }), { kind: 'panel', panel: 'shortcuts' }],
    [press('z', { ctrlKey: true }), { kind: 'arrange.undo' }],
    [press('Z', { ctrlKey: true, shiftKey: true }), { kind: 'arrange.redo' }],
    [press('Tab'), { kind: 'focus.next', step: 1 }],
    [press('Tab', { shiftKey: true }), { kind: 'focus.next', step: -1 }],
  ])('%o is %o', (pressed, intent) => {
    expect(deedOfKey(pressed, free)).toEqual({ kind: 'intent', intent })
  })

  it('are left to a field that is typed into, but for those with Ctrl', () => {
    const typing = { ...withFocus, isTyping: true, isFree: false }
    for (const name of ['f', 't', 'm', 'i', '0', '+', '-', '?', 'Delete', 'Tab', 'Enter', 'ArrowLeft'])
      expect(deedOfKey(press(name), typing), name).toBeUndefined()
    expect(deedOfKey(press('z', { ctrlKey: true }), typing)).toBeUndefined()
    expect(deedOfKey(press('k', { ctrlKey: true }), typing)).toBeDefined()
  })

  it('Delete means the selected cable, else the focused window; L links the window', () => {
    const onCable: Situation = {
      ...withFocus,
      interaction: {
        ...withFocus.interaction,
        selection: { kind: 'link', id: 'notes|default|wasi:keyvalue|keyvalue' },
      },
    }
    expect(deedOfKey(press('Delete'), onCable)).toEqual({
      kind: 'ask-to-cut',
      link: 'notes|default|wasi:keyvalue|keyvalue',
    })
    expect(deedOfKey(press('Delete'), withFocus)).toEqual({ kind: 'ask-to-stop', key: counter })
    expect(deedOfKey(press('l'), withFocus)).toEqual({ kind: 'choose-link', key: counter })
    expect(deedOfKey(press('l'), free)).toBeUndefined()
  })

  it('Tab, arrows and Enter are left to a control that has the keyboard', () => {
    const inButton = { ...withFocus, isFree: false }
    for (const name of ['Tab', 'Enter', 'ArrowUp']) expect(deedOfKey(press(name), inButton), name).toBeUndefined()
  })

  it('with Alt are nobody’s here', () => {
    for (const row of keyTable)
      for (const name of row.keys)
        expect(deedOfKey(press(name, { altKey: true, ctrlKey: row.control ?? false }), withFocus)).toBeUndefined()
  })

  it('an arrow moves the view by the same px at every zoom', () => {
    expect(deedOfKey(press('ArrowRight'), free)).toEqual({
      kind: 'intent',
      intent: { kind: 'look.at', viewpoint: { x: 160, y: 0, pitch: 52, zoom: 0.5 }, isAnimated: false },
    })
  })

  it('M takes the focused window into the hand of the keyboard, and nothing without one', () => {
    expect(deedOfKey(press('m'), withFocus)).toEqual({
      kind: 'intent',
      intent: { kind: 'drag.start', key: counter, byKeyboard: true },
    })
    expect(deedOfKey(press('m'), free)).toBeUndefined()
  })

  it('Delete asks before it stops', () => {
    expect(deedOfKey(press('Delete'), withFocus)).toEqual({ kind: 'ask-to-stop', key: counter })
  })

  it('with a window in the hand of the keyboard: arrows choose slabs, Enter drops, wherever the keyboard was', async () => {
    const { scene } = await openGround(
      lattice({ hosts: [host('desk'), host('east'), host('west')], components: [component('desk', 'counter')] }),
    )
    const drag: DragState = {
      key: counter,
      componentId: 'counter',
      fromHostId: 'desk',
      foot: { x: 0, y: 0 },
      overHostId: 'desk',
      startedAtMs: 1,
      verdicts: {},
      byKeyboard: true,
    }
    const held = {
      ...withFocus,
      places: scene().places,
      interaction: { ...withFocus.interaction, drag },
      isFree: false,
    }
    const up = deedOfKey(press('ArrowUp'), held)
    expect(up).toMatchObject({
      intent: { kind: 'drag.over', hostId: expect.stringMatching(/^(east|west)$/) as string },
    })
    expect(deedOfKey(press('Enter'), held)).toEqual({ kind: 'intent', intent: { kind: 'drag.drop' } })
    expect(deedOfKey(press('Escape'), held)).toEqual({ kind: 'intent', intent: { kind: 'drag.cancel' } })
  })

  it('Escape lets go of one thing at a time, the uppermost first', () => {
    const full = {
      ...idleInteraction,
      panel: 'palette' as const,
      inspector: { kind: 'window', id: counter } as const,
      selection: { kind: 'window', id: counter } as const,
      focused: counter,
    }
    const escaped = (interaction: Situation['interaction']) => deedOfKey(press('Escape'), { ...free, interaction })
    const kindOf = (deed: ReturnType<typeof escaped>) => (deed?.kind === 'intent' ? deed.intent.kind : undefined)
    expect(kindOf(escaped(full))).toBe('panel')
    expect(kindOf(escaped({ ...full, panel: 'none' }))).toBe('inspect')
    expect(kindOf(escaped({ ...full, panel: 'none', inspector: undefined }))).toBe('select')
    expect(kindOf(escaped({ ...full, panel: 'none', inspector: undefined, selection: undefined }))).toBe('focus')
    expect(escaped(idleInteraction)).toBeUndefined()
  })
})
