// Builds the empty app of test/bench/empty-app into out/bench/empty-app: what the shell's first frame is compared with.

import fs from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'
import { out, root } from './paths.mjs'

/** Resolves to the folder to start Electron on. */
export async function buildEmptyApp() {
  const from = path.join(root, 'test', 'bench', 'empty-app')
  const to = path.join(out, 'bench', 'empty-app')
  await fs.mkdir(to, { recursive: true })
  for (const name of ['package.json', 'main.cjs', 'index.html'])
    await fs.copyFile(path.join(from, name), path.join(to, name))
  await build({
    absWorkingDir: root,
    entryPoints: [path.join(from, 'page.ts')],
    outfile: path.join(to, 'page.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'chrome114',
    logLevel: 'warning',
  })
  return to
}
