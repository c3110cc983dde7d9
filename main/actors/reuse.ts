// How many instances an actor may have and what becomes of them while nobody calls (decision 16). Pure.

import type { WitWorld } from '../../preload/wit.js'
import { actorAnnotation, type StateKind, statelessAnnotation } from '../lattice/protocol/tlos.js'

/** Interface by which an actor's state travels; never served on the bus. */
export const stateInterface = 'tlos:actor/state@0.1.0'
export const windowInterface = 'tlos:shell/window@0.1.0'

/**
 * What may happen to instances that nobody calls. `keep`: nothing, their memory is the actor. `drop`: they are let go.
 * `save`: the state is saved first and loaded by the next one. `copy`: the instance itself is copied first, and the next
 * one goes on as it was.
 */
export type Rest = 'keep' | 'drop' | 'save' | 'copy'

export interface Reuse {
  /** Most instances at a time. 1: one that lives long and takes calls in order. */
  readonly most: number
  readonly rest: Rest
}

/** v1 counts may be "unbounded"; each instance is a thread and some MiB. */
const mostInstances = 16

const exportsAny = (world: WitWorld, name: string): boolean => world.exports.some((each) => each.name === name)

export const hasState = (world: WitWorld): boolean => exportsAny(world, stateInterface)
export const hasWindow = (world: WitWorld): boolean => exportsAny(world, windowInterface)

/**
 * More than one instance only if more were asked for and nothing says that the component is one thing with a memory: an
 * unmodified one started once is expected to remember what it was told. `canCopy`: its bytes allow a copy of an instance.
 */
export function decideReuse(
  world: WitWorld,
  spec: { readonly maxInstances: number; readonly annotations: Readonly<Record<string, string>> },
  canCopy: boolean,
): Reuse {
  const { annotations } = spec
  const isActor = hasState(world) || hasWindow(world) || annotations[actorAnnotation] === 'true'
  const most = isActor ? 1 : Math.max(1, Math.min(spec.maxInstances, mostInstances))
  if (hasState(world)) return { most, rest: 'save' }
  const keepsNothing =
    most > 1 || (annotations[statelessAnnotation] === 'true' && annotations[actorAnnotation] !== 'true')
  return { most, rest: keepsNothing ? 'drop' : canCopy ? 'copy' : 'keep' }
}

/**
 * How the state of such an actor moves. One long-lived instance whose memory is the actor is copied, if its bytes allow;
 * what holds for the instance of the moment (a host's resource that it holds) shows when it is tried.
 */
export function decideStateKind(world: WitWorld, { rest }: Reuse): StateKind {
  if (hasState(world)) return 'exported'
  return rest === 'copy' ? 'snapshot' : 'none'
}

/** Looking at a window changes nothing: it must neither count as traffic nor make other viewers look again. */
export function isLook(instance: string, functionName: string, params: readonly unknown[]): boolean {
  if (instance !== windowInterface) return false
  if (functionName === 'open') return true
  const event = params[0] as { action?: { tag?: unknown } } | undefined // only read, and only for this question
  return event?.action?.tag === 'tick'
}
