// Runs a small app in the real Electron: a main process of a test, without a window, that prints one line of JSON and quits.

import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'
import { ensureSetup } from '../../build/setup.mjs'

const root = path.resolve(import.meta.dirname, '../..')

/** `entry`: its source, from the root of the tree. Bundled into `folder`; gives what it printed after `reports `. */
export async function runElectronApp(
  entry: string,
  folder: string,
  env: Record<string, string>,
  limitMs: number,
): Promise<unknown> {
  await writeFile(path.join(folder, 'package.json'), '{ "name": "a-test", "main": "main.cjs" }')
  await build({
    entryPoints: [path.join(root, entry)],
    outfile: path.join(folder, 'main.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node18.15',
    external: ['electron'],
  })
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
  return JSON.parse(line) as unknown
}
