// What is shown differently of a host and of all that is on it, from two states of what is known. Looks only at what is
// another object now: a big lattice says ten thousands of things a second, and each touches next to nothing. Pure.

import type { Change } from '../../../preload/changes.js'
import { onHostKey } from '../../../preload/records.js'
import { componentIds, describeComponent, describeHost, describeProvider, type KnownHost } from './picture.js'
import { isSame } from './same.js'

/**
 * Undefined for a host that is not known yet, or not any more; `own…` is this very node. `touched` is the one component
 * that can be different, when the message was about one.
 */
export function changesOfHost(
  before: KnownHost | undefined,
  after: KnownHost | undefined,
  ownBefore: string | undefined,
  ownAfter: string | undefined,
  touched?: string,
): Change[] {
  const changes: Change[] = []
  const id = (after ?? before)?.id ?? ''
  const put = <T extends 'hosts' | 'components' | 'providers'>(
    table: T,
    key: string,
    old: unknown,
    now: unknown,
  ): void => {
    if (isSame(old, now)) return
    // Table, key and record were described together by the callers below.
    changes.push(
      now === undefined ? { kind: 'drop', table, key } : ({ kind: 'put', table, key, record: now } as Change),
    )
  }
  const isOwnSame = ownBefore === ownAfter
  if (before === undefined || after === undefined || !isOwnSame || !isHostUntouched(before, after)) {
    put('hosts', id, before && describeHost(before, ownBefore), after && describeHost(after, ownAfter))
  }
  for (const component of touchedComponents(before, after, touched)) {
    const old = before && describeComponent(before, component)
    put('components', onHostKey(id, component), old, after && describeComponent(after, component))
  }
  for (const provider of touchedProviders(before, after, isOwnSame)) {
    const old = before && describeProvider(before, provider, ownBefore)
    put('providers', onHostKey(id, provider), old, after && describeProvider(after, provider, ownAfter))
  }
  return changes
}

/** Nothing that the host's own record is made of is another object now. */
function isHostUntouched(before: KnownHost, after: KnownHost): boolean {
  return (
    before.identity === after.identity &&
    before.shownHeardAtMs === after.shownHeardAtMs &&
    before.liveness === after.liveness &&
    before.reason === after.reason &&
    before.load === after.load &&
    before.v2 === after.v2
  )
}

/** All records on a host change with these. */
function isFrameSame(before: KnownHost, after: KnownHost): boolean {
  return (
    (before.liveness === 'gone') === (after.liveness === 'gone') &&
    (before.identity === undefined) === (after.identity === undefined)
  )
}

function touchedComponents(
  before: KnownHost | undefined,
  after: KnownHost | undefined,
  only: string | undefined,
): Iterable<string> {
  if (before === undefined || after === undefined || !isFrameSame(before, after)) {
    return new Set([...(before ? componentIds(before) : []), ...(after ? componentIds(after) : [])])
  }
  if (only !== undefined) return [only]
  const touched = new Set<string>()
  addDifferent(touched, before.inventory, after.inventory)
  addDifferent(touched, before.facts, after.facts)
  addDifferent(touched, before.failures, after.failures)
  addDifferent(touched, before.moving, after.moving)
  return touched
}

function touchedProviders(
  before: KnownHost | undefined,
  after: KnownHost | undefined,
  isOwnSame: boolean,
): ReadonlySet<string> {
  // Health that nobody told depends on what kind of host it is.
  if (before === undefined || after === undefined || !isOwnSame || before.identity !== after.identity) {
    return new Set([...(before?.providers.keys() ?? []), ...(after?.providers.keys() ?? [])])
  }
  const touched = new Set<string>()
  addDifferent(touched, before.providers, after.providers)
  return touched
}

/** Keys whose value is another one, or is in one of the maps only. */
function addDifferent(
  keys: Set<string>,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): void {
  if (before === after) return
  for (const [key, value] of after) if (before.get(key) !== value) keys.add(key)
  for (const key of before.keys()) if (!after.has(key)) keys.add(key)
}
