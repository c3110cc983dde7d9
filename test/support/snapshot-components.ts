// Components for the tests of copies, made from test/fixtures-snapshot by the real tools. What was made is kept below
// node_modules/.cache until its sources change: the engine of one of them takes a minute on a busy machine.

import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { componentizeSource } from '../../build/componentize.mjs'
import { componentizeOnStarlingMonkey, withoutWasi } from './starling-monkey.js'

const root = resolve(import.meta.dirname, '../..')
const fixtures = join(root, 'test/fixtures-snapshot')
const kept = join(root, 'node_modules/.cache/tlos/test-components')

type Engine = 'quickjs' | 'starlingmonkey'

/** The component of `test/fixtures-snapshot/<name>`; `undefined` when the engine's tool is not installed. */
export async function snapshotComponent(
  name: 'script' | 'holder' | 'tally',
  engine: Engine = 'quickjs',
): Promise<Uint8Array | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'tlos-snapshot-component-'))
  try {
    cpSync(join(fixtures, name, 'wit'), folder, { recursive: true })
    if (name === 'holder') {
      cpSync(join(root, 'test/fixtures-probe/wit/deps'), join(folder, 'deps'), { recursive: true })
      cpSync(join(root, 'wit/deps/wasi-keyvalue'), join(folder, 'deps/wasi-keyvalue'), { recursive: true })
    }
    const source = readFileSync(join(fixtures, name, `${name}.js`), 'utf8')
    const place = join(kept, `${name}-${engine}-${hashOf(folder, source)}.wasm`)
    if (!existsSync(place)) {
      const bytes =
        engine === 'quickjs'
          ? await componentizeSource(folder, 'component', source)
          : await componentizeOnStarlingMonkey(folder, 'component', source, withoutWasi)
      if (bytes === undefined) return undefined
      mkdirSync(kept, { recursive: true })
      const draft = `${place}.${process.pid}`
      writeFileSync(draft, bytes)
      renameSync(draft, place)
    }
    return new Uint8Array(readFileSync(place))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function hashOf(folder: string, source: string): string {
  const hash = createHash('sha256')
    .update(source)
    .update(readFileSync(join(root, 'package-lock.json')))
  hash.update(readFileSync(join(root, 'build/componentize.mjs')))
  for (const name of readdirSync(folder, { recursive: true }).map(String).sort()) {
    if (statSync(join(folder, name)).isFile()) hash.update(name).update(readFileSync(join(folder, name)))
  }
  return hash.digest('hex').slice(0, 16)
}
