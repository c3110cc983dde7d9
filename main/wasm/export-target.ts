// Which function of the glue an exported function of WIT is: free ones are members of their interface, those of a resource
// are its class, members of it, or members of the object that the call begins with. Pure.

import { droppedResource } from '../../preload/wit.js'
import { dispose } from './resources/dispose.js'
import { toCamel, toPascal } from './wit-names.js'

/** `args` as the glue takes them: objects in place of handles. */
export type Target = (args: readonly unknown[]) => unknown

type Callable = (...args: readonly unknown[]) => unknown

/** Only what it has itself: a function called `constructor` is no reason to find one. */
function own(holder: unknown, key: string): unknown {
  const isHolder = (typeof holder === 'object' && holder !== null) || typeof holder === 'function'
  return isHolder && Object.hasOwn(holder, key) ? (holder as Record<string, unknown>)[key] : undefined
}

/** Undefined when the glue has no such function. */
export function findTarget(
  root: Readonly<Record<string, unknown>>,
  instance: string,
  functionName: string,
): Target | undefined {
  const holder = instance === '' ? root : own(root, instance)
  if (droppedResource(functionName) !== undefined) {
    return ([object]) => {
      if (typeof object === 'object' && object !== null) dispose(object)
    }
  }
  const [, kind, resource = '', member = ''] =
    /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/.exec(functionName) ?? []
  if (kind === undefined) {
    const found = own(holder, toCamel(functionName))
    return typeof found === 'function' ? (args) => (found as Callable)(...args) : undefined
  }
  const type = own(holder, toPascal(resource))
  if (typeof type !== 'function') return undefined
  if (kind === 'constructor') return (args) => Reflect.construct(type, args) as unknown
  const found = own(kind === 'static' ? type : type.prototype, toCamel(member))
  if (typeof found !== 'function') return undefined
  if (kind === 'static') return (args) => Reflect.apply(found, type, args) as unknown
  return ([self, ...args]) => Reflect.apply(found, self, args) as unknown
}
