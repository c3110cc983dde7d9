// What this node says to an actor that might come (move.md M1): accepts, accepts but something is lost, or refuses and
// why. Everything is decided from what the node knows for certain; no figure in it was guessed.

import type { Verdict } from '../../preload/records.js'
import type { Offer } from '../lattice/protocol/tlos.js'
import { statelessAnnotation } from '../lattice/protocol/tlos.js'

/** What this node is, for the verdict. */
export interface OfferContext {
  readonly hostId: string
  readonly labels: Readonly<Record<string, string>>
  readonly isCordoned: boolean
  readonly runs: boolean
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

const plain = (label: string, value: string): Row => ({ label, value, tone: 'plain' })

export function judgeOffer(offer: Offer, context: OfferContext): Verdict {
  const refusals = findRefusals(offer, context)
  const hostId = context.hostId as Verdict['hostId'] // this node's own id
  const links = offer.links.map((link) => linkRow(link, context))
  const details: Row[] = [
    stateRow(offer),
    plain('Bytes', context.hasBytes ? 'here' : `to fetch, ${formatSize(offer.sizeBytes)}`),
    ...(context.lastPauseMs === undefined ? [] : [plain('Last pause', `${Math.round(context.lastPauseMs)} ms`)]),
    ...links,
  ]
  const first = refusals[0]
  if (first !== undefined) {
    const rows = refusals.map((reason): Row => ({ label: 'Refuses', value: reason, tone: 'bad' }))
    return { hostId, kind: 'refuses', summary: `refuses: ${refusals.join(', ')}`, details: [...rows, ...details] }
  }
  if (losesState(offer)) return { hostId, kind: 'but', summary: 'accepts, starts empty', details }
  const parts = [context.hasBytes ? 'bytes here' : `bytes to fetch (${formatSize(offer.sizeBytes)})`]
  if (offer.links.length > 0) parts.push(`${offer.links.length} of ${offer.links.length} links`)
  if (context.lastPauseMs !== undefined) parts.push(`last pause ${Math.round(context.lastPauseMs)} ms`)
  return { hostId, kind: 'accepts', summary: `accepts: ${parts.join(', ')}`, details }
}

function findRefusals(offer: Offer, context: OfferContext): string[] {
  const refusals: string[] = []
  if (context.runs) refusals.push('runs here already')
  if (context.isCordoned) refusals.push('cordoned')
  for (const [key, value] of Object.entries(offer.constraints)) {
    if (context.labels[key] !== value) refusals.push(`needs the label ${key}=${value}`)
  }
  for (const name of missingImports(offer, context)) refusals.push(`no ${name}`)
  if (!context.hasBytes && !context.canFetch) refusals.push(`cannot get ${offer.imageRef}`)
  if (offer.memoryBytes > context.freeMemoryBytes) {
    refusals.push(`${formatSize(offer.memoryBytes)} of memory needed, ${formatSize(context.freeMemoryBytes)} free`)
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

function linkRow(link: Offer['links'][number], context: OfferContext): Row {
  const stays = context.local.has(link.target)
  return {
    label: `Cable to ${link.target}`,
    value: stays ? 'in-process' : 'over the lattice',
    tone: stays ? 'plain' : 'warn',
  }
}

function losesState(offer: Offer): boolean {
  return offer.stateKind === 'none' && offer.annotations[statelessAnnotation] !== 'true'
}

function stateRow(offer: Offer): Row {
  if (offer.stateKind === 'exported') return plain('State', 'goes with it: saved and loaded')
  if (offer.stateKind === 'snapshot') return plain('State', 'goes with it: its memory is copied')
  if (losesState(offer)) return { label: 'State', value: 'stays behind: it starts empty', tone: 'warn' }
  return plain('State', 'keeps none')
}

function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KiB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
