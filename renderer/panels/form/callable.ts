// Which functions of a component a person can call by hand, and which of its interfaces are standard plumbing. Pure.

import type { WitFunction, WitInterface, WitType, WitWorld } from '../../../preload/wit.js'

/** Why a function cannot be called from a form; `undefined`: it can. */
export function whyNotCallable(fn: WitFunction): 'resource' | 'stream' | undefined {
  const types = [...fn.params.map((param) => param.type), ...(fn.result === undefined ? [] : [fn.result])]
  if (types.some((type) => contains(type, ({ kind }) => kind === 'stream' || kind === 'future'))) return 'stream'
  return types.some((type) => contains(type, isOutOfReach)) ? 'resource' : undefined
}

/** Handles of WASI stay in their component, and so do those of which nobody can tell what they are of. */
function isOutOfReach(type: WitType): boolean {
  if (type.kind !== 'own' && type.kind !== 'borrow') return false
  return type.home === undefined || type.home.instance.startsWith('wasi:')
}

function contains(type: WitType, isWanted: (type: WitType) => boolean): boolean {
  if (isWanted(type)) return true
  return partsOf(type).some((part) => contains(part, isWanted))
}

function partsOf(type: WitType): readonly WitType[] {
  switch (type.kind) {
    case 'list':
      return [type.element]
    case 'option':
      return [type.inner]
    case 'result':
      return [type.ok, type.err].filter((part) => part !== undefined)
    case 'tuple':
      return type.elements
    case 'record':
      return type.fields.map((field) => field.type)
    case 'variant':
      return type.cases.flatMap((one) => one.type ?? [])
    default:
      return []
  }
}

/** Name with version under which a command component runs; undefined for any other. */
export const runInterface = (world: WitWorld): string | undefined =>
  world.exports.find(({ name }) => name === 'wasi:cli/run' || name.startsWith('wasi:cli/run@'))?.name

/** Interfaces offered that are the component's own: neither WASI's nor the shell's. */
export function ownExports(world: WitWorld): readonly WitInterface[] {
  return world.exports.filter(
    ({ name, functions }) =>
      functions.length > 0 &&
      !name.startsWith('wasi:') &&
      !name.startsWith('tlos:shell/') &&
      !name.startsWith('tlos:actor/'),
  )
}
