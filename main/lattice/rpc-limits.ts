// Bounds of wRPC that the protocol itself does not have, and the one thing tLOS adds to it: why a call failed, as headers
// of the empty message that ends the results. Other peers ignore headers there (SPEC W30).

import { failureCodes } from '../../preload/records.js'
import { formatChain, TlosError } from '../failure.js'

/** Most bytes of one call's parameters or results. */
export const largestValues = 64 * 1024 * 1024

const textHeader = 'tlos-error'
const codeHeader = 'tlos-error-code'

/** Headers for the empty message; one line of visible ASCII at most 400 long, percent-encoded where it is not. */
export function writeTrouble(error: unknown): Record<string, string> {
  const code = error instanceof TlosError ? error.code : 'trapped'
  return { [codeHeader]: code, [textHeader]: encodeURIComponent(formatChain(error).slice(0, 400)) }
}

/** What a tLOS peer said about a failure; undefined when it said nothing. */
export function readTrouble(headers: Readonly<Record<string, string>> | undefined): TlosError | undefined {
  const text = headers?.[textHeader]
  if (text === undefined) return undefined
  const code = failureCodes.find((known) => known === headers?.[codeHeader]) ?? 'trapped'
  return new TlosError(code, decode(text))
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
