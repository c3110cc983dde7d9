// Entry of a pool process: hosts component instances, each in a worker thread, and relays between them and the runtime.
// It never runs guest code on its own thread, so that it always answers. Last argument: path of the worker's bundle.

import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { createFrameReader, mostBytes } from './frames.js'
import { laneArgument, laneFd } from './lane.js'
import { startInstance, type PoolInstance } from './pool-instance.js'
import { createModuleCache, LoadFault } from './pool-modules.js'
import { createWorkers } from './spare-worker.js'
import type { FromPool, StartMessage, ToPool } from './pool-protocol.js'

interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
}

// Components made of QuickJS compute constants at load; V8 before 11.4 wants a flag for that, later ones complain of it.
const [major = 0, minor = 0] = process.versions.v8.split('.').map(Number)
if (major < 11 || (major === 11 && minor < 4)) setFlagsFromString('--experimental-wasm-extended-const')

const workerEntry = process.argv.at(-1)
if (workerEntry === undefined) throw new Error('the pool process needs the path of the worker bundle')

// Under Electron the process is a utility process with a port; under Node a forked child.
const parentPort = (process as { parentPort?: ParentPort }).parentPort
const loadComponent = createModuleCache()
const workers = createWorkers(workerEntry)
const instances = new Map<number, PoolInstance>()
const lane = takeLane()
/** Being loaded, and whether it was asked to stop meanwhile. */
const loading = new Map<number, { isCancelled: boolean }>()

/** The socket that its workers write to, if it was started with one. */
function takeLane(): number | undefined {
  if (!process.argv.includes(laneArgument)) return undefined
  const read = createFrameReader(mostBytes, (message) => take(message as ToPool))
  const onread: OnReadOpts = {
    // One for all reads: else each would allocate as much.
    buffer: new Uint8Array(64 * 1024),
    callback(count, bytes) {
      read(Buffer.from(bytes.buffer, bytes.byteOffset, count))
      return true
    },
  }
  // Opened here it does not block the workers that write to it. Node's types know `onread` of `connect` only. Its number must
  // never be that of another file while they do: without the lane there is no process.
  const socket = new Socket({ fd: laneFd, onread, allowHalfOpen: true } as SocketConstructorOpts)
  socket.on('end', () => process.exit(0))
  socket.on('error', () => process.exit(1))
  return laneFd
}

function send(message: FromPool): void {
  if (parentPort !== undefined) parentPort.postMessage(message)
  else process.send?.(message)
}

async function start(message: StartMessage): Promise<void> {
  const { id } = message
  const mark = { isCancelled: false }
  loading.set(id, mark)
  try {
    const loaded = await loadComponent(message)
    loading.delete(id)
    if (mark.isCancelled) return send({ kind: 'gone', id })
    instances.set(
      id,
      startInstance({ start: message, loaded, workers, send, lane, onGone: () => instances.delete(id) }),
    )
  } catch (error) {
    loading.delete(id)
    const fault =
      error instanceof LoadFault
        ? error.fault
        : { code: 'internal' as const, message: error instanceof Error ? error.message : String(error) }
    send({ kind: 'gone', id, fault })
  }
}

function take(message: ToPool): void {
  switch (message.kind) {
    case 'start':
      void start(message)
      return
    case 'call':
    case 'snapshot':
    case 'restore':
      instances.get(message.id)?.call(message)
      return
    case 'flow':
      instances.get(message.id)?.flow(message.callId, message.flow)
      return
    case 'config':
      instances.get(message.id)?.configure(message)
      return
    case 'import-reply':
      instances.get(message.id)?.answerImport(message)
      return
    case 'stop': {
      const mark = loading.get(message.id)
      if (mark !== undefined) mark.isCancelled = true
      instances.get(message.id)?.stop()
      return
    }
    case 'ping':
      send({ kind: 'pong', nonce: message.nonce })
      return
  }
}

// The runtime is the only one on the other end.
if (parentPort !== undefined) parentPort.on('message', (event) => take(event.data as ToPool))
else process.on('message', (message) => take(message as ToPool))
// Nobody to work for any more.
process.on('disconnect', () => process.exit(0))
