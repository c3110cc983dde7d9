// Main process of an app that only puts the pool under stress, in the real Electron: instances are workers of utility
// processes. Environment: TLOS_TEST_SETTINGS and TLOS_TEST_HOSTILE (paths), TLOS_TEST_ENTRIES (JSON), TLOS_TEST_DATA. Prints
// one line of JSON and quits.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'
import { spawnUtilityPool } from '../../../../main/desktop/electron-pool.js'
import { openRuntime } from '../../../../main/wasm/runtime.js'
import { createKiller } from './killer.js'
import { stressPool } from './stress.js'

const { TLOS_TEST_SETTINGS = '', TLOS_TEST_HOSTILE = '', TLOS_TEST_ENTRIES = '{}', TLOS_TEST_DATA = '' } = process.env
app.setPath('userData', join(TLOS_TEST_DATA, 'user'))
const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(path))

async function main(): Promise<void> {
  await app.whenReady()
  const killer = createKiller(spawnUtilityPool)
  const runtime = await openRuntime({
    cacheDir: join(TLOS_TEST_DATA, 'cache'),
    // Written by the test that starts this.
    entries: JSON.parse(TLOS_TEST_ENTRIES) as { pool: string; worker: string; transpile: string },
    spawnPool: killer.spawn,
  })
  const report = await stressPool({
    runtime,
    settings: bytesOf(TLOS_TEST_SETTINGS),
    hostile: bytesOf(TLOS_TEST_HOSTILE),
    killOne: killer.killOne,
    seed: 2,
  })
  await runtime.close()
  for (let tries = 400; killer.running > 0 && tries > 0; tries -= 1) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const left = killer.running
  process.stdout.write(`\nreports ${JSON.stringify({ electron: process.versions['electron'], left, ...report })}\n`)
  app.quit()
}

main().catch((error: unknown) => {
  process.stdout.write(`\nreports ${JSON.stringify({ error: String(error) })}\n`)
  app.exit(1)
})
