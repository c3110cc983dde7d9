// The pages for people who build, held against the tree: every package has its row, every command and file they name exists.

import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const read = async (file: string): Promise<string> => await readFile(path.join(root, file), 'utf8')
const all = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, one = '']) => one))].sort()

interface PackageJson {
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}
const packageJson = JSON.parse(await read('package.json')) as PackageJson

const decisions = (await readdir(path.join(root, 'docs/decisions'))).map((file) => `docs/decisions/${file}`)
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'dependencies.md',
  'components/README.md',
  'docs/guests.md',
  'docs/wasmcloud.md',
  'docs/providers.md',
  ...decisions,
]

describe('dependencies.md', () => {
  it('has a row for each package of package.json and for no other', async () => {
    const [running = '', building = ''] = (await read('dependencies.md')).split(/^## /m).slice(1)
    const rows = (part: string): string[] => {
      const firstCells = part.split('\n').flatMap((line) => /^\| (`[^|]*)/.exec(line)?.[1] ?? [])
      return all(firstCells.join(' '), /`([^`]+)`/g)
    }
    expect(rows(running)).toEqual(Object.keys(packageJson.dependencies).sort())
    expect(rows(building)).toEqual(Object.keys(packageJson.devDependencies).sort())
  })
})

describe.each(pages)('%s', (page) => {
  it('names only commands and files that exist', async () => {
    const text = await read(page)
    const commands = all(text, /\bnpm run ([a-z][a-z:-]*)/g)
    expect(commands.filter((name) => packageJson.scripts[name] === undefined)).toEqual([])
    const links = all(text, /\]\((?!https?:)([^)#\s]+)/g)
    expect(links.filter((file) => !existsSync(path.join(root, path.dirname(page), file)))).toEqual([])
  })
})

describe('CONTRIBUTING.md', () => {
  it('names only environment variables that something reads', async () => {
    const scripts = await readdir(path.join(root, 'build'), { recursive: true })
    const sources = await Promise.all(
      scripts.filter((file) => file.endsWith('.mjs')).map((file) => read(`build/${file}`)),
    )
    const names = all(await read('CONTRIBUTING.md'), /`((?:TLOS|ELECTRON)_[A-Z_]+)`/g)
    expect(names.length).toBeGreaterThan(3)
    expect(names.filter((name) => !sources.some((source) => source.includes(name)))).toEqual([])
  })
})
