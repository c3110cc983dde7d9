// Moves of the counter to and fro between two node processes: how long it answers nobody, and how long the whole move takes,
// at rest and while callers call without a break. A lost or doubled call would make the figures worthless, so it fails.

import { moveActor } from '../../main/moves.js'
import type { Receipt } from '../../preload/records.js'
import type { BenchContext } from './support/open-app.js'
import { type Row, rowOf } from './support/statistics.js'
import { openTwoNodes, type TwoNodes } from './support/two-nodes.js'

export const name = 'move: pause and total of moving the counter'

const moves = 20
const callers = 4

interface Moved {
  readonly receipt: Receipt
  readonly totalMs: number
}

async function moveToAndFro(nodes: TwoNodes, signal: AbortSignal): Promise<Moved[]> {
  const moved: Moved[] = []
  // Two more than counted: the first move to a node brings it the bytes.
  for (let i = -2; i < moves; i += 1) {
    signal.throwIfAborted()
    const [from, to] = i % 2 === 0 ? [nodes.a, nodes.b] : [nodes.b, nodes.a]
    const since = performance.now()
    const receipt = await moveActor(
      { send: nodes.send, mirror: nodes.mirror, askedBy: 'bench' },
      { componentId: 'counter', from: from.hostId, to: to.hostId },
    )
    if (receipt.callsLost + receipt.callsTwice > 0) throw new Error(`a move lost calls: ${JSON.stringify(receipt)}`)
    if (i >= 0) moved.push({ receipt, totalMs: performance.now() - since })
  }
  return moved
}

/** Callers that call one after another; `stop` resolves when the last has its answer, and checks that none is missing. */
function callWithoutBreak(nodes: TwoNodes, first: number): { stop(): Promise<number> } {
  let isRunning = true
  const answers: number[] = []
  const loops = Array.from({ length: callers }, async () => {
    while (isRunning) answers.push(await nodes.increment())
  })
  return {
    async stop() {
      isRunning = false
      await Promise.all(loops)
      const isGapless = answers.sort((one, other) => one - other).every((answer, i) => answer === first + i)
      if (!isGapless) throw new Error('calls were lost or made twice during the moves')
      return answers.length
    },
  }
}

function rowsOf(load: string, moved: readonly Moved[]): Row[] {
  const pauses = moved.map(({ receipt }) => receipt.pauseMs)
  const totals = moved.map(({ totalMs }) => totalMs)
  return [
    rowOf(`pause of a move ${load}, median`, 'ms', pauses),
    rowOf(`pause of a move ${load}, longest`, 'ms', pauses, { share: 1 }),
    rowOf(`whole move ${load}, median`, 'ms', totals),
    rowOf(`whole move ${load}, longest`, 'ms', totals, { share: 1 }),
  ]
}

export async function run({ root, signal, say }: BenchContext): Promise<Row[]> {
  const nodes = await openTwoNodes(root)
  try {
    const first = await nodes.increment()
    const atRest = await moveToAndFro(nodes, signal)
    const load = callWithoutBreak(nodes, first + 1)
    const underLoad = await moveToAndFro(nodes, signal)
    const calls = await load.stop()
    say(`${calls} calls were answered during ${moves + 2} moves under load, each once`)
    return [...rowsOf('at rest', atRest), ...rowsOf(`under ${callers} callers`, underLoad)]
  } finally {
    await nodes.close()
  }
}
