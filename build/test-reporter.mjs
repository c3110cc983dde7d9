// Counts what a vitest run did and writes it where build/test.mjs reads it: `{ passed, failed, skipped, reasons }`. What
// failed outside a test (a file that does not load, an unhandled error) counts as a failure too, so that the last line of
// `npm test` cannot say less than the exit code.

import { writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

/** Plain counts from vitest's own objects. */
export function count(modules, unhandled) {
  const total = { files: modules.length, passed: 0, failed: unhandled.length, skipped: 0, reasons: [] }
  for (const module of modules) {
    total.failed += module.errors().length
    for (const suite of module.children.allSuites()) total.failed += suite.errors().length
    for (const test of module.children.allTests()) {
      const result = test.result()
      if (result.state === 'passed') total.passed += 1
      else if (result.state === 'failed') total.failed += 1
      else {
        total.skipped += 1
        const file = path.relative(process.cwd(), module.moduleId)
        total.reasons.push(`${file} > ${test.fullName}: ${result.note ?? 'no reason given'}`)
      }
    }
  }
  return total
}

export default class CountingReporter {
  onTestRunEnd(modules, unhandled) {
    const file = process.env['TLOS_TEST_COUNTS']
    if (file !== undefined) writeFileSync(file, JSON.stringify(count(modules, unhandled)))
  }
}
