// Whether a world uses what only asynchronous components have: their tasks are not copied. Pure.

import type { WitType, WitWorld } from '../../../preload/wit.js'

/** A stream or future in any function's type. */
export function findsAsync({ imports, exports }: WitWorld): boolean {
  return [...imports, ...exports]
    .flatMap(({ functions }) => functions)
    .some(({ params, result }) => params.some(({ type }) => isAsync(type)) || (result !== undefined && isAsync(result)))
}

function isAsync(type: WitType): boolean {
  const isSome = (types: readonly (WitType | undefined)[]): boolean =>
    types.some((each) => each !== undefined && isAsync(each))
  switch (type.kind) {
    case 'stream':
    case 'future':
      return true
    case 'list':
      return isAsync(type.element)
    case 'option':
      return isAsync(type.inner)
    case 'result':
      return isSome([type.ok, type.err])
    case 'tuple':
      return isSome(type.elements)
    case 'record':
      return isSome(type.fields.map((field) => field.type))
    case 'variant':
      return isSome(type.cases.map((each) => each.type))
    default:
      return false
  }
}
