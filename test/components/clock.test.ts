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

  it('shows digits, the date and a face, and asks to be looked at again when the minute is over', async () => {
    const instance = await runtime.run(readBuiltComponent('clock'))
    const opened = v.parse(Frame, await instance.call(window, 'open', []))
    const today = new Date()
    const contents = opened.patches.flatMap((patch) => (patch.tag === 'put' ? [patch.val.content] : []))
    const texts = contents.flatMap((content) => (content.tag === 'text' ? [content.val] : []))
    expect(texts.find((text) => text.big)?.text).toMatch(/^\d\d:\d\d$/)
    expect(texts.find((text) => !text.big)?.text).toContain(String(today.getUTCFullYear()))
    expect(contents.filter((content) => content.tag === 'canvas')).toHaveLength(1)
    expect(opened.tickMs).toBeGreaterThan(0)
    expect(opened.tickMs).toBeLessThanOrEqual(60_020)

    const tick = { target: 0, action: { tag: 'tick' } }
    const ticked = v.parse(Frame, await instance.call(window, 'handle', [tick]))
    // Nothing is different within a minute; the minute may have turned between the two.
    const isSameMinute = ticked.revision === opened.revision
    expect(ticked.patches).toHaveLength(isSameMinute ? 0 : 2)
    expect(ticked.whole).toBe(false)
    await instance.stop()
  })
})
