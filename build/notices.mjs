// The licences of what is bundled, as one text: everything that `dependencies` brings along, from the lock file, with the
// licence files of the installed packages; and what is inside of the components. A package may not be shipped without it.

import fs from 'node:fs/promises'
import path from 'node:path'
import { packageFolder, root } from './paths.mjs'
import { Stop } from './say.mjs'

/** Not a dependency of a process of ours, but its code is inside of the components that are built with it. */
const insideComponents = ['componentize-qjs']
const licenceFile = /^(licen[cs]e|copying|notice|ofl)/i

/** Paths in the lock file of the packages that these bring along, each once. */
export function closure(lock, names) {
  const found = new Set()
  const visit = (name, from) => {
    // As Node looks: beside the package that asks, then in the folders above it.
    for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
      const place = `${base === '' ? '' : `${base}/`}node_modules/${name}`
      if (lock.packages[place] !== undefined) {
        if (found.has(place)) return
        found.add(place)
        for (const next of Object.keys(lock.packages[place].dependencies ?? {})) visit(next, place)
        return
      }
      if (base === '') throw new Stop(`${name} is not in package-lock.json`)
    }
  }
  for (const name of names) visit(name, '')
  return [...found].sort()
}

async function textsOf(folder) {
  const names = (await fs.readdir(folder)).filter((name) => licenceFile.test(name)).sort()
  const texts = await Promise.all(names.map((name) => fs.readFile(path.join(folder, name), 'utf8')))
  return texts.map((text) => text.trim())
}

export async function formatNotices() {
  const read = async (file) => JSON.parse(await fs.readFile(file, 'utf8'))
  const [own, lock] = await Promise.all(
    ['package.json', 'package-lock.json'].map((name) => read(path.join(root, name))),
  )
  const modules = path.resolve(packageFolder('electron-builder'), '..')
  const parts = []
  for (const place of closure(lock, [...Object.keys(own.dependencies), ...insideComponents])) {
    const folder = path.join(modules, place.slice('node_modules/'.length))
    // Builds for other machines are in the lock file only; what is bundled was installed.
    const entry = await read(path.join(folder, 'package.json')).catch(() => undefined)
    if (entry === undefined) continue
    const texts = await textsOf(folder)
    const body =
      texts.length > 0 ? texts.join('\n\n') : `Licensed under ${entry.license ?? 'terms that it does not name'}.`
    parts.push(`${entry.name} ${entry.version} (${entry.license ?? 'no licence named'})\n\n${body}`)
  }
  const head = [
    'tLOS is licensed under the Apache License 2.0, see LICENSE. It carries code of the packages below, under their own terms.',
    'Electron, Chromium and Node.js bring theirs in LICENSE.electron.txt and LICENSES.chromium.html.',
  ].join('\n')
  return `${[head, ...parts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}
