import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as v from 'valibot'
import { Frame } from '../../preload/frame.js'
import { openTestRuntime, type TestRuntime } from '../main/wasm/open-test-runtime.js'
import { readBuiltComponent } from '../support/wasm-entries.js'

const counter = 'tlos:counter/counter@0.1.0'
const state = 'tlos:actor/state@0.1.0'
const window = 'tlos:shell/window@0.1.0'

/** Applies frames to what is shown, as a shell does. */
function apply(shown: Map<number, string>, value: unknown): Frame {
  const frame = v.parse(Frame, value)
  if (frame.whole) shown.clear()
  for (const patch of frame.patches) {
    if (patch.tag === 'remove') shown.delete(patch.val)
    else shown.set(patch.val.id, JSON.stringify(patch.val.content))
  }
  return frame
}

describe('The counter', () => {
  let runtime: TestRuntime

  beforeAll(async () => {
    runtime = await openTestRuntime()
  })

  afterAll(async () => {
    await runtime.dispose()
  })

  it('gives replies without a gap, however many ask at once', async () => {
    const instance = await runtime.run(readBuiltComponent('counter'))
    const replies = await Promise.all(Array.from({ length: 100 }, () => instance.call(counter, 'increment', [])))
    expect(replies).toEqual(Array.from({ length: 100 }, (_, index) => BigInt(index + 1)))
    expect(await instance.call(counter, 'value', [])).toBe(100n)
    await instance.call(counter, 'reset', [])
    expect(await instance.call(counter, 'increment', [])).toBe(1n)
    await instance.stop()
  })

  it('goes on in another instance that took over its state', async () => {
    const first = await runtime.run(readBuiltComponent('counter'))
    for (let left = 41; left > 0; left -= 1) await first.call(counter, 'increment', [])
    const saved = await first.call(state, 'save', [])
    await first.stop()

    const second = await runtime.run(readBuiltComponent('counter'))
    expect(await second.call(state, 'load', [saved])).toEqual({ tag: 'ok' })
    expect(await second.call(counter, 'increment', [])).toBe(42n)
    await second.stop()
  })

  it('refuses a state that is none of its own and keeps what it had', async () => {
    const instance = await runtime.run(readBuiltComponent('counter'))
    await instance.call(counter, 'increment', [])
    const bad = [new Uint8Array(), new Uint8Array(9), Uint8Array.from([1, 255, 255, 255, 255, 255, 255, 255, 255])]
    for (const bytes of bad) {
      expect(await instance.call(state, 'load', [bytes])).toMatchObject({ tag: 'err', val: expect.any(String) })
    }
    expect(await instance.call(counter, 'value', [])).toBe(1n)
    await instance.stop()
  })

  it('shows its number, counts when Count is pressed, and sends only what became different', async () => {
    const instance = await runtime.run(readBuiltComponent('counter'))
    const shown = new Map<number, string>()
    const opened = apply(shown, await instance.call(window, 'open', []))
    expect(opened).toMatchObject({ whole: true })
    expect(opened).not.toHaveProperty('tickMs', expect.any(Number))
    const idOf = (label: string): number => [...shown].find(([, text]) => text.includes(`"label":"${label}"`))![0]
    expect([...shown.values()]).toContainEqual(expect.stringContaining('"text":"0"'))

    const press = { target: idOf('Count'), action: { tag: 'press' } }
    const pressed = apply(shown, await instance.call(window, 'handle', [press]))
    expect(pressed.revision).toBe(opened.revision + 1n)
    expect(pressed.whole).toBe(false)
    expect([...shown.values()]).toContainEqual(expect.stringContaining('"text":"1"'))
    expect(await instance.call(counter, 'value', [])).toBe(1n)

    const idle = apply(shown, await instance.call(window, 'handle', [{ target: 0, action: { tag: 'tick' } }]))
    expect(idle).toMatchObject({ revision: pressed.revision, patches: [] })

    await instance.call(counter, 'increment', [])
    apply(shown, await instance.call(window, 'handle', [{ target: 0, action: { tag: 'tick' } }]))
    expect([...shown.values()]).toContainEqual(expect.stringContaining('"text":"2"'))

    apply(shown, await instance.call(window, 'handle', [{ target: idOf('Reset'), action: { tag: 'press' } }]))
    expect(await instance.call(counter, 'value', [])).toBe(0n)

    const afresh = new Map<number, string>()
    apply(afresh, await instance.call(window, 'open', []))
    expect(afresh).toEqual(shown)
    await instance.stop()
  })
})
