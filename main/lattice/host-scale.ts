// What a v1 host does with a scale or update command (lattice.md 1.7): the immediate reply, then the work and the events
// that tell its outcome, one command per component at a time. Knows the bus only through what it is given.

import { formatChain, TlosError } from '../failure.js'
import type { ActorSpec, HostActors, OnClaims, RunningComponent, ScaledComponent } from './host-types.js'
import type { ComponentClaims } from './protocol/component-claims.js'
import type { ScaleComponent, UpdateComponent } from './protocol/control.js'
import type { EventBody } from './protocol/events.js'

/** Longest a start, change or stop may take, ms; after that the lattice is told that it failed. */
const workLimitMs = 120_000
/** Longest that what is being done may still take once the host is about to end, ms. */
const retireMs = 1_500

export interface ScalingParts {
  readonly hostId: string
  readonly actors: HostActors
  readonly emit: (body: EventBody) => void
  /** Fails when a named configuration does not exist. */
  readonly useConfig: (names: readonly string[]) => Promise<void>
  readonly noteStarting: (componentId: string, imageRef: string) => Promise<void>
  readonly noteClaims: (claims: ComponentClaims) => Promise<void>
  readonly onError: (error: unknown) => void
}

export interface Outcome {
  readonly isSuccess: boolean
  readonly message: string
}

export interface Scaling {
  /** The reply; the work goes on afterwards. */
  scale(request: ScaleComponent): Outcome
  update(request: UpdateComponent): Outcome
  emitScaled(component: ScaledComponent): void
  /** This host is about to end: what has not begun fails now and what is not done soon fails then; both are told. */
  retire(): void
  /** Resolves when nothing is being worked on. */
  settled(): Promise<void>
}

export function createScaling(parts: ScalingParts): Scaling {
  const queues = new Map<string, Promise<void>>()
  let isRetired = false
  let endAll: (error: TlosError) => void = () => undefined
  const ended = new Promise<never>((_, reject) => (endAll = reject))
  ended.catch(() => undefined) // It ends what waits for it; alone it is nobody's failure.

  function enqueue(componentId: string, work: () => Promise<void>): void {
    const before = queues.get(componentId) ?? Promise.resolve()
    const next = before.then(work).catch(parts.onError)
    queues.set(componentId, next)
    void next.then(() => {
      if (queues.get(componentId) === next) queues.delete(componentId)
    })
  }

  function emitScaled(component: ScaledComponent): void {
    parts.emit({
      kind: 'component_scaled',
      hostId: parts.hostId,
      componentId: component.componentId,
      imageRef: component.imageRef,
      maxInstances: component.maxInstances,
      annotations: { ...component.annotations },
      ...(component.claims === undefined ? {} : { claims: component.claims }),
    })
  }

  /** What the lattice is told of a component that was just started or updated: what was asked, and what is known of it. */
  function emitStarted(spec: ActorSpec): void {
    emitScaled({ ...spec, claims: parts.actors.get(spec.componentId)?.claims })
  }

  function emitFailed(spec: ActorSpec, error: unknown, publicKey?: string): void {
    parts.emit({
      kind: 'component_scale_failed',
      hostId: parts.hostId,
      componentId: spec.componentId,
      imageRef: spec.imageRef,
      maxInstances: spec.maxInstances,
      annotations: { ...spec.annotations },
      ...(publicKey === undefined ? {} : { publicKey }),
      error: formatChain(error),
    })
  }

  /** Runs the work; its failure becomes the event. True: done. */
  async function attempt(spec: ActorSpec, work: (onClaims: OnClaims) => Promise<void>): Promise<boolean> {
    let publicKey: string | undefined
    const onClaims: OnClaims = async (claims) => {
      publicKey = claims.subject
      await parts.noteClaims(claims)
    }
    try {
      if (isRetired) throw stopping()
      await withLimit(Promise.race([work(onClaims), ended]), spec.componentId)
      return true
    } catch (error) {
      emitFailed(spec, error, publicKey)
      return false
    }
  }

  async function scaleNow(request: ScaleComponent): Promise<void> {
    const { actors } = parts
    const spec = specOf(request)
    const running = actors.get(request.componentId)
    if (running === undefined) {
      if (request.count === 0) emitScaled(spec)
      else if (await attempt(spec, (onClaims) => start(spec, onClaims))) {
        // Twice, as v1 hosts do: once for the start, once for the scaling.
        emitStarted(spec)
        emitStarted(spec)
      }
      return
    }
    if (request.count === 0) {
      if (await attempt(spec, () => actors.stop(running.componentId))) emitScaled({ ...running, maxInstances: 0 })
      return
    }
    if (running.maxInstances === request.count && isSameList(running.config, request.config)) {
      emitScaled(running)
    } else {
      const change = async (): Promise<void> => {
        await parts.useConfig(spec.config)
        await actors.change(spec.componentId, spec, 'same')
      }
      if (!(await attempt(spec, change))) return
      // The event has what was there before; the inventory has what was asked for (v1 hosts do that).
      emitScaled({ ...running, maxInstances: spec.maxInstances })
    }
    if (request.allowUpdate && running.imageRef !== request.componentRef) await updateNow(spec)
  }

  async function start(spec: ActorSpec, onClaims: OnClaims): Promise<void> {
    await parts.useConfig(spec.config)
    // First, so that the component begins with the links of now.
    await parts.noteStarting(spec.componentId, spec.imageRef)
    await parts.actors.start(spec, onClaims)
  }

  async function updateNow(spec: ActorSpec): Promise<void> {
    const work = (onClaims: OnClaims): Promise<void> => parts.actors.change(spec.componentId, spec, 'new', onClaims)
    if (!(await attempt(spec, work))) return
    // Two events as on v1 hosts, but with the truth in the last one (theirs says 0 and is not believed by clients).
    emitStarted(spec)
    emitStarted(spec)
  }

  return {
    emitScaled,
    scale(request) {
      const running = parts.actors.get(request.componentId)
      enqueue(request.componentId, () => scaleNow(request))
      return { isSuccess: true, message: replyToScale(running, request) }
    },
    update(request) {
      const id = request.componentId
      const running = parts.actors.get(id)
      if (running === undefined) return { isSuccess: false, message: `component ${id} not found` }
      if (running.imageRef === request.newComponentRef) {
        return { isSuccess: true, message: `component ${id} already updated to ${running.imageRef}` }
      }
      enqueue(id, async () => {
        const now = parts.actors.get(id)
        const spec = { ...(now ?? running), imageRef: request.newComponentRef, annotations: request.annotations }
        if (now === undefined) emitFailed(spec, new TlosError('not-found', `component ${id} not found`))
        else await updateNow(spec)
      })
      return {
        isSuccess: true,
        message: `component ${id} updating from ${running.imageRef} to ${request.newComponentRef}`,
      }
    },
    retire() {
      if (isRetired) return
      isRetired = true
      setTimeout(() => endAll(stopping()), retireMs).unref()
    },
    async settled() {
      await Promise.all(queues.values())
    },
  }
}

function stopping(): TlosError {
  return new TlosError('cancelled', 'This host is stopping')
}

function specOf(request: ScaleComponent): ActorSpec {
  return {
    componentId: request.componentId,
    imageRef: request.componentRef,
    annotations: request.annotations,
    maxInstances: request.count,
    config: request.config,
    limits: request.limits === undefined ? undefined : knownLimits(request.limits),
  }
}

/** As v1 hosts keep them: the two keys they know, and of these what is a number. */
function knownLimits(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const known = ['max_memory_limit', 'max_execution_time'].flatMap((key): [string, string][] => {
    const text = given[key]
    return text !== undefined && /^\+?\d{1,20}$/.test(text) ? [[key, BigInt(text.replace('+', '')).toString()]] : []
  })
  return Object.fromEntries(known)
}

/** Empty, or a warning that the running reference is another one. */
function replyToScale(running: RunningComponent | undefined, request: ScaleComponent): string {
  if (running === undefined || running.imageRef === request.componentRef) return ''
  const difference = `${running.imageRef} != ${request.componentRef}`
  return request.allowUpdate
    ? `Requested to scale existing component, with a changed image reference: ${difference}. ` +
        'The component will be scaled, and the image reference will be updated afterwards.'
    : `Requested to scale existing component to a different image reference: ${difference}. ` +
        'The component will be scaled but the image reference will not be updated. ' +
        'If you meant to update this component to a new image ref, use the update command.'
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}

async function withLimit(work: Promise<void>, componentId: string): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    const words = `${componentId} was not ready within ${workLimitMs / 1000} s`
    timer = setTimeout(() => reject(new TlosError('timed-out', words, { about: componentId })), workLimitMs)
  })
  try {
    await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
