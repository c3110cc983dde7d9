// Many more actors than run at once on one node process: memory of all its processes and of the server while a hundred of
// them are called at random, whether a call fails or an actor forgets, and how both grow with the number of actors.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parse } from '@bytecodealliance/jco'
import { createClient, type LatticeClient } from '../../main/lattice/client.js'
import { openImages } from '../../main/lattice/images.js'
import type { Rpc } from '../../main/lattice/rpc-types.js'
import { openRpc } from '../../main/lattice/rpc.js'
import { openTransport } from '../../main/nats/connection.js'
import { decodeComponent } from '../../main/wasm/decode-component.js'
import type { WitFunction } from '../../preload/wit.js'
import { createRandom } from '../main/wasm/random.js'
import { startNatsServer } from '../support/nats-server.js'
import { startNodeProcess } from '../support/node-process.js'
import { snapshotComponent } from '../support/snapshot-components.js'
import type { BenchContext } from './support/open-app.js'
import { memoryOf, processTree } from './support/process-tree.js'
import { quantile, type Row, rowOf } from './support/statistics.js'

export const name = 'many actors: memory of a node while a hundred of them are called at random'

const lattice = 'default'
const touched = 100
const callers = 4
/** Between two calls of one caller. */
const pauseMs = 80
const startsAtOnce = 4
/** Ours, without this process and what it may have beside them. */
const counted = new Set(['nats-server', 'local node', 'component pool of a node'])

/** One of the components of which there are many actors, and a call of it. */
interface Kind {
  readonly imageRef: string
  readonly instance: string
  readonly fn: WitFunction
  readonly params: readonly unknown[]
  /** It gives how often it was called: one that forgot would give less. */
  readonly counts: boolean
}

interface Many {
  readonly client: LatticeClient
  readonly rpc: Rpc
  readonly hostId: string
  readonly kinds: readonly Kind[]
  /** Calls so far, by actor. */
  readonly calls: Map<number, number>
}

const idOf = (index: number): string => `actor-${index}`

async function openKinds(root: string, put: (bytes: Uint8Array) => Promise<string>): Promise<Kind[]> {
  const built = async (file: string): Promise<Uint8Array> =>
    new Uint8Array(await readFile(path.join(root, 'out/components', `${file}.wasm`)))
  const text = await readFile(path.join(root, 'test/fixtures-wat/hostile.wat'), 'utf8')
  const script = await snapshotComponent('script')
  const all = [
    // Saves its own state; has a window and none; a program that knows nothing of this; no engine at all.
    [await built('counter'), 'tlos:counter/counter@0.1.0', 'increment', [], true],
    [await built('clock'), 'tlos:shell/window@0.1.0', 'open', [], false],
    ...(script === undefined ? [] : [[script, 'demo:script/script@0.1.0', 'run', ['put', 'key', 1], false] as const]),
    [await parse(text), '', 'count', [], true],
  ] as const
  return await Promise.all(
    all.map(async ([bytes, instance, functionName, params, counts]): Promise<Kind> => {
      const decoded = decodeComponent(bytes)
      const exports = decoded.ok ? decoded.value.world.exports : []
      const fn = exports.find((each) => each.name === instance)?.functions.find((each) => each.name === functionName)
      if (fn === undefined) throw new Error(`${instance} has no ${functionName}`)
      return { imageRef: await put(bytes), instance, fn, params, counts }
    }),
  )
}

const kindOf = (many: Many, index: number): Kind => {
  const kind = many.kinds[index % many.kinds.length]
  if (kind === undefined) throw new Error('there are no components')
  return kind
}

async function install(many: Many, from: number, to: number): Promise<void> {
  let next = from
  const start = async (): Promise<void> => {
    for (let index = next++; index < to; index = next++) {
      const { imageRef } = kindOf(many, index)
      await many.client.scale(many.hostId, { componentId: idOf(index), imageRef, count: 1, limitMs: 60_000 })
    }
  }
  await Promise.all(Array.from({ length: startsAtOnce }, start))
}

/** Calls one actor; in words what was wrong, if anything. */
async function touch(many: Many, index: number): Promise<string | undefined> {
  const { instance, fn, params, counts } = kindOf(many, index)
  const before = many.calls.get(index) ?? 0
  many.calls.set(index, before + 1)
  try {
    const value = await many.rpc.call({ prefix: `${lattice}.${idOf(index)}`, instance, fn, params })
    const isRight = !counts || Number(value) === before + 1
    return isRight ? undefined : `${idOf(index)} counted ${String(value)} at its call ${before + 1}`
  } catch (error) {
    return `${idOf(index)}: ${String(error)}`
  }
}

async function memory(): Promise<{ readonly rss: number; readonly pss: number }> {
  const found = (await processTree(process.pid)).filter(({ kind }) => counted.has(kind))
  const each = await Promise.all(found.map(({ pid }) => memoryOf(pid)))
  const sum = (pick: (one: (typeof each)[number]) => number): number =>
    each.reduce((total, one) => total + pick(one), 0) / 2 ** 20
  return { rss: sum((one) => one.rssBytes), pss: sum((one) => one.pssBytes) }
}

async function measure(many: Many, actors: number, seconds: number, signal: AbortSignal): Promise<Row[]> {
  const random = createRandom(actors)
  const chosen = Array.from({ length: actors }, (_, index) => index)
    .map((index) => [random(), index] as const)
    .sort(([a], [b]) => a - b)
    .slice(0, touched)
    .map(([, index]) => index)
  const until = performance.now() + seconds * 1_000
  const wrong: string[] = []
  const took: number[] = []
  /** Of one actor one call at a time, so that its count says whether it forgot. */
  const busy = new Set<number>()
  const caller = async (): Promise<void> => {
    while (performance.now() < until && !signal.aborted) {
      const index = chosen[Math.floor(random() * chosen.length)] ?? 0
      if (!busy.has(index)) {
        busy.add(index)
        const since = performance.now()
        const trouble = await touch(many, index)
        took.push(performance.now() - since)
        if (trouble !== undefined) wrong.push(trouble)
        busy.delete(index)
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  const samples: { readonly rss: number; readonly pss: number }[] = []
  const watch = async (): Promise<void> => {
    while (performance.now() < until) {
      samples.push(await memory())
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    }
  }
  await Promise.all([watch(), ...Array.from({ length: callers }, caller)])
  if (wrong.length > 0) throw new Error(`${wrong.length} of ${took.length} calls went wrong, first: ${wrong[0]}`)
  const what = `${actors} actors, ${Math.min(actors, touched)} called at random for ${seconds} s`
  const most = (pick: (one: (typeof samples)[number]) => number): number[] => [Math.max(...samples.map(pick))]
  return [
    rowOf(
      `${what}: most RSS of all processes`,
      'MB',
      most(({ rss }) => rss * 1.048576),
      actors < 1_000 ? {} : { aim: 1_200 },
    ),
    rowOf(
      `${what}: most PSS of all processes`,
      'MB',
      most(({ pss }) => pss * 1.048576),
    ),
    rowOf(`${what}: a call, median`, 'ms', took),
    { ...rowOf(`${what}: a call, p99`, 'ms', took), value: quantile(took, 0.99) },
  ]
}

export async function run({ root, isWhole, say, signal }: BenchContext): Promise<Row[]> {
  const closers: (() => unknown)[] = []
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-bench-many-'))
  closers.push(() => rm(folder, { recursive: true, force: true }))
  try {
    const server = await startNatsServer()
    closers.push(() => server.close())
    const transport = await openTransport({ servers: server.tcpUrl })
    closers.push(() => transport.close())
    const node = await startNodeProcess({ natsUrl: server.tcpUrl, name: 'many', stateDir: path.join(folder, 'node') })
    closers.push(() => node.stop())
    const rpc = openRpc(transport)
    closers.push(() => rpc.close())
    const images = openImages({ transport, lattice, cacheDir: path.join(folder, 'images'), allowFiles: false })
    const kinds = await openKinds(root, (bytes) => images.put(bytes))
    const many = { client: createClient({ transport, lattice }), rpc, hostId: node.hostId, kinds, calls: new Map() }
    const rows: Row[] = []
    let installed = 0
    for (const actors of isWhole ? [100, 300, 1_000] : [100, 300]) {
      const since = performance.now()
      await install(many, installed, actors)
      const seconds = (performance.now() - since) / 1_000
      say(`${actors - installed} actors more started in ${seconds.toFixed(0)} s, ${actors} now`)
      rows.push(rowOf(`start of one more actor, up to ${actors}`, 'ms', [(seconds * 1_000) / (actors - installed)]))
      installed = actors
      rows.push(...(await measure(many, actors, isWhole ? 60 : 15, signal)))
    }
    return rows
  } finally {
    for (const closer of closers.reverse()) await closer()
  }
}
