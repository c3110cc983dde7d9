// `npm run package`: builds everything and makes release/tlos_<version>_<arch>.deb with electron-builder, offline. With the
// development-only runtime the package is a development build and says so: for trying the installation, not for others.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import { build } from './build.mjs'
import { runChild } from './child.mjs'
import { cache, isMain, packageFolder, root } from './paths.mjs'
import { main, say as sayAs, Stop } from './say.mjs'
import { ensureSetup } from './setup.mjs'

const say = (text) => sayAs('package', text)

function assertTools() {
  if (process.platform !== 'linux') throw new Stop('only the .deb can be made here, and only on Linux')
  const missing = ['dpkg-deb', 'du', 'cp', 'chmod'].filter(
    (tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0,
  )
  if (missing.length > 0) throw new Stop(`missing: ${missing.join(', ')}. Type: sudo apt-get install -y dpkg coreutils`)
}

/** A folder as electron-builder wants it: the plain runtime, without an app or a loader of ours in it. */
async function runtimeFolder(electron) {
  const folder = path.join(cache, 'package-runtime')
  await fs.rm(folder, { recursive: true, force: true })
  await fs.cp(path.dirname(electron.file), folder, { recursive: true, mode: fs.constants.COPYFILE_FICLONE })
  await fs.rm(path.join(folder, 'resources'), { recursive: true, force: true })
  await fs.mkdir(path.join(folder, 'resources'))
  return folder
}

async function makePackage() {
  assertTools()
  const { electron, env } = await ensureSetup({ needs: ['electron'] })
  if (!/^\d+\.\d+\.\d+/.test(electron.version))
    throw new Stop(`the version of ${electron.file} is not known, so it cannot be packed`)
  await build()
  const dist = await runtimeFolder(electron)
  try {
    const builder = path.join(packageFolder('electron-builder'), 'cli.js')
    const args = ['--linux', 'deb', '--config', 'build/package.yml', '--publish', 'never']
    const overrides = [`-c.electronVersion=${electron.version}`, `-c.electronDist=${dist}`]
    const shim = path.join(root, 'build', 'fpm.mjs')
    const code = await runChild(process.execPath, [builder, ...args, ...overrides], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      env: { ...env, CUSTOM_FPM_PATH: shim, ELECTRON_OVERRIDE_DIST_PATH: undefined },
    })
    if (code !== 0) throw new Stop(`electron-builder ended with ${code}`)
  } finally {
    await fs.rm(dist, { recursive: true, force: true })
  }
  const made = (await fs.readdir(path.join(root, 'release'))).filter((name) => name.endsWith('.deb'))
  if (made.length === 0) throw new Stop('electron-builder left no .deb in release/')
  for (const name of made) process.stdout.write(`release/${name}\n`)
  if (electron.source === 'carried')
    say('this is a DEVELOPMENT BUILD on a runtime that is not for shipping: do not give it to others')
  say(`install it with: sudo apt-get install ./release/${made[0]}`)
}

if (isMain(import.meta.url)) await main('package', makePackage)
