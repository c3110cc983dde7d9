import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { builtinImports, linkedImports } from '../../../main/wasm/builtin-imports.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const rows = readFileSync(`${root}docs/wasi.md`, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))

describe('The table of WASI interfaces', () => {
  it('has a row for each interface that is served to a component', () => {
    const named = rows.map(([, name]) => name)
    expect([...builtinImports, ...linkedImports].filter((name) => !named.includes(name))).toEqual([])
    expect(named.filter((name, index) => named.indexOf(name) !== index)).toEqual([])
  })

  it.each(rows.map((cells) => [cells[1], cells.at(-2)] as const))('names a test for %s', (_, file) => {
    expect(file).toMatch(/\.test\.ts$/)
    expect(existsSync(`${root}${file ?? ''}`)).toBe(true)
  })
})
