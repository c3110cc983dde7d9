// Starting and stopping leaves nothing behind, neither here nor in the pool process: counted, not timed.

import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { failureOf, openTestRuntime } from './open-test-runtime.js'
import { readWat } from './wat.js'

const rounds = 30
const atOnce = 4

const hasProc = process.platform === 'linux'

it.skipIf(!hasProc)(
  'Instances that come and go leave no thread, no open file and no handle, however they ended',
  { timeout: 300_000 },
  async () => {
    const runtime = await openTestRuntime({ withPrepared: false, spread: 1 })
    try {
      const bytes = await readWat('hostile')
      const comeAndGo = async (): Promise<void> => {
        await Promise.all(
          Array.from({ length: atOnce }, async (_, index) => {
            const instance = await runtime.run(bytes, { limits: { startMs: 60_000 } })
            const gone = new Promise((resolve) => instance.onGone(resolve))
            expect(await instance.call('', 'count', [])).toBe(1)
            if (index === 0) await failureOf(instance.call('', 'trap', []))
            else if (index === 1) await (await runtime.run(bytes, { image: await instance.snapshot() })).stop()
            await instance.stop()
            await gone
          }),
        )
      }
      const count = (): { threads: number; files: number; handles: number } => {
        const [process_] = runtime.processes()
        const inProc = (what: string): number => readdirSync(`/proc/${process_?.pid ?? 0}/${what}`).length
        return { threads: inProc('task'), files: inProc('fd'), handles: process.getActiveResourcesInfo().length }
      }
      const settled = async (): Promise<ReturnType<typeof count>> => {
        expect(runtime.processes().length).toBe(1)
        let last = count()
        // Threads end, and the spare one begins, a little after their instances.
        await expect
          .poll(
            () => {
              const before = last
              last = count()
              return before.threads === last.threads && before.files === last.files
            },
            { timeout: 30_000, interval: 1_000 },
          )
          .toBe(true)
        return last
      }
      for (let round = 0; round < 3; round += 1) await comeAndGo()
      const before = await settled()
      for (let round = 0; round < rounds; round += 1) await comeAndGo()
      const few = (now: number, then: number): boolean => now <= then + 3
      await expect
        .poll(
          () => {
            const after = count()
            return (
              few(after.threads, before.threads) && few(after.files, before.files) && few(after.handles, before.handles)
            )
          },
          { timeout: 60_000 },
        )
        .toBe(true)
      expect(runtime.processes()[0]?.instances).toBe(0)
    } finally {
      await runtime.dispose()
    }
  },
)
