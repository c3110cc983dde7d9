// Finds what Electron and the shell need of the system: shared libraries, nats-server, a virtual display.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import { Stop } from '../say.mjs'

const isExecutable = (file) =>
  fs.access(file, fs.constants.X_OK).then(
    () => fs.stat(file).then((stat) => stat.isFile()),
    () => false,
  )

/** The first of these programs in PATH or one of the further folders. */
export async function findProgram(name, folders = []) {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  for (const folder of [...(process.env.PATH ?? '').split(path.delimiter), ...folders]) {
    const file = path.join(folder, name + suffix)
    if (folder !== '' && (await isExecutable(file))) return file
  }
  return undefined
}

/** `{ file, version }`, or undefined when there is none. */
export async function findNatsServer() {
  const named = process.env.TLOS_NATS_SERVER
  if (named && !(await isExecutable(named))) {
    throw new Stop(`TLOS_NATS_SERVER leads to ${named}, which is not a program`)
  }
  const file =
    named || (await findProgram('nats-server', ['/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/opt/homebrew/bin']))
  if (file === undefined) return undefined
  const run = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 10_000 })
  const version = /v?(\d+\.\d+\.\d+)/.exec(run.stdout ?? '')?.[1]
  if (run.status !== 0 || version === undefined)
    throw new Stop(`${file} does not answer --version as a nats-server does`)
  return { file, version }
}

/** `{ paths, missing }`: the shared libraries that the loader finds for this executable, and those it does not. */
export function sharedLibraries(executable) {
  if (process.platform !== 'linux') return { paths: [], missing: [] }
  const run = spawnSync('ldd', [executable], {
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, LC_ALL: 'C' },
  })
  if (run.status !== 0)
    throw new Stop(`${executable} cannot run on this machine: ${(run.stderr || run.stdout || '').trim()}`)
  const missing = [...run.stdout.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1])
  const paths = [...run.stdout.matchAll(/ => (\/\S+) \(/g)].map((match) => match[1])
  return { paths, missing: [...new Set(missing)] }
}
