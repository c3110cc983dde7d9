// The worker's way to the host: a call that waits. The guest runs synchronously, so its thread sleeps until the answer
// lies on the port; the pool process answers without sleeping.

import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { answersAt } from './call-turn.js'
import { GuestError } from './import-error.js'
import type { ShortWay } from './lane.js'
import type { Fault, Outcome, WorkerImport } from './pool-protocol.js'

/** Thrown through the guest when the host cannot answer; the instance is not to be used after it. */
export class HostFault extends Error {
  override readonly name = 'HostFault'
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault.message)
    this.fault = fault
  }
}

/** `linkName`: of the link to take, where it is not the one that the guest has chosen for the interface. */
export type HostCall = (instance: string, functionName: string, args: readonly unknown[], linkName?: string) => Outcome

/**
 * Asks the pool process for something that was granted (granted/service.ts). Gives the value, or throws `GuestError` with
 * the error code that the operation has in WIT.
 */
export type Ask = (operation: string, ...args: readonly unknown[]) => unknown

export interface HostCalls {
  readonly call: HostCall
  /** Tells the host; nobody waits for an answer. */
  readonly tell: (instance: string, functionName: string, args: readonly unknown[], linkName?: string) => void
  readonly ask: Ask
}

export interface HostCallParts {
  readonly port: MessagePort
  /** Counts answers; the host posts the answer first and then counts, so a count means it is there. */
  readonly turn: Int32Array
  readonly limitMs: number
  /** Of the instance, for what goes straight to the runtime. */
  readonly id: number
  readonly lane: ShortWay
}

export function createHostCalls({ port, turn, limitMs, id, lane }: HostCallParts): HostCalls {
  let lastImportId = 0

  function send(
    isForProcess: boolean,
    instance: string,
    functionName: string,
    args: readonly unknown[],
    linkName?: string,
  ): Outcome {
    lastImportId += 1
    const before = Atomics.load(turn, answersAt)
    const asked = { importId: lastImportId, isOneWay: false, instance, functionName, args, linkName }
    // What the process says for it (a refusal, a warning) goes the long way, too.
    if (isForProcess) lane.detour()
    if (isForProcess || !lane.send({ kind: 'import', id, ...asked })) {
      port.postMessage({ isForProcess, ...asked } satisfies WorkerImport)
    }
    // The host counts, and only then wakes: one that saw the last count without sleeping may be woken for it here.
    const until = performance.now() + limitMs
    while (Atomics.load(turn, answersAt) === before) {
      const left = until - performance.now()
      if (left <= 0 || Atomics.wait(turn, answersAt, before, left) === 'timed-out') break
    }
    const received = receiveMessageOnPort(port)
    if (received === undefined) {
      const message = `${instance}.${functionName} did not answer within ${limitMs} ms`
      throw new HostFault({ code: 'timed-out', message })
    }
    // Only the pool process holds the other end.
    return received.message as Outcome
  }

  return {
    call: (instance, functionName, args, linkName) => send(false, instance, functionName, args, linkName),
    tell(instance, functionName, args, linkName) {
      lane.detour()
      const importId = 0
      const told: WorkerImport = {
        isForProcess: false,
        isOneWay: true,
        importId,
        instance,
        functionName,
        args,
        linkName,
      }
      port.postMessage(told)
    },
    ask(operation, ...args) {
      const outcome = send(true, 'WASI', operation, args)
      if (!outcome.ok) throw new HostFault(outcome.fault)
      // The service answers so, and nobody else does.
      const { tag, val } = outcome.value as { readonly tag: 'ok' | 'err'; readonly val: unknown }
      if (tag === 'ok') return val
      throw new GuestError(val)
    },
  }
}
