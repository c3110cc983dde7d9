// Counts what a vitest run did and writes it where build/test.mjs reads it: `{ passed, failed, skipped, reasons, failures,
// unsteady }`. What failed outside a test (a file that does not load, an unhandled error) counts as a failure too, so that
// the last line of `npm test` cannot say less than the exit code. What failed is named again at the end, since who reads
// only the tail of a long log must see it.

import { writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

const linesOfAMessage = 12
const charactersOfALine = 300

/** The beginning of an error's message and the place of the test that it came through, as one block of text. */
function brief(error, file) {
  const plain = `${error?.message ?? error}\n${error?.diff ?? ''}`.replaceAll(/\u001b\[[\d;]*m/g, '')
  const lines = plain.split('\n').filter((line) => line.trim() !== '')
  const at = error?.stack?.split('\n').find((line) => line.includes(path.basename(file)))
  return [...lines.slice(0, linesOfAMessage), ...(at === undefined ? [] : [at.trim()])]
    .map((line) => line.slice(0, charactersOfALine))
    .join('\n    ')
}

/** Plain counts from vitest's own objects. */
export function count(modules, unhandled) {
  const total = { files: modules.length, passed: 0, failed: 0, skipped: 0, reasons: [], failures: [], unsteady: [] }
  const failed = (file, name, errors) => {
    total.failures.push(...errors.map((error) => `${name}: ${brief(error, file)}`))
  }
  failed('', 'outside a test', unhandled)
  total.failed += unhandled.length
  for (const module of modules) {
    const file = path.relative(process.cwd(), module.moduleId)
    for (const part of [module, ...module.children.allSuites()]) {
      total.failed += part.errors().length
      failed(file, part === module ? file : `${file} > ${part.fullName}`, part.errors())
    }
    for (const test of module.children.allTests()) {
      const result = test.result()
      if (result.state === 'passed') {
        total.passed += 1
        const [first] = result.errors ?? []
        if (test.diagnostic()?.flaky) total.unsteady.push(`${file} > ${test.fullName}: ${brief(first, file)}`)
      } else if (result.state === 'failed') {
        total.failed += 1
        failed(file, `${file} > ${test.fullName}`, result.errors.slice(0, 1))
      } else {
        total.skipped += 1
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
