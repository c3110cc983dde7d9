// JavaScript to a component on QuickJS that imports what its WIT names and nothing for the engine's own sake.

import { mkdtempSync, cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { componentize } from 'componentize-qjs'

/** Synchronous, small, and without the eighteen WASI imports of the engine. */
export const engineOptions = { sync: true, optSize: true, stubWasi: true }

// `stubWasi` takes away every import whose name begins with `wasi:`, those the component asked for as well. They go
// through the engine's build under a name of the same length, which is put right in the finished bytes.
const disguise = (text) => text.replaceAll('wasi:', 'wasj:')

function undisguise(bytes) {
  const name = Buffer.from('wasj:')
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) bytes[at + 3] = 'i'.charCodeAt(0)
  return bytes
}

/** `witFolder` holds the world's package, and what it refers to below deps/. Gives the component's bytes. */
export async function componentizeSource(witFolder, world, source) {
  const folder = mkdtempSync(join(tmpdir(), 'tlos-wit-'))
  try {
    cpSync(witFolder, folder, { recursive: true })
    for (const name of readdirSync(folder, { recursive: true })) {
      const file = join(folder, String(name))
      if (statSync(file).isFile()) writeFileSync(file, disguise(readFileSync(file, 'utf8')))
    }
    const { component } = await componentize({ witPath: folder, world, jsSource: disguise(source), ...engineOptions })
    return undisguise(component)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
