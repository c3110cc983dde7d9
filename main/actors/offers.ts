// What this node says to an actor that might come (move.md M1): accepts, accepts but something is lost, or refuses and
// why. Everything is decided from what the node knows for certain; no figure in it was guessed.

import type { Verdict, VerdictPoint } from '../../preload/records.js'
import type { Offer } from '../lattice/protocol/tlos.js'
import { statelessAnnotation } from '../lattice/protocol/tlos.js'

/** What this node is, for the verdict. */
export interface OfferContext {
  readonly hostId: string
  readonly labels: Readonly<Record<string, string>>
  readonly isCordoned: boolean
  readonly runs: boolean
  /** As many components as it takes are here. */
  readonly isFull: boolean
  readonly hasBytes: boolean
  /** The lattice's image store (or an allowed file) can give the bytes. */
  readonly canFetch: boolean
  /** `ns:package/interface` names that an instance here can have without a link. */
  readonly builtinImports: readonly string[]
  /** Providers and actors on this node, by id: a link to them stays in the process. */
  readonly local: ReadonlySet<string>
  readonly freeMemoryBytes: number
  /** Pause of the last move of this actor, when there was one. */
  readonly lastPauseMs: number | undefined
}

type Row = Verdict['details'][number]

/** Words, and what they mean for who says them in another language. */
interface Said {
  readonly text: string
  readonly point: VerdictPoint
}

const said = (text: string, code: string, args: VerdictPoint['args'] = {}): Said => ({ text, point: { code, args } })

const row = (label: string, { text: value, point }: Said, tone: Row['tone'] = 'plain'): Row => ({
  label,
  value,
  tone,
  point,
})

export function judgeOffer(offer: Offer, context: OfferContext): Verdict {
  const refusals = findRefusals(offer, context)
  const hostId = context.hostId as Verdict['hostId'] // this node's own id
  const { hasBytes, lastPauseMs } = context
  const pauseMs = lastPauseMs === undefined ? undefined : Math.round(lastPauseMs)
  const size = formatSize(offer.sizeBytes)
  const fetching = (text: string): Said => said(text, 'bytes-fetch', { bytes: offer.sizeBytes })
  const details: Row[] = [
    stateRow(offer),
    row('Bytes', hasBytes ? said('here', 'bytes-here') : fetching(`to fetch, ${size}`)),
    ...(pauseMs === undefined ? [] : [row('Last pause', said(`${pauseMs} ms`, 'last-pause', { ms: pauseMs }))]),
    ...offer.links.map((link) => linkRow(link, context)),
  ]
  const sum = (kind: Verdict['kind'], head: string, parts: readonly Said[], rows: readonly Row[]): Verdict => ({
    hostId,
    kind,
    summary: `${head}${parts.map(({ text }) => text).join(', ')}`,
    points: parts.map(({ point }) => point),
    details: [...rows, ...details],
  })
  if (refusals.length > 0) {
    return sum(
      'refuses',
      'refuses: ',
      refusals,
      refusals.map((reason) => row('Refuses', reason, 'bad')),
    )
  }
  if (losesState(offer)) return sum('but', 'accepts, ', [said('starts empty', 'starts-empty')], [])
  const parts = [hasBytes ? said('bytes here', 'bytes-here') : fetching(`bytes to fetch (${size})`)]
  const count = offer.links.length
  if (count > 0) parts.push(said(`${count} of ${count} links`, 'links', { count }))
  if (pauseMs !== undefined) parts.push(said(`last pause ${pauseMs} ms`, 'last-pause', { ms: pauseMs }))
  return sum('accepts', 'accepts: ', parts, [])
}

function findRefusals(offer: Offer, context: OfferContext): Said[] {
  const refusals: Said[] = []
  if (context.runs) refusals.push(said('runs here already', 'runs'))
  if (context.isFull && !context.runs) refusals.push(said('no room for another component', 'full'))
  if (context.isCordoned) refusals.push(said('cordoned', 'cordoned'))
  const { handles: count = 0 } = offer
  if (count > 0) refusals.push(said(`${count} resources that it gave out would be lost`, 'handles', { count }))
  for (const [key, value] of Object.entries(offer.constraints)) {
    if (context.labels[key] !== value) refusals.push(said(`needs the label ${key}=${value}`, 'label', { key, value }))
  }
  for (const name of missingImports(offer, context)) refusals.push(said(`no ${name}`, 'lacks', { interface: name }))
  if (!context.hasBytes && !context.canFetch) {
    refusals.push(said(`cannot get ${offer.imageRef}`, 'no-bytes', { image: offer.imageRef }))
  }
  const { memoryBytes: needed } = offer
  const { freeMemoryBytes: free } = context
  if (needed > free) {
    const text = `${formatSize(needed)} of memory needed, ${formatSize(free)} free`
    refusals.push(said(text, 'memory', { needed, free }))
  }
  return refusals
}

/**
 * WASI interfaces that only the node itself could offer; all others can be a link. The three of wasi:blobstore travel as
 * one (lattice.md 5.3).
 */
function missingImports(offer: Offer, context: OfferContext): string[] {
  return offer.imports
    .map((name) => name.split('@')[0] ?? name)
    .filter((name) => name.startsWith('wasi:'))
    .map((name) => (name.startsWith('wasi:blobstore/') ? 'wasi:blobstore/blobstore' : name))
    .filter((name, at, all) => all.indexOf(name) === at)
    .filter((name) => !context.builtinImports.includes(name) && !offer.links.some((link) => link.interface === name))
}

function linkRow({ target }: Offer['links'][number], context: OfferContext): Row {
  const label = `Cable to ${target}`
  return context.local.has(target)
    ? row(label, said('in-process', 'cable-inside', { target }))
    : row(label, said('over the lattice', 'cable-lattice', { target }), 'warn')
}

function losesState(offer: Offer): boolean {
  return offer.stateKind === 'none' && offer.annotations[statelessAnnotation] !== 'true'
}

function stateRow(offer: Offer): Row {
  if (offer.stateKind === 'exported') return row('State', said('goes with it: saved and loaded', 'state-exported'))
  if (offer.stateKind === 'snapshot') return row('State', said('goes with it: its memory is copied', 'state-snapshot'))
  if (losesState(offer)) return row('State', said('stays behind: it starts empty', 'state-lost'), 'warn')
  return row('State', said('keeps none', 'state-none'))
}

function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KiB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
