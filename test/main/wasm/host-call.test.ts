// A guest's call to its host: its thread sleeps until the answer is there, whatever else wakes it.

import { MessageChannel, Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { createTurnMemory } from '../../../main/wasm/call-turn.js'
import { createHostCalls, HostFault } from '../../../main/wasm/host-call.js'
import { openShortWay } from '../../../main/wasm/lane.js'

/** The host: wakes the guest for nothing, as one that is late with the call before does, and then answers, or never. */
const host = `
const { workerData: { port, signal, answers } } = require('node:worker_threads')
const count = new Int32Array(signal)
const sleeper = new Int32Array(new SharedArrayBuffer(4))
port.on('message', ({ args }) => {
  for (let times = 0; times < 20; times += 1) {
    Atomics.notify(count, 0)
    Atomics.wait(sleeper, 0, 0, 5)
  }
  if (!answers) return
  port.postMessage({ ok: true, value: args[0] * 2 })
  Atomics.add(count, 0, 1)
  Atomics.notify(count, 0)
})`

describe('A call to the host', () => {
  let worker: Worker | undefined
  afterEach(() => worker?.terminate())

  async function open(answers: boolean, limitMs: number) {
    const { port1, port2 } = new MessageChannel()
    const signal = createTurnMemory()
    worker = new Worker(host, { eval: true, workerData: { port: port2, signal, answers }, transferList: [port2] })
    await new Promise((resolve) => worker?.once('online', resolve))
    return createHostCalls({ port: port1, turn: new Int32Array(signal), limitMs, id: 1, lane: openShortWay(undefined) })
  }

  it('waits for its answer when it is woken for another', async () => {
    const { call } = await open(true, 60_000)
    for (const n of [1, 2, 3]) expect(call('demo:far/numbers', 'double', [n])).toEqual({ ok: true, value: n * 2 })
  })

  it('ends at its limit, however often it is woken', async () => {
    const { call } = await open(false, 200)
    expect(() => call('demo:far/numbers', 'double', [1])).toThrow(HostFault)
  })
})
