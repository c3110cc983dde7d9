// Calls of actors on another node over the lattice, beside a plain NATS request and reply on the same server: this process
// calls, `counter.increment` and the echo of 128 bytes by a component written as text run in the process of a headless node, the reply comes from a process of its own.

import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { connect } from 'nats'
import type { BenchContext } from './support/open-app.js'
import { type Row, rowOf, timeByTurns } from './support/statistics.js'
import { openTwoNodes } from './support/two-nodes.js'

export const name = 'lattice call: counter.increment over wRPC, beside raw NATS request and reply'

const subject = 'bench.echo'

async function startResponder(url: string): Promise<ChildProcess> {
  const child = fork(path.join(import.meta.dirname, 'support', 'responder.mjs'), [url, subject])
  await new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', () => reject(new Error('the responder ended')))
  })
  return child
}

export async function run({ root }: BenchContext): Promise<Row[]> {
  const nodes = await openTwoNodes(root)
  try {
    const responder = await startResponder(nodes.server.tcpUrl)
    const connection = await connect({ servers: nodes.server.tcpUrl })
    const payload = new Uint8Array(128).fill(0x61)
    const { call, wat, raw } = await timeByTurns(
      {
        call: () => nodes.increment(),
        wat: () => nodes.echo(payload),
        raw: () => connection.request(subject, payload, { timeout: 2_000 }),
      },
      { rounds: 10, times: 200 },
    )
    await connection.close()
    responder.disconnect()
    return [
      rowOf('echo of 128 bytes by a WAT component on another node, p50, beside raw request and reply', 'ms', wat, {
        baseline: raw,
        aim: 2.2,
      }),
      rowOf('call of an actor on another node, p50, beside raw request and reply', 'ms', call, { baseline: raw }),
      rowOf('call of an actor on another node, p99, beside raw request and reply', 'ms', call, {
        baseline: raw,
        share: 0.99,
      }),
    ]
  } finally {
    await nodes.close()
  }
}
