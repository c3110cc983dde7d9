// Puts an actor on the bus: its exports under `{lattice}.{id}` with that queue group, as a v1 host does, and under the
// prefix of this very node, where calls forwarded by another node arrive. Counts those for the receipt of a move.

import { dropFunction, findWitFunction, type WitInterface } from '../../preload/wit.js'
import { TlosError } from '../failure.js'
import type { Rpc, ServedCall, Service } from '../lattice/rpc-types.js'
import { rpcPrefix } from '../lattice/protocol/subjects.js'
import { tlosSubjects } from '../lattice/protocol/tlos.js'
import type { Message } from '../nats/transport.js'
import {
  askHttp,
  type CallExport,
  fromWireRequest,
  type HttpAnswer,
  type HttpRequest,
  incomingExport,
  incomingHandlerOf,
  incomingInstance,
  toWireResponse,
} from '../wasm/runtime.js'
import type { Actor } from './actor.js'
import { stateInterface } from './reuse.js'
import { UnknownHandle } from './handle-book.js'
import { callWireHttp } from './http-calls.js'
import { gatherShort } from './http-short.js'

/** Reply subjects remembered, to notice a call that came twice. */
const rememberedReplies = 10_000

export interface Served {
  readonly ready: Promise<void>
  /** Forwarded calls that arrived on this node's own prefix so far. */
  readonly received: number
  /** Of these, how many had arrived by the queue group as well. */
  readonly twice: number
  /** Leaves the queue group; calls already delivered still pass the gate. Resolves when they are answered or handed on. */
  drain(): Promise<void>
  close(): void
}

/**
 * What of a component others may call: everything but its state; of WASI the run of a command, and HTTP by its wRPC form; and
 * drops.
 */
function servedExports(actor: Actor): readonly WitInterface[] {
  const { world } = actor.prepared
  const own = world.exports
    .filter((e) => e.name !== stateInterface && (!e.name.startsWith('wasi:') || e.name.startsWith('wasi:cli/run@')))
    .map((e) => ({
      ...e,
      functions: [...e.functions, ...(e.resources ?? []).map((name) => dropFunction(e.name, name))],
    }))
  return incomingHandlerOf(world) === undefined ? own : [...own, incomingExport]
}

/** To the node that has the actor now, in its own way of answering (http-handler.ts). */
async function forwardHttp(rpc: Rpc, actor: Actor, prefix: string, request: HttpRequest): Promise<HttpAnswer> {
  const timeoutMs = actor.limits.waitMs + actor.limits.callMs
  const outcome = await callWireHttp(rpc, prefix, request, { timeoutMs })
  if ('err' in outcome) return outcome
  const { body, ...head } = outcome.ok
  if (body instanceof Uint8Array) return { ok: { ...head, body } }
  request.onResponse?.(outcome.ok)
  return { flowed: true }
}

/** Where a call goes whose handle is unknown here; undefined: nowhere else. */
export type Elsewhere = (componentId: string, key: string) => Promise<string | undefined>

export function serveActor(rpc: Rpc, lattice: string, hostId: string, actor: Actor, elsewhere: Elsewhere): Served {
  const exports = servedExports(actor)
  const replies = new Set<string>()
  let received = 0
  let twice = 0

  const remember = (message: Message): boolean => {
    if (message.reply === undefined) return false
    if (replies.has(message.reply)) return true
    replies.add(message.reply)
    if (replies.size > rememberedReplies) {
      const oldest = replies.values().next().value
      if (oldest !== undefined) replies.delete(oldest)
    }
    return false
  }

  const handle = (call: ServedCall): Promise<unknown> =>
    call.instance === incomingInstance
      ? serveWireHttp(rpc, actor, call)
      : enterAndRun(rpc, actor, call.instance, call.fn.name, call.params)

  const prefix = rpcPrefix(lattice, actor.id)
  const queue = rpc.serve({
    prefix,
    queue: prefix,
    exports,
    flowing: [incomingInstance],
    // The bus gave it to any of the nodes that serve the actor.
    handle: (call) =>
      call.instance === incomingInstance
        ? serveWireHttp(rpc, actor, call)
        : runAnywhere(rpc, actor, call.instance, call.fn.name, call.params, elsewhere),
    admit: (message) => {
      remember(message)
      return actor.gate.admit()
    },
  })
  const direct = rpc.serve({
    prefix: tlosSubjects(lattice).direct(hostId, actor.id),
    exports,
    flowing: [incomingInstance],
    handle,
    admit: (message) => {
      received += 1
      if (remember(message)) twice += 1
      return actor.gate.admit()
    },
  })

  return {
    ready: Promise.all([queue.ready, direct.ready]).then(() => undefined),
    get received() {
      return received
    },
    get twice() {
      return twice
    },
    drain: () => drain(queue),
    close() {
      queue.close()
      direct.close()
    },
  }
}

/** `wrpc:http/incoming-handler.handle`: a record in, a `result` of records out, with bodies that flow. */
async function serveWireHttp(rpc: Rpc, actor: Actor, { params: [given], keep }: ServedCall): Promise<unknown> {
  const handler = incomingHandlerOf(actor.prepared.world)
  if (handler === undefined) throw new TlosError('not-found', `${actor.id} does not serve HTTP any more`)
  const request = fromWireRequest(given)
  const call: CallExport = (...asked) => {
    const running = enterAndRun(rpc, actor, ...asked)
    // It may read on when its answer is through.
    keep(running)
    return running
  }
  const outcome = await askHttp(call, handler, { ...request, body: await gatherShort(request.body) })
  return 'ok' in outcome ? { tag: 'ok', val: toWireResponse(outcome.ok) } : { tag: 'err', val: outcome.err }
}

const drain = (service: Service): Promise<void> => service.drain()

/** `enterAndRun` here, or at the node that gave out the handle which the call brings. Nothing of it has run then. */
export async function runAnywhere(
  rpc: Rpc,
  actor: Actor,
  instance: string,
  functionName: string,
  params: readonly unknown[],
  elsewhere: Elsewhere,
): Promise<unknown> {
  try {
    return await enterAndRun(rpc, actor, instance, functionName, params)
  } catch (error) {
    const prefix = error instanceof UnknownHandle ? await elsewhere(actor.id, error.key) : undefined
    const fn = findWitFunction(actor.prepared.world.exports, instance, functionName)
    if (prefix === undefined || fn === undefined) throw error
    return await rpc.call({ prefix, instance, fn, params, timeoutMs: actor.limits.waitMs + actor.limits.callMs })
  }
}

/**
 * One call through the gate. When the actor has moved meanwhile, the call is made again at its new node, once: nothing of
 * it has run here.
 */
export async function enterAndRun(
  rpc: Rpc,
  actor: Actor,
  instance: string,
  functionName: string,
  params: readonly unknown[],
): Promise<unknown> {
  const pass = await actor.gate.enter()
  if (pass.kind === 'forward') {
    if (instance === incomingHandlerOf(actor.prepared.world)) {
      return await forwardHttp(rpc, actor, pass.prefix, params[0] as HttpRequest) // as data, by http-calls.ts or above
    }
    const fn = findWitFunction(actor.prepared.world.exports, instance, functionName)
    if (fn === undefined) throw new Error(`${instance}.${functionName} is not an export of ${actor.id}`)
    return await rpc.call({ prefix: pass.prefix, instance, fn, params })
  }
  try {
    // Without a wait when there is nothing to wait for: this is on the path of every call.
    const permission = actor.permit(instance, functionName)
    if (permission !== undefined) await permission
    return await actor.run(instance, functionName, params)
  } finally {
    actor.gate.leave()
  }
}
