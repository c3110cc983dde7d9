// Gives an actor of this node to another one: carries out what the pure machine of `move.ts` says, measures, and writes
// the receipt. The other side is `receiver.ts`.

import type { Receipt } from '../../preload/records.js'
import { formatChain, TlosError } from '../failure.js'
import {
  type MoveProgress,
  type MoveRequest,
  nothing,
  SettleReply,
  type StateKind,
  tlosSubjects,
} from '../lattice/protocol/tlos.js'
import type { Actor } from './actor.js'
import type { Actors, Resident } from './actors.js'
import type { SendCommand } from './commands.js'
import { beginMove, type MoveInput, type MoveOutput, type MovePhase, type MoveState, stepMove } from './move.js'
import type { Ownership } from './ownership.js'
import { withLimit } from './with-limit.js'

const finishCallMs = 15_000

export interface MoverParts {
  readonly lattice: string
  readonly hostId: string
  readonly actors: Actors
  readonly ownership: Ownership
  readonly send: SendCommand
  readonly flush: () => Promise<void>
  /** Puts these bytes into the lattice if it can; the target may still get them by their reference. Never rejects. */
  readonly shareBytes: (imageRef: string, digest: string) => Promise<void>
  /** Friendly name of a host, for the receipt. */
  readonly nameOf: (hostId: string) => Promise<string>
  readonly onProgress: (progress: MoveProgress) => void
  /** The outcome, to be published and kept. */
  readonly onReceipt: (receipt: Receipt) => void
  /** The actor left this node: the v1 event for it (`component_scaled` to 0) is due. */
  readonly onLeft: (resident: Resident) => void
  readonly now: () => number
}

export interface Mover {
  /** Starts the move; rejects at once when it cannot begin. The outcome comes as a receipt. */
  start(request: MoveRequest): Promise<void>
  /** Moves under way, by component id. */
  moving(): ReadonlySet<string>
}

export function createMover(parts: MoverParts): Mover {
  const moving = new Set<string>()
  return {
    moving: () => moving,
    async start(request) {
      const resident = parts.actors.resident(request.componentId)
      if (resident?.served === undefined) {
        throw new TlosError('not-found', `${request.componentId} is not served by this node`, {
          about: request.componentId,
        })
      }
      if (request.to === parts.hostId) throw new TlosError('invalid', `${request.componentId} is here already`)
      if (moving.has(request.componentId)) {
        throw new TlosError('conflict', `${request.componentId} is being moved already`)
      }
      const { actor } = resident
      const stateKind = parts.actors.stateKindOf(actor)
      if (stateKind === 'exported' && actor.epoch === undefined) {
        throw new TlosError(
          'unavailable',
          `${request.componentId} keeps a state, and without JetStream its owner cannot be changed safely`,
        )
      }
      assertGivesNothing(actor, stateKind)
      const done = actor.work.begin(actor.id, 'is being moved')
      moving.add(request.componentId)
      let names: [string, string]
      try {
        // What it was owned for, it keeps no more: its next node would serve beside a record that names this one.
        if (stateKind === 'none') await parts.ownership.release(actor)
        if (stateKind === 'snapshot' && actor.epoch === undefined) await parts.ownership.adopt(actor)
        names = await Promise.all([parts.nameOf(parts.hostId), parts.nameOf(request.to)])
      } catch (error) {
        moving.delete(request.componentId)
        done()
        throw error
      }
      const run = new MoveRun(parts, request, resident, stateKind, ...names)
      void run.run().finally(() => {
        moving.delete(request.componentId)
        done()
      })
    },
  }
}

/** Handles go with a copy of the memory that they are in, and with nothing else. */
function assertGivesNothing(actor: Actor, stateKind: StateKind): void {
  const count = actor.instances.givenCount
  if (stateKind === 'snapshot' || count === 0) return
  const what = count === 1 ? 'a resource that it gave out' : `${count} resources that it gave out`
  throw new TlosError(
    'refused',
    `${actor.id} cannot be moved: ${what} would be lost for whoever holds ${count === 1 ? 'it' : 'them'}. It can go when they are given back`,
    { about: actor.id },
  )
}

/** One move from here: keeps the clock and the numbers of its receipt. */
class MoveRun {
  readonly #parts: MoverParts
  readonly #request: MoveRequest
  readonly #resident: Resident
  readonly #names: { readonly from: string; readonly to: string }
  readonly #startedAt: number
  #state: MoveState
  #phases: { phase: MovePhase; ms: number }[] = []
  #phaseStartedAt: number
  #pausedAt: number | undefined
  #pauseMs = 0
  readonly #stateKind: StateKind
  #stateName = ''
  #stateBytes = 0
  #forwarded = 0
  #lost = 0
  #twice = 0
  readonly #epoch: number

  constructor(
    parts: MoverParts,
    request: MoveRequest,
    resident: Resident,
    stateKind: StateKind,
    fromName: string,
    toName: string,
  ) {
    this.#parts = parts
    this.#request = request
    this.#resident = resident
    this.#names = { from: fromName, to: toName }
    this.#startedAt = parts.now()
    this.#phaseStartedAt = this.#startedAt
    this.#epoch = resident.actor.epoch ?? 0
    this.#stateKind = stateKind
    this.#state = beginMove({ isStateful: stateKind !== 'none' }).state
  }

  /** Never rejects: whatever goes wrong is an input of the machine. */
  async run(): Promise<void> {
    this.#resident.actor.state = 'moving'
    this.#resident.actor.givesNothing = this.#stateKind !== 'snapshot'
    this.#progress()
    let outputs: readonly MoveOutput[] = ['prepare']
    while (outputs.length > 0) {
      let next: readonly MoveOutput[] = []
      for (const output of outputs) {
        const input = await this.#carryOut(output)
        if (input !== undefined) next = this.#feed(input)
      }
      outputs = next
    }
  }

  #feed(input: MoveInput): readonly MoveOutput[] {
    const { state, outputs } = stepMove(this.#state, input)
    if (state.phase !== this.#state.phase) {
      const now = this.#parts.now()
      this.#phases.push({ phase: this.#state.phase, ms: now - this.#phaseStartedAt })
      this.#phaseStartedAt = now
      this.#state = state
      this.#progress()
    }
    this.#state = state
    return outputs
  }

  /** What came of it, for the outputs that something comes of. */
  async #carryOut(output: MoveOutput): Promise<MoveInput | undefined> {
    try {
      return await this.#act(output)
    } catch (error) {
      const isGone = error instanceof TlosError && error.code === 'unreachable'
      return { kind: 'failed', reason: isGone ? `${this.#names.to} does not answer` : formatChain(error), isGone }
    }
  }

  async #act(output: MoveOutput): Promise<MoveInput | undefined> {
    const { send } = this.#parts
    const { actor, served } = this.#resident
    const { componentId, moveId, to } = this.#request
    const ofMove = { moveId, componentId }
    switch (output) {
      case 'prepare': {
        const { annotations, maxInstances, config, limits } = actor.spec
        const imageRef = actor.runningRef
        const { digest } = actor.prepared
        const stateKind = this.#stateKind
        await this.#parts.shareBytes(imageRef, digest)
        const from = this.#parts.hostId
        const body = { ...ofMove, from, imageRef, digest, annotations, maxInstances, config, stateKind }
        await send('prepare', to, limits === undefined ? body : { ...body, limits }, nothing)
        return { kind: 'prepared' }
      }
      case 'pause':
        await withLimit(actor.gate.hold(), finishCallMs, `${componentId} did not finish the call in hand`)
        this.#pausedAt = this.#parts.now()
        // A call that had begun before the move may have given some out.
        assertGivesNothing(actor, this.#stateKind)
        return { kind: 'paused' }
      case 'save':
        await this.#save()
        return { kind: 'saved' }
      case 'load':
        await this.#load()
        return { kind: 'loaded' }
      case 'commit':
        await this.#parts.ownership.pass(
          componentId,
          { epoch: this.#epoch },
          { owner: to, epoch: this.#epoch + 1, state: this.#recordState },
        )
        return { kind: 'committed' }
      case 'serve':
        await send('serve', to, { ...ofMove, epoch: this.#epoch + 1 }, nothing)
        if (this.#pausedAt !== undefined) this.#pauseMs = this.#parts.now() - this.#pausedAt
        return { kind: 'served' }
      case 'forward':
        actor.gate.forwardTo(tlosSubjects(this.#parts.lattice).direct(to, componentId))
        await served?.drain()
        await this.#settle()
        return { kind: 'forwarded' }
      case 'let-go':
        this.#letGo()
        return undefined
      case 'abandon':
        // The target gives up by itself after a while; telling it is a courtesy that must not delay the way back.
        send('abandon', to, { ...ofMove, reason: this.#state.reason ?? 'the move was given up' }, nothing).catch(
          () => undefined,
        )
        return undefined
      case 'resume':
        actor.state = 'running'
        actor.givesNothing = false
        actor.gate.open()
        return undefined
      case 'take-back':
        await this.#parts.ownership.pass(
          componentId,
          { epoch: this.#epoch + 1 },
          { owner: this.#parts.hostId, epoch: this.#epoch + 2, state: this.#recordState },
        )
        actor.epoch = this.#epoch + 2
        return { kind: 'taken-back' }
      case 'report':
        this.#report()
        return undefined
    }
  }

  /** What the owner record says of a state: nothing of a copied instance, which is gone from the store once it is loaded. */
  get #recordState(): string | undefined {
    return this.#stateKind === 'snapshot' ? undefined : this.#stateName
  }

  async #save(isWhole = false): Promise<void> {
    const saved = await this.#parts.ownership.saveState(this.#resident.actor, { isWhole })
    this.#stateName = saved.name
    this.#stateBytes = saved.sizeBytes
  }

  async #load(): Promise<void> {
    if (this.#stateKind !== 'snapshot') return await this.#sendLoad()
    try {
      await this.#sendLoad()
    } catch (error) {
      if (!(error instanceof TlosError) || error.code !== 'refused') throw error
      // A difference to a fresh instance fits only where a fresh one is the same: then all of its memory.
      await this.#parts.ownership.dropState(this.#stateName)
      await this.#save(true)
      await this.#sendLoad()
    } finally {
      await this.#parts.ownership.dropState(this.#stateName)
    }
  }

  async #sendLoad(): Promise<void> {
    const { componentId, moveId, to } = this.#request
    const body = { moveId, componentId, state: this.#stateName, sizeBytes: this.#stateBytes }
    await this.#parts.send('load', to, body, nothing)
  }

  /** Asks the target how many of the calls handed on it has got; a shortfall is asked for again before it is believed. */
  async #settle(): Promise<void> {
    await this.#parts.flush()
    const { componentId, moveId, to } = this.#request
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const forwarded = this.#resident.actor.gate.forwarded
      const reply = await this.#parts.send('settle', to, { moveId, componentId, forwarded }, SettleReply)
      this.#forwarded = forwarded
      this.#twice = reply.twice
      this.#lost = Math.max(0, forwarded - reply.received)
      if (this.#lost === 0) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  #letGo(): void {
    const { componentId, to } = this.#request
    const resident = this.#parts.actors.release(componentId) ?? this.#resident
    // Also after a take-back that failed: whoever still waits here has nothing to wait for.
    resident.actor.gate.forwardTo(tlosSubjects(this.#parts.lattice).direct(to, componentId))
    this.#parts.onLeft(resident)
    void resident.actor.stop()
  }

  #progress(): void {
    this.#parts.onProgress({
      moveId: this.#request.moveId,
      componentId: this.#request.componentId,
      from: this.#parts.hostId as MoveProgress['from'], // our own host id
      to: this.#request.to,
      phase: this.#state.phase,
    })
  }

  #report(): void {
    const { actor } = this.#resident
    const isMoved = this.#state.phase === 'done'
    const receipt = {
      moveId: this.#request.moveId,
      componentId: this.#request.componentId,
      imageRef: actor.runningRef,
      from: this.#parts.hostId as Receipt['from'], // our own host id
      fromName: this.#names.from,
      to: this.#request.to,
      toName: this.#names.to,
      epoch: isMoved ? this.#epoch + (this.#stateKind === 'none' ? 0 : 1) : (actor.epoch ?? 0),
      startedAtMs: Math.round(this.#startedAt),
      phases: this.#phases,
      pauseMs: isMoved ? this.#pauseMs : this.#pausedAt === undefined ? 0 : this.#parts.now() - this.#pausedAt,
      stateBytes: this.#stateBytes,
      stateKind: this.#stateKind,
      callsQueued: this.#forwarded,
      callsLost: this.#lost,
      callsTwice: this.#twice,
      askedBy: this.#request.askedBy,
      outcome: isMoved ? ('moved' as const) : ('failed' as const),
    }
    this.#parts.onReceipt(
      this.#state.reason === undefined || isMoved ? receipt : { ...receipt, reason: this.#state.reason },
    )
  }
}
