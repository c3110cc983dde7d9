// Completes package-lock.json after a change of dependencies: `node build/complete-lock.mjs`. npm writes no entry for an
// optional platform package that the registry at hand does not have (mirrors often carry some platforms only), and then
// refuses `npm ci` everywhere because the lock "is not in sync". The entries added here name the version that the parent
// asks for and the platform that the package's name tells; there is no checksum, as nobody here can compute it.

import fs from 'node:fs/promises'
import path from 'node:path'
import { isMain, root } from './paths.mjs'
import { main, say } from './say.mjs'

/** Where a package in `folder` finds another one: the places npm looks, nearest first. */
function places(folder, name) {
  const all = []
  for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    all.push(`${at === '' ? '' : `${at}/`}node_modules/${name}`)
    if (at === '') return all
  }
}

const systems = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32', 'aix']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

/** `os`, `cpu` and `libc` as the name of a platform package tells them; undefined when it tells no processor. */
export function platformOf(name) {
  const words = name.split(/[/-]/)
  const cpu = processors.find((word) => words.includes(word)) ?? (words.includes('gnueabihf') ? 'arm' : undefined)
  const os = systems.find((word) => words.includes(word))
  if (cpu === undefined || (os === undefined && cpu !== 'wasm32')) return undefined
  const libc =
    os === 'linux' ? (words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : undefined) : undefined
  return { cpu: [cpu], ...(libc && { libc: [libc] }), ...(os && { os: [os] }) }
}

/** Entries that the lock lacks: `[place, entry]` for each optional dependency pinned to one version and found nowhere. */
export function missingEntries(lock) {
  const entries = new Map(Object.entries(lock.packages))
  const missing = new Map()
  for (const [folder, parent] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      if (!/^\d+\.\d+\.\d+[\w.+-]*$/.test(version)) continue
      const around = places(folder, name).flatMap((place) => entries.get(place) ?? missing.get(place) ?? [])
      if (around[0]?.version === version) continue
      const platform = platformOf(name)
      if (platform === undefined)
        throw new Error(`${name}@${version} is not in the lock and its name tells no platform`)
      const entry = { version, ...platform, ...(parent.dev && { dev: true }), optional: true }
      missing.set(around.length === 0 ? `node_modules/${name}` : `${folder}/node_modules/${name}`, entry)
    }
  }
  return [...missing]
}

if (isMain(import.meta.url)) {
  await main('lock', async () => {
    const file = path.join(root, 'package-lock.json')
    const lock = JSON.parse(await fs.readFile(file, 'utf8'))
    const missing = missingEntries(lock)
    const sorted = [...Object.entries(lock.packages), ...missing].sort(([a], [b]) => (a < b ? -1 : 1))
    lock.packages = Object.fromEntries(sorted)
    await fs.writeFile(file, `${JSON.stringify(lock, undefined, 2)}\n`)
    say('lock', `${missing.length} entries added`)
  })
}
