// A call of an actor on this machine: `counter.increment` through the runtime's pool process and worker, beside a bare
// round trip of messages to a worker thread, and to a worker thread of another process, which is the way such a call takes.

import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { parse } from '@bytecodealliance/jco'
import { openRuntime } from '../../main/wasm/runtime.js'
import type { BenchContext } from './support/open-app.js'
import { type Row, rowOf, timeByTurns } from './support/statistics.js'

export const name = 'actor call: counter.increment in its worker, beside bare messages'

const echo = path.join(import.meta.dirname, 'support', 'echo-worker.mjs')
const message = { id: 1, name: 'increment', args: [] }

interface Port {
  once(event: 'message', listener: (message: unknown) => void): unknown
}

const roundTrip = (port: Port, send: () => void): Promise<unknown> =>
  new Promise((resolve) => {
    port.once('message', resolve)
    send()
  })

export async function run({ root }: BenchContext): Promise<Row[]> {
  const out = (name: string): string => path.join(root, 'out', name)
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-bench-call-'))
  const worker = new Worker(echo)
  const child: ChildProcess = fork(echo, { serialization: 'advanced' })
  const runtime = await openRuntime({
    cacheDir: folder,
    extraCacheDirs: [out('components/prepared')],
    entries: { pool: out('main/pool.cjs'), worker: out('main/worker.cjs'), transpile: out('main/transpile.cjs') },
  })
  try {
    const { digest } = await runtime.prepare(new Uint8Array(await readFile(out('components/counter.wasm'))))
    const host = { callImport: () => Promise.reject(new Error('the counter imports nothing')), log: () => undefined }
    const counter = await runtime.start(digest, { componentId: 'counter', host })
    const text = await readFile(path.join(root, 'test/fixtures-wat/hostile.wat'), 'utf8')
    const small = await runtime.start((await runtime.prepare(await parse(text))).digest, { componentId: 'small', host })
    const { call, wat, open, thread, other } = await timeByTurns(
      {
        call: () => counter.call('tlos:counter/counter@0.1.0', 'increment', []),
        wat: () => small.call('', 'count', []),
        open: () => counter.call('tlos:shell/window@0.1.0', 'open', []),
        thread: () => roundTrip(worker, () => worker.postMessage(message)),
        other: () => roundTrip(child, () => child.send(message)),
      },
      { rounds: 10, times: 300 },
    )
    const toMicro = (samples: readonly number[]): number[] => samples.map((ms) => ms * 1_000)
    const baseline = toMicro(thread)
    return [
      rowOf('counter.increment, median, beside a message to a worker thread and back', 'µs', toMicro(call), {
        baseline,
      }),
      rowOf('counter.increment, p99, beside the same', 'µs', toMicro(call), { baseline, share: 0.99 }),
      rowOf('window.open of the counter, median, beside the same', 'µs', toMicro(open), { baseline }),
      rowOf('counter.increment, median, beside a message to a worker of another process', 'µs', toMicro(call), {
        baseline: toMicro(other),
      }),
      rowOf('count of a WAT component, median, beside a message to a worker of another process', 'µs', toMicro(wat), {
        baseline: toMicro(other),
        aim: 1.5,
      }),
    ]
  } finally {
    await runtime.close()
    await worker.terminate()
    child.disconnect()
    await rm(folder, { recursive: true, force: true })
  }
}
