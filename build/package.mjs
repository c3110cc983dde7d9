// `npm run package`: builds everything and makes release/tlos_<version>_<arch>.deb with electron-builder, offline. With the
// development-only runtime the package is a development build and says so: for trying the installation, not for others.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import { build } from './build.mjs'
import { runChild } from './child.mjs'
import { formatNotices } from './notices.mjs'
import { cache, isMain, out, packageFolder, root } from './paths.mjs'
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

/**
 * Packs what is built with the runtime in `runtime` (a folder with an executable `electron`) into `release`, and gives the
 * path of the package. All that electron-builder says goes to `stdio`.
 */
export async function pack({ runtime, electronVersion, release, env = process.env, stdio = ['ignore', 2, 2] }) {
  await fs.writeFile(path.join(out, 'THIRD-PARTY.txt'), await formatNotices())
  const builder = path.join(packageFolder('electron-builder'), 'cli.js')
  const args = ['--linux', 'deb', '--config', 'build/package.yml', '--publish', 'never']
  const overrides = [
    `-c.electronVersion=${electronVersion}`,
    `-c.electronDist=${runtime}`,
    `-c.directories.output=${release}`,
  ]
  const code = await runChild(process.execPath, [builder, ...args, ...overrides], {
    cwd: root,
    stdio,
    env: { ...env, CUSTOM_FPM_PATH: path.join(root, 'build', 'fpm.mjs'), ELECTRON_OVERRIDE_DIST_PATH: undefined },
  })
  if (code !== 0) throw new Stop(`electron-builder ended with ${code}`)
  // What an older version left there is not what was made.
  const { version } = JSON.parse(await fs.readFile(path.join(root, 'package.json'), 'utf8'))
  const made = (await fs.readdir(release)).find((name) => name.startsWith(`tlos_${version}_`) && name.endsWith('.deb'))
  if (made === undefined) throw new Stop(`electron-builder left no .deb in ${release}`)
  return path.join(release, made)
}

async function makePackage() {
  assertTools()
  const { electron, env } = await ensureSetup({ needs: ['electron'] })
  if (!/^\d+\.\d+\.\d+/.test(electron.version))
    throw new Stop(`the version of ${electron.file} is not known, so it cannot be packed`)
  await build()
  const runtime = await runtimeFolder(electron)
  try {
    const release = path.join(root, 'release')
    const file = path.relative(root, await pack({ runtime, electronVersion: electron.version, release, env }))
    process.stdout.write(`${file}\n`)
    if (electron.source === 'carried')
      say('this is a DEVELOPMENT BUILD on a runtime that is not for shipping: do not give it to others')
    say(`install it with: sudo apt-get install ./${file}`)
  } finally {
    await fs.rm(runtime, { recursive: true, force: true })
  }
}

if (isMain(import.meta.url)) await main('package', makePackage)
