// The three bundles of the component runtime for tests, made once for all test files (they run in processes of their
// own, possibly at the same time), and the components that the build made.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWasmEntries } from '../../build/wasm-entries.mjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface WasmEntries {
  readonly pool: string
  readonly worker: string
  readonly transpile: string
}

let bundled: Promise<WasmEntries> | undefined

/** Paths of the bundles of main/wasm's entries, for `openRuntime`. */
export function wasmEntries(): Promise<WasmEntries> {
  bundled ??= bundleOnce()
  return bundled
}

async function bundleOnce(): Promise<WasmEntries> {
  const hash = createHash('sha256')
  const sources = ['main/wasm', 'preload'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(root, folder, String(name))),
  )
  for (const file of [...sources, join(root, 'build/wasm-entries.mjs'), join(root, 'package-lock.json')].sort()) {
    if (statSync(file).isFile()) hash.update(file).update(readFileSync(file))
  }
  const place = join(tmpdir(), `tlos-wasm-entries-${hash.digest('hex').slice(0, 16)}`)
  if (!existsSync(place)) {
    const aside = mkdtempSync(join(tmpdir(), 'tlos-wasm-entries-draft-'))
    await bundleWasmEntries(aside)
    try {
      mkdirSync(dirname(place), { recursive: true })
      renameSync(aside, place)
    } catch {
      // Another test process was first.
      rmSync(aside, { recursive: true, force: true })
    }
  }
  const path = (name: string): string => join(place, `${name}.cjs`)
  return { pool: path('pool'), worker: path('worker'), transpile: path('transpile') }
}

/** Folder of the built components; `node build/components.mjs` makes it. */
export const componentsDir = join(root, 'out/components')
/** Their prepared form, for `extraCacheDirs`. */
export const preparedDir = join(componentsDir, 'prepared')

/** Bytes of a component that the build made. */
export function readBuiltComponent(id: 'counter' | 'clock' | 'notes' | 'echo'): Uint8Array {
  const file = join(componentsDir, `${id}.wasm`)
  if (!existsSync(file)) throw new Error(`${file} is not there: run \`node build/components.mjs\` first`)
  return new Uint8Array(readFileSync(file))
}
