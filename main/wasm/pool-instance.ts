// One instance as the pool process sees it: its worker, its queue of calls, its deadlines. Everything that can go wrong
// in a guest ends here with the worker terminated and a fault in words.

import { MessageChannel } from 'node:worker_threads'
import type {
  CallMessage,
  ConfigMessage,
  CopyMessage,
  Fault,
  FromPool,
  FromWorker,
  ImportReply,
  Outcome,
  StartMessage,
  WorkerCall,
  WorkerCopy,
  WorkerImport,
  WorkerSeed,
} from './pool-protocol.js'
import { type SentRequest, isIncomingHandler } from './http-data.js'
import type { FlowPart } from './http-flow.js'
import { createCallQueue } from './call-queue.js'
import { answersAt, beginTurn, createTurnMemory, isTurnOver } from './call-turn.js'
import { createLackList } from './lacks.js'
import { openGrantedService } from './granted/service.js'
import { ownBuffers, separateBytes } from './transfer.js'
import type { LoadedComponent } from './pool-modules.js'
import { heapMiB, type Workers } from './spare-worker.js'

/** A host call ends with the call it is part of; this is for one during the start. */
const importMs = 60_000

/** Longest that a call may go on because its bodies flow. */
const longestFlowMs = 600_000

export interface PoolInstance {
  /** A call or a copy, in its turn. */
  call(message: CallMessage | CopyMessage): void
  answerImport(message: ImportReply): void
  configure(message: ConfigMessage): void
  /** Of a body of a call. */
  flow(callId: number, part: FlowPart): void
  stop(): void
}

export interface PoolInstanceParts {
  readonly start: StartMessage
  readonly loaded: LoadedComponent
  readonly workers: Workers
  readonly send: (message: FromPool) => void
  /** See `WorkerSeed.lane`. */
  readonly lane: number | undefined
  /** Called once, after the last message. */
  readonly onGone: () => void
}

export function startInstance(parts: PoolInstanceParts): PoolInstance {
  const { start, send } = parts
  const { id, limits } = start
  const imports = new MessageChannel()
  const configs = new MessageChannel()
  const turnMemory = createTurnMemory()
  const turn = new Int32Array(turnMemory)
  const lacks = createLackList((lack) => send({ kind: 'lacked', id, lack }))
  const granted = openGrantedService(start.grants, {
    warn: (text) => send({ kind: 'log', id, lines: [{ level: 'warn', text }] }),
    lacked: lacks.add,
    flow(callId, flow) {
      // Of one that is gone the reason counts, which the runtime is told by itself.
      if (!isGone) send({ kind: 'flow', id, callId, flow })
    },
    progressed(callId) {
      // A long body may take longer than a call, as long as it goes on.
      if (current?.kind !== 'call' || current.callId !== callId || Date.now() > flowsUntil) return
      clearTimeout(deadline)
      deadline = limitOf(current)
    },
  })
  const waiting = createCallQueue((message) => {
    const { callId, waitMs } = message
    granted.served.end(callId)
    const fault = { code: 'timed-out' as const, message: `${nameOf(message)} did not begin within ${waitMs} ms` }
    send({ kind: 'answer', id, callId, outcome: { ok: false, fault }, guestMs: 0 })
  })
  let current: CallMessage | CopyMessage | undefined
  let isStarted = false
  let isGone = false
  let flowsUntil = 0

  const seed: WorkerSeed = {
    id,
    lane: parts.lane,
    digest: start.digest,
    glue: parts.loaded.glue,
    modules: parts.loaded.modules,
    world: start.world,
    config: start.config,
    configPort: configs.port2,
    snapshot: start.snapshot,
    memoryBytes: limits.memoryBytes,
    grants: start.grants,
    importPort: imports.port2,
    turn: turnMemory,
    importMs,
    logBytesPerSecond: limits.logBytesPerSecond,
    messageBytes: limits.messageBytes,
    handles: limits.handles,
  }
  const worker = parts.workers.start(seed, [imports.port2, configs.port2])

  const end = (fault: Fault | undefined): void => {
    if (isGone) return
    isGone = true
    clearTimeout(deadline)
    waiting.close()
    imports.port1.close()
    configs.port1.close()
    void granted.close()
    void worker.terminate()
    send({ kind: 'gone', id, fault })
    parts.onGone()
  }

  const limitAt = (ms: number, what: string): NodeJS.Timeout =>
    setTimeout(() => {
      const isLate = !isStarted || isBusy()
      if (isLate) end({ code: 'timed-out', message: `${what} took longer than ${ms} ms` })
    }, ms)
  let deadline = limitAt(limits.startMs, 'the start')

  const limitOf = ({ instance, functionName, timeoutMs }: CallMessage): NodeJS.Timeout =>
    limitAt(timeoutMs, instance === '' ? functionName : `${functionName} of ${instance}`)

  /** Whether a call is under way. */
  const isBusy = (): boolean => {
    if (current === undefined || !isTurnOver(turn, current.callId)) return current !== undefined
    clearTimeout(deadline)
    current = undefined
    return false
  }

  const next = (): void => {
    if (!isStarted || isGone || isBusy()) return
    current = waiting.shift()
    if (current === undefined) return
    beginTurn(turn, waiting.length > 0)
    if (current.kind !== 'call') return copy(current)
    const { callId, instance, functionName } = current
    flowsUntil = Date.now() + longestFlowMs
    deadline = limitOf(current)
    const args = separateBytes(isIncomingHandler(instance) ? begun(current) : current.args)
    worker.postMessage({ kind: 'call', callId, instance, functionName, args } satisfies WorkerCall, ownBuffers(args))
  }

  /** The one request that the runtime made (instance.ts), with where its bodies flow. */
  const begun = ({ callId, args }: CallMessage): readonly unknown[] => [
    granted.served.begin(callId, args[0] as SentRequest),
  ]

  const copy = (message: CopyMessage): void => {
    const { id: _id, timeoutMs, waitMs: _waitMs, ...request } = message
    deadline = limitAt(timeoutMs, nameOf(message))
    worker.postMessage(request satisfies WorkerCopy, request.kind === 'restore' ? ownBuffers(request.image) : [])
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
        const { callId, outcome, memoryBytes, guestMs, handles } = message
        granted.served.end(callId)
        // One word for the call and the instance: between two somebody could call what is no more.
        if (message.isBroken && !outcome.ok) return end(outcome.fault)
        send({ kind: 'answer', id, callId, outcome, memoryBytes, guestMs, handles })
        if (message.isBroken) return end(undefined)
        return next()
      }
      case 'answered':
        return next()
      case 'log':
        return send({ kind: 'log', id, lines: message.lines })
      case 'lacked':
        return lacks.add(message.lack)
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
    const { importId, isOneWay, instance, functionName, args, linkName } = request
    send({ kind: 'import', id, importId, isOneWay, instance, functionName, args, linkName })
  })

  const tellWorker = (outcome: Outcome, transfer: readonly ArrayBuffer[] = []): void => {
    if (isGone) return
    // First the answer, then the count: the worker reads when it is counted.
    imports.port1.postMessage(outcome, transfer)
    Atomics.add(turn, answersAt, 1)
    Atomics.notify(turn, answersAt)
  }

  return {
    call(message) {
      if (message.kind === 'call' && isIncomingHandler(message.instance)) {
        granted.served.arrive(message.callId, message.args[0] as SentRequest) // as above
      }
      waiting.push(message)
      next()
    },
    // What came from the runtime is nobody else's; the granted service may keep what it gives.
    answerImport: (message) => tellWorker(message.outcome, ownBuffers(message.outcome)),
    configure({ callId, values }) {
      configs.port1.postMessage(values)
      const outcome = { ok: true, value: undefined } as const
      send({ kind: 'answer', id, callId, outcome, guestMs: 0 })
    },
    flow: (callId, part) => granted.served.take(callId, part),
    stop: () => end(undefined),
  }
}

/** What is done, for messages. */
function nameOf(message: CallMessage | CopyMessage): string {
  if (message.kind === 'call') return message.functionName
  return message.kind === 'snapshot' ? 'copying it' : 'going on from a copy'
}
