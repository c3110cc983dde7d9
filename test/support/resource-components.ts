// Components of test/fixtures/resources, made by the real tool: `canvases` exports a resource, `painter` uses it. Kept below
// node_modules/.cache until their sources change.

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
import { join, resolve } from 'node:path'
import { componentizeSource } from '../../build/componentize.mjs'

const root = resolve(import.meta.dirname, '../..')
const fixtures = join(root, 'test/fixtures/resources')
const kept = join(root, 'node_modules/.cache/tlos/test-components')

const sources = {
  canvases: { wit: 'resources.wit', world: 'resources', script: 'guest.js' },
  painter: { wit: 'painter.wit', world: 'painter', script: 'painter.js' },
} as const

export async function resourceComponent(name: keyof typeof sources): Promise<Uint8Array> {
  const { wit, world, script } = sources[name]
  const source = readFileSync(join(fixtures, script), 'utf8')
  const hash = createHash('sha256').update(source)
  for (const file of [join(fixtures, wit), join(root, 'build/componentize.mjs'), join(root, 'package-lock.json')]) {
    hash.update(readFileSync(file))
  }
  const place = join(kept, `resources-${name}-${hash.digest('hex').slice(0, 16)}.wasm`)
  if (!existsSync(place)) {
    const folder = mkdtempSync(join(tmpdir(), 'tlos-resource-component-'))
    try {
      copyFileSync(join(fixtures, wit), join(folder, wit))
      const bytes = await componentizeSource(folder, world, source)
      mkdirSync(kept, { recursive: true })
      const draft = `${place}.${process.pid}`
      writeFileSync(draft, bytes)
      renameSync(draft, place)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return new Uint8Array(readFileSync(place))
}
