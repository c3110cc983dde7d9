// `npm run dev`: the shell with the page served by Vite, reloaded as it is edited; main and preload restart on change.

import path from 'node:path'
import { resolvePaths } from './arguments.mjs'
import { build } from './build.mjs'
import { runChild } from './child.mjs'
import { packageFolder, root } from './paths.mjs'
import { main } from './say.mjs'
import { ensureSetup } from './setup.mjs'

await main('dev', async () => {
  const setup = await ensureSetup()
  try {
    await build()
    const vite = path.join(packageFolder('electron-vite'), 'bin', 'electron-vite.js')
    const args = ['dev', '--watch', ...(process.getuid?.() === 0 ? ['--noSandbox'] : [])]
    const rest = resolvePaths(process.argv.slice(2))
    return await runChild(process.execPath, [vite, ...args, ...(rest.length > 0 ? ['--', ...rest] : [])], {
      cwd: root,
      env: setup.env,
    })
  } finally {
    await setup.display?.stop()
  }
})
