// Components for the tests of WASI: JavaScript in `test/fixtures/guests/<name>.js` with the world of `<name>.wit`, over the WIT
// of WASI 0.2.10 and of the services of a lattice.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { componentizeSource } from '../../../build/componentize.mjs'

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url))
const depsFolders = ['guests/deps', 'wasi-0.2.10/deps', '../fixtures-services/wit/deps']

/** Bytes of a test component; takes a second or two. */
export async function buildGuest(name: string): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'tlos-guest-'))
  try {
    mkdirSync(join(folder, 'deps'))
    cpSync(join(fixtures, 'guests', `${name}.wit`), join(folder, `${name}.wit`))
    for (const deps of depsFolders) cpSync(join(fixtures, deps), join(folder, 'deps'), { recursive: true })
    return await componentizeSource(folder, name, readFileSync(join(fixtures, `guests/${name}.js`), 'utf8'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
