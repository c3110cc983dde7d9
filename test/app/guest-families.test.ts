// Unmodified components of every family of tools, in the real Electron: its main process has the runtime, and instances are
// workers of a utility process.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectedReport, type FamilyReport } from '../main/wasm/families/exercise.js'
import { families } from '../main/wasm/families/guests.js'
import { runElectronApp } from '../support/electron-app.js'
import { wasmEntries } from '../support/wasm-entries.js'

const limitMs = 200_000

let folder: string
let reports: Record<string, FamilyReport | string>

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-families-'))
  const guests: Record<string, string> = {}
  for (const [index, [name, make]] of Object.entries(families).entries()) {
    guests[name] = path.join(folder, `${index}.wasm`)
    await writeFile(guests[name], await make())
  }
  const env = {
    TLOS_TEST_GUESTS: JSON.stringify(guests),
    TLOS_TEST_ENTRIES: JSON.stringify(await wasmEntries()),
    TLOS_TEST_DATA: folder,
  }
  // The app's own shape (families/app.ts).
  reports = (await runElectronApp('test/main/wasm/families/app.ts', folder, env, limitMs)) as typeof reports
}, limitMs + 60_000)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('An unmodified component runs, is called and answers inside Electron: one made of', () => {
  it('anything, since this is Electron', () => {
    expect(reports['electron']).toMatch(/^\d+\./)
  })

  it.each(Object.keys(families))('%s', (name) => {
    const report = reports[name]
    if (typeof report !== 'object') throw new Error(report ?? 'it was not tried')
    const { log: _log, ...answers } = report
    expect(answers).toEqual(expectedReport)
  })
})
