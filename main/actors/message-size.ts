// Cuts what a node tells of itself and its actors to messages that its NATS server takes: a node with a thousand actors, or
// an actor with long lines in its log, has more to say than one message holds, and some servers take little. Pure.

import { encodeJson, type Facts } from '../lattice/protocol/tlos.js'
import type { LogEntry } from './actor-log.js'

/** Of a reply, around the facts, and of commas. */
const envelopeBytes = 128

export interface FactsPieces {
  /** At least one. Only the first of a whole is `whole`: those after it add to it. */
  readonly pieces: readonly Facts[]
  /** Actors and links that are too large for any message. */
  readonly leftOut: number
}

/** `mostBytes`: of one message. */
export function cutFacts(facts: Facts, mostBytes: number): FactsPieces {
  const empty = encodeJson({ ...facts, actors: [], links: [] }).length + envelopeBytes
  const pieces: { actors: Facts['actors']; links: Facts['links'] }[] = []
  let room = 0
  let leftOut = 0

  function pieceFor(value: unknown): (typeof pieces)[number] | undefined {
    const bytes = encodeJson(value).length + 1
    if (empty + bytes > mostBytes) {
      leftOut += 1
      return undefined
    }
    if (pieces.length === 0 || bytes > room) {
      pieces.push({ actors: [], links: [] })
      room = mostBytes - empty
    }
    room -= bytes
    return pieces.at(-1)
  }

  for (const actor of facts.actors) pieceFor(actor)?.actors.push(actor)
  for (const link of facts.links) pieceFor(link)?.links.push(link)
  const [first = { actors: [], links: [] }, ...more] = pieces
  return {
    pieces: [{ ...facts, ...first }, ...more.map((piece) => ({ ...facts, ...piece, whole: false }))],
    leftOut,
  }
}

/** Of a line that says how many are left out. */
const noteBytes = 160

/** The newest lines of a log; how many older ones did not fit is said in a line before them. */
export function cutLog(lines: readonly LogEntry[], mostBytes: number): readonly LogEntry[] {
  let room = mostBytes - envelopeBytes - noteBytes
  let first = lines.length
  while (first > 0) {
    room -= encodeJson(lines[first - 1]).length + 1
    if (room < 0) break
    first -= 1
  }
  const [oldest] = lines
  if (first === 0 || oldest === undefined) return lines
  const text = `${first} older lines are more than a message holds`
  return [{ atMs: oldest.atMs, level: 'info', by: 'node', text }, ...lines.slice(first)]
}
