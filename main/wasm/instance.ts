// One live instance as the rest of main has it: calls checked against its types, answered or failed by the pool process
// it lives in.

import { findWitFunction, spellFunction, type WitFunction } from '../../preload/wit.js'
import { TlosError } from '../failure.js'
import { takeArguments } from './check-arguments.js'
import { findObstacle } from './holds-handle.js'
import { findTooLarge } from './message-size.js'
import { type HttpRequest, isIncomingHandler, takeRequest } from './http-data.js'
import { type HttpExchange, openExchange } from './http-exchange.js'
import { toError, type MemberInstance, type PoolMember } from './pool-member.js'
import type { StartMessage, ToPool } from './pool-protocol.js'
import { KeptHandles } from './resources/kept.js'
import type { FarHandle } from './resources/outside.js'
import { watchConfig } from './told-config.js'
import type { Instance, StartOptions } from './types.js'

/** Longest a stopped instance may take to be confirmed gone before its process is ended. */
const stopLimitMs = 5_000
const maxTimeoutMs = 2 ** 31 - 1
/** Longest for a copy, or for going on from one. Memory is bounded and no guest runs: beyond it something is broken. */
const copyMs = 60_000
const clampMs = (ms: number): number => Math.min(Math.max(1, ms), maxTimeoutMs)

/** Starts an instance in `member`; resolves when it can be called. */
export function startInstance(
  member: PoolMember,
  message: StartMessage,
  parts: Pick<MemberInstance, 'host' | 'memories'> & Pick<StartOptions, 'config'>,
): Promise<Instance> {
  const { id, componentId, digest, limits, world } = message
  const listeners = new Set<(reason: Error | undefined) => void>()
  let lastCallId = 0
  let goneReason: Error | undefined
  let isGone = false
  let stopping: Promise<void> | undefined

  const kept = new KeptHandles(world, parts.host)

  const entry: MemberInstance = {
    memories: parts.memories,
    host: kept.host,
    componentId,
    digest,
    memoryBytes: 0,
    guestMs: 0,
    messageBytes: limits.messageBytes,
    given: new Map(),
    calls: new Map(),
    exchanges: new Map(),
    onStarted: () => {},
    onGone: () => {},
  }

  const assertHere = (): void => {
    if (!isGone) return
    throw new TlosError('unavailable', `${componentId} does not run any more`, {
      about: componentId,
      ...(goneReason === undefined ? {} : { cause: goneReason }),
    })
  }

  /** Sends what is answered under a number. */
  const ask = (message: (callId: number) => ToPool, failed = `${componentId} could not be asked`): Promise<unknown> => {
    lastCallId += 1
    const callId = lastCallId
    return new Promise((resolve, reject) => {
      entry.calls.set(callId, (outcome) => {
        if (outcome.ok) resolve(outcome.value)
        else reject(toError(outcome.fault, componentId))
      })
      try {
        member.post(message(callId))
      } catch (cause) {
        entry.calls.delete(callId)
        reject(new TlosError('invalid', failed, { about: componentId, cause }))
      }
    })
  }

  const call: Instance['call'] = async (instance, functionName, args, options) => {
    const fn = findWitFunction(world.exports, instance, functionName)
    if (fn === undefined) {
      const where = instance === '' ? 'at its root' : `in ${instance}`
      throw new TlosError('not-found', `${componentId} has no function ${functionName} ${where}`, {
        about: componentId,
      })
    }
    // Its resources are made in the worker, from data (worker.ts).
    const isHttp = isIncomingHandler(instance)
    const obstacle = isHttp ? undefined : obstacleOf(fn, instance)
    if (obstacle !== undefined) {
      throw new TlosError('refused', `${spellFunction(functionName)} was not called: ${obstacle}`, {
        about: componentId,
      })
    }
    const request = isHttp ? takeRequest(args) : undefined
    const taken = request ?? takeArguments(fn, args)
    if (!taken.ok) {
      throw new TlosError('invalid', `${spellFunction(functionName)} was not called: ${taken.trouble}`, {
        about: componentId,
      })
    }
    const tooLarge = findTooLarge(args, limits.messageBytes)
    if (tooLarge !== undefined) {
      const message = `${spellFunction(functionName)} was not called: its arguments have ${tooLarge}`
      throw new TlosError('too-large', message, { about: componentId })
    }
    assertHere()
    const timeoutMs = clampMs(options?.timeoutMs ?? limits.callMs)
    const waitMs = clampMs(options?.waitMs ?? maxTimeoutMs)
    const failed = `${spellFunction(functionName)} was not called: its arguments hold what cannot travel`
    const message = (callId: number, args: readonly unknown[]): ToPool => {
      return { kind: 'call', id, callId, instance, functionName, args, timeoutMs, waitMs }
    }
    if (request?.ok === true) return await exchange(request.value, message, failed)
    // Of what is no request it is the arguments.
    const values = taken.value as readonly unknown[]
    kept.enter(fn, values)
    const value = await ask((callId) => message(callId, values), failed)
    kept.left(fn, value)
    return value
  }

  /** A call whose bodies may flow while it runs. */
  async function exchange(
    request: HttpRequest,
    message: (callId: number, args: readonly unknown[]) => ToPool,
    failed: string,
  ): Promise<unknown> {
    let opened: { readonly callId: number; readonly exchange: HttpExchange } | undefined
    let failure: Error | undefined
    try {
      const asking = ask((callId) => {
        const exchange = openExchange(request, (flow) => member.post({ kind: 'flow', id, callId, flow }))
        opened = { callId, exchange }
        entry.exchanges.set(callId, exchange)
        return message(callId, [exchange.sent])
      }, failed)
      opened?.exchange.start()
      return await asking
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error))
      throw error
    } finally {
      if (opened !== undefined) entry.exchanges.delete(opened.callId)
      opened?.exchange.close(failure)
    }
  }

  const snapshot: Instance['snapshot'] = async (options) => {
    assertHere()
    const isWhole = options?.isWhole === true
    const isCertain = options?.isCertain === true
    const image = await ask((callId) => ({
      kind: 'snapshot',
      id,
      callId,
      isWhole,
      isCertain,
      isFirm: options?.isFirm === true,
      timeoutMs: copyMs,
      waitMs: copyMs,
    }))
    if (image instanceof Uint8Array) {
      kept.copied()
      return image
    }
    throw new TlosError('internal', `${componentId} gave no bytes as its copy`, { about: componentId })
  }

  const restore: Instance['restore'] = async (image) => {
    assertHere()
    const held = await ask((callId) => ({ kind: 'restore', id, callId, image, timeoutMs: copyMs, waitMs: copyMs }))
    // Our own worker says so (resources/outside.ts).
    kept.restored(held as readonly FarHandle[])
  }

  const stop = (): Promise<void> => {
    if (isGone) return Promise.resolve()
    stopping ??= new Promise((resolve) => {
      const limit = setTimeout(() => {
        member.kill(`${componentId} could not be stopped within ${stopLimitMs / 1_000} s, so its process was ended`)
      }, stopLimitMs)
      listeners.add(() => {
        clearTimeout(limit)
        resolve()
      })
      member.post({ kind: 'stop', id })
    })
    return stopping
  }

  const instance: Instance = {
    digest,
    get memoryBytes() {
      return entry.memoryBytes
    },
    get guestMs() {
      return entry.guestMs
    },
    given: entry.given,
    call,
    snapshot,
    restore,
    onGone(listener) {
      if (isGone) queueMicrotask(() => listener(goneReason))
      else listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop,
  }

  const told = watchConfig(parts.config, message.config, async (values) => {
    if (!isGone) await ask((callId) => ({ kind: 'config', id, callId, values }))
  })

  return new Promise((resolve, reject) => {
    entry.onStarted = () => {
      // What has changed since it was asked to start goes before whatever is said to it.
      told.begin()
      resolve(instance)
    }
    entry.onGone = (fault) => {
      isGone = true
      told.end()
      kept.giveBack()
      goneReason = fault === undefined ? undefined : toError(fault, componentId)
      for (const listener of [...listeners]) listener(goneReason)
      listeners.clear()
      // Settled already unless it never started.
      reject(goneReason ?? new TlosError('cancelled', `${componentId} was stopped while it started`))
    }
    member.start(message, entry)
  })
}

const obstacles = new WeakMap<WitFunction, { readonly why: string | undefined }>()

/** Worked out once for each function. */
function obstacleOf(fn: WitFunction, instance: string): string | undefined {
  let known = obstacles.get(fn)
  if (known === undefined) {
    known = { why: instance === '' && fn.name.startsWith('[') ? 'it belongs to no interface' : findObstacle(fn) }
    obstacles.set(fn, known)
  }
  return known.why
}
