// One component of each family, made or read.

import { existsSync, mkdtempSync, readFileSync, rmSync, copyFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { componentizeSource } from '../../../../build/componentize.mjs'
import { parseWat } from '../wat.js'

const folder = fileURLToPath(new URL('../../../fixtures/families/', import.meta.url))
/** Twelve megabytes that nobody commits: `test/fixtures/families/rebuild.mjs` says how they are made. */
const madeElsewhere = fileURLToPath(new URL('../../../../out/families/js.wasm', import.meta.url))

const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

async function makeQuickJs(): Promise<Uint8Array> {
  const wit = mkdtempSync(join(tmpdir(), 'tlos-family-'))
  try {
    copyFileSync(join(folder, 'families.wit'), join(wit, 'families.wit'))
    return await componentizeSource(wit, 'family', read('guest.js'))
  } finally {
    rmSync(wit, { recursive: true, force: true })
  }
}

export const families: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'text (WAT)': () => parseWat(read('guest.wat')),
  'C with wasi-libc': async () => new Uint8Array(readFileSync(join(folder, 'c.wasm'))),
  'Rust without WASI': async () => new Uint8Array(readFileSync(join(folder, 'rust.wasm'))),
  'TypeScript or JavaScript on QuickJS (componentize-qjs)': makeQuickJs,
}

/** JavaScript on StarlingMonkey, if it was built here. */
export const hasStarlingMonkey = existsSync(madeElsewhere)
export const readStarlingMonkey = (): Uint8Array => new Uint8Array(readFileSync(madeElsewhere))
