// The providers of a node as its host tells of them and is asked for them: those that are part of it, which nobody stops, and
// those that the lattice asked it to start.

import { TlosError } from '../failure.js'
import type { RunningProvider } from '../lattice/host-types.js'
import type { StartedProviders } from '../provider-host/types.js'
import type { Provider } from '../providers/types.js'

export interface NodeProviders {
  readonly providers: readonly Provider[]
  /** Absent: this node starts none. */
  readonly started?: StartedProviders | undefined
}

export function listProviders({ providers, started }: NodeProviders): readonly RunningProvider[] {
  const own = providers.map((p) => ({ id: p.id, imageRef: p.imageRef, annotations: {}, name: p.name }))
  return [...own, ...(started?.list() ?? [])]
}

export async function startProvider(
  { started }: NodeProviders,
  ...request: Parameters<StartedProviders['start']>
): Promise<void> {
  if (started === undefined) {
    const text = `This node cannot start ${request[0]}: it has only the providers it was built with`
    throw new TlosError('unavailable', text)
  }
  await started.start(...request)
}

export async function stopProvider({ providers, started }: NodeProviders, providerId: string): Promise<void> {
  if (providers.some(({ id }) => id === providerId)) {
    throw new TlosError('refused', `The provider ${providerId} is part of this node and cannot be stopped`)
  }
  await started?.stop(providerId)
}
