// `npm run check`: compiles every tsconfig, lints, and checks the formatting. Runs all of it, two at a time, and says of
// each whether it passed, so that one run shows everything that is wrong.

import { spawn } from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import { cache, isMain, packageFolder, root } from './paths.mjs'
import { main, say as sayAs } from './say.mjs'

const say = (text) => sayAs('check', text)
const bin = (name, file) => path.join(packageFolder(name), file)

const compile = (config) => ({
  name: `tsc ${config}`,
  args: [bin('typescript', 'bin/tsc'), '-p', config, '--incremental', '--tsBuildInfoFile', buildInfo(config)],
})

const buildInfo = (config) => path.join(cache, 'tsc', `${config.replaceAll('/', '-')}.tsbuildinfo`)

/** What is checked, slowest first. */
export const checks = [
  { name: 'eslint', args: [bin('eslint', 'bin/eslint.js'), '.', '--max-warnings', '0'] },
  ...[
    'tsconfig.test.json',
    'tsconfig.main.json',
    'tsconfig.renderer.json',
    'tsconfig.pure.json',
    'tsconfig.build.json',
    'components/tsconfig.json',
  ].map(compile),
  { name: 'prettier', args: [bin('prettier', 'bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
]

function runCheck({ name, args }) {
  const began = performance.now()
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    child.stdout.on('data', (chunk) => (said += chunk))
    child.stderr.on('data', (chunk) => (said += chunk))
    child.on('close', (code) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      if (code !== 0) process.stdout.write(`\n${said.trim()}\n\n`)
      say(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
      resolve(code === 0)
    })
  })
}

if (isMain(import.meta.url)) {
  await main('check', async () => {
    await fs.mkdir(path.join(cache, 'tsc'), { recursive: true })
    const waiting = [...checks]
    const results = []
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results.push(await runCheck(next))
    }
    await Promise.all([worker(), worker()])
    const failed = results.filter((passed) => !passed).length
    say(failed === 0 ? 'all passed' : `${failed} of ${checks.length} failed`)
    return failed === 0 ? 0 : 1
  })
}
