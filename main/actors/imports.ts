// Where a component's import goes: along the link that its source has for the interface (lattice.md 5.4), to a provider
// or an actor of this node without leaving the process, else over wRPC. No link, no call: a cable is the grant.

import type { Link } from '../../preload/records.js'
import { findWitFunction, type WitFunction, type WitWorld } from '../../preload/wit.js'
import { TlosError } from '../failure.js'
import { rpcPrefix } from '../lattice/protocol/subjects.js'
import type { Rpc } from '../lattice/rpc-types.js'
import { blobstoreExports } from '../providers/blobstore-types.js'
import type { Provider } from '../providers/types.js'
import { busInterface, carriedInterfaces, linkedName } from '../wasm/runtime.js'
import { TrafficMeter } from './traffic.js'

export interface ImportParts {
  readonly lattice: string
  readonly rpc: Rpc
  /** Links whose source is this component, as the lattice has them now. */
  readonly links: (sourceId: string) => readonly Link[]
  readonly provider: (id: string) => Provider | undefined
  /** Calls an actor of this node through its gate; undefined when it does not run here. */
  readonly callLocal: (
    componentId: string,
    instance: string,
    functionName: string,
    params: readonly unknown[],
  ) => Promise<unknown> | undefined
  readonly now: () => number
}

export interface LinkMeter {
  readonly sourceId: string
  readonly target: string
  readonly interface: string
  readonly name: string
  readonly meter: TrafficMeter
}

export interface Imports {
  /** Serves an instance's import; see `InstanceHost.callImport` for what comes back. */
  call(
    sourceId: string,
    world: WitWorld,
    instance: string,
    functionName: string,
    params: readonly unknown[],
    linkName?: string,
  ): Promise<unknown>
  /** Counts of calls by link, for those that were ever used. */
  meters(): readonly LinkMeter[]
}

export function createImports(parts: ImportParts): Imports {
  const meters = new Map<string, LinkMeter>()

  function meterOf(sourceId: string, link: Link, name: string): TrafficMeter {
    const key = `${sourceId}|${link.target}|${name}|${link.name}`
    let entry = meters.get(key)
    if (entry === undefined) {
      entry = { sourceId, target: link.target, interface: name, name: link.name, meter: new TrafficMeter() }
      meters.set(key, entry)
    }
    return entry.meter
  }

  async function send(
    sourceId: string,
    world: WitWorld,
    link: Link,
    instance: string,
    functionName: string,
    params: readonly unknown[],
  ): Promise<unknown> {
    const provider = parts.provider(link.target)
    if (provider !== undefined) {
      return await provider.handle({ instance, functionName, params, sourceId, linkName: link.name })
    }
    const local = parts.callLocal(link.target, instance, functionName, params)
    if (local !== undefined) return await local
    return await parts.rpc.call({
      prefix: rpcPrefix(parts.lattice, link.target),
      instance,
      fn: findFunction(world, instance, functionName),
      params,
      headers: { 'source-id': sourceId, 'link-name': link.name },
    })
  }

  return {
    async call(sourceId, world, instance, functionName, params, linkName = 'default') {
      const links = parts.links(sourceId)
      if (instance === busInterface) return findMissing(links, params)
      const name = linkedName(instance)
      const link = findLink(links, name, linkName)
      if (link === undefined) throw noLink(sourceId, name, linkName)
      const meter = meterOf(sourceId, link, name)
      const startedAt = parts.now()
      let isError = true
      try {
        const value = await send(sourceId, world, link, instance, functionName, params)
        isError = false
        return value
      } finally {
        const endedAt = parts.now()
        meter.record(endedAt, endedAt - startedAt, isError)
      }
    },
    meters: () => [...meters.values()],
  }
}

/** The later link in the list wins, as on a v1 host. */
function findLink(links: readonly Link[], name: string, linkName: string): Link | undefined {
  const isMatch = (link: Link): boolean =>
    link.name === linkName && link.interfaces.some((i) => `${link.witNamespace}:${link.witPackage}/${i}` === name)
  return links.filter(isMatch).at(-1)
}

function noLink(sourceId: string, name: string, linkName: string): TlosError {
  const words =
    linkName === 'default'
      ? `${sourceId} has no link for ${name}: draw a cable from it to something that offers this interface`
      : `${sourceId} has no link named ${linkName} for ${name}`
  return new TlosError('refused', words, { about: sourceId })
}

/** The first of the interfaces without a link of this name: what `wasmcloud:bus` 2.0 asks before it takes one. */
function findMissing(links: readonly Link[], [linkName, interfaces]: readonly unknown[]): string | undefined {
  // The worker's own question (wasm/link-names.ts), no guest's.
  return (interfaces as readonly string[]).find((name) => findLink(links, name, String(linkName)) === undefined)
}

function findFunction(world: WitWorld, instance: string, functionName: string): WitFunction {
  // Interfaces that travel under another name than the component imports them under bring their own types.
  const all = [...world.imports, ...carriedInterfaces, ...blobstoreExports]
  const found = findWitFunction(all, instance, functionName, true)
  if (found !== undefined) return found
  throw new TlosError(
    'unavailable',
    `${instance}.${functionName} cannot be called over the lattice: its type is unknown`,
  )
}
