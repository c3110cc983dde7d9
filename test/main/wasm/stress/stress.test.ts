import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { forkPool } from '../../../../main/wasm/pool-process.js'
import { openRuntime } from '../../../../main/wasm/runtime.js'
import { wasmEntries } from '../../../support/wasm-entries.js'
import { readWat } from '../wat.js'
import { buildGuest } from '../wasi-guest.js'
import { createKiller } from './killer.js'
import { stressPool } from './stress.js'

it.each([1])(
  'A pool under stress mixes nobody up and goes on after kills (seed %i)',
  async (seed) => {
    const cacheDir = mkdtempSync(join(tmpdir(), 'tlos-stress-'))
    const killer = createKiller(forkPool)
    const runtime = await openRuntime({ cacheDir, entries: await wasmEntries(), spawnPool: killer.spawn })
    try {
      const [settings, hostile] = [await buildGuest('settings'), await readWat('hostile')]
      const report = await stressPool({ runtime, settings, hostile, killOne: killer.killOne, seed })
      expect(report.wrong).toEqual([])
      expect(report.killed).toBe(3)
      expect(report.ended).toBeGreaterThan(0)
      expect(report.answered).toBeGreaterThanOrEqual(48)
    } finally {
      await runtime.close()
      rmSync(cacheDir, { recursive: true, force: true })
    }
    await expect.poll(() => killer.running, { timeout: 20_000 }).toBe(0)
  },
  400_000,
)
