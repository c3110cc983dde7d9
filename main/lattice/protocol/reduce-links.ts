// What messages mean for the links of the picture: which there are, and the traffic that hosts count over them. Pure.

import type { Change } from '../../../preload/changes.js'
import type { Link } from '../../../preload/records.js'
import { linkKey } from '../../../preload/records.js'
import { type CountedLink, describeLink, type Picture } from './picture.js'
import { andThen, type Reduction } from './reduction.js'
import { entriesOf, lookUp, type Table, withEntry, withoutEntry } from './table.js'
import { isSame } from './same.js'

export function groupBySource(links: readonly Link[]): ReadonlyMap<string, readonly Link[]> {
  const grouped = new Map<string, Link[]>()
  for (const link of links) grouped.set(link.sourceId, [...(grouped.get(link.sourceId) ?? []), link])
  return grouped
}

export function replaceLinks(state: Picture, grouped: ReadonlyMap<string, readonly Link[]>): Reduction {
  let reduction: Reduction = { state, changes: [] }
  for (const [sourceId] of entriesOf(state.links)) {
    if (!grouped.has(sourceId)) reduction = andThen(reduction, (s) => setLinks(s, sourceId, []))
  }
  for (const [sourceId, links] of grouped) reduction = andThen(reduction, (s) => setLinks(s, sourceId, links))
  return reduction
}

export function setLinks(state: Picture, sourceId: string, links: readonly Link[]): Reduction {
  const before = lookUp(state.links, sourceId) ?? []
  const next = links.length === 0 ? withoutEntry(state.links, sourceId) : withEntry(state.links, sourceId, links)
  const counts = lookUp(state.counts, sourceId) ?? []
  return { state: { ...state, links: next }, changes: changesOfLinks(before, counts, links, counts) }
}

function changesOfLinks(
  before: readonly Link[],
  countsBefore: readonly CountedLink[],
  after: readonly Link[],
  countsAfter: readonly CountedLink[],
): Change[] {
  const old = new Map(before.map((link) => [linkKey(link), describeLink(link, countsBefore)]))
  const now = new Map(after.map((link) => [linkKey(link), describeLink(link, countsAfter)]))
  const changes: Change[] = []
  for (const key of old.keys()) if (!now.has(key)) changes.push({ kind: 'drop', table: 'links', key })
  for (const [key, record] of now) {
    if (!isSame(old.get(key), record)) changes.push({ kind: 'put', table: 'links', key, record })
  }
  return changes
}

export function putLink(state: Picture, link: Link): Reduction {
  const links = lookUp(state.links, link.sourceId) ?? []
  const key = linkKey(link)
  const others = links.filter((other) => linkKey(other) !== key)
  return setLinks(state, link.sourceId, [...others, link])
}

export function deleteLink(
  state: Picture,
  gone: { sourceId: string; name: string; witNamespace: string; witPackage: string; target?: string | undefined },
): Reduction {
  const links = lookUp(state.links, gone.sourceId) ?? []
  // Hosts before 1.3 do not tell the target; the first that matches is the one they removed.
  const index = links.findIndex(
    (link) =>
      link.name === gone.name &&
      link.witNamespace === gone.witNamespace &&
      link.witPackage === gone.witPackage &&
      (gone.target === undefined || link.target === gone.target),
  )
  if (index < 0) return { state, changes: [] }
  return setLinks(
    state,
    gone.sourceId,
    links.filter((_, at) => at !== index),
  )
}

export function setCount(state: Picture, counted: CountedLink): Reduction {
  const { sourceId, target, interface: name, name: linkName } = counted.facts
  const before = lookUp(state.counts, sourceId) ?? []
  const others = before.filter(
    ({ hostId, facts }) =>
      hostId !== counted.hostId || facts.target !== target || facts.interface !== name || facts.name !== linkName,
  )
  const host = lookUp(state.hosts, counted.hostId)
  if (host === undefined) return { state, changes: [] }
  const marked = host.counted.has(sourceId) ? host : { ...host, counted: new Set(host.counted).add(sourceId) }
  const next = { ...state, hosts: withEntry(state.hosts, host.id, marked) }
  return setCounts(next, sourceId, [...others, counted])
}

function setCounts(state: Picture, sourceId: string, counts: readonly CountedLink[]): Reduction {
  const before = lookUp(state.counts, sourceId) ?? []
  const links = lookUp(state.links, sourceId) ?? []
  const table: Table<readonly CountedLink[]> =
    counts.length === 0 ? withoutEntry(state.counts, sourceId) : withEntry(state.counts, sourceId, counts)
  return { state: { ...state, counts: table }, changes: changesOfLinks(links, before, links, counts) }
}

/** Nothing that this host counted is going on. */
export function dropCounts(state: Picture, hostId: string, sources?: ReadonlySet<string>): Reduction {
  const host = lookUp(state.hosts, hostId)
  let reduction: Reduction = { state, changes: [] }
  for (const sourceId of sources ?? host?.counted ?? []) {
    const others = (lookUp(state.counts, sourceId) ?? []).filter((counted) => counted.hostId !== hostId)
    reduction = andThen(reduction, (s) => setCounts(s, sourceId, others))
  }
  if (host === undefined || host.counted.size === 0) return reduction
  const hosts = withEntry(reduction.state.hosts, hostId, { ...host, counted: new Set<string>() })
  return { state: { ...reduction.state, hosts }, changes: reduction.changes }
}
