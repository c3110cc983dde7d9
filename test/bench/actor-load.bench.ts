// What a component under load costs, and what a bad one costs others: callers at once with one and with four instances,
// bytes through the worker's border, and the delay of one actor's calls while another one misbehaves.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parse } from '@bytecodealliance/jco'
import { Actor } from '../../main/actors/actor.js'
import { noGrants } from '../../main/wasm/grants.js'
import { openRuntime } from '../../main/wasm/runtime.js'
import type { Runtime } from '../../main/wasm/types.js'
import type { BenchContext } from './support/open-app.js'
import { type Row, rowOf, timeEach } from './support/statistics.js'

export const name = 'actors under load: many callers, many bytes, a bad neighbour'

const callers = 8
const echoBytes = 64 * 1024

export async function run({ root }: BenchContext): Promise<Row[]> {
  const out = (file: string): string => path.join(root, 'out', file)
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-bench-load-'))
  const runtime = await openRuntime({
    cacheDir: folder,
    entries: { pool: out('main/pool.cjs'), worker: out('main/worker.cjs'), transpile: out('main/transpile.cjs') },
  })
  const open = async (wat: string, maxInstances: number, seconds: number): Promise<Actor> =>
    openActor(runtime, await parse(await readFile(path.join(root, 'test/fixtures-wat', `${wat}.wat`), 'utf8')), {
      maxInstances,
      seconds,
    })
  try {
    return [...(await measureCallers(open)), ...(await measureBytes(open)), ...(await measureNeighbours(open))]
  } finally {
    await runtime.close()
    await rm(folder, { recursive: true, force: true })
  }
}

type Open = (wat: string, maxInstances: number, seconds: number) => Promise<Actor>

async function openActor(
  runtime: Runtime,
  bytes: Uint8Array,
  { maxInstances, seconds }: { maxInstances: number; seconds: number },
): Promise<Actor> {
  const prepared = await runtime.prepare(bytes)
  const limits = { max_execution_time: String(seconds) }
  const actor = new Actor(
    { componentId: 'bench', imageRef: '', annotations: {}, maxInstances, config: [], limits },
    prepared,
    {
      runtime,
      prepareAgain: () => runtime.prepare(bytes),
      callImport: () => new Promise(() => undefined),
      config: () => ({}),
      grants: () => noGrants,
      now: () => performance.now(),
      onChanged: () => undefined,
      lastSaved: () => Promise.resolve(undefined),
      onFailed: () => undefined,
    },
  )
  await actor.start()
  return actor
}

/** Calls per second of so many callers over a while, each of which takes its time in the guest. */
async function throughput(actor: Actor, count: number, ms: number): Promise<number> {
  const until = performance.now() + ms
  let calls = 0
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      await actor.run('', 'work', [400_000])
      calls += 1
    }
  }
  const since = performance.now()
  await Promise.all(Array.from({ length: count }, caller))
  return (calls / (performance.now() - since)) * 1_000
}

async function measureCallers(open: Open): Promise<Row[]> {
  const actor = await open('works', 4, 10)
  // All four are there before it counts.
  await throughput(actor, callers, 1_000)
  const alone: number[] = []
  const many: number[] = []
  for (let round = 0; round < 6; round += 1) {
    alone.push(await throughput(actor, 1, 700))
    many.push(await throughput(actor, callers, 700))
  }
  await actor.stop()
  const cores = os.cpus().length
  return [
    rowOf(`calls of ${callers} callers, 4 instances, ${cores} cores, beside one caller`, 'calls/s', many, {
      baseline: alone,
    }),
  ]
}

async function measureBytes(open: Open): Promise<Row[]> {
  const actor = await open('bulky', 1, 10)
  const bytes = new Uint8Array(echoBytes).fill(7)
  const echo = (): Promise<unknown> => actor.run('', 'echo', [bytes])
  await timeEach(100, echo)
  const samples = await timeEach(500, echo)
  // At once, as a stream of them would come: what one takes is hidden by the next.
  const batches: number[] = []
  for (let round = 0; round < 10; round += 1) {
    const since = performance.now()
    await Promise.all(Array.from({ length: 32 }, echo))
    batches.push((32 * echoBytes) / 1e3 / (performance.now() - since))
  }
  await actor.stop()
  const toMegabytes = (ms: number): number => echoBytes / 1e3 / ms
  return [
    rowOf('echo of 64 KiB through pool and worker, one after another', 'MB/s', samples.map(toMegabytes)),
    rowOf('echo of 64 KiB through pool and worker, 32 at once', 'MB/s', batches),
  ]
}

/** Name, component, and what it does while the neighbour is called. */
const bad: readonly (readonly [what: string, wat: string, fn: string, params: readonly unknown[]])[] = [
  ['loops', 'hostile', 'loop-forever', []],
  ['grows to its limit', 'hostile', 'grow', []],
  ['traps', 'hostile', 'trap', []],
  ['floods its log', 'log-flood', 'flood', []],
  ['waits for its host', 'asks', 'ask', [1]],
]

async function measureNeighbours(open: Open): Promise<Row[]> {
  const good = await open('hostile', 1, 10)
  const call = (): Promise<unknown> => good.run('', 'count', [])
  await timeEach(500, call)
  const rows: Row[] = []
  for (const [what, wat, fn, params] of bad) {
    const other = await open(wat, 2, 1)
    const quiet = await timeEach(300, call)
    let isOver = false
    const misbehave = async (): Promise<void> => {
      while (!isOver) await other.run('', fn, params).catch(() => undefined)
    }
    const misbehaving = misbehave()
    const samples = await timeEach(1_000, call)
    isOver = true
    await other.stop()
    await misbehaving
    rows.push(
      rowOf(`longest of 1,000 calls while a neighbour ${what}, beside quiet`, 'ms', [Math.max(...samples)], {
        baseline: [Math.max(...quiet)],
      }),
    )
  }
  await good.stop()
  return rows
}
