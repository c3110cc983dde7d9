// Finds or gets what tLOS needs of the machine: the Electron runtime, its shared libraries, nats-server, and Xvfb where
// there is no display. start, test and bench call it; `npm run setup` does it alone, `-- --json` prints what was found,
// `-- --fresh` forgets what was remembered. Not run by npm itself, so `npm ci --ignore-scripts` is enough.
// What was found is remembered with sizes and times of the files; a later run only looks whether these still hold.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { cache, isMain, packageFolder } from './paths.mjs'
import { install, packagesFor } from './setup/debian.mjs'
import { hasDisplay, startDisplay } from './setup/display.mjs'
import { carriedWarning, findElectron } from './setup/electron.mjs'
import { withLock } from './setup/lock.mjs'
import { findNatsServer, findProgram, sharedLibraries } from './setup/programs.mjs'
import { main, say as sayAs, Stop } from './say.mjs'

const say = (text) => sayAs('setup', text)
const memory = () => path.join(cache, `setup-${circumstances()}.json`)
const lock = path.join(cache, 'setup.lock')

/** What the answer depends on besides the files that were found. */
function circumstances() {
  const names = ['ELECTRON_EXEC_PATH', 'ELECTRON_OVERRIDE_DIST_PATH', 'TLOS_NATS_SERVER', 'TLOS_RUNTIME_CACHE']
  const hash = createHash('sha256')
  for (const name of names) hash.update(`${name}=${process.env[name] ?? ''}\0`)
  hash.update(readFileSync(path.join(packageFolder('electron'), 'package.json')))
  return hash.digest('hex').slice(0, 12)
}

async function stampOf(file) {
  const stat = await fs.stat(file).catch(() => undefined)
  return stat === undefined ? undefined : `${stat.size}:${Math.floor(stat.mtimeMs)}`
}

async function stampsOf(files) {
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await stampOf(file)])))
}

/** The parts that were found before and whose files are as they were. */
async function recall() {
  const text = await fs.readFile(memory(), 'utf8').catch(() => undefined)
  if (text === undefined) return {}
  try {
    const parts = await Promise.all(
      Object.entries(JSON.parse(text)).map(async ([name, part]) => {
        const now = await stampsOf(Object.keys(part.stamps))
        return Object.entries(part.stamps).every(([file, stamp]) => now[file] === stamp) ? [[name, part]] : []
      }),
    )
    return Object.fromEntries(parts.flat())
  } catch {
    return {} // A file that is not ours, or half a file of an older version: found anew.
  }
}

async function remember(parts) {
  const draft = `${memory()}.${process.pid}`
  await fs.mkdir(cache, { recursive: true })
  await fs.writeFile(draft, JSON.stringify(parts, undefined, 2))
  await fs.rename(draft, memory())
}

/** One finder per part. Each answers `{ value, files }`, or says what is missing in `missing`. */
const finders = {
  async electron(missing) {
    const electron = await findElectron(say)
    const libraries = sharedLibraries(electron.file)
    if (libraries.missing.length > 0) {
      const { packages, unknown } = packagesFor(libraries.missing)
      if (unknown.length > 0) {
        throw new Stop(
          `Electron needs shared libraries that are not here and whose packages we do not know: ${unknown.join(', ')}`,
        )
      }
      missing.packages.push(...packages)
      missing.why.push(...libraries.missing)
      return undefined
    }
    return { value: electron, files: [electron.file, ...libraries.paths] }
  },
  async 'nats-server'(missing) {
    const server = await findNatsServer()
    if (server !== undefined) return { value: server, files: [server.file] }
    if (process.platform !== 'linux') {
      throw new Stop(
        'missing: nats-server. Install it (macOS: `brew install nats-server`) or name one with TLOS_NATS_SERVER',
      )
    }
    missing.packages.push(['nats-server'])
    missing.why.push('nats-server')
    return undefined
  },
  async xvfb(missing) {
    const file = await findProgram('Xvfb', ['/usr/bin'])
    if (file !== undefined) return { value: { file }, files: [file] }
    missing.packages.push(['xvfb'], ['xauth'])
    missing.why.push('Xvfb (there is no display)')
    return undefined
  },
}

const lines = {
  electron: (found) =>
    `Electron ${found.version} (${found.source === 'carried' ? 'development only' : found.source}): ${found.file}`,
  'nats-server': (found) => `nats-server ${found.version}: ${found.file}`,
  xvfb: (found) => `no display here; a virtual one is used: ${found.file}`,
}

async function findAll(names, known) {
  const parts = { ...known }
  // Twice at most: what is missing is installed once, for all parts together, and then looked for again.
  for (const last of [false, true]) {
    const missing = { packages: [], why: [] }
    for (const name of names) {
      if (parts[name] !== undefined) continue
      const found = await finders[name](missing)
      if (found !== undefined) parts[name] = { value: found.value, stamps: await stampsOf(found.files) }
    }
    await remember(parts)
    if (missing.why.length === 0) return parts
    if (last) throw new Stop(`still missing after installing: ${missing.why.join(', ')}`)
    install(say, missing.packages, missing.why)
  }
  return parts
}

async function find(needs, { fresh = false } = {}) {
  const names = needs.flatMap((need) => (need === 'display' ? (hasDisplay() ? [] : ['xvfb']) : [need]))
  const known = fresh ? {} : await recall()
  if (names.every((name) => known[name] !== undefined)) return { parts: known, names, warm: true }
  const onWait = () => say('waiting for another setup of this clone to finish')
  const parts = await withLock(lock, async () => findAll(names, fresh ? {} : await recall()), { onWait })
  return { parts, names, warm: false }
}

/**
 * Makes sure of these needs (`electron`, `display`, `nats-server`) and says where they are. `env` holds the variables to
 * start a program with. `display` is undefined when the machine has one; otherwise a virtual display was started for this
 * process, to be ended with `stop` (it also ends with the process).
 */
export async function ensureSetup({
  needs = ['electron', 'display', 'nats-server'],
  fresh = false,
  startVirtual = true,
} = {}) {
  const { parts, names, warm } = await find(needs, { fresh })
  const part = (name) => (names.includes(name) ? parts[name].value : undefined)
  const electron = part('electron')
  const natsServer = part('nats-server')
  const xvfb = part('xvfb')
  if (!warm) for (const name of names) say(lines[name](parts[name].value))
  if (electron?.source === 'carried') say(carriedWarning)
  const env = { ...process.env }
  if (electron !== undefined) {
    env.ELECTRON_EXEC_PATH = electron.file
    env.ELECTRON_OVERRIDE_DIST_PATH = path.dirname(electron.file)
  }
  if (natsServer !== undefined) env.TLOS_NATS_SERVER = natsServer.file
  const display = xvfb !== undefined && startVirtual ? await startDisplay(xvfb.file) : undefined
  Object.assign(env, display?.env)
  return {
    electron,
    natsServer,
    xvfb,
    display: display === undefined ? undefined : { DISPLAY: display.env.DISPLAY, stop: display.stop },
    env,
  }
}

if (isMain(import.meta.url)) {
  await main('setup', async () => {
    const began = performance.now()
    const args = process.argv.slice(2)
    const unknown = args.filter((arg) => arg !== '--json' && arg !== '--fresh')
    if (unknown.length > 0) throw new Stop(`what is ${unknown.join(' ')}? It takes --json and --fresh`, 64)
    const found = await ensureSetup({ fresh: args.includes('--fresh'), startVirtual: false })
    const { electron, natsServer, xvfb } = found
    if (args.includes('--json')) {
      const display = xvfb === undefined ? 'present' : 'virtual'
      process.stdout.write(`${JSON.stringify({ electron, natsServer, display, xvfb: xvfb?.file }, undefined, 2)}\n`)
    }
    say(`ready, all is here (${Math.round(performance.now() - began)} ms)`)
  })
}
