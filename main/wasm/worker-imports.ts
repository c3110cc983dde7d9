// The import object of one instance, from its world: WASI served here, everything else a call to the host. Refuses a
// world that needs what can never be given, naming it.

import type { WitFunction, WitInterface, WitType, WitWorld } from '../../preload/wit.js'
import { createBlobstore } from './blobstore.js'
import type { GuestLog } from './guest-log.js'
import { HostFault, type HostCall } from './host-call.js'
import { describeAsErr, GuestError } from './import-error.js'
import { createKeyvalue } from './keyvalue.js'
import { findVersionTrouble } from './offered-versions.js'
import { isBuiltin } from './builtin-imports.js'
import { createHostWasi, createWasi } from './wasi.js'
import { toCamel, withoutVersion } from './wit-names.js'
import { toJsValue } from './values.js'

type Interfaces = Record<string, Record<string, unknown>>

export interface ImportParts {
  readonly world: WitWorld
  readonly config: Readonly<Record<string, string>>
  readonly log: GuestLog
  readonly call: HostCall
}

/** Throws `HostFault` with `unavailable` when an import can be given by nobody. */
export function createImports(parts: ImportParts): Interfaces {
  const { world, config, log, call } = parts
  const served: Interfaces = {}
  let wasi: Interfaces | undefined
  // One interface takes the resources that another made, so all of them are made at once.
  const carried: Interfaces = { ...createKeyvalue(call), ...createBlobstore(call) }
  for (const each of world.imports) {
    if (each.name === '') continue
    const name = withoutVersion(each.name)
    const trouble = findVersionTrouble(each.name)
    if (trouble !== undefined) refuse(each.name, trouble)
    if (isBuiltin(each.name)) {
      wasi ??= { ...createWasi(log), ...createHostWasi(config, log) }
      const found = wasi[name]
      if (found !== undefined) served[each.name] = found
    } else if (/^wasi:(?:keyvalue|blobstore)\//.test(name)) {
      const found = carried[name]
      if (found === undefined) refuse(each.name, 'nothing here offers it')
      served[each.name] = found
    } else if (each.functions.length > 0) {
      served[each.name] = createBridge(each, call)
    }
    served[each.name] ??= {}
  }
  const atRoot = world.imports.find((each) => each.name === '')
  return atRoot === undefined ? served : { ...served, ...rootFunctions(atRoot, call) }
}

function refuse(name: string, why: string): never {
  throw new HostFault({ code: 'unavailable', message: `the component imports ${name}, which cannot be had: ${why}` })
}

/** An interface whose every function is a call to the host, at the end of some link. */
function createBridge(each: WitInterface, call: HostCall): Record<string, unknown> {
  if (withoutVersion(each.name).startsWith('wasi:')) refuse(each.name, 'nothing here offers it')
  return Object.fromEntries(each.functions.map((f) => [toCamel(f.name), createFunction(each.name, f, call)]))
}

/** Functions at the root of a world: the glue takes each as the `default` of its own name. */
function rootFunctions(each: WitInterface, call: HostCall): Interfaces {
  return Object.fromEntries(each.functions.map((f) => [f.name, { default: createFunction('', f, call) }]))
}

function createFunction(instance: string, f: WitFunction, call: HostCall): (...args: unknown[]) => unknown {
  const label = instance === '' ? f.name : `${instance}.${f.name}`
  const types = [...f.params.map((param) => param.type), ...(f.result === undefined ? [] : [f.result])]
  if (f.name.startsWith('[') || types.some(holdsHandle)) {
    refuse(label, 'resources, streams and futures cannot travel over a link')
  }
  return (...args) => {
    const plain = args.map((arg, index) => toJsValue(arg, f.params[index]?.type))
    const outcome = call(instance, f.name, plain)
    if (!outcome.ok) {
      const err = describeAsErr(f.result, outcome.fault.message)
      if (err !== undefined) throw new GuestError(err.value)
      throw new HostFault(outcome.fault)
    }
    if (f.result?.kind !== 'result') return outcome.value
    const { tag, val } = outcome.value as { tag: unknown; val?: unknown }
    if (tag === 'ok') return val
    throw new GuestError(val)
  }
}

function holdsHandle(type: WitType): boolean {
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
