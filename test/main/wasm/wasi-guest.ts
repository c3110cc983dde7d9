// Components for the tests of WASI: JavaScript in `test/fixtures/guests/<name>.js` with the world of `<name>.wit`, over the WIT
// of WASI 0.2.10.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { componentizeSource } from '../../../build/componentize.mjs'

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url))

/** Bytes of a test component; takes a second or two. */
export async function buildGuest(name: string): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'tlos-guest-'))
  try {
    mkdirSync(join(folder, 'deps'))
    cpSync(join(fixtures, 'guests', `${name}.wit`), join(folder, `${name}.wit`))
    cpSync(join(fixtures, 'guests/deps'), join(folder, 'deps'), { recursive: true })
    cpSync(join(fixtures, 'wasi-0.2.10/deps'), join(folder, 'deps'), { recursive: true })
    return await componentizeSource(folder, name, readFileSync(join(fixtures, `guests/${name}.js`), 'utf8'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
