// Images are input from another node: whatever is in them, the answer is a typed refusal or an instance, soon. And each
// part of one is needed: without it the copy is another.

import { deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeImage, encodeImage, type DecodedImage, type Description } from '../../../main/wasm/snapshot/image.js'
import { createRecipes, type Recipes } from '../../../main/wasm/snapshot/recipes.js'
import { SnapshotRefusal } from '../../../main/wasm/snapshot/refusal.js'
import { snapshotComponent } from '../../support/snapshot-components.js'
import { failureOf, openTestRuntime, type TestRuntime } from './open-test-runtime.js'
import { createRandom } from './random.js'
import { openRig, rigMemoryBytes, type Rig } from './snapshot-rig.js'
import { parseWat, readWat } from './wat.js'

/** A component that holds objects of its host in both handle tables there are for them. */
const lender = `(component
  (import "demo:lender/things@0.1.0" (instance $things
    (export "thing" (type $thing (sub resource)))
    (export "lend" (func (param "n" u32) (result (own $thing))))
    (export "[method]thing.look" (func (param "self" (borrow $thing)) (result u32)))))
  (alias export $things "thing" (type $thing))
  (core func $lend (canon lower (func $things "lend")))
  (core func $look (canon lower (func $things "[method]thing.look")))
  (core func $drop (canon resource.drop $thing))
  (core module $m
    (import "" "lend" (func $lend (param i32) (result i32)))
    (import "" "look" (func $look (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "lend") (param i32) (result i32) (call $lend (local.get 0)))
    (func (export "look") (param i32) (result i32) (call $look (local.get 0)))
    (func (export "drop") (param i32) (call $drop (local.get 0))))
  (core instance $i (instantiate $m (with "" (instance
    (export "lend" (func $lend)) (export "look" (func $look)) (export "drop" (func $drop))))))
  (func (export "lend") (param "n" u32) (result u32) (canon lift (core func $i "lend")))
  (func (export "look") (param "handle" u32) (result u32) (canon lift (core func $i "look")))
  (func (export "give-back") (param "handle" u32) (canon lift (core func $i "drop"))))`

/** The host of `lender`, with the recipe of its things. */
function lend(recipes: Recipes): object {
  class Thing {
    readonly n: number
    constructor(n: number) {
      this.n = n
      recipes.add(this, () => ['thing', n])
    }
    look(): number {
      return this.n
    }
  }
  recipes.onMake('thing', ([n]) => (typeof n === 'number' && n >= 0 ? new Thing(n) : undefined))
  recipes.onMake('other', () => ({}))
  return { 'demo:lender/things@0.1.0': { Thing, lend: (n: number) => new Thing(n) } }
}

const isRefusal = (error: unknown): boolean => error instanceof SnapshotRefusal

describe('An image', { timeout: 120_000 }, () => {
  let runtime: TestRuntime
  let plain: Rig
  let lenderRig: Rig
  let plainBytes: Uint8Array

  beforeAll(async () => {
    runtime = await openTestRuntime({ withPrepared: false })
    plainBytes = await readWat('snapshot-plain')
    plain = await openRig(runtime, plainBytes)
    lenderRig = await openRig(runtime, await parseWat(lender))
  }, 120_000)

  afterAll(async () => {
    await runtime.dispose()
  })

  const startLender = async () => {
    const recipes = createRecipes()
    return await lenderRig.start(lend(recipes), recipes)
  }

  /** A used instance of the plain component. */
  async function usedPlain() {
    const instance = await plain.start()
    const { root } = instance
    root.swap(0, 1)
    root.write(5_000, 77)
    root.grow()
    root.numbers()
    root.numbers()
    return instance
  }

  async function usedLender() {
    const instance = await startLender()
    for (const n of [11, 22, 33, 44]) instance.root.lend(n)
    instance.root.giveBack(2)
    instance.root.giveBack(3)
    return instance
  }

  const change = (rig: Rig, image: Uint8Array, edit: (all: DecodedImage) => DecodedImage): Uint8Array => {
    const { description, pages } = edit(decodeImage(image, rig.identity, rigMemoryBytes))
    return encodeImage(rig.identity, description, pages.length, (target, at) => target.set(pages, at))
  }
  const describe_ = (rig: Rig, image: Uint8Array, part: object): Uint8Array =>
    change(rig, image, ({ description, pages }) => ({ description: { ...description, ...part }, pages }))

  it('without one of its parts makes another instance', async () => {
    const used = await usedPlain()
    const image = used.snapshots.take()
    const first = decodeImage((await plain.start()).snapshots.take(), plain.identity, rigMemoryBytes)
    const observe = (root: Record<string, (...args: number[]) => unknown>): unknown[] => [
      ...[0, 1, 2].map((slot) => root['apply']?.(slot, 7)),
      root['digest']?.(),
      root['numbers']?.(),
    ]
    const whole = await plain.start()
    whole.snapshots.restore(image)
    const expected = observe(used.root)
    expect(observe(whole.root)).toEqual(expected)

    const without = (part: keyof Description): Uint8Array =>
      change(plain, image, ({ description, pages }) => ({
        description: { ...description, [part]: first.description[part] },
        pages: part === 'memories' ? first.pages : pages,
      }))
    for (const part of ['memories', 'globals', 'tables'] as const) {
      const copy = await plain.start()
      copy.snapshots.restore(without(part))
      expect(observe(copy.root), part).not.toEqual(expected)
    }
  })

  it('without its handles or what is behind them makes another instance, or is refused', async () => {
    const used = await usedLender()
    const image = used.snapshots.take()
    const observe = (root: Record<string, (n: number) => unknown>): unknown[] => [
      root['look']?.(1),
      root['look']?.(4),
      root['lend']?.(55),
      root['look']?.(3),
    ]
    const whole = await startLender()
    whole.snapshots.restore(image)
    const expected = observe(used.root)
    expect(expected).toEqual([11, 44, 3, 55])
    expect(observe(whole.root)).toEqual(expected)

    const first = decodeImage((await startLender()).snapshots.take(), lenderRig.identity, rigMemoryBytes)
    const without = await startLender()
    without.snapshots.restore(
      describe_(lenderRig, image, { handles: first.description.handles, captures: first.description.captures }),
    )
    expect(() => observe(without.root)).toThrow()
    const hollow = await startLender()
    expect(() =>
      hollow.snapshots.restore(describe_(lenderRig, image, { captures: first.description.captures })),
    ).toThrow('a handle of it has nothing behind it')
  })

  it('with wild numbers is refused with a reason', async () => {
    const image = (await usedPlain()).snapshots.take()
    const { description } = decodeImage(image, plain.identity, rigMemoryBytes)
    const [core, index, bytes, runs] = description.memories[0] ?? [0, 0, 0, []]
    const [tableCore, tableIndex, length] = description.tables[0] ?? [0, 0, 0]
    const parts: [object, RegExp][] = [
      [{ memories: [] }, /^its memories are not/],
      [{ memories: [[core, index + 1, bytes, runs]] }, /^its memories are not/],
      [{ memories: [[core, index, 2 ** 32, runs]] }, /^it needs 4294967296 bytes of memory, and \d+ are allowed/],
      [{ memories: [[core, index, 65_537, runs]] }, /impossible size/],
      [{ memories: [[core, index, 0, []]] }, /impossible size/],
      [{ memories: [[core, index, bytes, [[2 ** 31, 1, 'zero']]]] }, /pages outside/],
      [{ memories: [[core, index, bytes, [[0, 2 ** 31, 'data']]]] }, /pages outside/],
      [
        {
          memories: [
            [
              core,
              index,
              bytes,
              [
                [1, 1, 'zero'],
                [0, 1, 'zero'],
              ],
            ],
          ],
        },
        /pages outside/,
      ],
      [{ memories: [[core, index, bytes, [[0, 1, 'zero']]]] }, /another number of pages/],
      [{ globals: description.globals.slice(1) }, /variables are not/],
      [{ globals: [...description.globals, ...description.globals] }, /variables are not/],
      [{ globals: description.globals.map(([c, i]) => [c, i, 'b1']) }, /variables are not/],
      [{ tables: [] }, /tables are not/],
      [{ tables: [[tableCore, tableIndex, 2 ** 31, []]] }, /impossible size/],
      [{ tables: [[tableCore, tableIndex, length, [[length, null]]]] }, /functions outside/],
      [{ tables: [[tableCore, tableIndex, length, [[0, [0, 99]]]]] }, /functions outside/],
      [{ tables: [[tableCore, tableIndex, length, [[0, [99, 0]]]]] }, /functions outside/],
      [{ captures: [[0, 0, []]] }, /resources are not/],
      [{ held: [[1, 0, 1]] }, /resources that it does not have/],
      [{ base: 'f'.repeat(64) }, /a fresh one is another here/],
      [{ globals: 5 }, /not what it must be \(globals\)/],
      [{ handles: [{ id: 1e9, cells: [], reps: [] }] }, /not what it must be \(handles/],
    ]
    for (const [part, reason] of parts) {
      const target = await plain.start()
      expect(() => target.snapshots.restore(describe_(plain, image, part)), JSON.stringify(part)).toThrow(reason)
    }
  })

  it('with forged handles or objects is refused with a reason', async () => {
    const image = (await usedLender()).snapshots.take()
    const { description } = decodeImage(image, lenderRig.identity, rigMemoryBytes)
    const [table] = description.handles
    const [capture] = description.captures
    if (table === undefined || capture === undefined) throw new Error('the fixture holds nothing')
    const flag = 1 << 30
    const cells = (...values: number[]): object => ({ handles: [{ ...table, cells: values }] })
    const captured = (entries: unknown): object => ({ captures: [[capture[0], capture[1], entries]] })
    const parts: [object, RegExp][] = [
      [cells(), /damaged/],
      [cells(flag, 0, 0), /damaged/],
      // A free list in a circle, out of the table, and through a handle in use.
      [cells(1 | flag, 0, 1 | flag, flag), /damaged/],
      [cells(7 | flag, 0, flag, flag), /damaged/],
      [cells(1 | flag, 0, 0, 1 | flag), /damaged/],
      [cells(flag, 0, flag, 1 | flag), /damaged/],
      // Borrowed, and lent out.
      [cells(flag, 0, 1, 1), /damaged/],
      [cells(flag, 0, 5, 1 | flag), /damaged/],
      [cells(flag, 0, 0, 99 | flag), /nothing behind it/],
      [{ handles: [] }, /other tables of handles/],
      [{ handles: [table, table] }, /other tables of handles/],
      [captured([[1, ['other']]]), /stands where the component has something else/],
      [captured([[1, ['thing', 'not a number']]]), /a thing that it holds cannot be made here/],
      [captured([[1, ['__proto__', 1]]]), /cannot be made here/],
      [captured([[-5, ['thing', 1]]]), /stands where/],
    ]
    for (const [part, reason] of parts) {
      const target = await startLender()
      expect(() => target.snapshots.restore(describe_(lenderRig, image, part)), JSON.stringify(part)).toThrow(reason)
    }
  })

  it('of another component, format or tool, cut short anywhere, or one that unpacks to gigabytes is refused', async () => {
    const image = (await usedPlain()).snapshots.take()
    const target = await plain.start()
    const refused = (bytes: Uint8Array): unknown => {
      try {
        target.snapshots.restore(bytes)
      } catch (error) {
        expect(error).toSatisfy(isRefusal)
        return (error as SnapshotRefusal).message
      }
      return 'taken'
    }
    for (let length = 0; length < image.length; length += Math.max(1, Math.floor(image.length / 200))) {
      expect(refused(image.slice(0, length))).not.toBe('taken')
    }
    const at = (offset: number, value: number): Uint8Array => {
      const copy = Uint8Array.from(image)
      copy[offset] = value
      return copy
    }
    expect(refused(at(0, 0))).toContain('not the bytes of a copied instance')
    expect(refused(at(8, 99))).toContain('format 99')
    expect(refused(at(12, (image[12] ?? 0) ^ 1))).toContain('another component')
    expect(refused(at(44, (image[44] ?? 0) ^ 1))).toContain('another version of the component runtime')
    expect(refused(at(79, 255))).toContain('more than an instance may have here')

    const bomb = Buffer.concat([image.subarray(0, 80), deflateSync(Buffer.alloc(256 * 1024 * 1024), { level: 1 })])
    expect(bomb.length).toBeLessThan(4 * 1024 * 1024)
    expect(refused(bomb)).toContain('cut short or damaged')
    // It was refused each time before anything was changed.
    target.snapshots.restore(image)
  })

  it('that is wrong is refused by the runtime in a sentence, and nothing is left of the instance', async () => {
    const first = await runtime.run(plainBytes)
    await first.call('', 'grow', [])
    const image = await first.snapshot()
    const counter = await readWat('hostile')
    expect(await failureOf(runtime.run(counter, { image }))).toEqual({
      code: 'invalid',
      message: 'the component cannot go on from this copy: it is of another component',
    })
    for (const bytes of [new Uint8Array(), image.slice(0, 100), new Uint8Array(1_000_000)]) {
      expect(await failureOf(runtime.run(plainBytes, { image: bytes }))).toMatchObject({ code: 'invalid' })
    }
    const small = await failureOf(runtime.run(plainBytes, { image, limits: { memoryBytes: 65_536 } }))
    expect(small.code).toBe('too-large')
    expect(small.message).toContain('it needs 131072 bytes of memory, and 65536 are allowed')
    await first.stop()
    await expect.poll(() => runtime.processes().every(({ instances }) => instances === 0)).toBe(true)
  })

  const fuzzSeed = 4_711
  it(`is never an exception of another kind, whatever was changed in it (seed ${fuzzSeed})`, async () => {
    const random = createRandom(fuzzSeed)
    const below = (end: number): number => Math.floor(random() * end)
    const values: unknown[] = [0, 1, -1, 2 ** 30, 2 ** 31, 2 ** 32, 1e300, 0.5, null, '', 'b1', 'thing', [], {}, true]
    /** Replaces, removes or repeats one thing somewhere inside. */
    const mutate = (value: unknown): unknown => {
      if (Array.isArray(value) && value.length > 0 && random() < 0.85) {
        const at = below(value.length)
        if (random() < 0.1) return [...(value as unknown[]), value[at]]
        if (random() < 0.1) return value.filter((_, index) => index !== at)
        return value.map((each: unknown, index) => (index === at ? mutate(each) : each))
      }
      if (typeof value === 'object' && value !== null && !Array.isArray(value) && random() < 0.95) {
        const keys = Object.keys(value)
        const key = keys[below(keys.length)] ?? ''
        return { ...value, [key]: mutate((value as Record<string, unknown>)[key]) }
      }
      return values[below(values.length)]
    }
    const images = [
      { rig: plain, start: () => plain.start(), image: (await usedPlain()).snapshots.take() },
      { rig: lenderRig, start: startLender, image: (await usedLender()).snapshots.take() },
    ]
    let refused = 0
    let taken = 0
    for (let round = 0; round < 1_500; round += 1) {
      const { rig, start, image } = images[round % 2] ?? images[0]!
      let bytes: Uint8Array
      if (round % 5 === 0) {
        bytes = Uint8Array.from(image)
        for (let times = 1 + below(4); times > 0; times -= 1) bytes[below(bytes.length)] = below(256)
      } else {
        const all = decodeImage(image, rig.identity, rigMemoryBytes)
        const description = mutate(all.description) as Description
        bytes = encodeImage(rig.identity, description, all.pages.length, (target, at) => target.set(all.pages, at))
      }
      const target = await start()
      try {
        target.snapshots.restore(bytes)
        taken += 1
        // Whatever it is now, it is an instance at rest.
        target.snapshots.take()
      } catch (error) {
        if (!isRefusal(error)) throw new Error(`round ${round}`, { cause: error })
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(700)
    expect(taken).toBeGreaterThan(10)
  })
})

describe('The component of a JavaScript engine', { timeout: 300_000 }, () => {
  it('is another instance without its memory', async () => {
    const runtime = await openTestRuntime({ withPrepared: false })
    try {
      const bytes = await snapshotComponent('script')
      const rig = await openRig(runtime, bytes ?? new Uint8Array())
      const used = await rig.start()
      const script = (root: Record<string, unknown>, ...args: unknown[]): unknown =>
        (root['demo:script/script@0.1.0'] as { run(...args: unknown[]): unknown }).run(...args)
      script(used.root, 'put', 'a', 1)
      const fresh = await rig.start()
      expect(script(used.root, 'get', 'a', 0)).not.toBe(script(fresh.root, 'get', 'a', 0))
      const copy = await rig.start()
      copy.snapshots.restore(used.snapshots.take())
      expect(script(copy.root, 'get', 'a', 0)).toBe(script(used.root, 'get', 'a', 0))
    } finally {
      await runtime.dispose()
    }
  })
})
