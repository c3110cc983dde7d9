// The worker threads of a pool process. One more than there are instances is kept, with everything loaded that each needs,
// asleep until it is told what it is: most of a start is a thread's own start. It never ran a guest, and serves one only.

import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import type { SpareData, WorkerSeed } from './pool-protocol.js'

/** JavaScript side of a guest: glue, values in flight. Wasm memory does not count here. MiB. */
export const heapMiB = 256
const stackMiB = 4
/** After the last of those that start at the same time, so that it takes no time from them. */
const calmMs = 50

export interface Workers {
  /** A worker that becomes what the seed says. */
  start(seed: WorkerSeed, transfer: readonly MessagePort[]): Worker
}

interface Spare {
  readonly worker: Worker
  readonly port: MessagePort
  readonly signal: Int32Array
}

export function createWorkers(entry: string): Workers {
  let spare: Spare | undefined
  let timer: NodeJS.Timeout | undefined
  const starting = new Set<Worker>()

  function make(): Spare {
    const { port1, port2 } = new MessageChannel()
    const signal = new SharedArrayBuffer(4)
    const worker = new Worker(entry, {
      workerData: { port: port2, signal } satisfies SpareData,
      transferList: [port2],
      env: {},
      argv: [],
      execArgv: [],
      stdout: true,
      stderr: true,
      name: 'component',
      resourceLimits: { maxOldGenerationSizeMb: heapMiB, stackSizeMb: stackMiB },
    })
    port1.unref()
    // The glue prints some trouble before it throws it; what the guest prints comes as a log.
    worker.stdout.resume()
    worker.stderr.resume()
    return { worker, port: port1, signal: new Int32Array(signal) }
  }

  function prepare(): void {
    if (spare !== undefined) return
    const made = make()
    const forget = (): void => {
      if (spare === made) spare = undefined
    }
    // Whoever takes it listens as well; a spare that fails is only not there.
    made.worker.on('error', forget)
    made.worker.on('exit', forget)
    spare = made
  }

  function noteStarted(worker: Worker): void {
    if (!starting.delete(worker) || starting.size > 0) return
    clearTimeout(timer)
    timer = setTimeout(prepare, calmMs)
  }

  return {
    start(seed, transfer) {
      const { worker, port, signal } = spare ?? make()
      spare = undefined
      port.postMessage(seed, transfer)
      Atomics.store(signal, 0, 1)
      Atomics.notify(signal, 0)
      clearTimeout(timer)
      starting.add(worker)
      worker.once('message', () => noteStarted(worker))
      worker.once('exit', () => noteStarted(worker))
      return worker
    },
  }
}
