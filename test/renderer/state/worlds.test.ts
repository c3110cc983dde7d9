import { describe, expect, it } from 'vitest'
import type { Component } from '../../../preload/records.js'
import { createWorlds } from '../../../renderer/state/worlds.js'
import { scriptedShell } from '../input/ground.js'
import { component } from '../scene/build.js'

const world = { imports: [], exports: [] }
const notes = (host: string, more: Partial<Component> = {}): Component => component(host, 'notes', more)

describe('The worlds of components', () => {
  it('are asked of main once for the same bytes, however many ask at once and on whatever node they run', async () => {
    const { shell, called } = scriptedShell({ 'component.describe': () => world })
    const worlds = createWorlds(shell)
    const digest = 'aa'
    await Promise.all([worlds.of(notes('east', { digest })), worlds.all([notes('west', { digest })])])
    expect(await worlds.of(component('east', 'other', { digest }))).toEqual({ ok: true, value: world })
    expect(called).toEqual([['component.describe', 'notes', 'east']])
    await worlds.of(notes('east', { digest: 'bb' }))
    await worlds.of(notes('east', { imageRef: 'file:///x.wasm' }))
    expect(called).toHaveLength(3)
  })

  it('are asked for again when they could not be had, and left out meanwhile', async () => {
    let isThere = false
    const { shell, called } = scriptedShell({
      'component.describe': () => {
        if (!isThere) throw new Error('nobody answers')
        return world
      },
    })
    const worlds = createWorlds(shell)
    expect(await worlds.all([notes('east')])).toEqual(new Map())
    isThere = true
    expect(await worlds.all([notes('east')])).toEqual(new Map([['notes', world]]))
    expect(called).toHaveLength(2)
  })
})
