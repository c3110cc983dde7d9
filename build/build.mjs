// Builds everything that runs: the components with their prepared form (out/components, made by components.mjs), and the
// bundles of main, preload and renderer (out/main, out/preload, out/renderer).
// `npm run build` builds all; start, node, test and bench build what is older than its sources.

import path from 'node:path'
import { spawn } from 'node:child_process'
import { cache, isMain, packageFolder, root } from './paths.mjs'
import { main, say as sayAs, Stop } from './say.mjs'
import { withLock } from './setup/lock.mjs'
import { dropStamp, isStale, putStamp, takeStamp } from './stale.mjs'

const say = (text) => sayAs('build', text)

/** Runs a node script with its stdout on our stderr; what it says is shown when it fails, or always with `loud`. */
function runScript(args, what, loud) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
    let said = ''
    const take = (chunk) => {
      if (loud) process.stderr.write(chunk)
      else said += chunk
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Stop(`${said}\n${what} could not be built (exit code ${code})`.trim()))
    })
  })
}

const builders = {
  async components(loud) {
    await runScript([path.join(root, 'build', 'components.mjs')], 'The components', loud)
  },
  async app(loud) {
    const vite = path.join(packageFolder('electron-vite'), 'bin', 'electron-vite.js')
    await runScript([vite, 'build', '--logLevel', loud ? 'info' : 'warn'], 'The shell', loud)
  },
}

async function buildPart(name, { force, loud }) {
  if (!force && !(await isStale(name))) return false
  const began = performance.now()
  const stamp = await takeStamp(name)
  await dropStamp(name)
  await builders[name](loud)
  await putStamp(name, stamp)
  say(`${name === 'app' ? 'shell' : name} built in ${((performance.now() - began) / 1000).toFixed(1)} s`)
  return true
}

/** Builds what is older than its sources (everything with `force`). Resolves to true if something was built. */
export async function build({ force = false, loud = false } = {}) {
  if (!force && !(await isStale('components')) && !(await isStale('app'))) return false
  const onWait = () => say('waiting for another build of this clone to finish')
  return await withLock(
    path.join(cache, 'build.lock'),
    async () => {
      const components = await buildPart('components', { force, loud })
      const app = await buildPart('app', { force, loud })
      return components || app
    },
    { onWait },
  )
}

if (isMain(import.meta.url)) await main('build', async () => void (await build({ force: true, loud: true })))
