// What the built entries of main load: nothing from node_modules, and each only what it needs. `npm test` builds first.

import { readFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const folder = path.resolve(import.meta.dirname, '../../out/main')

/** Packages that an entry requires, its chunks included, and the sources that it is made of (from the source maps). */
async function loadedBy(
  entry: string,
): Promise<{ readonly packages: readonly string[]; readonly sources: readonly string[] }> {
  const seen = new Set<string>()
  const packages = new Set<string>()
  const sources: string[] = []
  const visit = async (file: string): Promise<void> => {
    if (seen.has(file)) return
    seen.add(file)
    const text = await readFile(file, 'utf8')
    const map = await readFile(`${file}.map`, 'utf8').catch(() => '{"sources":[]}') // A chunk of the bundler's own has none.
    sources.push(...(JSON.parse(map) as { sources: string[] }).sources)
    for (const [, name = ''] of text.matchAll(/\brequire\(["'`]([^"'`]+)["'`]\)/g)) {
      if (name.startsWith('.')) await visit(path.resolve(path.dirname(file), name))
      else if (!builtinModules.includes(name.replace(/^node:/, ''))) packages.add(name)
    }
  }
  await visit(path.join(folder, `${entry}.cjs`))
  return { packages: [...packages].sort(), sources }
}

// `ws` tries these two, which are native, and does without them.
const optional = ['bufferutil', 'utf-8-validate']

describe('a built entry', () => {
  it.each(['node', 'pool', 'worker', 'transpile'])('%s needs no package and no Electron', async (entry) => {
    const { packages } = await loadedBy(entry)
    expect(packages.filter((name) => !optional.includes(name))).toEqual([])
  })

  it('index needs Electron and no other package', async () => {
    const { packages } = await loadedBy('index')
    expect(packages.filter((name) => !optional.includes(name))).toEqual(['electron'])
  })

  it.each(['pool', 'worker'])('%s loads neither the NATS client nor the transpiler', async (entry) => {
    const heavy = /node_modules\/(nats|nats\.ws|ws|@bytecodealliance\/jco-transpile)\//
    expect((await loadedBy(entry)).sources.filter((source) => heavy.test(source))).toEqual([])
    expect((await loadedBy('node')).sources.some((source) => heavy.test(source))).toBe(true)
  })
})
