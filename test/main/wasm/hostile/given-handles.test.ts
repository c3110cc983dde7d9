import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Instance } from '../../../../main/wasm/types.js'
import { dropFunction } from '../../../../preload/wit.js'
import { failureOf, recordingHost } from '../open-test-runtime.js'
import { readWat } from '../wat.js'
import { openSiege, type Siege } from './siege.js'

const coins = 'demo:mint/coins@0.1.0'
const purse = 'demo:wallet/purse@0.1.0'
const dropCoin = dropFunction(coins, 'coin').name
const dropNote = dropFunction(coins, 'bank-note').name

let siege: Siege

beforeAll(async () => {
  siege = await openSiege()
})

afterEach(() => siege.expectUnharmed())
afterAll(() => siege.end())

const mint = async (limits = {}): Promise<Instance> => await siege.attack(await readWat('coins'), { limits })
const coin = async (of: Instance, value = 1): Promise<Uint8Array> =>
  (await of.call(coins, '[constructor]coin', [value])) as Uint8Array
const value = (of: Instance, handle: unknown) => of.call(coins, '[method]coin.value', [handle])
const drop = (of: Instance, handle: unknown) => of.call(coins, dropCoin, [handle])
const alive = (of: Instance) => of.call(coins, 'alive', [])

describe('Whoever calls a component has the handles that it was given and no others:', () => {
  it('a forged one is known to nobody, and the instance goes on', async () => {
    const instance = await mint()
    const real = await coin(instance, 5)
    const close = real.slice()
    close[15] = (close[15] ?? 0) ^ 1
    const forged = [
      new Uint8Array(16),
      new Uint8Array(16).fill(255),
      close,
      real.slice(0, 15),
      new Uint8Array(17),
      new Uint8Array(0),
    ]
    for (const handle of forged) {
      expect((await failureOf(value(instance, handle))).code).toBe('not-found')
      expect((await failureOf(drop(instance, handle))).code).toBe('not-found')
    }
    for (const handle of [1, 'coin', {}, [real], new Uint8Array(1_000_000), undefined]) {
      expect((await failureOf(value(instance, handle))).code).toBe('invalid')
    }
    expect([await value(instance, real), await alive(instance)]).toEqual([5, 1])
    await instance.stop()
  })

  it('one of another instance of the very component is none here', async () => {
    const [one, other] = [await mint(), await mint()]
    const handle = await coin(one)
    expect((await failureOf(value(other, handle))).code).toBe('not-found')
    expect((await failureOf(drop(other, handle))).code).toBe('not-found')
    expect(await value(one, handle)).toBe(1)
    await Promise.all([one.stop(), other.stop()])
  })

  it('one of another resource is refused where it does not belong, whatever it stands for inside', async () => {
    const instance = await mint()
    const note = (await instance.call(coins, 'write', [9])) as Uint8Array
    expect(await failureOf(value(instance, note))).toEqual({
      code: 'invalid',
      message: 'coin.value was not called: a bank-note was given where a coin belongs',
    })
    expect((await failureOf(drop(instance, note))).code).toBe('invalid')
    await instance.call(coins, dropNote, [note])
    expect(instance.given.size).toBe(0)
    await instance.stop()
  })

  it('one that was given back is none, neither to use nor to give back again', async () => {
    const instance = await mint()
    const handle = await coin(instance)
    await drop(instance, handle)
    expect((await failureOf(value(instance, handle))).code).toBe('not-found')
    expect((await failureOf(drop(instance, handle))).code).toBe('not-found')
    expect([await alive(instance), await instance.call(coins, 'dead', [])]).toEqual([0, 1])
    await instance.stop()
  })

  it('one cannot be given away and used in the same call', async () => {
    const instance = await mint()
    const [a, b] = [await coin(instance), await coin(instance)]
    expect((await failureOf(instance.call(coins, '[static]coin.melt', [a, a]))).code).toBe('invalid')
    expect([await value(instance, a), await value(instance, b), await alive(instance)]).toEqual([1, 1, 2])
    // Lent twice is no harm.
    expect(await instance.call(coins, 'total', [[a, a, b]])).toBe(3)
    await instance.stop()
  })

  it('ten thousand of them are made, used and given back, and nothing is left', async () => {
    const instance = await mint({ handles: 10_000 })
    const all = (await instance.call(coins, 'roll', [10_000])) as Uint8Array[]
    expect(new Set(all.map((handle) => Buffer.from(handle).toString('hex'))).size).toBe(10_000)
    expect((await failureOf(coin(instance))).code).toBe('refused')
    expect(await instance.call(coins, 'total', [all])).toBe((10_000 * 10_001) / 2)
    await Promise.all(all.map((handle) => drop(instance, handle)))
    expect([await alive(instance), await instance.call(coins, 'dead', []), instance.given.size]).toEqual([0, 10_000, 0])
    expect(await value(instance, await coin(instance))).toBe(1)
    await instance.stop()
  }, 120_000)

  it('more than may be out leave nothing behind: neither handles nor what they stood for', async () => {
    const instance = await mint({ handles: 10 })
    for (let turn = 0; turn < 20; turn += 1) {
      expect((await failureOf(instance.call(coins, 'roll', [100]))).code).toBe('refused')
    }
    expect([await alive(instance), instance.given.size]).toEqual([0, 0])
    await instance.stop()
  })

  it('a result that is too large to leave takes its handles back', async () => {
    const instance = await mint({ handles: 10_000, messageBytes: 4_096 })
    expect((await failureOf(instance.call(coins, 'roll', [5_000]))).code).toBe('too-large')
    expect([await alive(instance), instance.given.size]).toEqual([0, 0])
    await instance.stop()
  })

  it('a drop in the middle of a call waits for its end', async () => {
    const instance = await mint()
    const handle = await coin(instance, 3)
    const ended: string[] = []
    const using = instance
      .call(coins, '[method]coin.polish', [handle, 50_000_000])
      .then((got) => ended.push(`used ${String(got)}`))
    const dropping = drop(instance, handle).then(() => ended.push('dropped'))
    await Promise.all([using, dropping])
    expect(ended).toEqual(['used 3', 'dropped'])
    expect(await alive(instance)).toBe(0)
    await instance.stop()
  })

  it.each([
    ['fails', 1_000_666, 'trapped'],
    ['never ends', 1_000_667, 'timed-out'],
  ])('a destructor that %s ends the instance, in words', async (_what, of, code) => {
    const instance = await mint({ callMs: 2_000 })
    const handle = await coin(instance, of)
    expect((await failureOf(drop(instance, handle))).code).toBe(code)
    expect((await failureOf(alive(instance))).code).toBe('unavailable')
  })

  it('an instance that traps takes its handles with it', async () => {
    const instance = await mint()
    const [a, b] = [await coin(instance), await coin(instance)]
    expect((await failureOf(instance.call(coins, '[method]coin.crack', [a]))).code).toBe('trapped')
    for (const handle of [a, b]) expect((await failureOf(value(instance, handle))).code).toBe('unavailable')
  })
})

describe('A component has the handles of others that it was given and no others:', () => {
  const open = async (maker: Instance) => {
    const host = recordingHost((instance, name, args) => maker.call(instance, name, args))
    return { host, wallet: await siege.attack(await readWat('wallet'), { host }) }
  }

  it('one that it has given back ends it, and its host is not asked', async () => {
    const maker = await mint()
    const { host, wallet } = await open(maker)
    await wallet.call(purse, 'add', [1])
    const failure = await failureOf(wallet.call(purse, 'spend-and-look', []))
    expect(failure.code).toBe('trapped')
    expect(host.asked.map(({ functionName }) => functionName)).toEqual(['[constructor]coin', dropCoin])
    await maker.stop()
  })

  it('what its caller gives in place of a handle of another is refused, or known to nobody there', async () => {
    const maker = await mint()
    const { wallet } = await open(maker)
    for (const wrong of [undefined, 7, 'coin', new Uint8Array(0), new Uint8Array(5_000)]) {
      expect((await failureOf(wallet.call(purse, 'look', [wrong]))).code).toBe('invalid')
      expect((await failureOf(wallet.call(purse, 'take', [wrong]))).code).toBe('invalid')
    }
    expect(await wallet.call(purse, 'sum', [])).toBe(0)
    // Of the right form it is taken, and the first use of it tells.
    expect((await failureOf(wallet.call(purse, 'look', [new Uint8Array(16)]))).code).toBe('not-found')
    await maker.stop()
  })

  it('what the far side gives in place of a handle ends it', async () => {
    for (const lie of [undefined, 7, 'coin', new Uint8Array(0), new Uint8Array(5_000)]) {
      const host = recordingHost(() => Promise.resolve(lie))
      const wallet = await siege.attack(await readWat('wallet'), { host })
      expect(['internal', 'trapped']).toContain((await failureOf(wallet.call(purse, 'add', [1]))).code)
    }
  })
})
