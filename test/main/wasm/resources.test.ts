// Resources that a component exports, those of another that it imports, and several versions of one interface: described
// in full, and called with handles.

import { deflateSync, inflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeComponent } from '../../../main/wasm/decode-component.js'
import type { Instance } from '../../../main/wasm/types.js'
import { dropFunction, type WitType } from '../../../preload/wit.js'
import { resourceComponent } from '../../support/resource-components.js'
import { failureOf, openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { parseWat, readWat } from './wat.js'

const shapes = 'demo:resources/shapes@0.1.0'
const user = 'demo:resources/shapes-user@0.1.0'
const paint = 'demo:resources/paint@0.1.0'
const purse = 'demo:wallet/purse@0.1.0'
const coins = 'demo:mint/coins@0.1.0'
const dropCanvas = dropFunction(shapes, 'canvas').name
const dropCoin = dropFunction(coins, 'coin').name

let runtime: TestRuntime
let bytes: Uint8Array

beforeAll(async () => {
  runtime = await openTestRuntime({ withPrepared: false })
  bytes = await resourceComponent('canvases')
}, 120_000)
afterAll(() => runtime.dispose())

function worldOf(component: Uint8Array) {
  const decoded = decodeComponent(component)
  if (!decoded.ok) throw new Error(decoded.reason)
  return decoded.value.world
}

const home = { instance: shapes, name: 'canvas', isImported: false }
const canvas: WitType = { kind: 'own', resource: 'canvas', home }
const borrowed: WitType = { kind: 'borrow', resource: 'canvas', home }
const point: WitType = {
  kind: 'record',
  name: 'point',
  fields: [
    { name: 'x', type: { kind: 's32' } },
    { name: 'y', type: { kind: 's32' } },
  ],
}

describe('A component that exports a resource', () => {
  it('is described with its constructor, methods, statics and handles, also where another interface uses them', () => {
    const world = worldOf(bytes)
    expect(world.exports).toEqual([
      {
        name: shapes,
        functions: [
          { name: '[constructor]canvas', params: [{ name: 'title', type: { kind: 'string' } }], result: canvas },
          {
            name: '[method]canvas.draw',
            params: [
              { name: 'self', type: borrowed },
              { name: 'at', type: point },
            ],
            result: { kind: 'result', ok: { kind: 'u32' }, err: { kind: 'string' } },
          },
          { name: '[method]canvas.size', params: [{ name: 'self', type: borrowed }], result: { kind: 'u32' } },
          {
            name: '[static]canvas.merge',
            params: [
              { name: 'a', type: canvas },
              { name: 'b', type: borrowed },
            ],
            result: canvas,
          },
          {
            name: 'open-all',
            params: [{ name: 'titles', type: { kind: 'list', element: { kind: 'string' } } }],
            result: { kind: 'list', element: canvas },
          },
          {
            name: 'first',
            params: [{ name: 'of', type: { kind: 'list', element: borrowed } }],
            result: { kind: 'option', inner: { kind: 'string' } },
          },
        ],
        resources: ['canvas'],
      },
      {
        name: user,
        functions: [
          { name: 'count', params: [{ name: 'c', type: borrowed }], result: { kind: 'u32' } },
          { name: 'origin', params: [], result: point },
        ],
      },
    ])
  })

  it('tells resources apart by the interface that defines them, whatever others call them', async () => {
    const world = worldOf(await readWat('coins'))
    expect(world.exports.map(({ name, resources }) => [name, resources])).toEqual([
      [coins, ['coin', 'bank-note']],
      ['demo:mint/scales@0.1.0', undefined],
    ])
    expect(world.exports[1]?.functions[0]?.params[0]?.type).toEqual({
      kind: 'borrow',
      resource: 'piece',
      home: { instance: coins, name: 'coin', isImported: false },
    })
  })

  it('says of none that it is one when a description stands for two of them', async () => {
    const pair = `(type $pair (instance (export "x" (type $x (sub resource))) (export "take" (func (param "x" (own $x))))))`
    const world = worldOf(
      await parseWat(
        `(component ${pair} (import "demo:a/one" (instance (type $pair))) (import "demo:a/two" (instance (type $pair))))`,
      ),
    )
    expect(world.imports).toHaveLength(2)
    for (const { functions, resources } of world.imports) {
      expect(resources).toBeUndefined()
      expect(functions[0]?.params[0]?.type).toEqual({ kind: 'own', resource: 'x' })
    }
  })

  it('is called through handles of 16 bytes: made, used, given away, dropped', async () => {
    const instance = await runtime.run(bytes)
    const a = await handleOf(instance, shapes, '[constructor]canvas', ['left'])
    const b = await handleOf(instance, shapes, '[constructor]canvas', ['right'])
    expect([a.length, b.length, instance.given.size]).toEqual([16, 16, 2])
    const draw = (canvas: Uint8Array, x: number) => instance.call(shapes, '[method]canvas.draw', [canvas, { x, y: 0 }])
    expect(await draw(a, 1)).toEqual({ tag: 'ok', val: 1 })
    expect(await draw(b, 1)).toEqual({ tag: 'ok', val: 1 })
    expect(await draw(b, -1)).toEqual({ tag: 'err', val: 'outside' })
    expect(await instance.call(user, 'count', [b])).toBe(1)
    expect(await instance.call(shapes, 'first', [[b, a]])).toBe('right')
    const many = (await instance.call(shapes, 'open-all', [['x', 'y', 'z']])) as Uint8Array[]
    expect(await instance.call(shapes, 'first', [[many[2]]])).toBe('z')
    // Of a list, each is dropped by itself.
    await instance.call(shapes, dropCanvas, [many[0]])
    expect(await instance.call(shapes, 'first', [[many[2]]])).toBe('z')
    expect(instance.given.size).toBe(4)
    for (const canvas of [a, b, many[1], many[2]]) await instance.call(shapes, dropCanvas, [canvas])
    expect(instance.given.size).toBe(0)
    await instance.stop()
  })

  it('takes back what is given away with a call, and lends what is lent', async () => {
    const instance = await runtime.run(await readWat('coins'))
    const [a, b] = (await instance.call(coins, 'roll', [2])) as [Uint8Array, Uint8Array]
    const sum = await handleOf(instance, coins, '[static]coin.melt', [a, b])
    expect(await instance.call(coins, '[method]coin.value', [sum])).toBe(3)
    expect(await instance.call('demo:mint/scales@0.1.0', 'weigh', [sum])).toBe(3)
    expect(await instance.call(coins, '[method]coin.value', [b])).toBe(2)
    expect(await failureOf(instance.call(coins, '[method]coin.value', [a]))).toEqual({
      code: 'not-found',
      message:
        'coin.value was not called: this coin is not known here: it was never given out, was given back, or its instance is gone',
    })
    expect([await instance.call(coins, 'alive', []), instance.given.size]).toEqual([2, 2])
    await instance.stop()
  })

  it('runs the destructor at the drop and when a result is too much to leave, in a result as well', async () => {
    const instance = await runtime.run(await readWat('coins'), { limits: { handles: 3 } })
    const alive = () => instance.call(coins, 'alive', [])
    const made = (await instance.call(coins, 'try', [5])) as { tag: string; val: Uint8Array }
    expect([made.tag, await instance.call(coins, 'try', [0])]).toEqual(['ok', { tag: 'err' }])
    await instance.call(coins, dropCoin, [made.val])
    expect([await alive(), await instance.call(coins, 'dead', [])]).toEqual([0, 1])
    const failure = await failureOf(instance.call(coins, 'roll', [4]))
    expect(failure).toEqual({
      code: 'refused',
      message: 'it has given out 3 resources, and no more may be out: give some back first',
    })
    expect([await alive(), instance.given.size]).toEqual([0, 0])
    expect(await instance.call(coins, 'roll', [3])).toHaveLength(3)
    expect((await failureOf(instance.call(coins, '[constructor]coin', [1]))).code).toBe('refused')
    expect(await alive()).toBe(3)
    await instance.stop()
  })
})

async function handleOf(instance: Instance, of: string, name: string, args: readonly unknown[]): Promise<Uint8Array> {
  const handle = await instance.call(of, name, args)
  if (!(handle instanceof Uint8Array)) throw new Error(`${name} gave no handle`)
  return handle
}

describe('A component that imports a resource of another', () => {
  /** One whose imports go to an instance of the other, as along a link. */
  async function openPair(makerBytes: Uint8Array, userBytes: Uint8Array, exported: string) {
    const maker = await runtime.run(makerBytes)
    const host = recordingHost((instance, name, args) => maker.call(instance, name, args))
    const painter = await runtime.run(userBytes, { host })
    return { maker, host, painter, ask: (name: string, ...args: unknown[]) => painter.call(exported, name, args) }
  }

  it('makes, uses, gets in lists and drops what the other made, from JavaScript', async () => {
    const { maker, host, painter, ask } = await openPair(bytes, await resourceComponent('painter'), paint)
    expect([await ask('keep', 'one'), await ask('keep', 'two')]).toEqual([1, 2])
    expect([await ask('draw', 1), await ask('draw', 2)]).toEqual([
      { tag: 'ok', val: 1 },
      { tag: 'ok', val: 2 },
    ])
    expect(await ask('draw', -1)).toEqual({ tag: 'err', val: 'outside' })
    expect(await ask('count')).toBe(2)
    expect(await ask('titles', ['a', 'b'])).toBe('a')
    expect(await ask('let-go')).toBe(1)
    // Nobody waits for a drop.
    await expect.poll(() => host.asked.some(({ functionName }) => functionName === dropCanvas)).toBe(true)
    await painter.stop()
    await expect.poll(() => maker.given.size).toBe(0)
    await maker.stop()
  })

  it('lends, gives away and gets back, and what it holds at its end is given back for it', async () => {
    const { maker, painter, ask } = await openPair(await readWat('coins'), await readWat('wallet'), purse)
    expect([await ask('add', 5), await ask('fill', 3), await ask('beg', 0), await ask('beg', 9)]).toEqual([1, 4, 0, 1])
    expect(await ask('sum')).toBe(5 + 1 + 2 + 3 + 9)
    expect(await ask('melt')).toBe(5)
    expect(await ask('sum')).toBe(5 + 1 + 2 + 3 + 12)
    expect(await ask('spend')).toBe(4)
    await expect.poll(() => maker.given.size).toBe(4)
    expect(await maker.call(coins, 'alive', [])).toBe(4)
    await painter.stop()
    await expect.poll(() => maker.given.size).toBe(0)
    expect(await maker.call(coins, 'alive', [])).toBe(0)
    await maker.stop()
  })

  it('hands on what it holds to whoever calls it, and takes it from them', async () => {
    const { maker, painter, ask } = await openPair(await readWat('coins'), await readWat('wallet'), purse)
    await ask('add', 7)
    const gift = (await ask('give')) as Uint8Array
    expect(await maker.call(coins, '[method]coin.value', [gift])).toBe(7)
    for (let turn = 0; turn < 3; turn += 1) expect(await ask('look', gift)).toBe(7)
    expect([await ask('take', gift), await ask('sum')]).toEqual([1, 7])
    const other = (await ask('give')) as Uint8Array
    await painter.stop()
    // Not its own any more.
    expect(await maker.call(coins, '[method]coin.value', [other])).toBe(7)
    expect(maker.given.size).toBe(1)
    await maker.stop()
  })

  it('does not take what it was lent for its own, not even in a copy of it', async () => {
    const { maker, host, painter, ask } = await openPair(await readWat('coins'), await readWat('wallet'), purse)
    const lent = await handleOf(maker, coins, '[constructor]coin', [3])
    await ask('add', 4)
    expect(await ask('look', lent)).toBe(3)
    const copy = await runtime.run(await readWat('wallet'), { host, image: await painter.snapshot() })
    // The copy has what it held; the first one has nothing to give back any more.
    await painter.stop()
    expect(await copy.call(purse, 'sum', [])).toBe(4)
    await copy.stop()
    await expect.poll(() => [...maker.given.keys()]).toEqual([Buffer.from(lent).toString('hex')])
    expect(await maker.call(coins, '[method]coin.value', [lent])).toBe(3)
    await maker.stop()
  })

  it.each([
    ['fails', 'fail', []],
    ['uses one that it dropped', 'spend-and-look', []],
    ['keeps one that it was only lent', 'hold', ['lent']],
  ])('loses nothing of the other when it %s', async (_what, name, args) => {
    const { maker, painter, ask } = await openPair(await readWat('coins'), await readWat('wallet'), purse)
    await ask('fill', 3)
    const lent = await handleOf(maker, coins, '[constructor]coin', [1])
    const failure = await failureOf(ask(name, ...args.map(() => lent)))
    if (name !== 'hold') expect(failure.code).toBe('trapped')
    await painter.stop()
    await expect.poll(() => maker.given.size).toBe(1)
    expect(await maker.call(coins, '[method]coin.value', [lent])).toBe(1)
    await maker.stop()
  })
})

describe('A copy of an instance that has given out resources', () => {
  const value = (instance: Instance, coin: Uint8Array) => instance.call(coins, '[method]coin.value', [coin])

  it('knows the same handles, and those are good in it', async () => {
    const component = await readWat('coins')
    const first = await runtime.run(component)
    const [one, two] = (await first.call(coins, 'roll', [2])) as [Uint8Array, Uint8Array]
    const note = (await first.call(coins, 'write', [5])) as Uint8Array
    const copy = await runtime.run(component, { image: await first.snapshot() })
    await first.stop()
    expect([...copy.given.values()].map(({ resource }) => resource)).toEqual(['coin', 'coin', 'bank-note'])
    expect([await value(copy, one), await value(copy, two)]).toEqual([1, 2])
    expect((await failureOf(value(copy, note))).code).toBe('invalid')
    await copy.call(coins, dropCoin, [one])
    expect([await copy.call(coins, 'alive', []), (await failureOf(value(copy, one))).code]).toEqual([1, 'not-found'])
    expect(await value(copy, await handleOf(copy, coins, '[constructor]coin', [9]))).toBe(9)
    await copy.stop()
  })

  it('is refused when its image says of a handle that it is of another resource, or of none', async () => {
    const component = await readWat('coins')
    const first = await runtime.run(component)
    await first.call(coins, 'roll', [1])
    const image = await first.snapshot()
    await first.stop()
    for (const [from, to] of [
      ['"coin"]]', '"bank-note"]]'],
      ['"coin"]]', '"penny"]]'],
      [',"coin"]]', ',"__proto__"]]'],
      ['"given":[[1,', '"given":[[2,'],
    ] as const) {
      const forged = withDescription(image, (text) => text.replace(from, to))
      expect((await failureOf(runtime.run(component, { image: forged }))).code).toBe('invalid')
    }
    expect((await runtime.run(component, { image: withDescription(image, (text) => text) })).given.size).toBe(1)
  })
})

/** The image with its description changed (snapshot/image.ts). */
function withDescription(image: Uint8Array, change: (text: string) => string): Uint8Array {
  const prefixBytes = 8 + 4 + 64 + 4
  const body = inflateSync(image.subarray(prefixBytes))
  const length = body.readUInt32LE(0)
  const before = body.toString('utf8', 4, 4 + length)
  const text = Buffer.from(change(before))
  const next = Buffer.concat([Buffer.alloc(4), text, body.subarray(4 + length)])
  next.writeUInt32LE(text.length, 0)
  const prefix = Buffer.from(image.subarray(0, prefixBytes))
  prefix.writeUInt32LE(next.length, prefixBytes - 4)
  return new Uint8Array(Buffer.concat([prefix, deflateSync(next)]))
}

describe('Several versions of one interface', () => {
  it('are described each with its own types', async () => {
    const record = (field: string) => `(type $r (record (field "${field}" u32))) (export "reading" (type $x (eq $r)))`
    const world = worldOf(
      await parseWat(`(component
        (import "demo:far/gauge@1.0.0" (instance ${record('celsius')} (export "read" (func (result $x)))))
        (import "demo:far/gauge@2.0.0-rc.1" (instance ${record('kelvin')} (export "read" (func (result $x))))))`),
    )
    const fieldsOf = (type: WitType | undefined): readonly string[] =>
      type?.kind === 'record' ? type.fields.map(({ name }) => name) : []
    expect(world.imports.map(({ name, functions: [read] }) => [name, fieldsOf(read?.result)])).toEqual([
      ['demo:far/gauge@1.0.0', ['celsius']],
      ['demo:far/gauge@2.0.0-rc.1', ['kelvin']],
    ])
  })
})
