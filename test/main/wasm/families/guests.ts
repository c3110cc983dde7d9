// One component of each family, made or read.

import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { componentizeSource } from '../../../../build/componentize.mjs'
import { componentizeOnStarlingMonkey } from '../../../support/starling-monkey.js'
import { parseWat } from '../wat.js'

const folder = fileURLToPath(new URL('../../../fixtures/families/', import.meta.url))
/** Twelve megabytes that nobody commits and that take a while: kept until their source or the tools change. */
const kept = fileURLToPath(new URL('../../../../node_modules/.cache/tlos/test-components/', import.meta.url))
const lock = fileURLToPath(new URL('../../../../package-lock.json', import.meta.url))

const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

/** With the folder that the tools for JavaScript read the world from. */
async function withWit<T>(make: (witPath: string) => Promise<T>): Promise<T> {
  const wit = mkdtempSync(join(tmpdir(), 'tlos-family-'))
  try {
    copyFileSync(join(folder, 'families.wit'), join(wit, 'families.wit'))
    return await make(wit)
  } finally {
    rmSync(wit, { recursive: true, force: true })
  }
}

const makeQuickJs = (): Promise<Uint8Array> => withWit((wit) => componentizeSource(wit, 'family', read('guest.js')))

/** With all of its WASI, as its users make them. */
async function makeStarlingMonkey(): Promise<Uint8Array> {
  const hash = createHash('sha256').update(read('guest.js')).update(read('families.wit')).update(readFileSync(lock))
  const place = join(kept, `family-${hash.digest('hex').slice(0, 16)}.wasm`)
  if (!existsSync(place)) {
    const bytes = await withWit((wit) => componentizeOnStarlingMonkey(wit, 'family', read('guest.js'), []))
    if (bytes === undefined) throw new Error('componentize-js is not installed: it used to come with jco')
    mkdirSync(kept, { recursive: true })
    const draft = `${place}.${process.pid}`
    writeFileSync(draft, bytes)
    renameSync(draft, place)
  }
  return new Uint8Array(readFileSync(place))
}

export const families: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'text (WAT)': () => parseWat(read('guest.wat')),
  'C with wasi-libc': async () => new Uint8Array(readFileSync(join(folder, 'c.wasm'))),
  'Rust without WASI': async () => new Uint8Array(readFileSync(join(folder, 'rust.wasm'))),
  'TypeScript or JavaScript on QuickJS (componentize-qjs)': makeQuickJs,
  'JavaScript on StarlingMonkey (componentize-js)': makeStarlingMonkey,
}
