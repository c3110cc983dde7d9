// Stands for a headless node in tests of starting and stopping one: the same command line, ready line and parent watch as
// `main/node.ts`, without a lattice. What it does besides is asked for by `--label do=…`.

import { parseNodeOptions } from '../../../../main/options.js'
import { watchParent } from '../../../../main/parent-watch.js'

const parsed = parseNodeOptions({ args: process.argv.slice(2), cwd: process.cwd(), version: '0' })
if (parsed.kind !== 'run') throw new Error('the command line is not a node’s')
const { name, labels } = parsed.options
const wish = labels['do']

process.on('SIGTERM', () => {
  if (wish !== 'stay') process.exit(0)
})
if (wish === 'stay') process.on('disconnect', () => undefined)
else if (wish === 'hang') watchParent({ onGone: () => undefined, limitMs: 300 })
else watchParent({ onGone: () => process.exit(0) })

if (wish === 'fail') {
  process.stderr.write('no server answers at that URL\n')
  process.exit(7)
}
// Before it is ready: whoever waits for that may be killed then, and with it the reader of this.
process.stderr.write('a line of its log\n')
process.stdout.write('not a ready line\n{"ready":false}\n')
if (wish !== 'mute') process.stdout.write(`${JSON.stringify({ ready: true, hostId: `HOST-${name ?? ''}` })}\n`)
setInterval(() => undefined, 1_000)
