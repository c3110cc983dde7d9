// A saved workspace is read as far as it makes sense.

import { describe, expect, it } from 'vitest'
import { defaultWorkspace, type WorkspaceState } from '../../renderer/state/workspace.js'
import { parseWorkspace } from '../../renderer/workspace-file.js'
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
