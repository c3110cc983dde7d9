import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as v from 'valibot'
import { Frame } from '../../preload/frame.js'
import { openTestRuntime, type TestRuntime } from '../main/wasm/open-test-runtime.js'
import { readBuiltComponent } from '../support/wasm-entries.js'

const window = 'tlos:shell/window@0.1.0'

describe('The clock', () => {
  let runtime: TestRuntime

  beforeAll(async () => {
    runtime = await openTestRuntime()
  })

  afterAll(async () => {
    await runtime.dispose()
  })

  it('needs the wall clock of WASI and nothing else', async () => {
    const { world } = await runtime.prepare(readBuiltComponent('clock'))
    expect(world.imports.map(({ name }) => name)).toEqual(['wasi:clocks/wall-clock@0.2.0'])
  })

  it("tells the host's time in UTC", async () => {
    const instance = await runtime.run(readBuiltComponent('clock'))
    const before = Date.now()
    const told = Date.parse(String(await instance.call('tlos:clock/clock@0.1.0', 'now', [])))
    expect(told).toBeGreaterThanOrEqual(before)
    expect(told).toBeLessThanOrEqual(Date.now())
    await instance.stop()
  })

  it('shows digits, the date and a face, and moves on with each tick', async () => {
    const instance = await runtime.run(readBuiltComponent('clock'))
    const opened = v.parse(Frame, await instance.call(window, 'open', []))
    const today = new Date()
    const contents = opened.patches.flatMap((patch) => (patch.tag === 'put' ? [patch.val.content] : []))
    const texts = contents.flatMap((content) => (content.tag === 'text' ? [content.val] : []))
    expect(texts.find((text) => text.big)?.text).toMatch(/^\d\d:\d\d:\d\d$/)
    expect(texts.find((text) => !text.big)?.text).toContain(String(today.getUTCFullYear()))
    expect(contents.filter((content) => content.tag === 'canvas')).toHaveLength(1)
    expect(opened.tickMs).toBe(1_000)

    await new Promise((resolve) => setTimeout(resolve, 1_100))
    const tick = { target: 0, action: { tag: 'tick' } }
    const ticked = v.parse(Frame, await instance.call(window, 'handle', [tick]))
    expect(ticked.revision).toBe(opened.revision + 1n)
    expect(ticked.patches.length).toBeGreaterThan(0)
    expect(ticked.patches.length).toBeLessThan(opened.patches.length)
    await instance.stop()
  })
})
