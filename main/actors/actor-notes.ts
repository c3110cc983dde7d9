// What is told on the lattice of an actor that failed, or of what became of its state: in words, and as data beside them, so
// that it can be said in other languages. Pure.

import { formatChain } from '../failure.js'
import type { ActorNote } from '../lattice/protocol/tlos.js'
import type { Actor } from './actor.js'
import type { Beginning } from './ownership.js'

type About = Pick<ActorNote, 'componentId' | 'hostId'>

const about = (actor: Pick<Actor, 'id'>, hostId: string): About => ({
  componentId: actor.id as ActorNote['componentId'], // the id of a resident was checked when it came
  hostId: hostId as ActorNote['hostId'],
})

export function noteUnsaved(actor: Pick<Actor, 'id'>, hostId: string, error: unknown): ActorNote {
  const detail = formatChain(error)
  return {
    ...about(actor, hostId),
    kind: 'lost',
    text: `The state of ${actor.id} could not be saved: ${detail}`,
    said: { code: 'not-saved', args: { actor: actor.id, detail } },
  }
}

export function noteFailure(
  actor: Pick<Actor, 'id' | 'stateKind'>,
  hostId: string,
  problem: string,
  startsAgain: boolean,
  goesOn: boolean,
): ActorNote {
  const next = startsAgain ? 'It is started again.' : 'It failed too often and is left alone.'
  const since = actor.stateKind === 'exported' ? ' since it was last saved' : ''
  // What goes on from what was kept of it loses nothing, like what keeps nothing.
  const stateKind = goesOn ? 'none' : actor.stateKind
  const lost = stateKind === 'none' ? '' : ` What it kept in memory${since} is lost.`
  return {
    ...about(actor, hostId),
    kind: 'failed',
    text: `${problem}. ${next}${lost}`,
    said: {
      code: 'failed',
      args: { detail: problem, next: startsAgain ? 'again' : 'left', stateKind },
    },
  }
}

/** Undefined when there is nothing to tell: it is new. */
export function noteBeginning(actor: Pick<Actor, 'id'>, hostId: string, beginning: Beginning): ActorNote | undefined {
  if (beginning.kind === 'new') return undefined
  const since = beginning.since ?? ''
  if (beginning.kind === 'afresh') {
    const detail = beginning.why ?? ''
    return {
      ...about(actor, hostId),
      kind: 'lost',
      text: `${actor.id} begins afresh. What it kept in memory when its node ended is not there: ${detail}.`,
      said: { code: 'begins-afresh', args: { actor: actor.id, detail } },
    }
  }
  const texts = {
    restored: `${actor.id} goes on from the state saved at ${since}.`,
    older: `The node that served ${actor.id} died. It goes on from the state saved at ${since}; what happened after that is lost.`,
    empty: `The node that served ${actor.id} died and no state of it had been saved. It starts empty.`,
  }
  return {
    ...about(actor, hostId),
    kind: beginning.kind,
    text: texts[beginning.kind],
    said: { code: beginning.kind, args: { actor: actor.id, since } },
  }
}
