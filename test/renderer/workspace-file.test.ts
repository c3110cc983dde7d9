// A saved workspace is read as far as it makes sense.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWorkspaceStore, defaultWorkspace, type WorkspaceState } from '../../renderer/state/workspace.js'
import { keepWorkspace, parseWorkspace } from '../../renderer/workspace-file.js'
import { scriptedShell, settled } from './input/ground.js'
import { key, random } from './scene/build.js'

const whole: WorkspaceState = {
  version: 1,
  places: { desk: { x: 0, y: 20, width: 900, depth: 460 } },
  windows: { 'desk/counter': { x: 100, y: 70, width: 320, height: 240, isMinimised: true } },
  order: [key('desk', 'counter')],
  viewpoint: { x: 1, y: 2, pitch: 90, zoom: 0.5 },
  viewpoints: { all: { x: 0, y: 0, pitch: 52, zoom: 1 } },
  forgotten: ['gone'],
  theme: 'contrast-light',
  locale: 'ru',
  hasSeenHint: true,
}

describe('the workspace file', () => {
  it('comes back from JSON as it was', () => {
    expect(parseWorkspace(JSON.parse(JSON.stringify(whole)))).toEqual(whole)
    // A window that was placed by the shell is written so.
    const placed = { x: 1, y: 2, width: 3, height: 4, isMinimised: false }
    const windows = { 'desk/clock': placed }
    expect(parseWorkspace(JSON.parse(JSON.stringify({ ...whole, windows }))).windows).toEqual(windows)
  })

  it('of nobody, or of another version, is a new one', () => {
    for (const file of [null, undefined, 7, [], {}, { ...whole, version: 2 }])
      expect(parseWorkspace(file)).toEqual(defaultWorkspace)
  })

  it('loses only what makes no sense', () => {
    const parsed = parseWorkspace({
      ...whole,
      places: { desk: { x: Number.NaN, y: 0 }, east: { x: 1, y: 2, width: 'wide' } },
      windows: { a: { x: 0, y: 0, width: -3, height: 5 } },
      viewpoint: { x: 0, y: 0, pitch: 52, zoom: 0 },
      order: [1, 'desk/counter'],
      theme: 'pink',
    })
    expect(parsed).toEqual({
      ...whole,
      places: { east: { x: 1, y: 2 } },
      windows: {},
      viewpoint: undefined,
      theme: 'system',
    })
  })

  const seed = 8_123
  it(`never throws on what a hand could have made of it (seed ${seed})`, () => {
    const next = random(seed)
    const odd = [null, 0, -1, 1e400, '', 'x', true, [], {}, [[]], { x: {} }]
    for (let i = 0; i < 2_000; i += 1) {
      const file: Record<string, unknown> = JSON.parse(JSON.stringify(whole)) as Record<string, unknown>
      const names = Object.keys(file)
      const name = names[Math.floor(next() * names.length)] ?? ''
      const value = odd[Math.floor(next() * odd.length)]
      if (next() < 0.5 || typeof file[name] !== 'object') file[name] = value
      else file[name] = { ...(file[name] as object), any: value }
      const parsed = parseWorkspace(file)
      expect(parsed.version).toBe(1)
      for (const { x, y } of Object.values(parsed.places)) expect(Number.isFinite(x + y)).toBe(true)
    }
  })
})

describe('keeping the workspace', () => {
  beforeEach(() => {
    vi.stubGlobal('window', new EventTarget())
  })
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it('saves what was just changed when the window closes, and says that it is over only when it was saved', async () => {
    let saved: () => void = () => undefined
    const { shell, called, namesCalled, tell } = scriptedShell({
      'workspace.save': () => new Promise<void>((resolve) => (saved = resolve)),
    })
    const workspace = createWorkspaceStore()
    const stop = keepWorkspace(shell, workspace, () => undefined)
    workspace.setState({ order: [key('desk', 'echo')] })
    tell('shell.closing', {})
    await settled()
    expect(called).toEqual([['workspace.save', expect.objectContaining({ order: ['desk/echo'] })]])
    saved()
    await settled()
    expect(namesCalled()).toEqual(['workspace.save', 'shell.settled'])
    stop()
  })

  it('says at once that it is over when nothing was changed', async () => {
    const { shell, namesCalled, tell } = scriptedShell({})
    const stop = keepWorkspace(shell, createWorkspaceStore(), () => undefined)
    tell('shell.closing', {})
    await settled()
    expect(namesCalled()).toEqual(['shell.settled'])
    stop()
  })

  it('tells what was not saved, and is over all the same', async () => {
    const { shell, namesCalled, tell } = scriptedShell({
      'workspace.save': () => {
        throw new Error('the disk is full')
      },
    })
    const workspace = createWorkspaceStore()
    const troubles: string[] = []
    const stop = keepWorkspace(shell, workspace, ({ message }) => troubles.push(message))
    workspace.setState({ locale: 'ru' })
    tell('shell.closing', {})
    await settled()
    expect([troubles, namesCalled()]).toEqual([['the disk is full'], ['workspace.save', 'shell.settled']])
    stop()
  })
})
