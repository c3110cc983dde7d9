// What a unary call over wRPC costs beside a plain NATS request: 128 bytes echoed between two processes over a real server,
// both kinds in turn in the same run. The serving process is this same file, told by its environment.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { connect } from 'nats'
import { openRpc } from '../../main/lattice/rpc.js'
import { openTransport } from '../../main/nats/connection.js'
import type { WitFunction, WitType } from '../../preload/wit.js'
import { startNatsServer } from '../support/nats-server.js'

export const name = 'a unary call over wRPC beside a NATS request, 128 bytes, two processes'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly baseline?: number
  readonly aim?: number
}

const serverVariable = 'TLOS_BENCH_RPC_SERVER'
const bytes: WitType = { kind: 'list', element: { kind: 'u8' } }
const echo: WitFunction = { name: 'echo', params: [{ name: 'data', type: bytes }], result: bytes }
const prefix = 'bench.echo'
const instance = 'tlos:bench/echo@0.1.0'
const take: WitFunction = { name: 'take', params: [{ name: 'data', type: bytes }] }
const rawSubject = 'bench.raw'
const sinkSubject = 'bench.sink'

const warmUp = 2_000
const rounds = 30
const perRound = 200
const atOnce = 64
const largeRounds = 15
const largeAtOnce = 8
const megabyte = 1024 * 1024

export async function run(): Promise<Row[]> {
  const server = await startNatsServer({ jetStream: false })
  let child: ChildProcess | undefined
  try {
    child = fork(fileURLToPath(import.meta.url), { env: { ...process.env, [serverVariable]: server.tcpUrl } })
    await once(child, 'message', { signal: AbortSignal.timeout(15_000) })
    return await measure(server.tcpUrl)
  } finally {
    child?.kill()
    await server.close()
  }
}

async function measure(servers: string): Promise<Row[]> {
  const raw = await connect({ servers })
  const transport = await openTransport({ servers })
  const rpc = openRpc(transport)
  const data = new Uint8Array(128).fill(0x61)
  const callRaw = (): Promise<unknown> => raw.request(rawSubject, data, { timeout: 5_000 })
  const callRpc = (): Promise<unknown> => rpc.call({ prefix, instance, fn: echo, params: [data] })
  await times(callRaw, warmUp)
  await times(callRpc, warmUp)
  const rawTimes: number[] = []
  const rpcTimes: number[] = []
  // In turn, so that whatever else the machine does meets both.
  for (let round = 0; round < rounds; round += 1) {
    rawTimes.push(...(await times(callRaw, perRound)))
    rpcTimes.push(...(await times(callRpc, perRound)))
  }
  const rawRates: number[] = []
  const rpcRates: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    rawRates.push(await microsecondsEach(callRaw))
    rpcRates.push(await microsecondsEach(callRpc))
  }
  // What a publisher does with 1 MiB: messages as large as the server takes, and an answer to the last one.
  const large = new Uint8Array(megabyte).fill(0x61)
  const most = Math.min(raw.info?.max_payload ?? megabyte, megabyte) - 1_024
  const publishRaw = async (): Promise<void> => {
    raw.publish(sinkSubject, large.subarray(0, most))
    await raw.request(sinkSubject, large.subarray(most), { timeout: 30_000 })
  }
  const callLarge = (): Promise<unknown> => rpc.call({ prefix, instance, fn: take, params: [large], timeoutMs: 30_000 })
  const rawLarge: number[] = []
  const rpcLarge: number[] = []
  for (let round = -1; round < largeRounds; round += 1) {
    const rawMs = await millisecondsFor(largeAtOnce, publishRaw)
    const rpcMs = await millisecondsFor(largeAtOnce, callLarge)
    if (round < 0) continue
    rawLarge.push(rawMs / largeAtOnce)
    rpcLarge.push(rpcMs / largeAtOnce)
  }
  rpc.close()
  await transport.close()
  await raw.close()
  const unit = 'µs'
  return [
    { name: 'unary call, p50', unit, value: at(rpcTimes, 0.5), baseline: at(rawTimes, 0.5), aim: 1.5 },
    { name: 'unary call, p99', unit, value: at(rpcTimes, 0.99), baseline: at(rawTimes, 0.99) },
    {
      name: `unary call, ${atOnce} at once, per call`,
      unit,
      value: at(rpcRates, 0.5),
      baseline: at(rawRates, 0.5),
      aim: 2,
    },
    {
      name: `1 MiB argument, ${largeAtOnce} at once, per call, beside publishing it`,
      unit: 'ms',
      value: at(rpcLarge, 0.5),
      baseline: at(rawLarge, 0.5),
      // 60 % of the throughput.
      aim: 1 / 0.6,
    },
  ]
}

/** How long each took, one after another (µs). */
async function times(call: () => Promise<unknown>, count: number): Promise<number[]> {
  const taken: number[] = []
  for (let i = 0; i < count; i += 1) {
    const start = performance.now()
    await call()
    taken.push((performance.now() - start) * 1_000)
  }
  return taken
}

async function microsecondsEach(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  const callOften = async (): Promise<void> => {
    for (let i = 0; i < 10; i += 1) await call()
  }
  await Promise.all(Array.from({ length: atOnce }, callOften))
  return ((performance.now() - start) * 1_000) / (atOnce * 10)
}

async function millisecondsFor(count: number, call: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await Promise.all(Array.from({ length: count }, call))
  return performance.now() - start
}

function at(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN
}

async function serve(servers: string): Promise<void> {
  const raw = await connect({ servers })
  raw.subscribe(rawSubject, { callback: (_error, message) => void message.respond(message.data) })
  raw.subscribe(sinkSubject, { callback: (_error, message) => void (message.reply !== undefined && message.respond()) })
  await raw.flush()
  const rpc = openRpc(await openTransport({ servers }))
  const service = rpc.serve({
    prefix,
    queue: prefix,
    exports: [{ name: instance, functions: [echo, take] }],
    handle: async ({ fn, params }) => (fn.name === 'take' ? undefined : params[0]),
  })
  await service.ready
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
}

const servers = process.env[serverVariable]
if (servers !== undefined) await serve(servers)
