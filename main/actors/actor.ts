// One component on this node: its instances, the gate in front of it, its meter and log. Stands on the runtime; does not
// know the bus (`serving.ts` puts it on it) nor moves (`mover.ts`, `receiver.ts` use the gate).

import type { Lack, RunInput } from '../../preload/grants.js'
import { formatChain, TlosError, toError } from '../failure.js'
import type { ActorSpec } from '../lattice/host-types.js'
import type { ComponentClaims } from '../lattice/protocol/component-claims.js'
import { noSecrets, type SecretValues } from '../lattice/protocol/secret.js'
import { imageRef, parseImageRef, type StateKind } from '../lattice/protocol/tlos.js'
import type { Grants, Instance, LogLevel, PreparedComponent, SnapshotOptions, StartOptions } from '../wasm/types.js'
import { ActorConfig } from './actor-config.js'
import { ActorLog, type LogEntry } from './actor-log.js'
import type { ActorParts } from './actor-parts.js'
import { createHandleReader, type HandleReader, secretsStore } from '../wasm/runtime.js'
import { answerSecret } from './actor-secrets.js'
import { type CommandRunner, createCommandRunner, isCommandRun } from './command-run.js'
import { Gate } from './gate.js'
import { GivenResources } from './given-resources.js'
import { Instances, type Kept, loadedOrThrow, savedAs } from './instances.js'
import { type ActorLimits, parseLimits } from './limits.js'
import { decideReuse, decideStateKind, hasState, hasWindow, isLook, type Reuse, stateInterface } from './reuse.js'
import { TrafficMeter } from './traffic.js'
import { WholeWork } from './whole-work.js'

export type ActorState = 'starting' | 'running' | 'moving' | 'failed' | 'stopped'

/** A call longer than this makes the actor `busy`. */
export const busyAfterMs = 250
/** After this many failures within a minute the actor stays failed until somebody restarts it. */
const restartLimit = 3
const restartDelaysMs = [100, 500, 2_000]

export class Actor {
  readonly gate = new Gate()
  readonly meter = new TrafficMeter()
  readonly work = new WholeWork()
  readonly config: ActorConfig
  spec: ActorSpec
  prepared: PreparedComponent
  /** What its bytes say of themselves, when they are signed. */
  claims: ComponentClaims | undefined
  /** The token itself, and the secrets it was started with. */
  token: string | undefined
  secrets: SecretValues = noSecrets
  epoch: number | undefined
  state: ActorState = 'starting'
  problem: string | undefined
  /** It is being moved without its memory: a resource that it gave out now would be lost. */
  givesNothing = false
  /** Grows with each call that may have changed what its window shows. */
  activity = 0
  #parts: ActorParts
  readonly #given: GivenResources
  #reader: { readonly prepared: PreparedComponent; readonly reader: HandleReader } | undefined
  #instances: Instances
  #restarts = 0
  /** `guestMs` of the sets of instances before this one. */
  #guestMsBefore = 0
  #known: { spec: ActorSpec; prepared: PreparedComponent; policy: ActorLimits & Reuse } | undefined
  readonly #runner: CommandRunner
  readonly #log: ActorLog
  #failures: number[] = []
  #restart: ReturnType<typeof setTimeout> | undefined
  #callStartedAt: number | undefined
  #isClosed = false

  constructor(spec: ActorSpec, prepared: PreparedComponent, parts: ActorParts) {
    this.spec = spec
    this.prepared = prepared
    this.#parts = parts
    this.config = new ActorConfig(() => parts.config())
    this.#log = new ActorLog(parts.now)
    this.#given = new GivenResources({
      componentId: spec.componentId,
      now: parts.now,
      reader: () => this.#readHandles(),
      givesNone: () => (this.givesNothing ? 'it is being moved' : undefined),
    })
    this.#instances = this.#makeInstances()
    this.#runner = createCommandRunner({
      runtime: parts.runtime,
      note: (level, text) => this.note(level, text),
    })
  }

  get id(): string {
    return this.spec.componentId
  }

  get isStateful(): boolean {
    return hasState(this.prepared.world)
  }

  /** How its state moves, as far as its bytes and what it was started with say. */
  get stateKind(): StateKind {
    return decideStateKind(this.prepared.world, this.reuse)
  }

  get hasWindow(): boolean {
    return hasWindow(this.prepared.world)
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

  get limits(): ActorLimits {
    return this.#policy
  }

  /** How many instances it may have, and what becomes of those that nobody calls. */
  get reuse(): Reuse {
    return this.#policy
  }

  /** Worked out when it is started or what it was started with changes: each call asks for it. */
  get #policy(): ActorLimits & Reuse {
    const { spec, prepared } = this
    if (this.#known?.spec !== spec || this.#known.prepared !== prepared) {
      const { annotations, limits } = spec
      const policy = {
        ...parseLimits({ config: this.#parts.config(), annotations, limits }, this.#parts.nodeLimits),
        ...decideReuse(prepared.world, spec, prepared.snapshot.can),
      }
      this.#known = { spec, prepared, policy }
    }
    return this.#known.policy
  }

  get instances(): Instances {
    return this.#instances
  }

  /** Bytes of memory of its fullest instance; its limit is one instance's, too. */
  get memoryBytes(): number {
    return Math.max(0, ...this.#instances.memoryBytes)
  }

  /** Time in the component's own code since it came here, ms. */
  get guestMs(): number {
    return this.#guestMsBefore + this.#instances.guestMs
  }

  /** Instances that took the place of one that failed. */
  get restarts(): number {
    return this.#restarts
  }

  /** One call has been running for longer than `busyAfterMs`. */
  get isBusy(): boolean {
    return this.#callStartedAt !== undefined && this.#parts.now() - this.#callStartedAt > busyAfterMs
  }

  /** What it asked for since it was started by somebody and did not get. */
  get lacks(): readonly Lack[] {
    return this.#log.lacks
  }

  get log(): readonly LogEntry[] {
    return this.#log.lines
  }

  /** Starts an instance; the gate decides who gets in. */
  async start(): Promise<void> {
    this.#isClosed = false
    await this.#begin(await this.#instances.kept())
  }

  async #begin(kept: Kept | undefined): Promise<void> {
    if (this.#isClosed) throw new TlosError('cancelled', `${this.id} was stopped while it started`, { about: this.id })
    // Named configuration may be another by now.
    this.#known = undefined
    this.#exchange(kept)
    await this.#instances.open()
    this.state = 'running'
    this.problem = undefined
    this.#parts.onChanged()
  }

  /** A call from outside, once it is through the gate: counted, and shown. `input`: of a command's run. */
  async run(instance: string, functionName: string, params: readonly unknown[], input?: RunInput): Promise<unknown> {
    const startedAt = this.#parts.now()
    this.#callStartedAt ??= startedAt
    this.#parts.onChanged()
    let isError = false
    try {
      return await this.callInside(instance, functionName, params, input)
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
  callInside(instance: string, functionName: string, params: readonly unknown[], input?: RunInput): Promise<unknown> {
    const isThere = this.state === 'running' || this.state === 'moving' || this.#instances.count > 0
    if (!isThere) {
      const why = this.problem ?? (this.state === 'starting' ? 'it is still starting' : 'it is not running')
      return Promise.reject(new TlosError('trapped', `${this.id} cannot answer: ${why}`, { about: this.id }))
    }
    if (isCommandRun(instance, functionName)) {
      const options = this.#startOptions()
      return this.#runner.run(this.prepared.digest, instance, { ...options, grants: { ...options.grants, ...input } })
    }
    return this.#instances.call(instance, functionName, params)
  }

  /** Something that it asked for and does not have; said on its window. */
  noteLack(lack: Lack): void {
    if (this.#log.addLack(lack)) this.#parts.onChanged()
  }

  /** Ends the run of a command that is under way. */
  stopRun(): Promise<void> {
    return this.#runner.stopCurrent()
  }

  #readHandles(): HandleReader {
    const { prepared } = this
    if (this.#reader?.prepared !== prepared) {
      this.#reader = { prepared, reader: createHandleReader(prepared.world.exports) }
    }
    return this.#reader.reader
  }

  #startOptions(): StartOptions & { readonly grants: Grants } {
    return {
      componentId: this.id,
      limits: this.limits,
      config: this.config.source,
      grants: this.#parts.grants(),
      host: {
        callImport: (...asked) => this.#callImport(...asked),
        log: (level, text) => this.#log.write({ level, text }),
        lacked: (lack) => this.noteLack(lack),
      },
    }
  }

  /** Rejects when the lattice's policy forbids that others call this of it. */
  permit(instance: string, functionName: string): Promise<void> | undefined {
    return this.#parts.permit?.(instance, functionName)
  }

  /** Its secrets are its node's to tell; everything else goes along its links. */
  async #callImport(...asked: Parameters<ActorParts['callImport']>): Promise<unknown> {
    const [instance, functionName, args] = asked
    if (instance === secretsStore) return answerSecret(this.secrets, functionName, args[0])
    return await this.#parts.callImport(...asked)
  }

  /** Everything it must keep, as its own bytes. */
  async save(): Promise<Uint8Array> {
    const kept = await this.#instances.kept()
    if (kept?.kind === 'saved') return kept.bytes
    const saved = await this.callInside(stateInterface, 'save', [])
    if (!(saved instanceof Uint8Array)) throw new TlosError('trapped', `${this.id} gave no bytes as its state`)
    return saved
  }

  async load(state: Uint8Array): Promise<void> {
    loadedOrThrow(this.id, await this.callInside(stateInterface, 'load', [state]))
  }

  /** Its one instance as bytes, also while it is at rest. Nobody may be inside: the gate is held. */
  async copy(options?: SnapshotOptions): Promise<Uint8Array> {
    const kept = await this.#instances.kept()
    if (kept?.kind === 'image' && options?.isWhole !== true) return kept.bytes
    const only = await this.#instances.wake()
    if (only !== undefined) return await only.snapshot(options)
    throw new TlosError('unavailable', `${this.id} has no instance that could be copied`, { about: this.id })
  }

  /** Goes on as the instance that was copied. It was never called; after a failure it is a fresh one again. */
  async goOn(image: Uint8Array): Promise<void> {
    const before = this.#instances
    const { only } = before
    if (only === undefined) throw new TlosError('unavailable', `${this.id} has no fresh instance`, { about: this.id })
    // Nobody's while it tries: its end would be a failure of the actor.
    this.#exchange()
    try {
      await only.restore(image)
      this.#instances = before
    } catch (error) {
      await before.close()
      await this.start()
      throw error
    }
  }

  /** Starts afresh because somebody asked, whatever happened before. */
  async restart(): Promise<void> {
    await this.#stopToStart()
    await this.start()
  }

  /** Starts again with what it is granted now; `saved` is a state of its own to go on from. */
  async renew(saved: Uint8Array | undefined): Promise<void> {
    await this.#stopToStart()
    this.#isClosed = false
    try {
      await this.#begin(savedAs(saved))
    } catch (error) {
      this.#fail(this.#instances, toError(error))
      throw error
    }
  }

  async #stopToStart(): Promise<void> {
    this.#failures = []
    await this.stop()
    this.#log.forgetLacks()
    this.state = 'starting'
    this.#parts.onChanged()
  }

  async stop(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#restart)
    this.state = 'stopped'
    const instances = this.#instances
    const closing = instances.close()
    // Nothing of before, a state that was kept included, goes into the next start.
    this.#exchange()
    await Promise.all([closing, this.#runner.stop()])
  }

  #exchange(kept?: Kept): void {
    this.#guestMsBefore += this.#instances.guestMs
    this.#instances = this.#makeInstances(kept)
  }

  #makeInstances(kept?: Kept): Instances {
    const instances: Instances = new Instances(
      {
        componentId: this.id,
        start: () => this.#startOne(),
        policy: () => this.#policy,
        now: this.#parts.now,
        given: this.#given,
        onGone: (reason) => {
          if (this.#instances !== instances) return
          // Of many, the others go on and the next call gets a fresh one: whoever called it knows what happened.
          if (this.reuse.most > 1) this.#replaced(reason)
          else this.#fail(instances, reason)
        },
        onStartFailed: (error, left) => {
          if (this.#instances !== instances) return
          if (left > 0) this.note('error', `another instance could not be started: ${formatChain(error)}`)
          else this.#fail(instances, error)
        },
      },
      kept,
    )
    return instances
  }

  async #startOne(): Promise<Instance> {
    const start = (): Promise<Instance> => this.#parts.runtime.start(this.prepared.digest, this.#startOptions())
    try {
      return await start()
    } catch (error) {
      if (!(error instanceof TlosError && error.code === 'not-found')) throw error
      await this.#parts.prepareAgain()
      return await start()
    }
  }

  #replaced(reason: Error): void {
    this.#restarts += 1
    this.note('error', formatChain(reason))
    this.#parts.onChanged()
  }

  /** Nothing of it runs any more: it is started again after a while, or left alone when that does not help. */
  #fail(instances: Instances, reason: Error): void {
    if (this.#isClosed) return
    void instances.close()
    this.state = 'failed'
    this.problem = formatChain(reason)
    this.note('error', this.problem)
    const now = this.#parts.now()
    this.#failures = [...this.#failures.filter((at) => at > now - 60_000), now]
    const delay = this.#failures.length > restartLimit ? undefined : restartDelaysMs[this.#failures.length - 1]
    // What it was while it was at rest is tried once more: it need not be why it failed.
    const goesOn = delay !== undefined && this.#failures.length === 1 && instances.keptBytes > 0
    this.#parts.onFailed(this.problem, delay !== undefined, goesOn)
    if (delay === undefined) {
      this.problem = `${this.problem}; it failed ${this.#failures.length} times within a minute and was not started again`
    } else {
      this.#restart = setTimeout(() => this.#startAgain(), delay)
      this.#restart.unref()
    }
    this.#parts.onChanged()
  }

  #startAgain(): void {
    this.#restarts += 1
    this.#resume().catch((error: unknown) => {
      if (error instanceof TlosError && error.code === 'cancelled') return
      this.#fail(this.#instances, toError(error))
    })
  }

  /**
   * From what was kept of it at rest, or what it saved last, if anything; when it fails again within a minute, that may be
   * why: then from nothing.
   */
  async #resume(): Promise<void> {
    const kept = this.#failures.length > 1 ? undefined : await this.#instances.kept()
    const saved = this.#failures.length > 1 || kept !== undefined ? undefined : await this.#parts.lastSaved()
    if (this.#isClosed) throw new TlosError('cancelled', `${this.id} was stopped while it started`, { about: this.id })
    await this.#begin(kept ?? savedAs(saved))
  }

  /** A line of the node about it in its log. */
  note(level: LogLevel, text: string): void {
    this.#log.write({ level, text, by: 'node' })
  }
}
