// `npm run node -- --nats URL --lattice NAME`: a node without a window, in plain Node. stdout carries the program's JSON
// lines and nothing else of ours. The program itself is out/main/node.cjs.

import path from 'node:path'
import { resolvePaths } from './arguments.mjs'
import { build } from './build.mjs'
import { runChild } from './child.mjs'
import { out } from './paths.mjs'
import { main } from './say.mjs'

await main('node', async () => {
  await build()
  const program = path.join(out, 'main', 'node.cjs')
  return await runChild(process.execPath, ['--enable-source-maps', program, ...resolvePaths(process.argv.slice(2))])
})
