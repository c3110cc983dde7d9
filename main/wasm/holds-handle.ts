// Whether values of a type hold what is more than a value: a resource, a stream, a future. Pure.

import type { WitFunction, WitType } from '../../preload/wit.js'

export function holdsHandle(type: WitType): boolean {
  switch (type.kind) {
    case 'own':
    case 'borrow':
    case 'stream':
    case 'future':
      return true
    case 'list':
      return holdsHandle(type.element)
    case 'option':
      return holdsHandle(type.inner)
    case 'result':
      return [type.ok, type.err].some((part) => part !== undefined && holdsHandle(part))
    case 'tuple':
      return type.elements.some(holdsHandle)
    case 'record':
      return type.fields.some((field) => holdsHandle(field.type))
    case 'variant':
      return type.cases.some((each) => each.type !== undefined && holdsHandle(each.type))
    default:
      return false
  }
}

/** Takes or gives such a thing, or belongs to a resource. */
export const isBoundToHandles = ({ name, params, result }: WitFunction): boolean =>
  name.startsWith('[') || params.some(({ type }) => holdsHandle(type)) || (result !== undefined && holdsHandle(result))
