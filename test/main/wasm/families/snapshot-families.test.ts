// A component of each family is copied in the middle of its life and goes on elsewhere: in another process, in Electron's Node,
// and back again, as if nothing had happened. A fresh instance in its place is noticed.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureSetup } from '../../../../build/setup.mjs'
import { openRuntime } from '../../../../main/wasm/runtime.js'
import type { Instance, Runtime } from '../../../../main/wasm/types.js'
import { poolOfElectron } from '../../../support/electron-as-node.js'
import { wasmEntries } from '../../../support/wasm-entries.js'
import { openTestRuntime, recordingHost, type TestRuntime } from '../open-test-runtime.js'
import { createRandom } from '../random.js'
import { familyOperation, repeat, runAll } from '../snapshot-operations.js'
import { families } from './guests.js'

const electron = (await ensureSetup({ needs: ['electron'] }).catch(() => undefined))?.electron?.file
const limits = { callMs: 60_000, startMs: 60_000 }

describe('A copy of a component made of', { timeout: 300_000 }, () => {
  let node: TestRuntime
  let other: Runtime | undefined

  beforeAll(async () => {
    node = await openTestRuntime({ withPrepared: false })
    if (electron !== undefined) {
      const spawnPool = poolOfElectron(electron)
      other = await openRuntime({ cacheDir: node.cacheDir, entries: await wasmEntries(), spawnPool })
    }
  }, 60_000)

  afterAll(async () => {
    await other?.close()
    await node.dispose()
  })

  const startIn = async (runtime: Runtime, bytes: Uint8Array, image?: Uint8Array): Promise<Instance> => {
    const { digest } = await runtime.prepare(bytes)
    return await runtime.start(digest, { componentId: 'guest', host: recordingHost(), limits, image })
  }

  it.for(Object.entries(families).map(([name, make], index) => [name, 31 + index, make] as const))(
    '%s goes on in other processes, five moves long, and its original says the same (seed %i)',
    async ([, seed, makeBytes], context) => {
      if (electron === undefined || other === undefined) return context.skip('there is no Electron')
      const bytes = await makeBytes()
      const random = createRandom(seed)
      const make = () => familyOperation(random)
      let before = await startIn(node, bytes)
      await runAll(before, repeat(40, make))
      for (const runtime of [other, node, node, other, node]) {
        const after = await startIn(runtime, bytes, await before.snapshot())
        const further = repeat(25, make)
        const replies = await runAll(after, further)
        expect(replies).toEqual(await runAll(before, further))
        await before.stop()
        before = after
      }
      const fresh = await startIn(node, bytes)
      const last = [...repeat(20, make), (instance: Instance) => instance.call('demo:families/ops@0.1.0', 'next', [])]
      expect(await runAll(fresh, last)).not.toEqual(await runAll(before, last))
      await Promise.all([fresh.stop(), before.stop()])
    },
  )
})
