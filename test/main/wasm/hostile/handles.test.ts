import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { recordingHost } from '../open-test-runtime.js'
import { readWat } from '../wat.js'
import { openSiege, type Siege } from './siege.js'

let siege: Siege

beforeAll(async () => {
  siege = await openSiege()
})

afterEach(() => siege.expectUnharmed())
afterAll(() => siege.end())

const answering = () => recordingHost(() => Promise.resolve({ tag: 'ok', val: true }))

describe('A component has the resources that it was given and no others:', () => {
  it('one that it was given can be used', async () => {
    const host = answering()
    const instance = await siege.attack(await readWat('bad-handles'), { host })
    await instance.call('', 'well', [])
    expect(host.asked).toEqual([
      { instance: 'wrpc:keyvalue/store@0.2.0-draft', functionName: 'exists', args: ['', ''] },
    ])
    await instance.stop()
  })

  it.each([
    ['used after it was given back', 'after-drop', []],
    ['given back twice', 'drop-twice', []],
    ['never given: handle 0', 'use-forged', [0]],
    ['never given: handle 1', 'use-forged', [1]],
    ['never given: handle 77', 'use-forged', [77]],
    ['never given: the highest', 'use-forged', [0xffff_ffff]],
  ])('one %s ends it, and its host is not asked', async (_what, name, args) => {
    const host = answering()
    const instance = await siege.attack(await readWat('bad-handles'), { host })
    const failure = await siege.lastCall(instance, name, args)
    expect(failure.code).toBe('trapped')
    expect(host.asked).toEqual([])
  })

  it.each([0, 1, 2, 77, 0x3fff_ffff, 0xffff_ffff])(
    'giving back what it never had reaches nobody: handle %i',
    async (handle) => {
      const host = answering()
      const instance = await siege.attack(await readWat('bad-handles'), { host })
      const code = await instance.call('', 'drop-forged', [handle]).then(
        () => 'nothing happened',
        (error: unknown) => (error as { code: unknown }).code,
      )
      expect(['trapped', 'nothing happened']).toContain(code)
      expect(host.asked).toEqual([])
      await instance.stop()
    },
  )

  it('asking for more and more of them ends at the deadline of the call', async () => {
    const instance = await siege.attack(await readWat('bad-handles'), { host: answering() })
    const failure = await siege.lastCall(instance, 'hoard', [], 1_500)
    expect(['trapped', 'timed-out']).toContain(failure.code)
  })
})
