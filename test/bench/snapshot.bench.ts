// Copying an instance and going on from the copy, through pool process and worker, with a fresh instance started before;
// and whether a call costs more because the instance can be copied, beside the transpiler's own output.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { $init, generate } from '@bytecodealliance/jco-transpile/component'
import { transpileOptions } from '../../main/wasm/prepared-format.js'
import { openRuntime } from '../../main/wasm/runtime.js'
import type { Runtime } from '../../main/wasm/types.js'
import { createRandom } from '../main/wasm/random.js'
import { repeat, runAll, scriptOperation } from '../main/wasm/snapshot-operations.js'
import { snapshotComponent } from '../support/snapshot-components.js'
import type { BenchContext } from './support/open-app.js'
import { type Row, rowOf, timeByTurns } from './support/statistics.js'

export const name = 'snapshot: copying an instance and going on from the copy'

const copies = 15
const counter = 'tlos:counter/counter@0.1.0'
const host = { callImport: () => Promise.reject(new Error('nothing is imported')), log: () => undefined }

/** Of a component that was used a while. */
async function timeCopies(runtime: Runtime, what: string, bytes: Uint8Array, aim: number): Promise<Row[]> {
  const { digest } = await runtime.prepare(bytes)
  const limits = { startMs: 60_000, callMs: 60_000 }
  const start = () => runtime.start(digest, { componentId: what, host, limits })
  const used = await start()
  const random = createRandom(1)
  await runAll(
    used,
    repeat(300, () => scriptOperation(random)),
  )
  const taken: number[] = []
  const restored: number[] = []
  let imageBytes = 0
  for (let round = 0; round <= copies; round += 1) {
    const fresh = await start()
    const since = performance.now()
    const image = await used.snapshot()
    const between = performance.now()
    imageBytes = image.length
    await fresh.restore(image)
    // The first round compiles what the others run.
    if (round > 0) {
      taken.push(between - since)
      restored.push(performance.now() - between)
    }
    await fresh.stop()
  }
  const megabytes = (used.memoryBytes / 1e6).toFixed(1)
  await used.stop()
  const both = taken.map((ms, index) => ms + (restored[index] ?? 0))
  return [
    rowOf(`copy of a ${what} instance of ${megabytes} MB, median`, 'ms', taken),
    rowOf(`going on from it, in an instance that was started, median`, 'ms', restored),
    rowOf(`both together, median`, 'ms', both, { aim }),
    rowOf(`size of the image`, 'KB', [imageBytes / 1e3]),
  ]
}

type Root = Record<string, Record<string, () => unknown>>

/** One instance in this very process. */
async function load(glue: string, modules: ReadonlyMap<string, Uint8Array>): Promise<Root> {
  const compiled = new Map<string, WebAssembly.Module>()
  for (const [file, bytes] of modules) compiled.set(file, await WebAssembly.compile(new Uint8Array(bytes)))
  const exports: { instantiate?: (...args: unknown[]) => Promise<Root> } = {}
  const run = new Script(`(function (exports) {${glue}\n})`).runInThisContext() as (exports: object) => void
  run(exports)
  const root = await exports.instantiate?.((file: string) => compiled.get(file), {})
  if (root === undefined) throw new Error('the glue exports no instantiate')
  return root
}

async function timeCalls(runtime: Runtime, bytes: Uint8Array, cacheDir: string): Promise<Row[]> {
  if (Number(process.versions.v8.split('.')[0]) < 12) setFlagsFromString('--experimental-wasm-extended-const')
  const { digest } = await runtime.prepare(bytes)
  const folder = path.join(cacheDir, readdirSync(cacheDir).find((each) => each.startsWith(digest)) ?? '')
  const open = new Map<string, Uint8Array>()
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.wasm')) open.set(file, new Uint8Array(await readFile(path.join(folder, file))))
  }
  await $init
  const { files } = generate(bytes, { ...transpileOptions, map: [] })
  const plainGlue = new TextDecoder()
    .decode(files.find(([file]) => file.endsWith('.js'))?.[1])
    .replace('export function instantiate(', 'exports.instantiate = function instantiate(')
    .replace('export const _util', 'exports._util')
    .replaceAll('import.meta.url', '""')
  const copyable = await load(await readFile(path.join(folder, 'glue.cjs'), 'utf8'), open)
  const plain = await load(plainGlue, new Map(files.filter(([file]) => file.endsWith('.wasm'))))
  const times = 200
  const many = (root: Root) => async (): Promise<void> => {
    for (let left = times; left > 0; left -= 1) root[counter]?.['increment']?.()
  }
  const timed = await timeByTurns({ copyable: many(copyable), plain: many(plain) }, { rounds: 20, times: 10 })
  const each = (samples: readonly number[]): number[] => samples.map((ms) => (ms * 1_000) / times)
  return [
    rowOf('a call inside an instance that can be copied, median, beside one that cannot', 'µs', each(timed.copyable), {
      baseline: each(timed.plain),
    }),
  ]
}

export async function run({ root }: BenchContext): Promise<Row[]> {
  const out = (file: string): string => path.join(root, 'out', file)
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-bench-snapshot-'))
  const runtime = await openRuntime({
    cacheDir: folder,
    entries: { pool: out('main/pool.cjs'), worker: out('main/worker.cjs'), transpile: out('main/transpile.cjs') },
  })
  try {
    const quickJs = await snapshotComponent('script')
    const starlingMonkey = await snapshotComponent('script', 'starlingmonkey')
    return [
      ...(quickJs === undefined ? [] : await timeCopies(runtime, 'QuickJS', quickJs, 10)),
      ...(starlingMonkey === undefined ? [] : await timeCopies(runtime, 'StarlingMonkey', starlingMonkey, 40)),
      ...(await timeCalls(runtime, new Uint8Array(await readFile(out('components/counter.wasm'))), folder)),
    ]
  } finally {
    await runtime.close()
    await rm(folder, { recursive: true, force: true })
  }
}
