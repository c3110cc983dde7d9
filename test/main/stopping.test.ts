// A component on two nodes that is stopped on one of them while it is called: the bus gives its calls to either, and none is lost.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { createClient } from '../../main/lattice/client.js'
import { openRpc } from '../../main/lattice/rpc.js'
import { openTransport } from '../../main/nats/connection.js'
import type { WitFunction } from '../../preload/wit.js'
import { startNatsServer } from '../support/nats-server.js'
import { startNodeProcess } from '../support/node-process.js'
import { parseWat } from './wasm/wat.js'

const double: WitFunction = {
  name: 'double',
  params: [{ name: 'n', type: { kind: 'u32' } }],
  result: { kind: 'u32' },
}
const doubler = `(component
  (core module $m (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
  (core instance $i (instantiate $m))
  (func $double (param "n" u32) (result u32) (canon lift (core func $i "double")))
  (instance $out (export "double" (func $double)))
  (export "demo:far/numbers@1.2.0" (instance $out)))`
const callers = 4
const rounds = 6

it('[L143] answers every call while a component is started and stopped by turns on two nodes', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-stopping-'))
  const server = await startNatsServer()
  const ending: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true }), () => server.close()]
  try {
    const file = path.join(folder, 'doubler.wasm')
    await writeFile(file, await parseWat(doubler))
    const nodes = await Promise.all(
      ['one', 'two'].map((name) => startNodeProcess({ natsUrl: server.tcpUrl, name, extra: ['--allow-file-load'] })),
    )
    for (const node of nodes) ending.push(() => node.stop())
    const transport = await openTransport({ servers: server.tcpUrl, name: 'who calls' })
    ending.push(() => transport.close())
    const client = createClient({ transport, lattice: 'default' })
    const rpc = openRpc(transport)
    const start = (hostId: string): Promise<unknown> =>
      client.scale(hostId, { componentId: 'moved', imageRef: pathToFileURL(file).href, count: 1, limitMs: 50_000 })
    const [one, two] = nodes.map(({ hostId }) => hostId)
    if (one === undefined || two === undefined) throw new Error('there are two nodes')

    await start(one)
    let goesOn = true
    let step = 'at the beginning'
    const failed: string[] = []
    let answered = 0
    const call = async (): Promise<void> => {
      while (goesOn) {
        const during = step
        const asked = { prefix: 'default.moved', instance: 'demo:far/numbers@1.2.0', fn: double, params: [4] }
        const got = await rpc.call({ ...asked, timeoutMs: 20_000 }).catch(String)
        if (got === 8) answered += 1
        else failed.push(`${during}: ${String(got)}`)
      }
    }
    const calling = Promise.all(Array.from({ length: callers }, call))
    for (let round = 0; round < rounds; round += 1) {
      const [from, to] = round % 2 === 0 ? [one, two] : [two, one]
      step = `starting, round ${round}`
      await start(to)
      step = `stopping, round ${round}`
      await client.stop(from, 'moved', 60_000)
      step = `after round ${round}`
      const before = answered
      await expect.poll(() => answered > before + 20, { timeout: 30_000 }).toBe(true)
    }
    goesOn = false
    await calling
    expect(failed).toEqual([])
    rpc.close()
  } finally {
    for (const end of ending.reverse()) await end()
  }
}, 180_000)
