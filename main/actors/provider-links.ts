// What the providers of this node have to do with components: they are told the links that begin at them, with the
// values of their configurations, and they call the components at the other end.

import type { Link } from '../../preload/records.js'
import { rpcPrefix } from '../lattice/protocol/subjects.js'
import type { Rpc } from '../lattice/rpc-types.js'
import type { CallComponent, Provider } from '../providers/types.js'

export interface ProviderLinks {
  /** All links of a source, whenever they changed; sources that are no provider of this node are passed over. */
  setLinks(sourceId: string, links: readonly Link[]): void
  configChanged(name: string): void
}

export function createProviderLinks(
  providers: readonly Provider[],
  configValues: (names: readonly string[]) => Readonly<Record<string, string>>,
): ProviderLinks {
  const known = new Map<string, readonly Link[]>()

  function tell(provider: Provider, links: readonly Link[]): void {
    provider.setLinks?.(
      links.map((link) => ({
        target: link.target,
        name: link.name,
        interfaces: link.interfaces.map((name) => `${link.witNamespace}:${link.witPackage}/${name}`),
        values: configValues(link.sourceConfig),
      })),
    )
  }

  return {
    setLinks(sourceId, links) {
      const provider = providers.find(({ id }) => id === sourceId)
      if (provider?.setLinks === undefined) return
      known.set(sourceId, links)
      tell(provider, links)
    },
    configChanged(name) {
      for (const provider of providers) {
        const links = known.get(provider.id) ?? []
        if (links.some((link) => link.sourceConfig.includes(name))) tell(provider, links)
      }
    },
  }
}

export interface ComponentCallParts {
  readonly rpc: Rpc
  readonly lattice: string
  /** Who calls, for the headers. */
  readonly providerId: string
  /** Calls a component of this node; undefined when it does not run here. */
  readonly callLocal: (
    componentId: string,
    instance: string,
    functionName: string,
    params: readonly unknown[],
  ) => Promise<unknown> | undefined
}

/** Without leaving the process when the component runs here, else over wRPC with the headers of a v1 provider. */
export function createComponentCall(parts: ComponentCallParts): CallComponent {
  return async (componentId, instance, fn, params) => {
    const local = parts.callLocal(componentId, instance, fn.name, params)
    if (local !== undefined) return await local
    return await parts.rpc.call({
      prefix: rpcPrefix(parts.lattice, componentId),
      instance,
      fn,
      params,
      headers: { 'source-id': parts.providerId, 'target-id': componentId },
    })
  }
}
