// One component on this node: its instance, the gate in front of it, its meter and log. Stands on the runtime; does not
// know the bus (`serving.ts` puts it on it) nor moves (`mover.ts`, `receiver.ts` use the gate).

import { formatChain, TlosError } from '../failure.js'
import type { ActorSpec } from '../lattice/host-types.js'
import { imageRef, parseImageRef } from '../lattice/protocol/tlos.js'
import type {
  Grants,
  Instance,
  InstanceHost,
  InstanceLimits,
  LogLevel,
  PreparedComponent,
  Runtime,
  StartOptions,
} from '../wasm/types.js'
import { type CommandRunner, createCommandRunner, isCommandRun } from './command-run.js'
import { Gate } from './gate.js'
import { TrafficMeter } from './traffic.js'

/** Interface by which an actor's state travels; never served on the bus. */
export const stateInterface = 'tlos:actor/state@0.1.0'
export const windowInterface = 'tlos:shell/window@0.1.0'

export type ActorState = 'starting' | 'running' | 'moving' | 'failed' | 'stopped'

export interface LogEntry {
  readonly atMs: number
  readonly level: LogLevel
  readonly text: string
}

export interface ActorParts {
  readonly runtime: Runtime
  /** What the instance may reach; logging is the actor's own. */
  readonly callImport: InstanceHost['callImport']
  readonly config: () => Readonly<Record<string, string>>
  /** What this node lets it reach beyond the lattice. */
  readonly grants: () => Grants
  readonly now: () => number
  /** Something to tell changed (state, counts); called often, must be cheap. */
  readonly onChanged: () => void
  /** It ended by itself: why, and whether it is started again soon. */
  readonly onFailed: (problem: string, startsAgain: boolean) => void
}

/** Longest log kept, lines. */
const logLines = 500
/** A call longer than this makes the actor `busy`. */
export const busyAfterMs = 250
/** After this many failures within a minute the actor stays failed until somebody restarts it. */
const restartLimit = 3
const restartDelaysMs = [100, 500, 2_000]

export class Actor {
  readonly gate = new Gate()
  readonly meter = new TrafficMeter()
  spec: ActorSpec
  prepared: PreparedComponent
  epoch: number | undefined
  state: ActorState = 'starting'
  problem: string | undefined
  /** Grows with each call that may have changed what its window shows. */
  activity = 0
  readonly limits: Partial<InstanceLimits>
  #parts: ActorParts
  readonly #runner: CommandRunner
  #instance: Instance | undefined
  #log: LogEntry[] = []
  #failures: number[] = []
  #restart: ReturnType<typeof setTimeout> | undefined
  #callStartedAt: number | undefined
  #isClosed = false

  constructor(spec: ActorSpec, prepared: PreparedComponent, parts: ActorParts) {
    this.spec = spec
    this.prepared = prepared
    this.#parts = parts
    this.limits = parseLimits(spec.limits)
    this.#runner = createCommandRunner({
      runtime: parts.runtime,
      note: (level, text) => this.note(level, text),
    })
  }

  get id(): string {
    return this.spec.componentId
  }

  get isStateful(): boolean {
    return this.prepared.world.exports.some((e) => e.name === stateInterface)
  }

  get hasWindow(): boolean {
    return this.prepared.world.exports.some((e) => e.name === windowInterface)
  }

  /**
   * The reference of the bytes that really run: a v1 `scale` may have changed the one that is told without changing the
   * bytes (SPEC L16).
   */
  get runningRef(): string {
    return parseImageRef(this.spec.imageRef) === undefined ? this.spec.imageRef : imageRef(this.prepared.digest)
  }

  /** What this node lets it reach, as it would start now. */
  get grants(): Grants {
    return this.#parts.grants()
  }

  get memoryBytes(): number | undefined {
    return this.#instance?.memoryBytes
  }

  /** One call has been running for longer than `busyAfterMs`. */
  get isBusy(): boolean {
    return this.#callStartedAt !== undefined && this.#parts.now() - this.#callStartedAt > busyAfterMs
  }

  get log(): readonly LogEntry[] {
    return this.#log
  }

  /** Starts the instance; the gate decides who gets in. */
  async start(): Promise<void> {
    this.#isClosed = false
    const instance = await this.#parts.runtime.start(this.prepared.digest, this.#startOptions())
    if (this.#isClosed) {
      await instance.stop()
      throw new TlosError('cancelled', `${this.id} was stopped while it started`, { about: this.id })
    }
    this.#instance = instance
    instance.onGone((reason) => this.#onGone(instance, reason))
    this.state = 'running'
    this.problem = undefined
    this.#parts.onChanged()
  }

  /** A call from outside, once it is through the gate: counted, and shown. */
  async run(instance: string, functionName: string, params: readonly unknown[]): Promise<unknown> {
    const startedAt = this.#parts.now()
    this.#callStartedAt ??= startedAt
    this.#parts.onChanged()
    let isError = false
    try {
      return await this.callInside(instance, functionName, params)
    } catch (error) {
      isError = true
      throw error
    } finally {
      const endedAt = this.#parts.now()
      this.#callStartedAt = this.gate.inside > 1 ? endedAt : undefined
      if (!isLook(instance, functionName, params)) {
        this.meter.record(endedAt, endedAt - startedAt, isError)
        this.activity += 1
      }
      this.#parts.onChanged()
    }
  }

  /** A call of the node itself (saving and loading state): not through the gate, not counted. */
  async callInside(instance: string, functionName: string, params: readonly unknown[]): Promise<unknown> {
    if (this.#instance === undefined) {
      const why = this.problem ?? (this.state === 'starting' ? 'it is still starting' : 'it is not running')
      throw new TlosError('trapped', `${this.id} cannot answer: ${why}`, { about: this.id })
    }
    if (isCommandRun(instance, functionName)) {
      return await this.#runner.run(this.prepared.digest, instance, this.#startOptions())
    }
    return await this.#instance.call(instance, functionName, params)
  }

  #startOptions(): StartOptions {
    return {
      componentId: this.id,
      limits: this.limits,
      config: this.#parts.config(),
      grants: this.#parts.grants(),
      host: { callImport: this.#parts.callImport, log: (level, text) => this.note(level, text) },
    }
  }

  /** Everything it must keep, as its own bytes. */
  async save(): Promise<Uint8Array> {
    const saved = await this.callInside(stateInterface, 'save', [])
    if (!(saved instanceof Uint8Array)) throw new TlosError('trapped', `${this.id} gave no bytes as its state`)
    return saved
  }

  async load(state: Uint8Array): Promise<void> {
    const loaded = await this.callInside(stateInterface, 'load', [state])
    const result = loaded as { tag?: unknown; val?: unknown } | undefined // checked below: it comes from a component
    if (result?.tag !== 'ok') {
      const why = typeof result?.val === 'string' ? result.val : 'no reason given'
      throw new TlosError('refused', `${this.id} did not take the saved state: ${why}`, { about: this.id })
    }
  }

  /** Starts afresh because somebody asked, whatever happened before. */
  async restart(): Promise<void> {
    this.#failures = []
    await this.stop()
    this.state = 'starting'
    this.#parts.onChanged()
    await this.start()
  }

  async stop(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#restart)
    const instance = this.#instance
    this.#instance = undefined
    this.state = 'stopped'
    await Promise.all([instance?.stop(), this.#runner.stop()])
  }

  #onGone(instance: Instance, reason: Error | undefined): void {
    if (this.#instance !== instance) return
    this.#instance = undefined
    if (this.#isClosed || reason === undefined) return
    this.state = 'failed'
    this.problem = formatChain(reason)
    this.note('error', this.problem)
    const now = this.#parts.now()
    this.#failures = [...this.#failures.filter((at) => at > now - 60_000), now]
    const delay = this.#failures.length > restartLimit ? undefined : restartDelaysMs[this.#failures.length - 1]
    this.#parts.onFailed(this.problem, delay !== undefined)
    if (delay === undefined) {
      this.problem = `${this.problem}; it failed ${this.#failures.length} times within a minute and was not started again`
    } else {
      this.#restart = setTimeout(() => this.#startAgain(), delay)
      this.#restart.unref()
    }
    this.#parts.onChanged()
  }

  #startAgain(): void {
    this.start().catch((error: unknown) => {
      this.state = 'failed'
      this.problem = formatChain(error)
      this.#parts.onChanged()
    })
  }

  /** A line in its log, of its own or of the node about it. */
  note(level: LogLevel, text: string): void {
    this.#log.push({ atMs: this.#parts.now(), level, text: text.slice(0, 4_096) })
    if (this.#log.length > logLines) this.#log.splice(0, this.#log.length - logLines)
  }
}

/** Looking at a window changes nothing: it must neither count as traffic nor make other viewers look again. */
function isLook(instance: string, functionName: string, params: readonly unknown[]): boolean {
  if (instance !== windowInterface) return false
  if (functionName === 'open') return true
  const event = params[0] as { action?: { tag?: unknown } } | undefined // only read, and only for this question
  return event?.action?.tag === 'tick'
}

/** v1 `component_limits`: bytes and seconds as decimal text. Anything else is left at the default. */
function parseLimits(limits: Readonly<Record<string, string>> | undefined): Partial<InstanceLimits> {
  const memory = Number(limits?.['max_memory_limit'])
  const seconds = Number(limits?.['max_execution_time'])
  return {
    ...(Number.isFinite(memory) && memory > 0 ? { memoryBytes: memory } : {}),
    ...(Number.isFinite(seconds) && seconds > 0 ? { callMs: seconds * 1000 } : {}),
  }
}
