// The pool of component instances under stress, in the real Electron: workers, one of them always ready, in utility processes.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { StressReport } from '../main/wasm/stress/stress.js'
import { readWat } from '../main/wasm/wat.js'
import { buildGuest } from '../main/wasm/wasi-guest.js'
import { runElectronApp } from '../support/electron-app.js'
import { wasmEntries } from '../support/wasm-entries.js'

const limitMs = 400_000

it(
  'The pool mixes nobody up, ends what misbehaves, goes on after kills and leaves no process',
  async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-stress-'))
    try {
      const [settings, hostile] = [path.join(folder, 'settings.wasm'), path.join(folder, 'hostile.wasm')]
      await writeFile(settings, await buildGuest('settings'))
      await writeFile(hostile, await readWat('hostile'))
      const env = {
        TLOS_TEST_SETTINGS: settings,
        TLOS_TEST_HOSTILE: hostile,
        TLOS_TEST_ENTRIES: JSON.stringify(await wasmEntries()),
        TLOS_TEST_DATA: folder,
      }
      // The app's own shape (stress/app.ts), or `error`.
      const report = (await runElectronApp('test/main/wasm/stress/app.ts', folder, env, limitMs)) as StressReport
      expect(report).toMatchObject({ wrong: [], killed: 3, left: 0, electron: expect.stringMatching(/^\d+\./) })
      expect(report.ended).toBeGreaterThan(0)
      expect(report.answered).toBeGreaterThanOrEqual(48)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
  limitMs + 60_000,
)
