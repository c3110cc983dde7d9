// Tells the lattice what this node knows of its actors and the v1 inventory does not carry: state, traffic, memory,
// load. Published when something changed: the first change at once, then at most twice a second; silent when nothing
// happens. Answers with everything when asked. Who hears that an actor is served has heard its facts before.

import os from 'node:os'
import type { StartStep } from '../../preload/records.js'
import type { ActorFacts, Facts, LinkFacts, StateKind } from '../lattice/protocol/tlos.js'
import { encodeDone, encodeJson, tlosSubjects } from '../lattice/protocol/tlos.js'
import type { Transport } from '../nats/transport.js'
import { type Actor, busyAfterMs } from './actor.js'
import type { Actors, Resident } from './actors.js'
import { cutFacts } from './message-size.js'

const spacingMs = 500
/** Rates fall to nothing over the ten seconds of the meters' window; they are told again while they do. */
const decayMs = 2_000
/** The load is looked at this often, and told when it differs by this much. */
const loadEveryMs = 10_000
const loadStep = 0.1

export interface FactsParts {
  readonly transport: Transport
  readonly lattice: string
  readonly hostId: string
  readonly actors: () => Actors
  readonly now: () => number
  readonly log: (level: 'warn', text: string) => void
}

export interface FactsTeller {
  /** Something changed. */
  touch(): void
  /**
   * Something changed whose v1 event is about to be published. Told at once: a node that dies right after it must not
   * leave others with an actor of which they know nothing.
   */
  tellNow(): void
  whole(): Facts
  close(): void
}

export function openFacts(parts: FactsParts): FactsTeller {
  const subjects = tlosSubjects(parts.lattice)
  const told = new Map<string, string>()
  let news: ReturnType<typeof setTimeout> | undefined
  let decay: ReturnType<typeof setTimeout> | undefined
  let toldAt = 0
  let toldLoad = 0
  let isClosed = false

  const subscription = parts.transport.subscribe(subjects.facts, (message) => {
    const { reply } = message
    if (reply !== undefined) say(whole(), (piece) => parts.transport.publish(reply, encodeDone(piece)))
  })

  function say(facts: Facts, publish: (piece: Facts) => void): void {
    const { pieces, leftOut } = cutFacts(facts, parts.transport.info.maxPayload)
    for (const piece of pieces) publish(piece)
    if (leftOut > 0) parts.log('warn', `what is to be told of ${leftOut} actors or links is more than the server takes`)
  }

  function whole(): Facts {
    return { ...read(), whole: true }
  }

  function read(): Facts {
    const now = parts.now()
    const actors = parts.actors()
    return {
      hostId: parts.hostId as Facts['hostId'], // this node's own id
      load: Math.min(1, (os.loadavg()[0] ?? 0) / os.cpus().length),
      whole: false,
      actors: [
        ...actors.residents().map((resident) => describeActor(resident, actors.stateKindOf(resident.actor), now)),
        ...[...actors.starting()].filter(([id]) => actors.resident(id) === undefined).map(describeStart),
      ],
      links: actors.imports.meters().map((link): LinkFacts => {
        const traffic = link.meter.read(now) ?? { perSecond: 0, errorsPerSecond: 0 }
        return { sourceId: link.sourceId, target: link.target, interface: link.interface, name: link.name, traffic }
      }),
    }
  }

  function tell(): void {
    news = undefined
    clearTimeout(decay)
    decay = undefined
    if (isClosed) return
    toldAt = parts.now()
    const facts = read()
    const isNew = (key: string, value: unknown): boolean => {
      const text = JSON.stringify(value)
      if (told.get(key) === text) return false
      told.set(key, text)
      return true
    }
    const here = new Set(facts.actors.map((a) => `actor ${a.componentId}`))
    // Told again in full should it come back.
    for (const key of told.keys()) if (key.startsWith('actor ') && !here.has(key)) told.delete(key)
    const actors = facts.actors.filter((a) => isNew(`actor ${a.componentId}`, a))
    const links = facts.links.filter((l) => isNew(`link ${l.sourceId} ${l.target} ${l.interface} ${l.name}`, l))
    const hasNewLoad = Math.abs((facts.load ?? 0) - toldLoad) > loadStep
    if (actors.length > 0 || links.length > 0 || hasNewLoad) {
      toldLoad = facts.load ?? 0
      const subject = subjects.event('facts')
      say({ ...facts, actors, links }, (piece) => parts.transport.publish(subject, encodeJson(piece)))
    }
    // A call that goes on becomes `busy` without anything else happening.
    const isInCall = parts
      .actors()
      .residents()
      .some(({ actor }) => actor.gate.inside > 0)
    if (isInCall) news = later(tell, busyAfterMs + 20)
    else if (facts.links.some((l) => l.traffic.perSecond > 0) || facts.actors.some((a) => a.traffic !== undefined)) {
      decay = later(tell, decayMs)
    }
  }

  const loadTimer = setInterval(() => {
    if (news === undefined && decay === undefined) tell()
  }, loadEveryMs)
  loadTimer.unref()

  return {
    touch() {
      news ??= later(tell, Math.max(toldAt + spacingMs - parts.now(), 10))
    },
    tellNow() {
      clearTimeout(news)
      tell()
    },
    whole,
    close() {
      isClosed = true
      clearTimeout(news)
      clearTimeout(decay)
      clearInterval(loadTimer)
      subscription.close()
    },
  }
}

function later(run: () => void, delayMs: number): ReturnType<typeof setTimeout> {
  return setTimeout(run, delayMs).unref()
}

function describeActor({ actor, served }: Resident, stateKind: StateKind, now: number): ActorFacts {
  const { prepared } = actor
  const facts = {
    componentId: actor.id as ActorFacts['componentId'], // checked when it came
    state: stateOf(actor, served !== undefined),
    problem: actor.problem,
    digest: prepared.digest,
    name: prepared.name,
    version: prepared.version,
    stateKind,
    hasWindow: actor.hasWindow,
    epoch: actor.epoch,
    memoryBytes: actor.memoryBytes,
    memoryLimitBytes: actor.limits.memoryBytes,
    traffic: actor.meter.read(now),
    activity: actor.activity,
    config: [...actor.spec.config],
    ...(actor.lacks.length === 0 ? {} : { lacks: [...actor.lacks] }),
  }
  return facts
}

/** It runs before it is served, while its state is loaded: whoever called it then would find nobody. */
function stateOf(actor: Actor, isServed: boolean): ActorFacts['state'] {
  if (actor.state !== 'running') return actor.state
  if (!isServed) return 'starting'
  return actor.isBusy ? 'busy' : 'running'
}

function describeStart([id, step]: readonly [string, StartStep]): ActorFacts {
  return {
    componentId: id as ActorFacts['componentId'], // as above
    state: 'starting',
    step,
    stateKind: 'none',
    hasWindow: false,
    activity: 0,
  }
}
