// The import object of one instance, from its world: WASI served here, everything else a call to the host. Refuses a
// world that needs what can never be given, naming it.

import type { WitFunction, WitHandle, WitInterface, WitWorld } from '../../preload/wit.js'
import { createBlobstore } from './blobstore.js'
import type { Http } from './guest/http.js'
import { takeValue } from './check-arguments.js'
import type { GuestLog } from './guest-log.js'
import type { Grants } from './grants.js'
import { HostFault, type Ask, type HostCall } from './host-call.js'
import { findObstacle, mapHandles } from './holds-handle.js'
import type { FarResources } from './resources/far.js'
import { describeAsErr, GuestError } from './import-error.js'
import { createKeyvalue } from './keyvalue.js'
import { busInterface, createBus, type LinkNames } from './link-names.js'
import type { Lacked } from './lacks.js'
import { findVersionTrouble } from './offered-versions.js'
import { createSecrets } from './secrets.js'
import { isBuiltin, isLinked } from './builtin-imports.js'
import type { Recipes } from './snapshot/recipes.js'
import { createHostWasi, createWasi } from './wasi.js'
import { toCamel, versionOf, withoutVersion } from './wit-names.js'
import { toJsValue } from './values.js'

type Interfaces = Record<string, Record<string, unknown>>

export interface ImportParts {
  readonly world: WitWorld
  /** Values of wasi:config as they are now. */
  readonly config: () => readonly (readonly [string, string])[]
  readonly log: GuestLog
  readonly call: HostCall
  readonly grants: Grants
  readonly ask: Ask
  readonly lacked: Lacked
  readonly recipes: Recipes
  readonly far: FarResources
  readonly linkNames: LinkNames
}

export interface Imports {
  readonly interfaces: Interfaces
  /** For requests that the guest serves; undefined for one that knows nothing of HTTP. */
  readonly http: Http | undefined
}

/** Throws `HostFault` with `unavailable` when an import can be given by nobody. */
export function createImports(parts: ImportParts): Imports {
  const { world, config, log, call, grants, ask, lacked, recipes, far, linkNames } = parts
  const served: Interfaces = {}
  let wasi: Interfaces | undefined
  let http: Http | undefined
  // One interface takes the resources that another made, so all of them are made at once.
  const carried: Interfaces = { ...createKeyvalue(call, recipes), ...createBlobstore(call, recipes) }
  for (const each of world.imports) {
    if (each.name === '') continue
    const name = withoutVersion(each.name)
    const trouble = findVersionTrouble(each.name)
    if (trouble !== undefined) refuse(each.name, trouble)
    if (name === busInterface) {
      served[each.name] = createBus(versionOf(each.name), linkNames, call, recipes)
    } else if (isBuiltin(each.name)) {
      if (wasi === undefined) {
        const made = createWasi({ log, grants, ask, call, lacked, recipes })
        wasi = { ...made.interfaces, ...createHostWasi(config, log), ...createSecrets(call, recipes) }
        http = made.http
      }
      const found = wasi[name]
      if (found !== undefined) served[each.name] = found
    } else if (isLinked(each.name)) {
      const found = carried[name]
      if (found === undefined) refuse(each.name, 'nothing here offers it')
      served[each.name] = found
    } else if (each.functions.length > 0 || each.resources !== undefined) {
      served[each.name] = createBridge(each, call, far, linkNames)
    }
    served[each.name] ??= {}
  }
  const atRoot = world.imports.find((each) => each.name === '')
  return {
    interfaces: atRoot === undefined ? served : { ...served, ...rootFunctions(atRoot, call, far, linkNames) },
    http,
  }
}

function refuse(name: string, why: string): never {
  throw new HostFault({ code: 'unavailable', message: `the component imports ${name}, which cannot be had: ${why}` })
}

/** An interface whose every function is a call to the host, at the end of some link. */
function createBridge(
  each: WitInterface,
  call: HostCall,
  far: FarResources,
  linkNames: LinkNames,
): Record<string, unknown> {
  if (/^(?:wasi:|wasmcloud:bus\/)/.test(each.name)) refuse(each.name, 'nothing here offers it')
  const free = each.functions.filter((f) => !f.name.startsWith('['))
  return {
    ...far.define(each, (instance, f) => createFunction(instance, f, call, far, linkNames)),
    ...Object.fromEntries(free.map((f) => [toCamel(f.name), createFunction(each.name, f, call, far, linkNames)])),
  }
}

/** Functions at the root of a world: the glue takes each as the `default` of its own name. */
function rootFunctions(each: WitInterface, call: HostCall, far: FarResources, linkNames: LinkNames): Interfaces {
  return Object.fromEntries(
    each.functions.map((f) => [f.name, { default: createFunction('', f, call, far, linkNames) }]),
  )
}

function createFunction(
  instance: string,
  f: WitFunction,
  call: HostCall,
  far: FarResources,
  linkNames: LinkNames,
): (...args: unknown[]) => unknown {
  const label = instance === '' ? f.name : `${instance}.${f.name}`
  const obstacle = instance === '' && f.name.startsWith('[') ? 'it belongs to no interface' : findObstacle(f)
  if (obstacle !== undefined) refuse(label, `it cannot travel over a link: ${obstacle}`)
  const toHandle = (object: unknown, { kind }: WitHandle): unknown =>
    kind === 'own' ? far.giveAway(object) : far.lend(object)
  const isMethod = f.name.startsWith('[method]')
  return (...args) => {
    const linkName = isMethod ? far.linkNameOf(args[0]) : linkNames.of(instance)
    const toObject = (handle: unknown, type: WitHandle): unknown => far.receive(type, handle as Uint8Array, linkName)
    const plain = f.params.map(({ type }, index) => mapHandles(toJsValue(args[index], type), type, toHandle))
    const outcome = call(instance, f.name, plain, linkName)
    if (!outcome.ok) {
      const err = describeAsErr(f.result, outcome.fault.message)
      if (err !== undefined) throw new GuestError(err.value)
      throw new HostFault(outcome.fault)
    }
    if (f.result === undefined) return undefined
    const taken = takeValue('its answer', outcome.value, f.result)
    if (!taken.ok) throw new HostFault({ code: 'internal', message: `${label} was answered wrongly: ${taken.trouble}` })
    const value = mapHandles(taken.value, f.result, toObject)
    if (f.result.kind !== 'result') return value
    // Checked just now: a `result` is an object with a tag.
    const { tag, val } = value as { tag: 'ok' | 'err'; val?: unknown }
    if (tag === 'ok') return val
    throw new GuestError(val)
  }
}
