// Stands for the shell's main process in tests that kill it: the parts that start processes, and nothing else. Prints the
// ids of its children, then waits to be killed. Arguments: folder, bundle of the node.

import path from 'node:path'
import { openChildren } from '../../../../main/desktop/children.js'
import { openEmbeddedNats } from '../../../../main/desktop/embedded-nats.js'
import { openLocalNodes } from '../../../../main/desktop/local-nodes.js'
import { stateFiles } from '../../../../main/desktop/settings.js'
import { openStateFile } from '../../../../main/state-file.js'

async function main(folder: string, node: string): Promise<void> {
  const children = await openChildren({ kept: await openStateFile({ folder, ...stateFiles.children }) })
  const nats = await openEmbeddedNats({
    folder: path.join(folder, 'nats'),
    ports: await openStateFile({ folder, ...stateFiles.ports }),
    children,
    find: { env: process.env },
  })
  const start = async (name: string, wish: string): Promise<number> => {
    const nodes = openLocalNodes({
      command: { file: process.execPath, args: [node], env: process.env },
      lattice: 'default',
      natsUrl: nats.natsUrl,
      folder: path.join(folder, 'nodes'),
      extra: ['--label', `do=${wish}`],
      children,
    })
    return (await nodes.start(name)).pid
  }
  const good = await start('good', 'nothing')
  const hanging = await start('hanging', 'hang')
  const stubborn = await start('stubborn', 'stay')
  process.stdout.write(`${JSON.stringify({ ended: children.ended, nats: nats.pid, good, hanging, stubborn })}\n`)
}

const [folder = '', node = ''] = process.argv.slice(2)
void main(folder, node)
