// Main process of an app that only runs guests, in the real Electron: the runtime with utility processes. Environment:
// TLOS_TEST_GUESTS (JSON: name to path), TLOS_TEST_ENTRIES (JSON), TLOS_TEST_DATA. Prints one line of JSON and quits.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'
import { spawnUtilityPool } from '../../../../main/desktop/electron-pool.js'
import { openRuntime } from '../../../../main/wasm/runtime.js'
import { exerciseFamily } from './exercise.js'

const { TLOS_TEST_GUESTS: guests = '{}', TLOS_TEST_ENTRIES: entries = '{}', TLOS_TEST_DATA: data = '' } = process.env
app.setPath('userData', join(data, 'user'))

async function main(): Promise<void> {
  await app.whenReady()
  const runtime = await openRuntime({
    cacheDir: join(data, 'cache'),
    // Written by the test that starts this.
    entries: JSON.parse(entries) as { pool: string; worker: string; transpile: string },
    spawnPool: spawnUtilityPool,
  })
  const reports: Record<string, unknown> = { electron: process.versions['electron'] }
  for (const [name, path] of Object.entries(JSON.parse(guests) as Record<string, string>)) {
    reports[name] = await exerciseFamily(runtime, new Uint8Array(readFileSync(path))).catch(String)
  }
  await runtime.close()
  process.stdout.write(`\nreports ${JSON.stringify(reports)}\n`)
  app.quit()
}

main().catch((error: unknown) => {
  process.stdout.write(`\nreports ${JSON.stringify({ error: String(error) })}\n`)
  app.exit(1)
})
