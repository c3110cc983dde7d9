// `npm test`: sets up, builds, runs the unit tests and then the tests of the real shell. Arguments are vitest's: parts of
// file names, or `-t`. `--app` runs only the shell's. At the end what was skipped and what failed is named, each with its
// reason; the last line on stdout is `N passed, N failed, N skipped`.

import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { build } from './build.mjs'
import { runChild } from './child.mjs'
import { packageFolder, root } from './paths.mjs'
import { main, say as sayAs, Stop } from './say.mjs'
import { ensureSetup } from './setup.mjs'
import { findRegistry } from './setup/registry.mjs'

const say = (text) => sayAs('test', text)
const none = { files: 0, passed: 0, failed: 0, skipped: 0, reasons: [], failures: [], unsteady: [] }

async function runProject(project, args, env, folder) {
  const counts = path.join(folder, `${project}.json`)
  const vitest = path.join(packageFolder('vitest'), 'vitest.mjs')
  const reporter = path.join(root, 'build', 'test-reporter.mjs')
  // One more try for a test that failed, since thousands with real processes and servers, on a machine that others use as
  // well, meet what one alone does not. Who needed it is named with the error: it is work to do, not a pass to be glad of.
  const options = [
    'run',
    '--project',
    project,
    '--reporter',
    'default',
    '--reporter',
    reporter,
    '--passWithNoTests',
    '--retry',
    '1',
  ]
  const code = await runChild(process.execPath, [vitest, ...options, ...args], {
    cwd: root,
    env: { ...env, TLOS_TEST_COUNTS: counts },
  })
  const total = await fs.readFile(counts, 'utf8').then(JSON.parse, () => undefined)
  // A run that ended badly without a count, or says nothing failed, still failed.
  if (total === undefined)
    return code === 0
      ? none
      : {
          ...none,
          files: 1,
          failed: 1,
          failures: [`${project}: vitest ended with ${code} and counted nothing`],
          ended: code,
        }
  if (code !== 0 && total.failed === 0) {
    total.failed = 1
    total.failures.push(`${project}: vitest ended with ${code} though no test failed`)
  }
  return { ...total, ended: code }
}

await main('test', async () => {
  const args = process.argv.slice(2).filter((arg) => arg !== '--app')
  const projects = process.argv.includes('--app') ? ['app'] : ['unit', 'app']
  const setup = await ensureSetup()
  const registry = await findRegistry(say)
  setup.env.TLOS_TEST_REGISTRY = registry.file ?? ''
  setup.env.TLOS_TEST_NO_REGISTRY = registry.why ?? ''
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'tlos-test-'))
  const totals = []
  try {
    await build()
    for (const project of projects) {
      const total = await runProject(project, args, setup.env, folder)
      totals.push(total)
      if (total.ended > 128) break // Interrupted: do not go on.
    }
  } finally {
    await setup.display?.stop()
    await fs.rm(folder, { recursive: true, force: true })
  }
  const sum = (key) => totals.reduce((all, total) => all + total[key], 0)
  for (const reason of totals.flatMap((total) => total.reasons)) say(`skipped ${reason}`)
  for (const test of totals.flatMap((total) => total.unsteady)) say(`passed only at the second try: ${test}`)
  for (const failure of totals.flatMap((total) => total.failures)) say(`failed ${failure}`)
  if (sum('files') === 0) throw new Stop(`no test file fits ${args.join(' ')}`)
  process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`)
  return sum('failed') === 0 ? 0 : 1
})
