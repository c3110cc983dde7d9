// Who steers a component or provider besides this shell, by the annotations of whoever started it (lattice.md 8.2). Pure.

import type { Component, Provider } from '../../preload/records.js'

export interface Manager {
  /** `wadm`, or whoever says so. */
  readonly by: string
  readonly application: string
}

export function managerOf({ annotations }: Pick<Component | Provider, 'annotations'>): Manager | undefined {
  const by = annotations['wasmcloud.dev/managed-by']
  return by === undefined ? undefined : { by, application: annotations['wasmcloud.dev/appspec'] ?? '' }
}

/** Providers that a tLOS node has of itself: nobody starts or stops them. */
export const isInsideNode = ({ imageRef }: Pick<Provider, 'imageRef'>): boolean => imageRef.startsWith('tlos-')
