// Which cables could be drawn: what a component imports and is not linked for, and who may answer it. Pure.

import type { LatticeState, Link } from '../../preload/records.js'
import type { WitInterface, WitWorld } from '../../preload/wit.js'

export interface LinkOffer {
  readonly link: Link
  /** The interfaces, in words. */
  readonly hint: string
}

/** Given by every host itself; no link is needed nor possible. */
const ambient = /^(?:wasi:(?:io|cli|clocks|random|filesystem|sockets|logging|config)|tlos:)/

interface Imported {
  readonly namespace: string
  readonly package: string
  readonly interfaces: readonly string[]
}

/** `wasi:keyvalue/store@0.2.0-draft` and its like, grouped as links group them: by namespace and package. */
function packagesOf(interfaces: readonly WitInterface[]): readonly Imported[] {
  const groups = new Map<string, { namespace: string; package: string; interfaces: string[] }>()
  for (const { name } of interfaces) {
    const parts = /^([^:]+):([^/]+)\/([^@]+)/.exec(name)
    const [, namespace = '', pack = '', iface = ''] = parts ?? []
    if (parts === null || ambient.test(name)) continue
    const group = groups.get(`${namespace}:${pack}`) ?? { namespace, package: pack, interfaces: [] }
    group.interfaces.push(iface)
    groups.set(`${namespace}:${pack}`, group)
  }
  return [...groups.values()]
}

export function linkOffersOf(lattice: LatticeState, worlds: ReadonlyMap<string, WitWorld>): readonly LinkOffer[] {
  const providers = [...new Map(Object.values(lattice.providers).map((one) => [one.id, one])).values()]
  const offers: LinkOffer[] = []
  for (const [sourceId, world] of worlds) {
    for (const wanted of packagesOf(world.imports)) {
      const isLinked = Object.values(lattice.links).some(
        (link) =>
          link.sourceId === sourceId && link.witNamespace === wanted.namespace && link.witPackage === wanted.package,
      )
      if (isLinked) continue
      const fitting = providers.filter(({ id, name }) => `${id} ${name ?? ''}`.toLowerCase().includes(wanted.package))
      const exporters = [...worlds].filter(
        ([id, other]) =>
          id !== sourceId &&
          packagesOf(other.exports).some((one) => one.namespace === wanted.namespace && one.package === wanted.package),
      )
      const targets = [...fitting.map(({ id }) => id), ...exporters.map(([id]) => id)]
      for (const target of targets) {
        offers.push({
          hint: wanted.interfaces.map((name) => `${wanted.namespace}:${wanted.package}/${name}`).join(', '),
          link: {
            sourceId,
            target,
            name: 'default',
            witNamespace: wanted.namespace,
            witPackage: wanted.package,
            interfaces: [...wanted.interfaces],
            sourceConfig: [],
            targetConfig: [],
          },
        })
      }
    }
  }
  return offers
}
