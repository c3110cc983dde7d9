// Debian packages for what is missing: which package carries a shared library, and installing them all with one command.
// Debian renamed some in 2024 (`t64`), so each is a list of names of which the first that this system knows is taken.

import { spawnSync } from 'node:child_process'
import { Stop } from '../say.mjs'

/** Shared library to the names of the packages that carry it. Electron's own list, without what these bring along. */
const packageOfLibrary = {
  'libgtk-3.so.0': ['libgtk-3-0t64', 'libgtk-3-0'],
  'libgdk-3.so.0': ['libgtk-3-0t64', 'libgtk-3-0'],
  'libnss3.so': ['libnss3'],
  'libnssutil3.so': ['libnss3'],
  'libsmime3.so': ['libnss3'],
  'libnspr4.so': ['libnspr4'],
  'libasound.so.2': ['libasound2t64', 'libasound2'],
  'libgbm.so.1': ['libgbm1'],
  'libdrm.so.2': ['libdrm2'],
  'libatk-1.0.so.0': ['libatk1.0-0t64', 'libatk1.0-0'],
  'libatk-bridge-2.0.so.0': ['libatk-bridge2.0-0t64', 'libatk-bridge2.0-0'],
  'libatspi.so.0': ['libatspi2.0-0t64', 'libatspi2.0-0'],
  'libcups.so.2': ['libcups2t64', 'libcups2'],
  'libdbus-1.so.3': ['libdbus-1-3'],
  'libX11.so.6': ['libx11-6'],
  'libXcursor.so.1': ['libxcursor1'],
  'libXi.so.6': ['libxi6'],
  'libXinerama.so.1': ['libxinerama1'],
  'libXrender.so.1': ['libxrender1'],
  'libXss.so.1': ['libxss1'],
  'libXtst.so.6': ['libxtst6'],
  'libXcomposite.so.1': ['libxcomposite1'],
  'libXdamage.so.1': ['libxdamage1'],
  'libXext.so.6': ['libxext6'],
  'libXfixes.so.3': ['libxfixes3'],
  'libXrandr.so.2': ['libxrandr2'],
  'libXshmfence.so.1': ['libxshmfence1'],
  'libxcb.so.1': ['libxcb1'],
  'libxkbcommon.so.0': ['libxkbcommon0'],
  'libpango-1.0.so.0': ['libpango-1.0-0'],
  'libpangocairo-1.0.so.0': ['libpangocairo-1.0-0'],
  'libcairo.so.2': ['libcairo2'],
  'libexpat.so.1': ['libexpat1'],
  'libglib-2.0.so.0': ['libglib2.0-0t64', 'libglib2.0-0'],
  'libgobject-2.0.so.0': ['libglib2.0-0t64', 'libglib2.0-0'],
  'libgio-2.0.so.0': ['libglib2.0-0t64', 'libglib2.0-0'],
  'libudev.so.1': ['libudev1'],
}

/** `{ packages, unknown }`: lists of package names per missing library, and libraries that nothing is known of. */
export function packagesFor(libraries) {
  const found = new Map()
  const unknown = []
  for (const library of libraries) {
    const names = packageOfLibrary[library]
    if (names === undefined) unknown.push(library)
    else found.set(names.join(), names)
  }
  return { packages: [...found.values()], unknown }
}

const quiet = { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' } }

function has(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], quiet).status === 0
}

function candidate(names) {
  return names.find((name) =>
    /^ {2}Candidate: (?!\(none\))/m.test(spawnSync('apt-cache', ['policy', name], quiet).stdout),
  )
}

/** The names to install, or undefined when this system's package lists know one of them under no name. */
function choose(wanted) {
  const names = wanted.map(candidate)
  return names.includes(undefined) ? undefined : [...new Set(names)]
}

function apt(say, args) {
  say(`apt-get ${args.join(' ')}`)
  const run = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-q', ...args], {
    ...quiet,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    timeout: 1_200_000,
  })
  if (run.status === 0) return
  const tail = `${run.stdout ?? ''}\n${run.stderr ?? ''}`.trim().split('\n').slice(-12).join('\n')
  throw new Stop(`apt-get ${args[0]} failed:\n${tail}\nInstall by hand: sudo apt-get ${args.join(' ')}`)
}

/**
 * Installs these packages (each a list of names, the first known one counts); `why` are the missing things in words.
 * As root it installs them. Otherwise it throws the exact command to type.
 */
export function install(say, wanted, why) {
  const reason = why.join(', ')
  if (!has('apt-get')) {
    throw new Stop(
      `missing: ${reason}. This system has no apt-get, so install them its own way; ` +
        `Debian's packages are ${wanted.map((names) => names.at(-1)).join(' ')}`,
    )
  }
  let names = choose(wanted)
  if (process.getuid?.() !== 0) {
    const update = names === undefined ? 'sudo apt-get update && ' : ''
    names ??= [...new Set(wanted.map((all) => candidate(all) ?? all.at(-1)))]
    throw new Stop(
      `missing: ${reason}. Type this and start again:\n\n  ${update}sudo apt-get install -y ${names.join(' ')}\n`,
    )
  }
  say(`missing: ${reason}`)
  if (names === undefined) {
    apt(say, ['update'])
    names = choose(wanted)
  }
  if (names === undefined) {
    const unknown = wanted.filter((all) => candidate(all) === undefined).map((all) => all.join(' or '))
    throw new Stop(
      `the package lists of this system have no ${unknown.join(', no ')}; ${reason} must be installed by hand`,
    )
  }
  const args = ['install', '-y', '--no-install-recommends', ...names]
  try {
    apt(say, args)
  } catch {
    // Lists that are older than the archive name versions that are no longer there.
    apt(say, ['update'])
    apt(say, args)
  }
}
