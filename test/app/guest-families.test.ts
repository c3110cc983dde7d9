// Unmodified components of every family of tools, in the real Electron: its main process has the runtime, and instances are
// workers of a utility process.

import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureSetup } from '../../build/setup.mjs'
import { expectedReport, type FamilyReport } from '../main/wasm/families/exercise.js'
import { families } from '../main/wasm/families/guests.js'
import { wasmEntries } from '../support/wasm-entries.js'

const root = path.resolve(import.meta.dirname, '../..')
const limitMs = 200_000

let folder: string
let reports: Record<string, FamilyReport | string>

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-families-'))
  await writeFile(path.join(folder, 'package.json'), '{ "name": "families", "main": "main.cjs" }')
  await build({
    entryPoints: [path.join(root, 'test/main/wasm/families/app.ts')],
    outfile: path.join(folder, 'main.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node18.15',
    external: ['electron'],
  })
  const guests: Record<string, string> = {}
  for (const [index, [name, make]] of Object.entries(families).entries()) {
    guests[name] = path.join(folder, `${index}.wasm`)
    await writeFile(guests[name], await make())
  }
  reports = await runApp({
    TLOS_TEST_GUESTS: JSON.stringify(guests),
    TLOS_TEST_ENTRIES: JSON.stringify(await wasmEntries()),
    TLOS_TEST_DATA: folder,
  })
}, limitMs + 60_000)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function runApp(env: Record<string, string>): Promise<Record<string, FamilyReport | string>> {
  const setup = await ensureSetup()
  if (setup.electron === undefined) throw new Error('setup found no Electron')
  const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const child = spawn(setup.electron.file, [...flags, folder], { env: { ...process.env, ...setup.env, ...env } })
  let said = ''
  const hear = (chunk: Buffer): void => {
    said += chunk.toString('utf8')
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs)
  try {
    await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', resolve)
    })
  } finally {
    clearTimeout(timer)
    await setup.display?.stop()
  }
  const line = /^reports (.*)$/m.exec(said)?.[1]
  if (line === undefined) throw new Error(`the app told nothing:\n${said.slice(-4_000)}`)
  return JSON.parse(line) as Record<string, FamilyReport | string>
}

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
