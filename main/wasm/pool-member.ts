// The runtime's side of one pool process: the instances in it, their open calls, and a watch over the process. When the
// process ends or stops answering, each of its instances ends with the reason.

import { TlosError } from '../failure.js'
import type { HttpExchange } from './http-exchange.js'
import { findTooLarge } from './message-size.js'
import type { PoolProcess, SpawnPool } from './pool-process.js'
import type { Fault, FromPool, GivenHandle, ImportRequest, Outcome, StartMessage, ToPool } from './pool-protocol.js'
import type { InstanceHost } from './types.js'

/** The process does nothing but relay, so a silence this long means it is stuck in the engine. */
const silenceMs = 15_000
const pingMs = 3_000

export const toError = (fault: Fault, about: string): TlosError => new TlosError(fault.code, fault.message, { about })

/** One instance in a pool process. */
export interface MemberInstance {
  memoryBytes: number
  guestMs: number
  readonly messageBytes: number
  readonly componentId: string
  readonly digest: string
  readonly host: InstanceHost
  readonly memories: number
  readonly given: Map<string, GivenHandle>
  readonly calls: Map<number, (outcome: Outcome) => void>
  /** Calls whose bodies may flow, by their numbers. */
  readonly exchanges: Map<number, Pick<HttpExchange, 'take'>>
  onStarted: () => void
  onGone: (fault: Fault | undefined) => void
}

export class PoolMember {
  readonly #process: PoolProcess
  readonly #instances = new Map<number, MemberInstance>()
  readonly #onEnd: (digests: ReadonlySet<string>) => void
  #heardAt = Date.now()
  #watch: NodeJS.Timeout | undefined
  #lastOutput = ''
  #isOver = false
  #wasClosed = false

  /** `onEnd` gets the digests of the components that were in it. */
  constructor(spawn: SpawnPool, entry: string, workerEntry: string, onEnd: (digests: ReadonlySet<string>) => void) {
    this.#onEnd = onEnd
    this.#process = spawn(entry, [workerEntry], {
      // The process is our own bundle.
      onMessage: (message) => this.#take(message as FromPool),
      onExit: (reason) => this.#end(reason),
      onOutput: (text) => {
        this.#lastOutput = text.trim().split('\n').at(-1)?.slice(0, 500) ?? ''
      },
    })
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get instanceCount(): number {
    return this.#instances.size
  }

  get memoryCount(): number {
    return [...this.#instances.values()].reduce((sum, instance) => sum + instance.memories, 0)
  }

  /** Of the components in it. */
  digests(): ReadonlySet<string> {
    return new Set([...this.#instances.values()].map(({ digest }) => digest))
  }

  /** It was ended on purpose. */
  get wasClosed(): boolean {
    return this.#wasClosed
  }

  get isOver(): boolean {
    return this.#isOver
  }

  post(message: ToPool): void {
    this.#process.post(message)
  }

  start(message: StartMessage, instance: MemberInstance): void {
    this.#instances.set(message.id, instance)
    this.#watchOver()
    this.post(message)
  }

  /** Ends the process and with it everything in it. */
  kill(reason: string): void {
    this.#process.kill()
    this.#end(reason)
  }

  /** Ends the process; its instances were stopped, not lost. */
  close(): void {
    this.#wasClosed = true
    for (const id of [...this.#instances.keys()]) this.#lose(id, undefined)
    this.kill('the component runtime was closed')
  }

  #watchOver(): void {
    if (this.#watch !== undefined) return
    this.#heardAt = Date.now()
    let askedAt = Date.now()
    this.#watch = setInterval(() => {
      const now = Date.now()
      // This process was asleep or busy itself: what it did not hear then says nothing.
      if (now - askedAt > 2 * pingMs) this.#heardAt = now
      askedAt = now
      if (now - this.#heardAt > silenceMs) {
        this.kill(`the pool process did not answer for ${silenceMs / 1_000} s and was ended`)
      } else {
        this.post({ kind: 'ping', nonce: now })
      }
    }, pingMs)
    this.#watch.unref()
  }

  #end(reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    const digests = this.digests()
    clearInterval(this.#watch)
    const why = this.#lastOutput === '' ? reason : `${reason}: ${this.#lastOutput}`
    for (const id of [...this.#instances.keys()]) this.#lose(id, { code: 'trapped', message: why })
    this.#onEnd(digests)
  }

  #lose(id: number, fault: Fault | undefined): void {
    const instance = this.#instances.get(id)
    if (instance === undefined) return
    this.#instances.delete(id)
    const { calls } = instance
    const rest = fault ?? { code: 'unavailable' as const, message: `${instance.componentId} was stopped` }
    for (const settle of calls.values()) settle({ ok: false, fault: rest })
    calls.clear()
    instance.onGone(fault)
    if (this.#instances.size === 0) {
      clearInterval(this.#watch)
      this.#watch = undefined
    }
  }

  #take(message: FromPool): void {
    this.#heardAt = Date.now()
    if (message.kind === 'pong') return
    const instance = this.#instances.get(message.id)
    if (instance === undefined) return
    switch (message.kind) {
      case 'started':
        instance.memoryBytes = message.memoryBytes
        return instance.onStarted()
      case 'answer': {
        if (message.memoryBytes !== undefined) instance.memoryBytes = message.memoryBytes
        instance.guestMs += message.guestMs
        // Before whoever called hears of them.
        for (const key of message.handles?.gone ?? []) instance.given.delete(key)
        for (const each of message.handles?.made ?? []) instance.given.set(each.handle, each)
        const settle = instance.calls.get(message.callId)
        instance.calls.delete(message.callId)
        return settle?.(message.outcome)
      }
      case 'flow':
        return instance.exchanges.get(message.callId)?.take(message.flow)
      case 'gone':
        return this.#lose(message.id, message.fault)
      case 'log':
        for (const { level, text } of message.lines) instance.host.log(level, text)
        return
      case 'lacked':
        return instance.host.lacked?.(message.lack)
      case 'import':
        return void this.#serveImport(message, instance)
    }
  }

  async #serveImport(request: ImportRequest, instance: MemberInstance): Promise<void> {
    const { id, importId } = request
    if (request.isOneWay) return await tellImport(request, instance.host)
    let outcome: Outcome
    try {
      const { functionName, args, linkName } = request
      const value = await instance.host.callImport(request.instance, functionName, args, linkName)
      const tooLarge = findTooLarge([value], instance.messageBytes)
      if (tooLarge === undefined) outcome = { ok: true, value }
      else {
        const message = `${request.instance}.${request.functionName} gave ${tooLarge}`
        outcome = { ok: false, fault: { code: 'too-large', message } }
      }
    } catch (error) {
      const code = error instanceof TlosError ? error.code : 'internal'
      outcome = { ok: false, fault: { code, message: error instanceof Error ? error.message : String(error) } }
    }
    try {
      this.post({ kind: 'import-reply', id, importId, outcome })
    } catch (error) {
      const message = `${request.instance}.${request.functionName} gave what cannot travel: ${String(error)}`
      this.post({ kind: 'import-reply', id, importId, outcome: { ok: false, fault: { code: 'internal', message } } })
    }
  }
}

/** What goes wrong is of no use to the guest, which went on; it is for the log. */
async function tellImport(request: ImportRequest, host: InstanceHost): Promise<void> {
  const { instance, functionName, args, linkName } = request
  try {
    await host.callImport(instance, functionName, args, linkName)
  } catch (error) {
    host.log('debug', `${instance}.${functionName}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
