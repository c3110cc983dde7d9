// A real OCI registry for the tests: Debian's `docker-registry`, unpacked beside the other things that setup keeps. Not
// installed, since the package would start a service; not required, since only tests use it: those say why they are skipped.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import { cache } from '../paths.mjs'
import { findProgram } from './programs.mjs'

const name = 'docker-registry'
const limitMs = 120_000

function run(command, args, cwd) {
  const ran = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: limitMs,
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
  })
  return ran.status === 0 ? undefined : (ran.stderr ?? '').trim().split('\n').at(-1) || `${command} failed`
}

/** `{ file }`, or `{ why }` when this machine has none and gets none. */
export async function findRegistry(say) {
  const kept = path.join(cache, name)
  const found = await findProgram(name, [path.join(kept, 'usr', 'bin')])
  if (found !== undefined) return { file: found }
  if (process.platform !== 'linux') return { why: `${name} is not here` }
  // Two at once do not see each other's half.
  const draft = `${kept}-${process.pid}`
  try {
    await fs.mkdir(draft, { recursive: true })
    const download = () => run('apt-get', ['download', '-q', name], draft)
    // Lists that are missing or older than the archive: only root may renew them.
    let why = download()
    if (why !== undefined && process.getuid?.() === 0) why = run('apt-get', ['update', '-q'], draft) ?? download()
    if (why !== undefined) return { why: `${name} is not here and could not be downloaded: ${why}` }
    const archive = (await fs.readdir(draft)).find((file) => file.endsWith('.deb'))
    const failed = archive === undefined ? 'no package came' : run('dpkg-deb', ['-x', archive, 'unpacked'], draft)
    if (failed !== undefined) return { why: `${name} could not be unpacked: ${failed}` }
    await fs.rm(kept, { recursive: true, force: true })
    await fs.rename(path.join(draft, 'unpacked'), kept).catch(() => undefined) // Another one was faster.
    say(`${name} for the tests: ${kept}`)
  } finally {
    await fs.rm(draft, { recursive: true, force: true })
  }
  const file = await findProgram(name, [path.join(kept, 'usr', 'bin')])
  return file === undefined ? { why: `${name} was unpacked without its program` } : { file }
}
