// What cannot be copied is refused with the reason, and the instance goes on; and what hosts hold of a guest.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exposeState } from '../../../main/wasm/snapshot/expose-state.js'
import { createRecipes, type Recipes } from '../../../main/wasm/snapshot/recipes.js'
import { SnapshotRefusal } from '../../../main/wasm/snapshot/refusal.js'
import { tapGlue } from '../../../main/wasm/snapshot/tap-glue.js'
import { snapshotComponent } from '../../support/snapshot-components.js'
import { failureOf, openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { openRig, type Rig } from './snapshot-rig.js'
import { parseWat, readWat } from './wat.js'

const tallies = 'demo:tally/tallies@0.1.0'

function refusalOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof SnapshotRefusal) return `${error.code}: ${error.message}`
    throw error
  }
  return 'not refused'
}

describe('A copy is refused', { timeout: 120_000 }, () => {
  let runtime: TestRuntime
  let holder: Uint8Array
  let rig: Rig

  beforeAll(async () => {
    runtime = await openTestRuntime({ withPrepared: false })
    holder = (await snapshotComponent('holder')) ?? new Uint8Array()
    rig = await openRig(runtime, (await snapshotComponent('tally')) ?? new Uint8Array())
  }, 300_000)

  afterAll(async () => {
    await runtime.dispose()
  })

  it('while the guest holds what nobody can make again, by its name, and the guest goes on', async () => {
    const instance = await runtime.run(holder)
    await instance.call('', 'run', ['request', '', 0])
    const failure = await failureOf(instance.snapshot())
    expect(failure.code).toBe('refused')
    expect(failure.message).toMatch(/cannot be copied: it holds an HTTP request, which cannot be made again elsewhere/)
    expect(await instance.call('', 'run', ['due', '', 0])).toBe('[]')
    await instance.stop()
  })

  it('after the instance trapped, was stopped, or was called already', async () => {
    const broken = await runtime.run(await readWat('hostile'))
    await failureOf(broken.call('', 'trap', []))
    expect(await failureOf(broken.snapshot())).toMatchObject({ code: 'unavailable' })
    const image = await (await runtime.run(await readWat('hostile'))).snapshot()
    const used = await runtime.run(await readWat('hostile'))
    await used.call('', 'count', [])
    const gone = new Promise((resolve) => used.onGone(resolve))
    const failure = await failureOf(used.restore(image))
    expect(failure).toMatchObject({ code: 'refused' })
    expect(failure.message).toContain('it was called already')
    await gone
    expect(await failureOf(used.call('', 'count', []))).toMatchObject({ code: 'unavailable' })
  })

  it('inside of a call', async () => {
    let answer = ''
    const host = { ask: (): number => ((answer = refusalOf(() => instance.snapshots.take())), 5) }
    const instance = await rig.start({ 'demo:tally/host@0.1.0': host })
    expect(instance.root.askHost()).toBe(5)
    expect(answer).toBe('refused: a call of it is under way')
    expect(instance.snapshots.take().length).toBeGreaterThan(0)
  })

  it('after an error of the host went through the guest, or after a trap', async () => {
    const relay = await runtime.run(await readWat('relay'), { host: recordingHost() })
    await failureOf(relay.call('demo:near/numbers@0.1.0', 'twice', [5]))
    expect(['unavailable', 'internal']).toContain((await failureOf(relay.snapshot())).code)

    const plain = await openRig(runtime, await readWat('hostile'))
    const trapped = await plain.start()
    expect(() => trapped.root.trap()).toThrow('unreachable')
    expect(refusalOf(() => trapped.snapshots.take())).toBe('refused: it trapped')
  })

  it('of a table with a function that stood in none at the start', async () => {
    const wat = `(component (core module $m (table $t 1 funcref) (elem declare func $f)
      (func $f) (func (export "put") (table.set $t (i32.const 0) (ref.func $f))))
      (core instance $i (instantiate $m)) (func (export "put") (canon lift (core func $i "put"))))`
    const instance = await runtime.run(await parseWat(wat))
    await instance.snapshot()
    await instance.call('', 'put', [])
    const failure = await failureOf(instance.snapshot())
    expect(failure.message).toContain('slot 0 of a table holds a function that was in no table at its start')
    await instance.call('', 'put', [])
    await instance.stop()
  })

  it.each([
    ['a vector in a global', '(global (mut v128) (v128.const i64x2 0 0))', 'a vector (v128)'],
    ['a reference in a global', '(global (mut funcref) (ref.null func))', 'a reference'],
    ['values that are collected', '(type $s (struct)) (func (drop (struct.new $s)))', 'garbage-collected values'],
    ['a shared memory', '(memory 1 2 shared)', 'shared or 64-bit'],
    ['a memory of 64 bits', '(memory i64 1)', 'shared or 64-bit'],
    ['names of ours', '(func (export "tlos$m0"))', 'names that begin with tlos$'],
  ])('of a component with %s, which runs nevertheless if it can', async (_what, text, words) => {
    const module = await parseWat(`(module ${text})`)
    const exposed = exposeState(module)
    expect(exposed).toMatchObject({ ok: false })
    expect(!exposed.ok && exposed.reason).toContain(words)
  })

  it('of a component that was prepared closed, with the reason told before', async () => {
    const wat = `(component (core module $m (global $v (mut v128) (v128.const i64x2 0 0)) (func (export "f") (result i32)
      (global.set $v (i32x4.splat (i32.const 7))) (i32x4.extract_lane 0 (global.get $v))))
      (core instance $i (instantiate $m)) (func (export "f") (result u32) (canon lift (core func $i "f"))))`
    const bytes = await parseWat(wat)
    expect((await runtime.prepare(bytes)).snapshot).toEqual({
      can: false,
      reason: 'it keeps a vector (v128) in a global variable',
    })
    const instance = await runtime.run(bytes)
    expect(await instance.call('', 'f', [])).toBe(7)
    const failure = await failureOf(instance.snapshot())
    expect(failure).toEqual({
      code: 'refused',
      message: 'the component cannot be copied: it keeps a vector (v128) in a global variable',
    })
    await instance.stop()
  })

  it('of glue that is not as it is known, rather than of nothing', () => {
    for (const glue of ['', 'exports.instantiate = 1', 'const INSTANCE_FLAGS = 1;\nconst INSTANCE_FLAGS = 1;']) {
      expect(tapGlue(glue)).toMatchObject({ ok: false })
    }
  })
})

describe('Resources between a guest and its host', { timeout: 120_000 }, () => {
  let runtime: TestRuntime
  let rig: Rig

  beforeAll(async () => {
    runtime = await openTestRuntime({ withPrepared: false })
    rig = await openRig(runtime, (await snapshotComponent('tally')) ?? new Uint8Array())
  }, 300_000)

  afterAll(async () => {
    await runtime.dispose()
  })

  const imports = { 'demo:tally/host@0.1.0': { ask: () => 1 } }

  it('that the guest made and the host holds are held again, and dropped as before', async () => {
    const first = await rig.start(imports)
    const { make, Tally } = first.root[tallies]
    const held = new Map<number, object>([
      [7, make(10)],
      [9, new Tally(100)],
    ])
    make(1)[first.tap.disposeSymbol ?? Symbol()]()
    ;(held.get(7) as { add(n: number): number }).add(5)

    const second = await rig.start(imports)
    const again = second.snapshots.restore(first.snapshots.take({ held }))
    type Held = Record<symbol, () => void> & { add(n: number): number }
    const counted = [again.held.get(7), again.held.get(9)] as Held[]
    const originals = [held.get(7), held.get(9)] as Held[]
    expect(counted.map((each) => each.add(1))).toEqual([16, 101])
    expect(originals.map((each) => each.add(1))).toEqual([16, 101])
    const api = second.root[tallies]
    expect(api.alive()).toBe(first.root[tallies].alive())
    counted[0]?.[second.tap.disposeSymbol ?? Symbol()]?.()
    originals[0]?.[first.tap.disposeSymbol ?? Symbol()]?.()
    expect(() => counted[0]?.add(1)).toThrow()
    expect(api.alive()).toBe(first.root[tallies].alive())
    expect(counted[1]?.add(1)).toBe(102)
    // Handles go on to be given out as they would have been.
    expect(api.make(3).add(1)).toBe(4)
  })

  it('that no class of the guest knows are refused', async () => {
    const instance = await rig.start(imports)
    expect(refusalOf(() => instance.snapshots.take({ held: new Map([[1, {}]]) }))).toMatch(/^refused: its host holds/)
  })

  it('have recipes only as far as this host grants them', () => {
    const recipes: Recipes = createRecipes()
    recipes.onMake('bucket', ([name]) => (typeof name === 'string' ? { name } : undefined))
    expect(recipes.make(['bucket', 'a'])).toEqual({ name: 'a' })
    expect(refusalOf(() => recipes.make(['bucket', 5]))).toBe('refused: a bucket that it holds cannot be made here')
    expect(refusalOf(() => recipes.make(['constructor']))).toContain('refused')
  })
})
