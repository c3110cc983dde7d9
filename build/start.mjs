// `npm start`: sets up what is missing, builds what is older than its sources, and opens the shell. What follows `--` is
// the shell's (a .wasm file, --nats, --lattice, --no-demo, --user-data-dir); paths mean what they mean to the caller.

import { build } from './build.mjs'
import { runChild } from './child.mjs'
import { resolvePaths } from './arguments.mjs'
import { root } from './paths.mjs'
import { main, say as sayAs } from './say.mjs'
import { ensureSetup } from './setup.mjs'

const say = (text) => sayAs('start', text)

await main('start', async () => {
  const args = resolvePaths(process.argv.slice(2))
  const setup = await ensureSetup()
  try {
    await build()
    const flags = []
    if (process.platform === 'linux' && process.getuid() === 0) {
      say('running as root: Chromium refuses its sandbox there, so it is off. Run as a normal user to have it')
      flags.push('--no-sandbox')
    }
    if (setup.display !== undefined) {
      say(`there is no display, so the window opens on a virtual one (${setup.display.DISPLAY}) where nobody sees it`)
      flags.push('--use-gl=angle', '--use-angle=swiftshader')
    }
    return await runChild(setup.electron.file, [...flags, root, ...args], {
      env: setup.env,
      onForce: () => say('ending it by force'),
    })
  } finally {
    await setup.display?.stop()
  }
})
