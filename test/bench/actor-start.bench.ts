// From a prepared component on disk to the answer of its first call, beside the least that it takes: the same core modules
// compiled and instantiated, and one empty worker thread started.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Script } from 'node:vm'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import * as v from 'valibot'
import { maxTableEntries, pageBytes, patchMemories } from '../../main/wasm/patch-memory.js'
import { glueName, Manifest, manifestName } from '../../main/wasm/prepared-format.js'
import { openRuntime } from '../../main/wasm/runtime.js'
import type { Runtime } from '../../main/wasm/types.js'
import { snapshotComponent } from '../support/snapshot-components.js'
import type { BenchContext } from './support/open-app.js'
import { type Row, rowOf } from './support/statistics.js'

export const name = 'actor start: from the cache on disk to the first answer, beside compiling and one worker'

const rounds = 12
/** So long nobody starts anything, as between two drops of a person: what the pool keeps ready can become so. */
const calmMs = 400
const host = { callImport: () => Promise.reject(new Error('nothing is imported')), log: () => undefined }
const emptyWorker = `require('node:worker_threads').parentPort.postMessage(1)`

interface Subject {
  readonly what: string
  readonly bytes: Uint8Array
  readonly instance: string
  readonly functionName: string
  readonly params: readonly unknown[]
}

/** The runtime's way. Another limit each time, so that neither we nor V8 have the modules compiled already. */
async function timeStart(runtime: Runtime, digest: string, subject: Subject, pages: number): Promise<number> {
  const since = performance.now()
  const limits = { memoryBytes: pages * pageBytes, startMs: 60_000 }
  const instance = await runtime.start(digest, { componentId: subject.what, host, limits })
  await instance.call(subject.instance, subject.functionName, subject.params)
  const took = performance.now() - since
  await instance.stop()
  return took
}

type Glue = (...args: unknown[]) => Promise<unknown>

/** The least: no process, no hash, no limits, no types, no call. */
async function timeBare(folder: string, pages: number): Promise<number> {
  const manifest = v.parse(Manifest, JSON.parse(await readFile(path.join(folder, manifestName), 'utf8')))
  const files = await Promise.all(
    manifest.modules.map(async (file) => {
      const patched = patchMemories(new Uint8Array(await readFile(path.join(folder, file.name))), {
        pages,
        tableEntries: maxTableEntries,
      })
      if (!patched.ok) throw new Error(patched.reason)
      return [file.name, new Uint8Array(patched.bytes)] as const
    }),
  )
  const glue = await readFile(path.join(folder, glueName), 'utf8')
  const exports: { instantiate?: Glue } = {}
  const define = new Script(`(function (exports) {${glue}\n})`).runInThisContext() as (exports: object) => void
  define(exports)
  const since = performance.now()
  const modules = new Map<string, WebAssembly.Module>()
  await Promise.all(files.map(async ([file, bytes]) => modules.set(file, await WebAssembly.compile(bytes))))
  await exports.instantiate?.((file: string) => modules.get(file), {})
  const worker = new Worker(emptyWorker, { eval: true })
  await new Promise((resolve) => worker.once('message', resolve))
  const took = performance.now() - since
  await worker.terminate()
  return took
}

async function measure(runtime: Runtime, cacheDir: string, subject: Subject): Promise<Row> {
  const { digest } = await runtime.prepare(subject.bytes)
  const found = await folderOf(cacheDir, digest)
  const starts: number[] = []
  const bare: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, calmMs))
    const ours = await timeStart(runtime, digest, subject, 1_000 - 2 * round)
    const least = await timeBare(found, 999 - 2 * round)
    // The first one of each reads its own code for the first time.
    if (round === 0) continue
    starts.push(ours)
    bare.push(least)
  }
  return rowOf(`start of ${subject.what} from the cache to its first answer, median, beside the least`, 'ms', starts, {
    baseline: bare,
    aim: 2,
  })
}

async function folderOf(cacheDir: string, digest: string): Promise<string> {
  const found = (await readdir(cacheDir)).find((each) => each.startsWith(digest))
  if (found === undefined) throw new Error(`${digest} is not in the cache`)
  return path.join(cacheDir, found)
}

export async function run({ root }: BenchContext): Promise<Row[]> {
  if (Number(process.versions.v8.split('.')[0]) < 12) setFlagsFromString('--experimental-wasm-extended-const')
  const out = (file: string): string => path.join(root, 'out', file)
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-bench-cache-'))
  const runtime = await openRuntime({
    cacheDir: folder,
    spread: 1,
    entries: { pool: out('main/pool.cjs'), worker: out('main/worker.cjs'), transpile: out('main/transpile.cjs') },
  })
  try {
    const counter: Subject = {
      what: 'a QuickJS component',
      bytes: new Uint8Array(await readFile(out('components/counter.wasm'))),
      instance: 'tlos:counter/counter@0.1.0',
      functionName: 'increment',
      params: [],
    }
    const starlingMonkey = await snapshotComponent('script', 'starlingmonkey')
    const script = (bytes: Uint8Array): Subject => ({
      what: 'a StarlingMonkey component',
      bytes,
      instance: 'demo:script/script@0.1.0',
      functionName: 'run',
      params: ['put', 'key', 1],
    })
    const rows = [await measure(runtime, folder, counter)]
    if (starlingMonkey !== undefined) rows.push(await measure(runtime, folder, script(starlingMonkey)))
    return rows
  } finally {
    await runtime.close()
    await rm(folder, { recursive: true, force: true })
  }
}
