// The specifications and the tests name each other: a rule without a test is a wish, a test of a rule that is not there is
// a rule that nobody can read.

import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../../..')

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
}

/** Rules named in titles, which is where a person looks when one fails: `[L12]`, or several, `[W1, W3]`. */
async function namedInTitles(letter: string): Promise<Set<string>> {
  const named = new Set<string>()
  for (const file of await filesUnder(path.join(root, 'test'))) {
    if (!/\.test\.tsx?$/.test(file)) continue
    for (const [, title = ''] of (await readFile(file, 'utf8')).matchAll(
      /\b(?:it|test)(?:\.[a-z]+)*\(?[^'`"\n]*['`"]([^\n]*)/g,
    )) {
      for (const [, list = ''] of title.matchAll(/\[((?:[A-Z]\d+(?:, )?)+)\]/g)) {
        for (const rule of list.split(', ')) if (rule.startsWith(letter)) named.add(rule)
      }
    }
  }
  return named
}

it.each([
  ['main/lattice/SPEC.md', 'L', 40],
  ['main/wrpc/SPEC.md', 'W', 30],
])('%s: each rule is named by a test, and each named rule is there once', async (page, letter, atLeast) => {
  const spec = await readFile(path.join(root, page), 'utf8')
  const rules = [...spec.matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map(([, rule = '']) => rule)
  expect(rules.length).toBeGreaterThan(atLeast)
  expect(new Set(rules).size).toBe(rules.length)
  const named = await namedInTitles(letter)
  expect(rules.filter((rule) => !named.has(rule))).toEqual([])
  expect([...named].filter((rule) => !rules.includes(rule))).toEqual([])
})
