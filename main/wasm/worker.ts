// Entry of a worker thread: one component instance. It loads the glue, makes the imports, and answers calls one after
// another. It is started before it is known which, and sleeps until it is told. It may be ended at any moment from outside;
// it ends itself for nothing.

import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads'
import { Script } from 'node:vm'
import { findWitFunction, type WitFunction } from '../../preload/wit.js'
import { endTurn } from './call-turn.js'
import { type CommandEnd, isCommandRun } from './command.js'
import { findTarget, type Target } from './export-target.js'
import type { Http } from './guest/http.js'
import { createGuestConfig } from './guest-config.js'
import { createGuestLog } from './guest-log.js'
import { hasHandles } from './holds-handle.js'
import { createHostCalls, type HostCalls, HostFault } from './host-call.js'
import { type HttpAnswer, isIncomingHandler, type SentRequest } from './http-data.js'
import { openShortWay } from './lane.js'
import { installLiftBudget } from './lift-budget.js'
import { findTooLarge } from './message-size.js'
import { createLackList } from './lacks.js'
import { createLinkNames } from './link-names.js'
import { createLogBatch } from './log-batch.js'
import { ownBuffers } from './transfer.js'
import type {
  Answer,
  Fault,
  FromWorker,
  Outcome,
  SpareData,
  WorkerCall,
  WorkerCopy,
  WorkerSeed,
} from './pool-protocol.js'
import { FarResources } from './resources/far.js'
import { GivenHandles } from './resources/given.js'
import { createOutside } from './resources/outside.js'
import { identityOf } from './snapshot/identity.js'
import { createRecipes } from './snapshot/recipes.js'
import type { Tap } from './snapshot/tap.js'
import { createCopies, type Copies } from './snapshot/worker-copies.js'
import { toJsValue } from './values.js'
import { createImports } from './worker-imports.js'

type Exports = Record<string, unknown>
type Instantiate = (
  getCoreModule: (name: string) => WebAssembly.Module,
  imports: object,
  instantiateCore: (module: WebAssembly.Module, imports: WebAssembly.Imports) => Promise<WebAssembly.Instance>,
  tap: (tap: Tap) => void,
) => Promise<Exports>

/** Sleeps until it is there: nothing else can happen in this thread before. */
function awaitSeed(): WorkerSeed {
  // The pool process is the only one that starts this file, and sends nothing else.
  const { port, signal } = workerData as { readonly port: MessagePort } & SpareData
  Atomics.wait(new Int32Array(signal), 0, 0)
  const seed = receiveMessageOnPort(port)?.message as WorkerSeed
  port.close()
  return seed
}

const seed = awaitSeed()
const memories = new Set<WebAssembly.Memory>()
const recipes = createRecipes()
const cores: WebAssembly.Instance['exports'][] = []
let tap: Tap | undefined

const lane = openShortWay(seed.lane)
const turn = new Int32Array(seed.turn)

function send(message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  lane.detour()
  parentPort?.postMessage(message, transfer)
}

/** The runtime first, which somebody waits for. */
function answer(callId: number, { outcome, isBroken }: Done, guestMs: number, isCall: boolean): void {
  const told: Answer = {
    kind: 'answer',
    id: seed.id,
    callId,
    outcome,
    memoryBytes: memoryBytes(),
    guestMs,
    handles: given.takeChanges(),
  }
  // What ends the instance is the process' to say, and so is when bodies that flow have ended.
  if (isCall && !isBroken && lane.send(told)) {
    if (endTurn(turn, callId)) parentPort?.postMessage({ kind: 'answered', callId } satisfies FromWorker)
    return
  }
  // The glue made the bytes of the result for this call alone.
  send({ ...told, isBroken }, ownBuffers(outcome.ok ? outcome.value : undefined))
}

const lines = createLogBatch(
  (batch) => send({ kind: 'log', lines: batch }),
  () => performance.now(),
)
const log = createGuestLog(
  (level, text) => lines.add(level, text),
  () => performance.now(),
  seed.logBytesPerSecond,
)
/** Time that the guest spent waiting for its host, ms. */
let waitedMs = 0

const memoryBytes = (): number => [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0)

const budget = installLiftBudget(memories)
const linkNames = createLinkNames()
const calls = createBoundedCalls()
const far = new FarResources(calls.tell, recipes)
const given = new GivenHandles(seed.handles, far)

function loadGlue(): Instantiate {
  const script = new Script(seed.glue, { filename: `${seed.digest.slice(0, 12)}.cjs` })
  const exports: { instantiate?: Instantiate } = {}
  // The glue was made by our own child and checked by its hash.
  const run = script.runInThisContext() as (exports: object, decoder: typeof TextDecoder) => void
  run(exports, budget.TextDecoder)
  if (exports.instantiate === undefined) throw new Error('the glue of this component exports no instantiate')
  return exports.instantiate
}

let http: Http | undefined

/** Calls of the host with their size limited and their time taken. */
function createBoundedCalls(): HostCalls {
  const { importMs: limitMs, id, importPort } = seed
  const { call, tell, ask } = createHostCalls({ port: importPort as MessagePort, turn, limitMs, id, lane })
  const timed = <T>(work: () => T): T => {
    lines.flush()
    const startedAt = performance.now()
    try {
      return work()
    } finally {
      waitedMs += performance.now() - startedAt
    }
  }
  return {
    call(instance, functionName, args, linkName = linkNames.of(instance)) {
      const tooLarge = findTooLarge(args, seed.messageBytes)
      if (tooLarge === undefined) return timed(() => call(instance, functionName, args, linkName))
      const message = `${instance}.${functionName} was not called: its arguments have ${tooLarge}`
      return { ok: false, fault: { code: 'too-large', message } }
    },
    tell,
    ask: (operation, ...args) => timed(() => ask(operation, ...args)),
  }
}

async function instantiate(): Promise<Exports> {
  const { world, grants } = seed
  const config = createGuestConfig(seed.config, seed.configPort as MessagePort)
  const lacks = createLackList((lack) => send({ kind: 'lacked', lack }))
  const { call, ask } = calls
  const lacked = lacks.add
  const imports = createImports({ world, config, grants, log, call, ask, lacked, recipes, far, linkNames })
  http = imports.http
  const interfaces = budget.renewing(imports.interfaces)
  return await loadGlue()(
    (name) => {
      const module = seed.modules.get(name)
      if (module === undefined) throw new Error(`core module ${name} of this component is missing`)
      return module
    },
    interfaces,
    async (module, coreImports) => {
      const instance = await WebAssembly.instantiate(module, coreImports)
      for (const value of Object.values(instance.exports)) {
        if (value instanceof WebAssembly.Memory) memories.add(value)
      }
      cores.push(instance.exports)
      return instance
    },
    (all) => {
      tap = all
    },
  )
}

/** What went wrong inside a guest, for a person. */
function describeTrap(error: unknown): Fault {
  if (error instanceof HostFault) return error.fault
  if (!(error instanceof Error)) return { code: 'trapped', message: `the component failed: ${String(error)}` }
  if ('exitError' in error) return { code: 'trapped', message: 'the component ended itself (wasi:cli/exit)' }
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return { code: 'trapped', message: 'the component trapped: its calls are nested too deep (stack overflow)' }
  }
  const message = error.message.replace(/^wasm trap: /, '')
  return { code: 'trapped', message: `the component trapped: ${message}` }
}

const isComponentError = (error: unknown): error is { readonly payload: unknown } =>
  error instanceof Error && error.constructor.name === 'ComponentError' && 'payload' in error

/** A request as data to the guest's handler, and what it answered as data (http-handler.ts). */
function serveHttp(kind: Http, handle: Target, args: readonly unknown[]): Done {
  // instance.ts calls it with exactly one request and nothing else.
  const serving = kind.serve(args[0] as SentRequest)
  try {
    handle([serving.request, serving.responseOut])
  } catch (error) {
    return failed(describeTrap(error), true)
  }
  const none: HttpAnswer = { err: { tag: 'internal-error', val: 'the component gave no response' } }
  return { outcome: { ok: true, value: serving.answer() ?? none }, isBroken: false }
}

/** Of `wasi:cli/exit`, if that is how the guest ended. */
function exitCode(error: unknown): number | undefined {
  const isExit = error instanceof Error && 'exitError' in error && 'code' in error
  return isExit && typeof error.code === 'number' ? error.code : undefined
}

const endOfCommand = (code: number): Outcome => ({
  ok: true,
  value: { tag: code === 0 ? 'ok' : 'err', exitCode: code } satisfies CommandEnd,
})

interface Done {
  readonly outcome: Outcome
  readonly isBroken: boolean
}

const failed = (fault: Fault, isBroken = false): Done => ({ outcome: { ok: false, fault }, isBroken })

interface Found {
  readonly type: WitFunction
  readonly target: Target
  readonly hasHandles: boolean
}

/** Looked for once each. */
const found = new Map<string, Found>()

function find(root: Exports, { instance, functionName }: WorkerCall): Found | undefined {
  const key = `${instance} ${functionName}`
  const known = found.get(key)
  if (known !== undefined) return known
  const type = findWitFunction(seed.world.exports, instance, functionName)
  const target = findTarget(root, instance, functionName)
  if (type === undefined || target === undefined) return undefined
  const callee = { type, target, hasHandles: hasHandles(type) }
  found.set(key, callee)
  return callee
}

function run(root: Exports, call: WorkerCall): Done {
  const callee = find(root, call)
  if (callee === undefined) {
    const message = `the component has no function ${call.functionName} in ${call.instance}`
    return failed({ code: 'not-found', message })
  }
  const { type, target } = callee
  budget.renew()
  if (http !== undefined && isIncomingHandler(call.instance)) return serveHttp(http, target, call.args)
  if (!callee.hasHandles) return enter(call, type, target, call.args)
  const lowered = given.lower(type, call.args)
  if (!lowered.ok) return failed(lowered.fault)
  const before = tap?.captures.map(({ count }) => count) ?? []
  const done = enter(call, type, target, lowered.args)
  far.forget(lowered.lent, tap, before)
  return done
}

function enter(call: WorkerCall, type: WitFunction, target: Target, args: readonly unknown[]): Done {
  const isResult = type.result?.kind === 'result'
  try {
    // The glue checks what it is given (strict); the runtime did before.
    const value = target(args)
    if (isCommandRun(call.instance, call.functionName)) return { outcome: endOfCommand(0), isBroken: false }
    return leave(isResult ? { tag: 'ok', val: value } : value, type)
  } catch (error) {
    if (isCommandRun(call.instance, call.functionName)) {
      const code = exitCode(error)
      // It went out through the middle of its frames: nothing may enter it again.
      if (code !== undefined) return { outcome: endOfCommand(code), isBroken: true }
      if (isComponentError(error)) return { outcome: endOfCommand(1), isBroken: false }
    }
    if (isResult && isComponentError(error)) return leave({ tag: 'err', val: error.payload }, type)
    return failed(describeTrap(error), true)
  }
}

/** What it gave, as it leaves. */
function leave(value: unknown, { result }: WitFunction): Done {
  try {
    const plain = toJsValue(value, result)
    const raised = result === undefined ? { value: plain } : given.raise(plain, result)
    return 'fault' in raised ? failed(raised.fault) : { outcome: { ok: true, value: raised.value }, isBroken: false }
  } catch (error) {
    return failed(describeTrap(error), true)
  }
}

/** The outcome, or that it is too large to be given away. */
function withinSize(call: WorkerCall, done: Done): Done {
  if (!done.outcome.ok) return done
  const tooLarge = findTooLarge([done.outcome.value], seed.messageBytes)
  if (tooLarge === undefined) return done
  try {
    given.giveBackNew()
  } catch (error) {
    return failed(describeTrap(error), true)
  }
  return failed({ code: 'too-large', message: `${call.functionName} gave a result of ${tooLarge}` }, done.isBroken)
}

async function main(): Promise<void> {
  let root: Exports
  try {
    root = await instantiate()
  } catch (error) {
    log.flush()
    lines.flush()
    send({ kind: 'refused', fault: describeTrap(error) })
    return
  }
  lines.flush()
  send({ kind: 'started', memoryBytes: memoryBytes() })
  // Before the first call, and while the host hears that it can be made.
  const copies: Copies = createCopies({
    state: seed.snapshot,
    identity: identityOf(seed.digest),
    memoryBytes: seed.memoryBytes,
    cores,
    tap,
    recipes,
    outside: createOutside(root, seed.world.exports, given, far, tap),
    hasAsked: budget.hasAsked,
  })
  parentPort?.on('message', (message: WorkerCall | WorkerCopy) => {
    const startedAt = performance.now()
    waitedMs = 0
    const isCall = message.kind === 'call'
    lane.renew()
    if (isCall) copies.noteCall()
    const done = isCall ? withinSize(message, run(root, message)) : copies.serve(message)
    linkNames.forget()
    if (done.isBroken) copies.noteFailure()
    const guestMs = isCall ? performance.now() - startedAt - waitedMs : 0
    log.flush()
    lines.flush()
    answer(message.callId, done, guestMs, isCall && !isIncomingHandler(message.instance))
  })
}

void main()
