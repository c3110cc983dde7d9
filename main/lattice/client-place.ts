// Where something shall run: on the host that was named, else on one that an auction finds (lattice.md 1.6). Says in
// words when nobody would take it.

import { TlosError } from '../failure.js'
import type { LatticeClient, ScaleOptions, StartProviderOptions } from './client.js'

export interface Placement {
  /** Absent: the first one that offers itself. */
  readonly hostId?: string | undefined
  /** Labels that it must have; only looked at in an auction. */
  readonly constraints: Readonly<Record<string, string>>
}

/** Resolves to the host on which it runs now. */
export async function startComponent(
  client: LatticeClient,
  request: ScaleOptions,
  placement: Placement,
): Promise<string> {
  const { componentId, imageRef } = request
  const hostId =
    placement.hostId ??
    firstOf(
      await client.auctionComponent(imageRef, componentId, placement.constraints),
      componentId,
      placement.constraints,
    )
  await client.scale(hostId, request)
  return hostId
}

/** Resolves to the host on which it runs now. */
export async function startProvider(
  client: LatticeClient,
  request: StartProviderOptions,
  placement: Placement,
): Promise<string> {
  const { providerId, providerRef } = request
  const hostId =
    placement.hostId ??
    firstOf(
      await client.auctionProvider(providerRef, providerId, placement.constraints),
      providerId,
      placement.constraints,
    )
  await client.startProvider(hostId, request)
  return hostId
}

function firstOf(hosts: readonly string[], id: string, constraints: Readonly<Record<string, string>>): string {
  const [first] = hosts
  if (first !== undefined) return first
  const labels = Object.entries(constraints).map(([key, value]) => `${key}=${value}`)
  const which = labels.length === 0 ? '' : ` with ${labels.join(', ')}`
  throw new TlosError(
    'not-found',
    `No host${which} offered to run ${id}: none answered in time, or it runs on each that could.`,
    { about: id },
  )
}
