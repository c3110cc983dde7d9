// The actors of this node: what the v1 host (`HostActors`) and the moves work on. Starting one means: bytes, prepared,
// an instance, ownership if it is stateful, and only then the bus. Joins the runtime, the lattice and the providers.

import type { RunInput } from '../../preload/grants.js'
import type { Link, StartStep } from '../../preload/records.js'
import { TlosError } from '../failure.js'
import type { ActorSpec, HostActors, OnClaims, RunningComponent, RunningProvider } from '../lattice/host-types.js'
import { type StateKind, tlosSubjects } from '../lattice/protocol/tlos.js'
import type { StartedProviders } from '../provider-host/types.js'
import { Actor } from './actor.js'
import type { ActorsParts } from './actors-parts.js'
import { type Admission, createAdmission } from './admission.js'
import { noteBeginning, noteFailure } from './actor-notes.js'
import { createHttpDoors } from './http-doors.js'
import { createImports, type Imports } from './imports.js'
import { listProviders, startProvider, stopProvider } from './node-providers.js'
import { replaceBytes } from './replace.js'
import { parkAll, parkState } from './parking.js'
import { openRest, type Rest } from './rest.js'
import { createRoom, type Room } from './room.js'
import { type Elsewhere, enterAndRun, runAnywhere, type Served, serveActor } from './serving.js'
import { withLimit } from './with-limit.js'

/** How long calls addressed to this very node are still handed on after an actor left, ms. */
const lingerMs = 10_000
/** How long a call under way may hold up new grants, ms, and saving after it: what was taken away is to be gone soon. */
const renewMs = 3_000
/** Longest that a change of a configuration waits to be read here, ms. */
const configMs = 1_000
/** How long one that is stopped answers what the bus has given to it already, ms: nobody else gets those calls. */
const leaveMs = 1_000

/** An actor with its place on the bus; `served` is absent while it does not serve (a move in the making, a start). */
export interface Resident {
  readonly actor: Actor
  served: Served | undefined
}

export class Actors implements HostActors {
  readonly #parts: ActorsParts
  readonly #residents = new Map<string, Resident>()
  readonly #starting = new Map<string, StartStep>()
  readonly #room: Room
  readonly #lingering = new Map<string, Served>()
  readonly #links = new Map<string, readonly Link[]>()
  readonly #imports: Imports
  readonly #rest: Rest
  readonly #doors = createHttpDoors()
  readonly #admission: Admission
  #isClosed = false

  constructor(parts: ActorsParts) {
    this.#parts = parts
    this.#admission = createAdmission(parts)
    const here = (): string[] => [...this.#residents.keys(), ...this.#starting.keys()]
    this.#room = createRoom(parts.nodeLimits?.components, here)
    this.#imports = createImports({
      lattice: parts.lattice,
      rpc: parts.rpc,
      links: (sourceId) => this.#links.get(sourceId) ?? [],
      provider: (id) => parts.providers.find((p) => p.id === id) ?? parts.started?.inProcess(id),
      callLocal: (id, instance, functionName, params) => this.callLocal(id, instance, functionName, params),
      now: parts.now,
    })
    this.#rest = openRest({
      actors: () => this.residents().flatMap(({ actor, served }) => (served === undefined ? [] : [actor])),
      now: parts.now,
      onRested: parts.onChanged,
    })
  }

  get imports(): Imports {
    return this.#imports
  }

  resident(componentId: string): Resident | undefined {
    return this.#residents.get(componentId)
  }

  residents(): readonly Resident[] {
    return [...this.#residents.values()]
  }

  /** How its state moves from here: without owner records only what keeps none can move. */
  stateKindOf(actor: Actor): StateKind {
    const kind = actor.stateKind
    return kind === 'snapshot' && !this.#parts.ownership.isAvailable ? 'none' : kind
  }

  /** Ids that are being started, with what is being done. */
  starting(): ReadonlyMap<string, StartStep> {
    return this.#starting
  }

  list(): readonly RunningComponent[] {
    return this.residents()
      .filter((r) => r.served !== undefined)
      .map(({ actor }) => running(actor))
  }

  get(componentId: string): RunningComponent | undefined {
    const resident = this.#residents.get(componentId)
    return resident?.served === undefined ? undefined : running(resident.actor)
  }

  /** For auctions. */
  canRun(componentId: string): boolean {
    return !this.isHere(componentId) && this.hasRoomFor(componentId)
  }

  /** It runs here, or was prepared to. */
  isHere(componentId: string): boolean {
    return this.#residents.has(componentId)
  }

  /** Does this node take as many components and this one? */
  hasRoomFor(componentId: string): boolean {
    return this.#room.hasFor(componentId)
  }

  setLinks(sourceId: string, links: readonly Link[]): void {
    this.#links.set(sourceId, links)
    this.#parts.onLinks?.(sourceId, links)
  }

  linksOf(sourceId: string): readonly Link[] {
    return this.#links.get(sourceId) ?? []
  }

  /** `digest`: those bytes or none, also when the reference means others by now. */
  async start(spec: ActorSpec, onClaims?: OnClaims, digest?: string): Promise<void> {
    this.#checkOpen(spec.componentId)
    if (this.#residents.has(spec.componentId) || this.#starting.has(spec.componentId)) {
      throw new TlosError('conflict', `${spec.componentId} is already on this node`, { about: spec.componentId })
    }
    this.#starting.set(spec.componentId, 'fetching')
    try {
      const resident = await this.create(spec, { onClaims, digest })
      try {
        this.#checkOpen(spec.componentId)
        const beginning = await this.#parts.ownership.begin(resident.actor)
        await this.serve(resident)
        const note = beginning && noteBeginning(resident.actor, this.#parts.hostId, beginning)
        if (note !== undefined) this.#parts.onNote(note)
      } catch (error) {
        await this.remove(spec.componentId)
        throw error
      }
    } finally {
      this.#starting.delete(spec.componentId)
      this.#parts.onChanged()
    }
  }

  /** Bytes, preparation and a started instance; nobody can reach it yet. With a digest it is those bytes or none. */
  async create(
    spec: ActorSpec,
    options: { digest?: string | undefined; onClaims?: OnClaims | undefined } = {},
  ): Promise<Resident> {
    return await this.#room.during(spec.componentId, () => this.#create(spec, options))
  }

  async #create(
    spec: ActorSpec,
    options: { digest?: string | undefined; onClaims?: OnClaims | undefined },
  ): Promise<Resident> {
    const { images, runtime } = this.#parts
    this.#step(spec.componentId, 'fetching')
    const bytes = await images.resolve(spec.imageRef, { digest: options.digest })
    const admitted = await this.#admission.admit(spec, bytes, options.onClaims)
    const prepared = await runtime.prepare(bytes, { onProgress: () => this.#step(spec.componentId, 'preparing') })
    this.#step(spec.componentId, 'starting')
    const actor: Actor = new Actor(spec, prepared, {
      runtime: { ...runtime, start: (...start) => this.#rest.start(() => runtime.start(...start)) },
      prepareAgain: async () =>
        runtime.prepare(await images.resolve(actor.runningRef, { digest: actor.prepared.digest })),
      callImport: (instance, functionName, args, linkName) =>
        this.#imports.call(spec.componentId, actor.prepared.world, instance, functionName, args, linkName),
      config: () => this.#parts.configValues(actor.spec.config),
      permit: (...called) => this.#admission.permitCall(actor, ...called),
      nodeLimits: this.#parts.nodeLimits,
      grants: () => this.#parts.grants(actor.id, actor.prepared.digest),
      now: this.#parts.now,
      onChanged: this.#parts.onChanged,
      onFailed: (...failure) => this.#parts.onNote(noteFailure(actor, this.#parts.hostId, ...failure)),
      lastSaved: () => this.#parts.ownership.lastSaved(actor),
    })
    Object.assign(actor, admitted)
    const resident: Resident = { actor, served: undefined }
    await actor.start()
    this.#residents.set(spec.componentId, resident)
    return resident
  }

  /** From here on it takes calls. */
  async serve(resident: Resident): Promise<void> {
    // It came back: what it left behind would hand calls on that are meant for it.
    this.#lingering.get(resident.actor.id)?.close()
    this.#lingering.delete(resident.actor.id)
    resident.served = serveActor(
      this.#parts.rpc,
      this.#parts.lattice,
      this.#parts.hostId,
      resident.actor,
      this.#elsewhere,
    )
    await resident.served.ready
    await this.#openDoor(resident.actor)
    this.#parts.onTableChanged()
    this.#parts.onServed()
  }

  #openDoor(actor: Actor): Promise<void> {
    return this.#doors.open(actor, (instance, functionName, args) =>
      enterAndRun(this.#parts.rpc, actor, instance, functionName, args),
    )
  }

  async change(componentId: string, spec: ActorSpec, image: 'same' | 'new', onClaims?: OnClaims): Promise<void> {
    const resident = this.#residents.get(componentId)
    if (resident === undefined) throw new TlosError('not-found', `${componentId} does not run on this node`)
    const { actor } = resident
    if (image === 'same') {
      Object.assign(actor, await this.#admission.admitAgain(spec, actor.spec, actor))
      actor.spec = spec
      actor.instances.trim()
      // Many of it keep nothing, and any node may have them. A record that cannot be given up now is at its next move.
      if (actor.stateKind === 'none') await this.#parts.ownership.release(actor).catch(() => undefined)
      // It may name other configurations.
      void actor.config.changed()
    } else {
      const bytes = await this.#parts.images.resolve(spec.imageRef)
      const admitted = await this.#admission.admit(spec, bytes, onClaims)
      const prepared = await this.#parts.runtime.prepare(bytes)
      const done = actor.work.begin(actor.id, 'is being given other bytes')
      try {
        await replaceBytes(actor, spec, prepared, admitted)
      } finally {
        done()
      }
      if (resident.served !== undefined) {
        // Exports may be others now.
        resident.served.close()
        await this.serve(resident)
      }
    }
    this.#parts.onTableChanged()
    this.#parts.onChanged()
  }

  /**
   * Starts it again with what its node grants it now; false when it does not run here. Whoever is inside may finish within
   * a limit; what it saves by itself goes on, other memory is lost.
   */
  async renew(componentId: string): Promise<boolean> {
    const resident = this.#residents.get(componentId)
    if (resident === undefined) return false
    const { actor, served } = resident
    const done = actor.work.begin(actor.id, 'is being started again')
    try {
      await withLimit(actor.gate.hold(), renewMs, `${componentId} did not finish its call`).catch(() => undefined)
      const last = (): Promise<Uint8Array | undefined> => this.#parts.ownership.lastSaved(actor)
      const saved = !actor.isStateful
        ? undefined
        : await withLimit(actor.save(), renewMs, `${componentId} did not save its state`).catch(last)
      await actor.renew(saved)
    } finally {
      done()
      actor.gate.open()
      this.#parts.onChanged()
    }
    if (served !== undefined) await this.#openDoor(actor)
    return true
  }

  /** One run of a command with arguments and input of whoever runs it, which only somebody at this node may give. */
  async runCommand(componentId: string, instance: string, input: RunInput): Promise<unknown> {
    const resident = this.#residents.get(componentId)
    const gone = (): TlosError =>
      new TlosError('not-found', `${componentId} does not run on this node`, { about: componentId })
    if (resident?.served === undefined) throw gone()
    const { actor } = resident
    const pass = await actor.gate.enter()
    if (pass.kind === 'forward') throw gone()
    try {
      return await actor.run(instance, 'run', [], input)
    } finally {
      actor.gate.leave()
    }
  }

  async stop(componentId: string): Promise<void> {
    const resident = this.#residents.get(componentId)
    if (resident === undefined) return
    const { served } = resident
    // What is under way still then is told so.
    if (served !== undefined) await withLimit(served.drain(), leaveMs, 'its calls did not end').catch(() => undefined)
    await parkState(this.#parts, resident, false)
    await this.remove(componentId)
  }

  /** Takes it off the bus and ends its instance, whatever becomes of its state. */
  async remove(componentId: string): Promise<void> {
    const resident = this.#residents.get(componentId)
    if (resident === undefined) return
    this.#residents.delete(componentId)
    resident.actor.gate.close(new TlosError('unreachable', `${componentId} was stopped`, { about: componentId }))
    resident.served?.close()
    await this.#doors.close(componentId)
    await resident.actor.stop()
    this.#parts.onTableChanged()
    this.#parts.onChanged()
  }

  /** Takes it out of the table but leaves its own prefix on the bus for a while: it only hands calls on. */
  release(componentId: string): Resident | undefined {
    const resident = this.#residents.get(componentId)
    if (resident === undefined) return undefined
    this.#residents.delete(componentId)
    void this.#doors.close(componentId)
    this.#lingering.get(componentId)?.close()
    const { served } = resident
    if (served !== undefined) {
      this.#lingering.set(componentId, served)
      setTimeout(() => served.close(), lingerMs).unref()
    }
    this.#parts.onTableChanged()
    this.#parts.onChanged()
    return resident
  }

  /** Resolves when the instances of all that name this configuration read what it holds now, or after a while. */
  async configChanged(name: string): Promise<void> {
    const named = [...this.#residents.values()].filter(({ actor }) => actor.spec.config.includes(name))
    const reading = Promise.all(named.map(({ actor }) => actor.config.changed()))
    // One process that is stuck must not keep the lattice waiting; it will be ended.
    await withLimit(reading, configMs, 'the configuration was not read').catch(() => undefined)
  }

  /** A call from this process, through the gate; undefined when the actor is not on this node. */
  callLocal(
    componentId: string,
    instance: string,
    functionName: string,
    params: readonly unknown[],
  ): Promise<unknown> | undefined {
    const resident = this.#residents.get(componentId)
    if (resident?.served === undefined) return undefined
    return runAnywhere(this.#parts.rpc, resident.actor, instance, functionName, params, this.#elsewhere)
  }

  readonly #elsewhere: Elsewhere = async (componentId, key) => {
    const hostId = await this.#parts.findHandle(componentId, key)
    return hostId === undefined ? undefined : tlosSubjects(this.#parts.lattice).direct(hostId, componentId)
  }

  providers(): readonly RunningProvider[] {
    return listProviders(this.#parts)
  }

  canStartProvider(providerRef: string, providerId: string): boolean {
    return this.#parts.started?.canStart(providerRef, providerId) ?? false
  }

  startProvider(...request: Parameters<StartedProviders['start']>): Promise<void> {
    return startProvider(this.#parts, ...request)
  }

  stopProvider(providerId: string): Promise<void> {
    return stopProvider(this.#parts, providerId)
  }

  /**
   * Ends all of them; what is stateful is saved first, within its limit. `waiting`: ids that were to be started again and were
   * not yet, so that what they left behind last time is kept.
   */
  async close(waiting: ReadonlySet<string> = new Set()): Promise<void> {
    this.#isClosed = true
    this.#rest.close()
    await parkAll(this.#parts, {
      residents: () => this.residents(),
      isStarting: () => this.#starting.size > 0,
    })
    await Promise.all(this.residents().map(({ actor }) => this.remove(actor.id)))
    await this.#parts.parked?.sweep(waiting)
    for (const served of this.#lingering.values()) served.close()
    this.#lingering.clear()
  }

  /** Whoever is still on its way when the node ends is told so. */
  #checkOpen(componentId: string): void {
    if (this.#isClosed) throw new TlosError('cancelled', 'This node is stopping', { about: componentId })
  }

  /** One that arrives with a move is not shown before it is served. */
  #step(componentId: string, step: StartStep): void {
    if (!this.#starting.has(componentId)) return
    this.#starting.set(componentId, step)
    this.#parts.onChanged()
  }
}

function running(actor: Actor): RunningComponent {
  const { spec, claims, prepared } = actor
  return { ...spec, name: claims?.name ?? prepared.name, claims, digest: prepared.digest }
}
