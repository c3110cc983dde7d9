// Bounds of wRPC that the protocol itself does not have (SPEC W20 to W22), and the one thing tLOS adds to it: why a call
// failed, as headers of the empty message that ends the results. Other peers ignore headers there (SPEC W30).

import { failureCodes } from '../../preload/records.js'
import { formatChain, TlosError } from '../failure.js'

/** Most bytes of one call's parameters or results. */
export const largestValues = 64 * 1024 * 1024

/** Most bytes of parameters of all invocations that are held, arriving or running. */
export const mostHeldBytes = 256 * 1024 * 1024

/** Most invocations of one service that are held, arriving or running. */
export const mostInvocations = 20_000

/** Longest wait for the rest of the parameters, from message to message. */
export const progressMs = 10_000

/** Most of a stream that lies unread at a tLOS peer. */
export const flowWindow = 256 * 1024

/** How long what flows may take; in all, and while it stands still. */
export interface FlowTimes {
  /** Longest that nothing comes while somebody waits for it. */
  readonly stallMs: number
  /** After so long whoever reads says again how far it is, so that a slow reader is not taken for one that is gone. */
  readonly aliveMs: number
  /** Longest from the call to the end of what flows. */
  readonly longestMs: number
}

export const defaultFlowTimes: FlowTimes = { stallMs: 30_000, aliveMs: 10_000, longestMs: 600_000 }

const textHeader = 'tlos-error'
const codeHeader = 'tlos-error-code'
const longestText = 1_000
/** What the header block has besides the text. */
const frameBytes = 'NATS/1.0\r\n'.length + `${textHeader}: \r\n${codeHeader}: internal-and-more\r\n\r\n`.length

/** Headers for the empty message: the chain of causes on one line of visible ASCII, cut so that they fit `maxPayload`. */
export function writeTrouble(error: unknown, maxPayload: number): Record<string, string> {
  const code = error instanceof TlosError ? error.code : 'trapped'
  return {
    [codeHeader]: code,
    [textHeader]: encode(formatChain(error), Math.min(longestText, maxPayload - frameBytes)),
  }
}

/** What a tLOS peer said about a failure; undefined when it said nothing. */
export function readTrouble(headers: Readonly<Record<string, string>> | undefined): TlosError | undefined {
  const text = headers?.[textHeader]
  if (text === undefined) return undefined
  const code = failureCodes.find((known) => known === headers?.[codeHeader]) ?? 'trapped'
  return new TlosError(code, decode(text))
}

/** As much of the text as fits into `longest` once it is encoded. */
function encode(text: string, longest: number): string {
  let encoded = ''
  for (const character of text.trim()) {
    const isPlain = character >= ' ' && character <= '~' && character !== '%'
    const isBroken = /\p{Surrogate}/u.test(character)
    const next = isPlain ? character : encodeURIComponent(isBroken ? '\ufffd' : character)
    if (encoded.length + next.length > longest) break
    encoded += next
  }
  return encoded
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
