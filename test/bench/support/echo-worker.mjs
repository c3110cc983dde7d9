// A worker thread, or a process with one, that sends back what it gets: the bare cost of the hops an actor's call takes.

import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

if (isMainThread) {
  const worker = new Worker(fileURLToPath(import.meta.url))
  worker.on('message', (message) => process.send(message))
  process.on('message', (message) => worker.postMessage(message))
  process.on('disconnect', () => process.exit(0))
} else {
  parentPort.on('message', (message) => parentPort.postMessage(message))
}
