// Between engines of other versions, and of the other JavaScript engine inside the guest: Node here and Electron's Node
// there, in processes of their own.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureSetup } from '../../../build/setup.mjs'
import { openRuntime } from '../../../main/wasm/runtime.js'
import type { Instance, Runtime } from '../../../main/wasm/types.js'
import { poolOfElectron } from '../../support/electron-as-node.js'
import { snapshotComponent } from '../../support/snapshot-components.js'
import { wasmEntries } from '../../support/wasm-entries.js'
import { openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { createRandom } from './random.js'
import { plainOperation, repeat, runAll, scriptOperation } from './snapshot-operations.js'
import { readWat } from './wat.js'

const electron = (await ensureSetup({ needs: ['electron'] }).catch(() => undefined))?.electron?.file

describe('A copy between engines', { timeout: 300_000 }, () => {
  let node: TestRuntime
  let other: Runtime | undefined

  beforeAll(async () => {
    node = await openTestRuntime({ withPrepared: false })
    if (electron !== undefined) {
      other = await openRuntime({
        cacheDir: node.cacheDir,
        entries: await wasmEntries(),
        spawnPool: poolOfElectron(electron),
      })
    }
  }, 60_000)

  afterAll(async () => {
    await other?.close()
    await node.dispose()
  })

  const startOther = async (bytes: Uint8Array, image?: Uint8Array): Promise<Instance> => {
    if (other === undefined) throw new Error('there is no Electron')
    const { digest } = await other.prepare(bytes)
    return await other.start(digest, { componentId: 'test', host: recordingHost(), image })
  }

  it.for([
    ['plain', 11],
    ['script', 12],
  ] as const)("of %s goes from Node into Electron's and back (seed %i)", async ([name, seed], context) => {
    if (electron === undefined) return context.skip('there is no Electron')
    const random = createRandom(seed)
    const make = () => (name === 'plain' ? plainOperation(random) : scriptOperation(random))
    const bytes = name === 'plain' ? await readWat('snapshot-plain') : await snapshotComponent('script')
    if (bytes === undefined) throw new Error('not built')
    const first = await node.run(bytes)
    await runAll(first, repeat(80, make))
    const second = await startOther(bytes, await first.snapshot())
    const further = repeat(60, make)
    expect(await runAll(second, further)).toEqual(await runAll(first, further))
    const third = await node.run(bytes, { image: await second.snapshot() })
    const last = repeat(60, make)
    expect(await runAll(third, last)).toEqual(await runAll(first, last))
    await Promise.all([first.stop(), second.stop(), third.stop()])
  })

  it('of a StarlingMonkey component goes on as it was (seed 13)', async (context) => {
    const bytes = await snapshotComponent('script', 'starlingmonkey')
    if (bytes === undefined) return context.skip('componentize-js is not installed')
    const random = createRandom(13)
    const run = (image?: Uint8Array): Promise<Instance> =>
      node.run(bytes, { limits: { callMs: 60_000, startMs: 60_000 }, image })
    const first = await run()
    await runAll(
      first,
      repeat(60, () => scriptOperation(random)),
    )
    const second = await run(await first.snapshot())
    const further = repeat(60, () => scriptOperation(random))
    expect(await runAll(second, further)).toEqual(await runAll(first, further))
    const third = await run(await second.snapshot({ isWhole: true }))
    const last = repeat(30, () => scriptOperation(random))
    expect(await runAll(third, last)).toEqual(await runAll(first, last))
    await Promise.all([first.stop(), second.stop(), third.stop()])
  })
})
