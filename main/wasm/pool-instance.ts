// One instance as the pool process sees it: its worker, its queue of calls, its deadlines. Everything that can go wrong
// in a guest ends here with the worker terminated and a fault in words.

import { MessageChannel, Worker } from 'node:worker_threads'
import type {
  CallMessage,
  Fault,
  FromPool,
  FromWorker,
  ImportReply,
  Outcome,
  StartMessage,
  WorkerCall,
  WorkerImport,
  WorkerSeed,
} from './pool-protocol.js'
import { openGrantedService } from './granted/service.js'
import type { LoadedComponent } from './pool-modules.js'

/** JavaScript side of a guest: glue, values in flight. Wasm memory does not count here. MiB. */
const heapMiB = 256
const stackMiB = 4
/** A host call ends with the call it is part of; this is for one during the start. */
const importMs = 60_000

export interface PoolInstance {
  call(message: CallMessage): void
  answerImport(message: ImportReply): void
  stop(): void
}

export interface PoolInstanceParts {
  readonly start: StartMessage
  readonly loaded: LoadedComponent
  readonly workerEntry: string
  readonly send: (message: FromPool) => void
  /** Called once, after the last message. */
  readonly onGone: () => void
}

export function startInstance(parts: PoolInstanceParts): PoolInstance {
  const { start, send } = parts
  const { id, limits } = start
  const imports = new MessageChannel()
  const importSignal = new SharedArrayBuffer(4)
  const answered = new Int32Array(importSignal)
  const granted = openGrantedService(start.grants, (text) => send({ kind: 'log', id, level: 'warn', text }))
  const waiting: CallMessage[] = []
  let current: CallMessage | undefined
  let isStarted = false
  let isGone = false

  const worker = new Worker(parts.workerEntry, {
    workerData: {
      digest: start.digest,
      glue: parts.loaded.glue,
      modules: parts.loaded.modules,
      world: start.world,
      config: start.config,
      grants: start.grants,
      importPort: imports.port2,
      importSignal,
      importMs,
    } satisfies WorkerSeed,
    transferList: [imports.port2],
    env: {},
    argv: [],
    execArgv: [],
    stdout: true,
    stderr: true,
    name: start.componentId,
    resourceLimits: { maxOldGenerationSizeMb: heapMiB, stackSizeMb: stackMiB },
  })
  // The glue prints some trouble before it throws it; what the guest prints comes as a log.
  worker.stdout.resume()
  worker.stderr.resume()

  const end = (fault: Fault | undefined): void => {
    if (isGone) return
    isGone = true
    clearTimeout(deadline)
    imports.port1.close()
    void granted.close()
    void worker.terminate()
    send({ kind: 'gone', id, fault })
    parts.onGone()
  }

  const limitAt = (ms: number, what: string): NodeJS.Timeout =>
    setTimeout(() => end({ code: 'timed-out', message: `${what} took longer than ${ms} ms` }), ms)
  let deadline = limitAt(limits.startMs, 'the start')

  const next = (): void => {
    if (!isStarted || isGone || current !== undefined) return
    current = waiting.shift()
    if (current === undefined) return
    const { callId, instance, functionName, args, timeoutMs } = current
    deadline = limitAt(timeoutMs, instance === '' ? functionName : `${functionName} of ${instance}`)
    worker.postMessage({ kind: 'call', callId, instance, functionName, args } satisfies WorkerCall)
  }

  worker.on('message', (message: FromWorker) => {
    if (isGone) return
    switch (message.kind) {
      case 'started':
        clearTimeout(deadline)
        isStarted = true
        send({ kind: 'started', id, memoryBytes: message.memoryBytes })
        return next()
      case 'refused':
        return end(message.fault)
      case 'answer': {
        clearTimeout(deadline)
        current = undefined
        const { callId, outcome, memoryBytes } = message
        send({ kind: 'answer', id, callId, outcome, memoryBytes })
        if (message.isBroken) return end(outcome.ok ? undefined : outcome.fault)
        return next()
      }
      case 'log':
        return send({ kind: 'log', id, level: message.level, text: message.text })
    }
  })
  worker.on('error', (error) => {
    const isHeap = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    const message = isHeap ? `it used more than ${heapMiB} MiB for values in flight` : error.message
    end({ code: 'trapped', message: `the component's worker failed: ${message}` })
  })
  worker.on('exit', () => end({ code: 'trapped', message: "the component's worker ended by itself" }))

  imports.port1.on('message', (request: WorkerImport) => {
    if (isGone) return
    if (request.isForProcess) {
      void granted.answer(request).then((outcome) => tellWorker(outcome))
      return
    }
    const { importId, instance, functionName, args } = request
    send({ kind: 'import', id, importId, instance, functionName, args })
  })

  const tellWorker = (outcome: Outcome): void => {
    if (isGone) return
    // First the answer, then the count: the worker reads when it is counted.
    imports.port1.postMessage(outcome)
    Atomics.add(answered, 0, 1)
    Atomics.notify(answered, 0)
  }

  return {
    call(message) {
      waiting.push(message)
      next()
    },
    answerImport: (message) => tellWorker(message.outcome),
    stop: () => end(undefined),
  }
}
