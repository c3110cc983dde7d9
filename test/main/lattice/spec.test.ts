// The specification and the tests name each other: a rule without a test is a wish, a test of a rule that is not there is
// a rule that nobody can read.

import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../../..')

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
}

it('SPEC.md: each rule is named by a test, and each named rule is there once', async () => {
  const spec = await readFile(path.join(root, 'main/lattice/SPEC.md'), 'utf8')
  const rules = [...spec.matchAll(/^- \*\*(L\d+)\*\*/gm)].map((match) => match[1])
  expect(rules.length).toBeGreaterThan(40)
  expect(new Set(rules).size).toBe(rules.length)
  const named = new Set<string>()
  for (const file of await filesUnder(path.join(root, 'test'))) {
    if (!/\.test\.tsx?$/.test(file)) continue
    // In titles, which is where a person looks when one fails.
    for (const title of (await readFile(file, 'utf8')).matchAll(
      /\b(?:it|test)(?:\.[a-z]+)*\(?[^'`"\n]*['`"]([^\n]*)/g,
    )) {
      for (const [, rule] of (title[1] ?? '').matchAll(/\[(L\d+)\]/g)) if (rule !== undefined) named.add(rule)
    }
  }
  expect(rules.filter((rule) => rule !== undefined && !named.has(rule))).toEqual([])
  expect([...named].filter((rule) => !rules.includes(rule))).toEqual([])
})
